// Combinational loops, with their path, through wires, asynchronous reads and instances; and the handshake
// rule, which is a question about the same cones: an output stream's valid must not depend on its own ready
// in the same cycle.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/assert.hpp"
#include "hdl/check/checks.hpp"
#include "hdl/design.hpp"
#include "hdl/module_build.hpp"

namespace elb::hdl {
namespace {

// The nodes whose value `id` needs in the same cycle.
void cone_args(const Graph& g, NodeId id, std::vector<NodeId>& out) {
  const Node& n = g[id];
  out.clear();
  switch (n.op) {
    case Op::wire:
      out.push_back(g.wires[n.aux].value);
      return;
    case Op::ram_read: {
      const RamRead& r = g.rams[n.aux].reads[n.arg[0]];
      if (!r.synchronous) out.push_back(r.address);
      return;
    }
    case Op::inst_out: {
      const InstanceDef& i = g.instances[n.aux];
      if (i.module) {
        const auto& deps = i.module->builder().comb_inputs;
        if (static_cast<size_t>(n.arg[0]) < deps.size()) {
          for (int port : deps[n.arg[0]]) {
            if (i.ports[port] != kNone) out.push_back(i.ports[port]);
          }
        }
      } else if (i.leaf->ports[n.arg[0]].combinational) {
        for (size_t p = 0; p < i.ports.size(); ++p) {
          if (i.leaf->ports[p].kind == LeafPort::Kind::input && i.ports[p] != kNone)
            out.push_back(i.ports[p]);
        }
      }
      return;
    }
    default: {
      const auto args = g.args(id);
      out.assign(args.begin(), args.end());
    }
  }
}

std::string hop_name(const Graph& g, NodeId id) {
  const Node& n = g[id];
  switch (n.op) {
    case Op::wire:
      return fmt::format("{} '{}'", g.wires[n.aux].is_port ? "output" : "wire", g.wires[n.aux].name);
    case Op::named:
      return fmt::format("signal '{}'", g.names[n.aux]);
    case Op::ram_read:
      return fmt::format("memory output '{}'", g.rams[n.aux].reads[n.arg[0]].name);
    case Op::inst_out: {
      const InstanceDef& i = g.instances[n.aux];
      return fmt::format("output '{}' of instance '{}'",
                         i.module ? i.module->graph().ports[n.arg[0]].name : i.leaf->ports[n.arg[0]].name,
                         i.name);
    }
    default:
      return fmt::format("'{}'", op_name(n.op));
  }
}

struct Frame {
  NodeId id;
  size_t next = 0;
  std::vector<NodeId> args;
};

// Depth-first from every node; a node met again while it is open closes a loop.
bool find_loops(Builder& b) {
  const Graph& g = b.graph;
  std::vector<uint8_t> state(g.nodes.size(), 0);  // 1: open, 2: done
  std::vector<Frame> stack;
  int found = 0;
  const auto push = [&](NodeId id) {
    state[id] = 1;
    stack.push_back({id, 0, {}});
    cone_args(g, id, stack.back().args);
  };
  for (NodeId root = 0; root < static_cast<NodeId>(g.nodes.size()); ++root) {
    // Loops pass through one of these; everything else only leads to arguments with smaller ids.
    const Op op = g[root].op;
    if (op != Op::wire && op != Op::ram_read && op != Op::inst_out) continue;
    if (state[root] == 0) push(root);
    while (!stack.empty()) {
      Frame& top = stack.back();
      if (top.next == top.args.size()) {
        state[top.id] = 2;
        stack.pop_back();
        continue;
      }
      const NodeId to = top.args[top.next++];
      if (state[to] == 0) {
        push(to);
      } else if (state[to] == 1 && ++found <= 8) {
        size_t first = stack.size() - 1;
        while (stack[first].id != to) --first;
        std::vector<std::string> notes;
        for (size_t i = stack.size(); i-- > first;) {
          notes.push_back(fmt::format("{} ({})", hop_name(g, stack[i].id), place_of(g[stack[i].id].loc)));
        }
        b.error(g[to].loc, "hdl-comb-loop", fmt::format("combinational loop in '{}'", b.name), notes,
                "a register somewhere on this path");
      }
    }
  }
  return found > 0;
}

// For every output port the input ports in its cone.
void find_dependencies(Builder& b) {
  const Graph& g = b.graph;
  b.comb_inputs.assign(g.ports.size(), {});
  std::vector<int> seen(g.nodes.size(), -1);
  std::vector<NodeId> todo, args;
  for (size_t p = 0; p < g.ports.size(); ++p) {
    if (g.ports[p].dir != Dir::output) continue;
    todo.assign(1, g.ports[p].node);
    while (!todo.empty()) {
      const NodeId id = todo.back();
      todo.pop_back();
      if (seen[id] == static_cast<int>(p)) continue;
      seen[id] = static_cast<int>(p);
      if (g[id].op == Op::input) b.comb_inputs[p].push_back(g[id].aux);
      cone_args(g, id, args);
      todo.insert(todo.end(), args.begin(), args.end());
    }
    std::sort(b.comb_inputs[p].begin(), b.comb_inputs[p].end());
  }
}

void check_handshake(Builder& b) {
  for (const StreamPort& s : b.streams) {
    if (s.dir != Dir::output) continue;
    const std::vector<int>& deps = b.comb_inputs[s.valid];
    if (!std::binary_search(deps.begin(), deps.end(), s.ready)) continue;
    b.error(s.loc, "hdl-handshake",
            fmt::format("output stream '{}' of '{}': valid depends on its own ready in the same cycle",
                        s.name, b.name),
            {}, "valid never waits for ready; .reg_slice() or .fifo() cut the path");
  }
}

}  // namespace

void check_loops(Design& d) {
  std::map<const Module*, bool> done;
  // Instances first: their summaries are part of the cones.
  const auto visit = [&](const auto& self, const Module& m) -> void {
    if (done[&m]) return;
    done[&m] = true;
    for (const InstanceDef& i : m.graph().instances) {
      if (i.module) self(self, *i.module);
    }
    Builder& b = m.builder();
    find_loops(b);
    find_dependencies(b);
    check_handshake(b);
  };
  for (const auto& m : d.modules()) visit(visit, *m);
}

}  // namespace elb::hdl
