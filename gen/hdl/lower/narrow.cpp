#include <algorithm>

#include "base/assert.hpp"
#include "hdl/lower/lower.hpp"
#include "hdl/nodes.hpp"

namespace elb::hdl::lower {
namespace {

// How many low bits of each node anyone looks at; 0: dead.
class Demand {
 public:
  explicit Demand(const Graph& g) : g_(g), need(g.nodes.size(), 0), ram_live(g.rams.size(), 0) {
    for (const PortDef& p : g.ports) {
      if (p.dir == Dir::output) whole(p.node);
    }
    for (const InstanceDef& i : g.instances) {
      for (NodeId id : i.ports) whole(id);
    }
    // Reached sources make their inputs roots; then one sweep down the ids spreads widths.
    while (!todo_.empty()) {
      const NodeId id = todo_.back();
      todo_.pop_back();
      reach(id);
    }
    for (NodeId id = static_cast<NodeId>(g.nodes.size()) - 1; id >= 0; --id) {
      if (need[id] > 0) spread(id);
    }
  }

 private:
  const Graph& g_;
  std::vector<NodeId> todo_;
  std::vector<bool> seen_ = std::vector<bool>(g_.nodes.size(), false);

  void ask(NodeId id, int width) { need[id] = std::max(need[id], std::min(width, g_[id].width)); }
  void visit(NodeId id) {
    if (seen_[id]) return;
    seen_[id] = true;
    todo_.push_back(id);
  }
  void whole(NodeId id) {
    if (id == kNone) return;
    ask(id, g_[id].width);
    visit(id);
  }
  void reach(NodeId id) {
    const Node& n = g_[id];
    switch (n.op) {
      case Op::wire:
        whole(g_.wires[n.aux].value);
        break;
      case Op::reg:
        for (const Choice& c : g_.regs[n.aux].next) {
          whole(c.condition);
          whole(c.value);
        }
        break;
      case Op::ram_read: {
        const RamDef& r = g_.rams[n.aux];
        whole(r.reads[n.arg[0]].enable);
        whole(r.reads[n.arg[0]].address);
        if (ram_live[n.aux]) break;
        ram_live[n.aux] = 1;
        for (const RamWrite& w : r.writes) {
          whole(w.enable);
          whole(w.address);
          whole(w.data);
        }
        break;
      }
      default:
        for (NodeId a : g_.args(id)) visit(a);
    }
  }
  void spread(NodeId id) {
    const Node& n = g_[id];
    const int w = need[id];
    switch (n.op) {
      case Op::constant:
      case Op::input:
      case Op::reset:
      case Op::wire:
      case Op::reg:
      case Op::ram_read:
      case Op::inst_out:
        return;
      case Op::named:
      case Op::red_and:
      case Op::red_or:
      case Op::red_xor:
      case Op::eq:
      case Op::ne:
      case Op::lt:
      case Op::le:
      case Op::gt:
      case Op::ge:
        for (NodeId a : g_.args(id)) ask(a, g_[a].width);
        return;
      case Op::cast:
      case Op::ext:
      case Op::neg:
      case Op::not_:
      case Op::add:
      case Op::sub:
      case Op::mul:
      case Op::and_:
      case Op::or_:
      case Op::xor_:
        for (NodeId a : g_.args(id)) ask(a, w);
        return;
      case Op::slice:
        ask(n.arg[0], n.aux + w);
        return;
      case Op::shl:
        ask(n.arg[0], w);
        ask(n.arg[1], g_[n.arg[1]].width);
        return;
      case Op::shr:
        for (NodeId a : g_.args(id)) ask(a, g_[a].width);
        return;
      case Op::mux:
        ask(n.arg[0], 1);
        ask(n.arg[1], w);
        ask(n.arg[2], w);
        return;
      case Op::cat: {
        int low = n.width;
        for (NodeId a : g_.args(id)) {
          low -= g_[a].width;
          if (low < w) ask(a, w - low);
        }
        return;
      }
    }
  }

 public:
  std::vector<int> need;
  std::vector<uint8_t> ram_live;
};

class Rebuild {
 public:
  explicit Rebuild(const Graph& g) : g_(g), demand_(g), map_(g.nodes.size(), kNone) {}

  Graph run() {
    keep_definitions();
    for (NodeId id = 0; id < static_cast<NodeId>(g_.nodes.size()); ++id) {
      if (demand_.need[id] > 0) map_[id] = node(id);
    }
    connect_definitions();
    return std::move(out_);
  }

 private:
  bool live(NodeId id) const { return id != kNone && demand_.need[id] > 0; }
  NodeId at(NodeId id) const { return id == kNone ? kNone : map_[id]; }

  // `id` with exactly its `width` low bits, of its old sign.
  NodeId low(NodeId id, int width) {
    const NodeId made = map_[id];
    ELB_ASSERT(made != kNone, "a dead node is used");
    const Shape have = nodes_.shape(made);
    ELB_ASSERT(have.width >= width, "a node was narrowed too far");
    const SrcLoc loc = g_[id].loc;
    return nodes_.cast(have.width == width ? made : nodes_.slice(made, 0, width, loc), g_[id].is_signed, loc);
  }

  NodeId node(NodeId id) {
    const Node& n = g_[id];
    const int w = demand_.need[id];
    NodeId made = kNone;
    switch (n.op) {
      case Op::constant: {
        const NodeId whole = nodes_.constant(g_.constant_value(id), n.is_signed, n.loc);
        made = w == n.width ? whole : nodes_.slice(whole, 0, w, n.loc);
        break;
      }
      case Op::input:
      case Op::reset:
        return nodes_.leaf(n.op, n.shape(), n.aux, n.arg[0], n.loc);
      case Op::wire:
        return nodes_.leaf(n.op, n.shape(), wire_of_[n.aux], n.arg[0], n.loc);
      case Op::reg:
        return nodes_.leaf(n.op, n.shape(), reg_of_[n.aux], n.arg[0], n.loc);
      case Op::ram_read:
        return nodes_.leaf(n.op, n.shape(), ram_of_[n.aux], read_of_[n.aux][n.arg[0]], n.loc);
      case Op::inst_out:
        return nodes_.leaf(n.op, n.shape(), n.aux, n.arg[0], n.loc);
      case Op::named:
        return nodes_.named(low(n.arg[0], n.width), g_.names[n.aux], n.loc);
      case Op::cast:
        made = low(n.arg[0], w);
        break;
      case Op::ext: {
        const int inner = g_[n.arg[0]].width;
        made = w <= inner ? low(n.arg[0], w) : nodes_.ext(low(n.arg[0], inner), {w, n.is_signed}, n.loc);
        break;
      }
      case Op::slice:
        made = nodes_.slice(map_[n.arg[0]], n.aux, w, n.loc);
        break;
      case Op::neg:
      case Op::not_:
        made = nodes_.unary(n.op, low(n.arg[0], w), n.loc);
        break;
      case Op::red_and:
      case Op::red_or:
      case Op::red_xor:
        made = nodes_.unary(n.op, low(n.arg[0], g_[n.arg[0]].width), n.loc);
        break;
      case Op::add:
      case Op::sub:
      case Op::and_:
      case Op::or_:
      case Op::xor_: {
        // Modulo 2^w the signs of the operands do not matter.
        const NodeId a = nodes_.cast(low(n.arg[0], w), n.is_signed, n.loc);
        made = nodes_.binary(n.op, a, nodes_.cast(low(n.arg[1], w), n.is_signed, n.loc), n.loc);
        break;
      }
      case Op::mul:
        made = nodes_.mul(low(n.arg[0], std::min(w, g_[n.arg[0]].width)),
                          low(n.arg[1], std::min(w, g_[n.arg[1]].width)), {w, n.is_signed}, n.loc);
        break;
      case Op::eq:
      case Op::ne:
      case Op::lt:
      case Op::le:
      case Op::gt:
      case Op::ge:
        made =
            nodes_.binary(n.op, low(n.arg[0], g_[n.arg[0]].width), low(n.arg[1], g_[n.arg[1]].width), n.loc);
        break;
      case Op::shl:
        made = nodes_.shift(n.op, low(n.arg[0], w), low(n.arg[1], g_[n.arg[1]].width), n.loc);
        break;
      case Op::shr: {
        made = nodes_.shift(n.op, low(n.arg[0], n.width), low(n.arg[1], g_[n.arg[1]].width), n.loc);
        if (w < n.width) made = nodes_.slice(made, 0, w, n.loc);
        break;
      }
      case Op::mux: {
        const NodeId a = nodes_.cast(low(n.arg[1], w), n.is_signed, n.loc);
        made = nodes_.mux(low(n.arg[0], 1), a, nodes_.cast(low(n.arg[2], w), n.is_signed, n.loc), n.loc);
        break;
      }
      case Op::cat: {
        std::vector<NodeId> parts;
        int part_low = n.width;
        for (NodeId a : g_.args(id)) {
          part_low -= g_[a].width;
          if (part_low < w) parts.push_back(low(a, std::min(g_[a].width, w - part_low)));
        }
        made = nodes_.cat(parts, n.loc);
        break;
      }
    }
    return nodes_.cast(made, n.is_signed, n.loc);
  }

  void keep_definitions() {
    out_.ports = g_.ports;
    out_.instances = g_.instances;
    for (const WireDef& w : g_.wires) {
      wire_of_.push_back(live(w.node) ? static_cast<int>(out_.wires.size()) : kNone);
      if (live(w.node)) out_.wires.push_back(w);
    }
    for (const RegDef& r : g_.regs) {
      reg_of_.push_back(live(r.node) ? static_cast<int>(out_.regs.size()) : kNone);
      if (live(r.node)) out_.regs.push_back(r);
    }
    for (size_t i = 0; i < g_.rams.size(); ++i) {
      ram_of_.push_back(demand_.ram_live[i] ? static_cast<int>(out_.rams.size()) : kNone);
      read_of_.emplace_back();
      if (!demand_.ram_live[i]) continue;
      RamDef kept = g_.rams[i];
      kept.reads.clear();
      for (const RamRead& r : g_.rams[i].reads) {
        read_of_.back().push_back(live(r.node) ? static_cast<int>(kept.reads.size()) : kNone);
        if (live(r.node)) kept.reads.push_back(r);
      }
      out_.rams.push_back(std::move(kept));
    }
  }

  void connect_definitions() {
    for (PortDef& p : out_.ports) p.node = at(p.node);
    for (WireDef& w : out_.wires) {
      w.node = at(w.node);
      w.value = at(w.value);
    }
    for (RegDef& r : out_.regs) {
      r.node = at(r.node);
      std::vector<Choice> next;
      for (const Choice& c : r.next) {
        const Choice mapped{at(c.condition), at(c.value)};
        if (mapped.condition != kNone && nodes_.is_zero(mapped.condition)) continue;
        const bool always = mapped.condition == kNone || nodes_.is_ones(mapped.condition);
        next.push_back({always ? kNone : mapped.condition, mapped.value});
        if (always) break;
      }
      r.next = std::move(next);
    }
    for (RamDef& r : out_.rams) {
      for (RamRead& read : r.reads) {
        read.node = at(read.node);
        read.enable = at(read.enable);
        read.address = at(read.address);
      }
      for (RamWrite& w : r.writes) {
        w.enable = at(w.enable);
        w.address = at(w.address);
        w.data = at(w.data);
      }
    }
    for (InstanceDef& i : out_.instances) {
      for (NodeId& id : i.ports) id = at(id);
    }
  }

  const Graph& g_;
  Demand demand_;
  Graph out_;
  Nodes nodes_{out_};
  std::vector<NodeId> map_;
  std::vector<int> wire_of_, reg_of_, ram_of_;
  std::vector<std::vector<int>> read_of_;
};

}  // namespace

Graph narrow(const Graph& g) {
  return Rebuild(g).run();
}

}  // namespace elb::hdl::lower
