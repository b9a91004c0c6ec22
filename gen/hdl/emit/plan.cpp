#include "hdl/emit/plan.hpp"
#include "hdl/module_build.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/assert.hpp"
#include "base/bits.hpp"
#include "hdl/blackbox.hpp"
#include "hdl/module.hpp"

namespace elb::hdl {
namespace {

constexpr int kMaxCost = 8;      // operands of an expression that is an operand itself
constexpr int kMaxPartCost = 4;  // ... that is a part of a concatenation, a condition, a connection
constexpr int kMaxChain = 64;    // arms of one chain of choices

bool is_source(Op op) {
  return op == Op::input || op == Op::reset || op == Op::wire || op == Op::reg || op == Op::ram_read ||
         op == Op::inst_out;
}

class Planner {
 public:
  Planner(const Graph& g, EmitPlan& plan) : g_(g), plan_(plan), count_(g.nodes.size()) {}

  void run() {
    plan_.name.resize(count_);
    name_sources();
    adopt_names();
    dissolve_links();
    find_roots();
    count_uses();
    choose();
    find_stems();
    sort_wires();
    find_unused();
  }

 private:
  enum class Use { value, condition, connection, address };
  struct Root {
    NodeId id;
    Use use;
    std::string stem;
  };

  NodeId bare(NodeId id) const { return hdl::bare(g_, id); }
  bool named(NodeId id) const { return !plan_.name[id].empty(); }

  std::string fresh(const std::string& wanted) {
    std::string name = wanted;
    for (int n = 2; plan_.taken.count(name) != 0; ++n) name = fmt::format("{}_{}", wanted, n);
    plan_.taken.insert(name);
    return name;
  }

  void name_sources() {
    for (const PortDef& p : g_.ports) plan_.taken.insert(p.name);
    for (const WireDef& w : g_.wires) plan_.taken.insert(w.name);
    for (const RegDef& r : g_.regs) plan_.taken.insert(r.name);
    for (const InstanceDef& i : g_.instances) plan_.taken.insert(i.name);
    for (const std::string& n : g_.names) plan_.taken.insert(n);
    for (const RamDef& r : g_.rams) {
      plan_.taken.insert(r.name);
      for (const RamRead& read : r.reads) plan_.taken.insert(read.name);
    }
    for (size_t id = 0; id < count_; ++id) {
      const Node& n = g_.nodes[id];
      std::string& name = plan_.name[id];
      switch (n.op) {
        case Op::input:
          name = g_.ports[n.aux].name;
          break;
        case Op::reset:
          name = plan_.reset;
          break;
        case Op::wire:
          name = g_.wires[n.aux].name;
          break;
        case Op::reg:
          name = g_.regs[n.aux].name;
          break;
        case Op::ram_read:
          name = g_.rams[n.aux].reads[n.arg[0]].name;
          break;
        case Op::named:
          name = g_.names[n.aux];
          break;
        case Op::inst_out: {
          const InstanceDef& i = g_.instances[n.aux];
          const std::string role = role_of(i.name);
          name = fresh(role + "_" +
                       (i.module ? i.module->graph().ports[n.arg[0]].name : i.leaf->ports[n.arg[0]].name));
          break;
        }
        default:
          break;
      }
    }
  }

  // An instance's output that was given a name, or drives a wire, is declared under that name alone.
  void adopt_names() {
    adopted_.assign(count_, false);
    std::vector<bool> renamed(count_, false);
    for (size_t id = 0; id < count_; ++id) {
      const Node& n = g_.nodes[id];
      NodeId from = kNone;
      if (n.op == Op::named) from = n.arg[0];
      if (n.op == Op::wire && !g_.wires[n.aux].is_port && !g_.wires[n.aux].is_link)
        from = g_.wires[n.aux].value;
      if (from == kNone || g_[from].op != Op::inst_out || renamed[from] || g_[from].shape() != n.shape())
        continue;
      plan_.name[from] = plan_.name[id];
      adopted_[id] = renamed[from] = true;
    }
  }

  // A link that only repeats another signal prints as that signal.
  bool dissolved(NodeId id) const {
    return g_[id].op == Op::wire && g_.wires[g_[id].aux].is_link &&
           is_source(g_[bare(g_.wires[g_[id].aux].value)].op);
  }
  void dissolve_links() {
    for (NodeId id = 0; id < static_cast<NodeId>(count_); ++id) {
      NodeId to = id;
      while (dissolved(to)) to = bare(g_.wires[g_[to].aux].value);
      if (to != id) plan_.name[id] = plan_.name[to];
    }
  }

  void root(NodeId id, Use use, const std::string& stem) {
    if (id != kNone) roots_.push_back({bare(id), use, stem});
  }

  void find_roots() {
    for (const WireDef& w : g_.wires) root(w.value, Use::value, w.name);
    for (const RegDef& r : g_.regs) {
      for (const Choice& c : r.next) {
        root(c.condition, Use::condition, r.name);
        root(c.value, Use::value, r.name);
      }
    }
    for (const RamDef& r : g_.rams) {
      for (const RamWrite& w : r.writes) {
        root(w.enable, Use::condition, r.name);
        root(w.address, Use::address, r.name);
        root(w.data, Use::connection, r.name);
      }
      for (const RamRead& read : r.reads) {
        root(read.enable, Use::condition, read.name);
        root(read.address, Use::address, read.name);
      }
    }
    for (const InstanceDef& i : g_.instances) {
      const std::string role = role_of(i.name);
      for (size_t p = 0; p < i.ports.size(); ++p) {
        const std::string port = i.module ? i.module->graph().ports[p].name : i.leaf->ports[p].name;
        const bool input = i.module ? i.module->graph().ports[p].dir == Dir::input
                                    : i.leaf->ports[p].kind == LeafPort::Kind::input;
        if (input) root(i.ports[p], Use::connection, role + "_" + port);
      }
    }
    for (const PortDef& p : g_.ports) {
      if (p.dir == Dir::output && g_[bare(p.node)].op != Op::wire) root(p.node, Use::value, p.name);
    }
  }

  // Uses by reachable nodes, and what kind of use they are.
  void count_uses() {
    uses_.assign(count_, 0);
    as_operand_.assign(count_, false);
    as_part_.assign(count_, false);
    as_else_.assign(count_, false);
    must_.assign(count_, false);
    reached_.assign(count_, false);
    for (const Root& r : roots_) reach(r.id);
    for (size_t id = 0; id < count_; ++id) {
      if (g_.nodes[id].op == Op::named) reach(static_cast<NodeId>(id));
    }
    for (NodeId id = 0; id < static_cast<NodeId>(count_); ++id) {
      if (!reached_[id]) continue;
      const Node& n = g_[id];
      if (is_source(n.op) || n.op == Op::constant) continue;
      const auto args = g_.args(id);
      for (size_t i = 0; i < args.size(); ++i) {
        const NodeId a = bare(args[i]);
        ++uses_[a];
        if (n.op == Op::named) continue;
        if (n.op == Op::cat) {
          as_part_[a] = true;
        } else if (n.op == Op::mux && i == 2) {
          as_else_[a] = true;
        } else {
          as_operand_[a] = true;
        }
        const Op op = g_[a].op;
        const bool self_sized =
            op == Op::cat || op == Op::slice || op == Op::constant || is_source(op) || op == Op::named;
        if (n.op == Op::slice) must_[a] = true;
        if (n.op == Op::ext && g_[args[i]].is_signed && op != Op::slice) must_[a] = true;
        if (n.op == Op::mul && !self_sized) must_[a] = true;
        // Their meaning depends on the widths and signs around them: always alone on a right-hand side.
        if (op == Op::mul || (op == Op::shr && g_[a].is_signed)) must_[a] = true;
      }
    }
    for (const Root& r : roots_) {
      ++uses_[r.id];
      const Op op = g_[r.id].op;
      if (r.use == Use::address) must_[r.id] = true;
      if (r.use == Use::condition || r.use == Use::connection) as_part_[r.id] = true;
      if (r.use != Use::value && (op == Op::mul || (op == Op::shr && g_[r.id].is_signed))) must_[r.id] = true;
    }
  }

  void reach(NodeId start) {
    std::vector<NodeId> todo{start};
    while (!todo.empty()) {
      const NodeId id = todo.back();
      todo.pop_back();
      if (reached_[id]) continue;
      reached_[id] = true;
      if (is_source(g_[id].op) || g_[id].op == Op::constant) continue;
      for (NodeId a : g_.args(id)) todo.push_back(bare(a));
    }
  }

  // Short enough to be printed in every place.
  bool trivial(NodeId id) const {
    const Node& n = g_[id];
    switch (n.op) {
      case Op::slice:
        return true;
      case Op::ext:
        return plain(bare(n.arg[0]));
      case Op::not_:
      case Op::red_or:
      case Op::red_and:
        return plain(bare(n.arg[0])) && n.width <= 64;
      case Op::eq:
      case Op::ne:
        return plain(bare(n.arg[0])) && g_[bare(n.arg[1])].op == Op::constant && g_[n.arg[1]].width <= 16;
      default:
        return false;
    }
  }
  bool plain(NodeId id) const { return named(id) || g_[id].op == Op::slice; }

  void choose() {
    cost_.assign(count_, 1);
    chain_.assign(count_, 0);
    temporary_.assign(count_, false);
    for (NodeId id = 0; id < static_cast<NodeId>(count_); ++id) {
      const Node& n = g_[id];
      if (!reached_[id] || named(id) || n.op == Op::constant) continue;
      int cost = n.op == Op::ext ? 1 : 0;
      NodeId last = kNone;
      for (NodeId a : g_.args(id)) {
        const NodeId b = bare(a);
        if (n.op == Op::cat && b == last) continue;  // prints as {n{x}}
        last = b;
        cost += temporary_[b] ? 1 : cost_[b];
      }
      if (n.op == Op::mux) {
        const NodeId other = bare(n.arg[2]);
        chain_[id] = temporary_[other] ? 1 : chain_[other] + 1;
      }
      cost_[id] = cost;
      const bool chained =
          as_else_[id] && !as_operand_[id] && !as_part_[id] && n.op == Op::mux && chain_[id] < kMaxChain;
      const bool long_operand = cost > kMaxCost && (as_operand_[id] || as_else_[id]) && !chained;
      const bool long_part = cost > kMaxPartCost && as_part_[id];
      temporary_[id] = must_[id] || (uses_[id] > 1 && !trivial(id)) || long_operand || long_part;
    }
  }

  // A temporary is called after the first thing that needs it.
  void find_stems() {
    stem_.assign(count_, -1);
    for (size_t id = 0; id < count_; ++id) {
      if (g_.nodes[id].op == Op::named && reached_[id]) {
        roots_.push_back({bare(g_.nodes[id].arg[0]), Use::value, plan_.name[id]});
      }
    }
    for (size_t r = 0; r < roots_.size(); ++r) {
      std::vector<NodeId> todo{roots_[r].id};
      while (!todo.empty()) {
        const NodeId id = todo.back();
        todo.pop_back();
        if (stem_[id] >= 0 || named(id) || g_[id].op == Op::constant) continue;
        stem_[id] = static_cast<int>(r);
        for (NodeId a : g_.args(id)) todo.push_back(bare(a));
      }
    }
  }

  bool declares(NodeId id) const {
    const Node& n = g_[id];
    if (adopted_[id]) return false;
    if (n.op == Op::wire) return !g_.wires[n.aux].is_port && !dissolved(id);
    if (n.op == Op::ram_read) return !g_.rams[n.aux].reads[n.arg[0]].synchronous;
    return (n.op == Op::named && reached_[id]) || temporary_[id];
  }

  // Nearly the order of the source: by the place of the value, but what is used stands before its user.
  void sort_wires() {
    std::vector<std::pair<NodeId, NodeId>> keyed;
    for (NodeId id = 0; id < static_cast<NodeId>(count_); ++id) {
      if (!declares(id)) continue;
      keyed.emplace_back(g_[id].op == Op::wire ? std::max(id, g_.wires[g_[id].aux].value) : id, id);
    }
    std::sort(keyed.begin(), keyed.end());
    std::vector<uint8_t> state(count_, 0);
    std::vector<NodeId> stack;
    for (const auto& [key, root] : keyed) {
      stack.assign(1, root);
      while (!stack.empty()) {
        const NodeId id = stack.back();
        if (state[id] == 0) {
          state[id] = 1;
          const Node& n = g_[id];
          const auto need = [&](NodeId a) {
            if (state[a] == 0) stack.push_back(a);
          };
          if (n.op == Op::wire) {
            if (!g_.wires[n.aux].is_port) need(g_.wires[n.aux].value);
          } else if (n.op == Op::ram_read) {
            if (declares(id)) need(g_.rams[n.aux].reads[n.arg[0]].address);
          } else if (!is_source(n.op)) {
            for (NodeId a : g_.args(id)) need(a);
          }
          continue;
        }
        stack.pop_back();
        if (state[id] == 2) continue;
        state[id] = 2;
        if (declares(id)) plan_.order.push_back(id);
      }
    }
    std::map<std::string, int> next;
    for (NodeId id : plan_.order) {
      if (!temporary_[id]) continue;
      ELB_ASSERT(stem_[id] >= 0, "a temporary that nothing needs");
      const std::string& stem = roots_[stem_[id]].stem;
      plan_.name[id] = fmt::format("_{}_{}", stem, next[stem]++);
    }
  }

  void find_unused() {
    std::vector<Bits> part(count_);
    std::vector<bool> whole(count_, false);
    for (NodeId id = 0; id < static_cast<NodeId>(count_); ++id) {
      if (!reached_[id] || is_source(g_[id].op) || g_[id].op == Op::constant) continue;
      const Node& n = g_[id];
      for (NodeId arg : g_.args(id)) {
        const NodeId a = bare(arg);
        if (!named(a)) continue;
        if (n.op != Op::slice) {
          whole[a] = true;
          continue;
        }
        if (whole[a]) continue;
        if (part[a].width() == 0) part[a] = Bits(g_[a].width);
        for (int i = 0; i < n.width; ++i) part[a].set_bit(n.aux + i, true);
      }
    }
    for (const Root& r : roots_) whole[r.id] = true;
    for (NodeId id = 0; id < static_cast<NodeId>(count_); ++id) {
      const Op op = g_[id].op;
      if (!named(id) || whole[id] || op == Op::reset) continue;
      if (op == Op::wire && (g_.wires[g_[id].aux].is_port || dissolved(id))) continue;
      if (op == Op::named && !reached_[id]) continue;
      add_unused(plan_.name[id], g_[id].width, part[id]);
    }
    for (const PortDef& p : g_.ports) {
      if (p.dir == Dir::input && p.node == kNone) plan_.unused.push_back(p.name);
    }
  }

  void add_unused(const std::string& name, int width, const Bits& used) {
    if (used.width() == 0) {
      plan_.unused.push_back(name);
      return;
    }
    for (int low = 0; low < width;) {
      if (used.bit(low)) {
        ++low;
        continue;
      }
      int high = low;
      while (high + 1 < width && !used.bit(high + 1)) ++high;
      plan_.unused.push_back(high == low ? fmt::format("{}[{}]", name, low)
                                         : fmt::format("{}[{}:{}]", name, high, low));
      low = high + 1;
    }
  }

  const Graph& g_;
  EmitPlan& plan_;
  size_t count_;
  std::vector<Root> roots_;
  std::vector<int> uses_, cost_, chain_, stem_;
  std::vector<bool> as_operand_, as_part_, as_else_, must_, reached_, temporary_, adopted_;
};

}  // namespace

EmitPlan plan_names(const Graph& g, const std::string& reset, const std::vector<std::string>& frame_names) {
  EmitPlan plan;
  plan.reset = reset;
  plan.taken.insert(frame_names.begin(), frame_names.end());
  Planner(g, plan).run();
  return plan;
}

}  // namespace elb::hdl
