// From the hierarchy of checked graphs to a Tape.
#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/diag.hpp"
#include "hdl/eval/tape.hpp"
#include "hdl/eval/words.hpp"
#include "hdl/module.hpp"

namespace elb::hdl::eval {
namespace {

// One instance of a module.
struct Scope {
  const Module* module = nullptr;
  int parent = -1;
  int instance = -1;  // in the parent
  std::string path;   // "u_a.u_b." or ""
  std::vector<int> children;
  std::vector<int> leaves;   // parallel to instances; -1: a module
  std::vector<Slot> slots;   // per node; -1: not placed yet
  std::vector<char> opened;  // its arguments are being placed
  Slot reset = -1;
  int first_ram = 0;
  const Graph& graph() const { return module->graph(); }
};
struct Ref {
  int scope = 0;
  NodeId node = kNone;
};

class Flatten {
 public:
  Flatten(const Module& top, const LeafModels& models) : models_(models) {
    add_scope(top, -1, -1, "");
    for (size_t i = 0; i < scopes_.size(); ++i) place_state(static_cast<int>(i));
    for (size_t i = 0; i < scopes_.size(); ++i) place_values(static_cast<int>(i));
    for (size_t i = 0; i < scopes_.size(); ++i) finish(static_cast<int>(i));
  }
  Tape take() {
    tape_.initial.resize(static_cast<size_t>(next_), 0);
    return std::move(tape_);
  }

 private:
  Slot allocate(int width) {
    const Slot at = next_;
    next_ += word_count(width);
    return at;
  }
  Slot preset(const Bits& value) {
    const Slot at = allocate(value.width());
    tape_.initial.resize(static_cast<size_t>(next_), 0);
    store(value, tape_.initial.data() + at);
    return at;
  }

  int add_scope(const Module& m, int parent, int instance, const std::string& path) {
    const int id = static_cast<int>(scopes_.size());
    scopes_.push_back({&m, parent, instance, path, {}, {}, {}, {}, -1, 0});
    const Graph& g = m.graph();
    std::vector<int> children(g.instances.size(), -1), leaves(g.instances.size(), -1);
    for (size_t i = 0; i < g.instances.size(); ++i) {
      const InstanceDef& def = g.instances[i];
      if (def.module) {
        children[i] = add_scope(*def.module, id, static_cast<int>(i), path + def.name + ".");
      } else {
        leaves[i] = add_leaf(def, path);
      }
    }
    scopes_[id].children = std::move(children);
    scopes_[id].leaves = std::move(leaves);
    scopes_[id].slots.assign(g.nodes.size(), -1);
    scopes_[id].opened.assign(g.nodes.size(), 0);
    return id;
  }

  int add_leaf(const InstanceDef& def, const std::string& path) {
    const auto factory = models_.find(def.leaf->module);
    if (factory == models_.end()) {
      throw UserError(
          Diag{.code = "hdl-leaf-model",
               .place = "",
               .text = fmt::format("instance '{}{}' is of leaf '{}', which has no model to simulate", path,
                                   def.name, def.leaf->module),
               .notes = {},
               .help = "give one in SimulatorOptions::leaves"});
    }
    FlatLeaf leaf{factory->second(def.params), {}};
    for (const LeafPort& p : def.leaf->ports)
      leaf.ports.push_back({-1, {leaf_port_width(*def.leaf, p, def.params), p.is_signed}});
    tape_.leaves.push_back(std::move(leaf));
    return static_cast<int>(tape_.leaves.size()) - 1;
  }

  void name(const Scope& s, const std::string& what, Value value, Kind kind) {
    tape_.names[s.path + what] = {value, kind};
  }

  // Slots for what has a value before anything is computed.
  void place_state(int id) {
    Scope& s = scopes_[id];
    const Graph& g = s.graph();
    place_reset(s);
    s.first_ram = static_cast<int>(tape_.rams.size());
    for (const RamDef& r : g.rams) {
      FlatRam flat;
      flat.def = &r;
      flat.path = s.path + r.name;
      flat.words = word_count(r.word.width);
      flat.first = tape_.memory_words;
      tape_.memory_words += r.depth * flat.words;
      tape_.rams.push_back(std::move(flat));
    }
    for (NodeId i = 0; i < static_cast<NodeId>(g.nodes.size()); ++i) {
      const Node& n = g[i];
      switch (n.op) {
        case Op::constant:
          s.slots[i] = preset(g.constant_value(i));
          break;
        case Op::reset:
          s.slots[i] = s.reset;
          break;
        case Op::input:
          if (s.parent >= 0) break;
          s.slots[i] = allocate(n.width);
          name(s, g.ports[n.aux].name, {s.slots[i], n.shape()}, Kind::input);
          break;
        case Op::reg:
          s.slots[i] = allocate(n.width);
          name(s, g.regs[n.aux].name, {s.slots[i], n.shape()}, Kind::state);
          break;
        case Op::ram_read: {
          const RamRead& r = g.rams[n.aux].reads[n.arg[0]];
          if (!r.synchronous) break;
          s.slots[i] = allocate(n.width);
          name(s, r.name, {s.slots[i], n.shape()}, Kind::state);
          break;
        }
        default:
          break;
      }
    }
  }

  void place_reset(Scope& s) {
    const ModuleOptions& o = s.module->options();
    Slot high = s.parent < 0 ? -1 : scopes_[s.parent].reset;
    if (s.parent < 0) {
      high = allocate(1);
      name(s, o.reset, {high, {1, false}}, Kind::input);
      if (o.reset_active_low) {
        const Slot port = high;
        high = allocate(1);
        tape_.steps.push_back(
            {.what = Do::not_, .x = 0, .y = 0, .to = high, .a = port, .b = 0, .c = 0, .mask = 1});
      }
    }
    s.reset = high;
    if (!o.reset_registered) return;
    s.reset = allocate(1);
    tape_.regs.push_back({{s.reset, {1, false}}, -1, 0, static_cast<int>(tape_.choices.size()), 1});
    tape_.choices.push_back({-1, high});
  }

  // What a node's value is made of in the same cycle, and whether it is just the first of these.
  bool arguments(Ref r, std::vector<Ref>& out) const {
    const Scope& s = scopes_[r.scope];
    const Graph& g = s.graph();
    const Node& n = g[r.node];
    out.clear();
    switch (n.op) {
      case Op::wire:
        out.push_back({r.scope, g.wires[n.aux].value});
        return true;
      case Op::input:
        out.push_back({s.parent, scopes_[s.parent].graph().instances[s.instance].ports[n.aux]});
        ELB_ASSERT(out[0].node != kNone, "a checked instance has all its inputs");
        return true;
      case Op::ram_read:
        out.push_back({r.scope, g.rams[n.aux].reads[n.arg[0]].address});
        return false;
      case Op::inst_out: {
        const InstanceDef& def = g.instances[n.aux];
        if (def.module) {
          out.push_back({s.children[n.aux], def.module->graph().ports[n.arg[0]].node});
          return true;
        }
        if (!def.leaf->ports[n.arg[0]].combinational) return false;
        for (size_t p = 0; p < def.ports.size(); ++p) {
          if (def.leaf->ports[p].kind == LeafPort::Kind::input && def.ports[p] != kNone)
            out.push_back({r.scope, def.ports[p]});
        }
        return false;
      }
      default: {
        for (NodeId a : g.args(r.node)) out.push_back({r.scope, a});
        if (n.op == Op::named || n.op == Op::cast) return true;
        const Node& a = g[out[0].node];
        return n.op == Op::ext && (!a.is_signed || a.width == n.width) &&
               word_count(a.width) == word_count(n.width);
      }
    }
  }

  Slot slot(Ref r) const { return scopes_[r.scope].slots[r.node]; }

  // Places a node after everything that it depends on.
  void place(Ref root) {
    std::vector<Ref> stack{root}, args;
    while (!stack.empty()) {
      const Ref r = stack.back();
      Scope& s = scopes_[r.scope];
      if (s.slots[r.node] >= 0) {
        stack.pop_back();
        continue;
      }
      const bool alias = arguments(r, args);
      bool ready = true;
      for (const Ref& a : args) {
        if (slot(a) >= 0) continue;
        ELB_ASSERT(!scopes_[a.scope].opened[a.node], "no combinational loop in a checked design");
        stack.push_back(a);
        ready = false;
      }
      s.opened[r.node] = 1;
      if (!ready) continue;
      s.opened[r.node] = 0;
      s.slots[r.node] = alias ? slot(args[0]) : step(r, args);
      stack.pop_back();
    }
  }

  Value value(Ref r) const { return {slot(r), scopes_[r.scope].graph()[r.node].shape()}; }

  Slot step(Ref r, const std::vector<Ref>& args) {
    const Scope& scope = scopes_[r.scope];
    const Graph& g = scope.graph();
    const Node& n = g[r.node];
    const Slot to = allocate(n.width);
    if (n.op == Op::ram_read) {
      push(Do::ram_read, to, slot(args[0]), scope.first_ram + n.aux);
      return to;
    }
    if (n.op == Op::inst_out) {
      push(Do::leaf, to, static_cast<Slot>(tape_.leaf_outputs.size()), 0);
      tape_.leaf_outputs.push_back({scope.leaves[n.aux], n.arg[0], {to, n.shape()}});
      return to;
    }
    std::vector<Value> values;
    for (const Ref& a : args) values.push_back(value(a));
    append_step(tape_, n, to, values);
    return to;
  }

  void push(Do what, Slot to, Slot a, Slot b) {
    tape_.steps.push_back(
        {.what = what, .x = 0, .y = 0, .to = to, .a = a, .b = b, .c = 0, .mask = ~uint64_t{0}});
  }

  // Everything that can be seen, or is needed at a clock edge.
  void place_values(int id) {
    const Scope& s = scopes_[id];
    const Graph& g = s.graph();
    const auto need = [&](NodeId node) {
      if (node != kNone) place({id, node});
    };
    for (const PortDef& p : g.ports) need(p.node);
    for (const WireDef& w : g.wires) need(w.node);
    for (const RegDef& r : g.regs) {
      for (const Choice& c : r.next) {
        need(c.condition);
        need(c.value);
      }
    }
    for (const RamDef& r : g.rams) {
      for (const RamRead& read : r.reads) {
        need(read.enable);
        need(read.address);
        need(read.node);
      }
      for (const RamWrite& w : r.writes) {
        need(w.enable);
        need(w.address);
        need(w.data);
      }
    }
    for (const InstanceDef& i : g.instances) {
      for (NodeId node : i.ports) need(node);
    }
    for (NodeId i = 0; i < static_cast<NodeId>(g.nodes.size()); ++i) {
      if (g[i].op == Op::named) need(i);
    }
  }

  void finish(int id) {
    const Scope& s = scopes_[id];
    const Graph& g = s.graph();
    const auto slot_of = [&](NodeId node) { return node == kNone ? -1 : s.slots[node]; };
    const auto name_node = [&](const std::string& what, NodeId node) {
      tape_.names.insert({s.path + what, {{s.slots[node], g[node].shape()}, Kind::other}});
    };
    for (const PortDef& p : g.ports) name_node(p.name, p.node);
    for (const WireDef& w : g.wires) name_node(w.name, w.node);
    for (NodeId i = 0; i < static_cast<NodeId>(g.nodes.size()); ++i) {
      if (g[i].op == Op::named) name_node(g.names[g[i].aux], i);
    }
    for (const RegDef& r : g.regs) {
      FlatReg flat{{s.slots[r.node], r.shape}, -1, 0, static_cast<int>(tape_.choices.size()), 0};
      if (r.reset) {
        flat.reset = s.reset;
        flat.reset_value = preset(*r.reset);
      }
      for (const Choice& c : r.next) tape_.choices.push_back({slot_of(c.condition), slot_of(c.value)});
      flat.count = static_cast<int>(r.next.size());
      tape_.regs.push_back(flat);
    }
    for (size_t i = 0; i < g.rams.size(); ++i) {
      FlatRam& flat = tape_.rams[static_cast<size_t>(s.first_ram) + i];
      for (const RamRead& r : g.rams[i].reads) {
        if (r.synchronous) {
          flat.reads.push_back({{s.slots[r.node], g.rams[i].word}, slot_of(r.enable), slot_of(r.address)});
        } else {
          name_node(r.name, r.node);
        }
      }
      for (const RamWrite& w : g.rams[i].writes)
        flat.writes.push_back({slot_of(w.enable), slot_of(w.address), slot_of(w.data)});
    }
    for (size_t i = 0; i < g.instances.size(); ++i) {
      if (s.leaves[i] < 0) continue;
      FlatLeaf& leaf = tape_.leaves[s.leaves[i]];
      for (size_t p = 0; p < leaf.ports.size(); ++p) {
        const LeafPort::Kind kind = g.instances[i].leaf->ports[p].kind;
        if (kind == LeafPort::Kind::input && p < g.instances[i].ports.size())
          leaf.ports[p].slot = slot_of(g.instances[i].ports[p]);
        if (kind == LeafPort::Kind::reset) leaf.ports[p].slot = s.reset;
      }
    }
  }

  const LeafModels& models_;
  std::vector<Scope> scopes_;
  Tape tape_;
  Slot next_ = 0;
};

}  // namespace

Tape flatten(const Module& top, const LeafModels& models) {
  return Flatten(top, models).take();
}

}  // namespace elb::hdl::eval
