// Hierarchy, connections, memories.
#include <fmt/format.h>

#include <functional>
#include <map>

#include "base/assert.hpp"
#include "hdl/check/checks.hpp"
#include "hdl/design.hpp"
#include "hdl/module_build.hpp"

namespace elb::hdl {

void run_checks(Design& d) {
  check_hierarchy(d);
  check_instances(d);
  check_memories(d);
  check_loops(d);
}

void check_hierarchy(Design& d) {
  std::map<const Module*, int> state;  // 1: being visited, 2: done
  const std::function<void(const Module&)> visit = [&](const Module& m) {
    state[&m] = 1;
    for (const InstanceDef& i : m.graph().instances) {
      if (!i.module) continue;
      if (state[i.module] == 1) {
        m.builder().error(
            i.loc, "hdl-comb-loop",
            fmt::format("module '{}' contains itself (instance '{}')", i.module->name(), i.name));
      } else if (state[i.module] == 0) {
        visit(*i.module);
      }
    }
    state[&m] = 2;
  };
  for (const auto& m : d.modules()) {
    if (state[m.get()] == 0) visit(*m);
  }
}

void find_common_ports(const Module& m, const Graph& lowered) {
  Builder& b = m.builder();
  for (const RegDef& r : lowered.regs) {
    b.uses_clock = true;
    b.uses_reset = b.uses_reset || r.reset.has_value();
  }
  for (const RamDef& r : lowered.rams) {
    for (const RamRead& read : r.reads) b.uses_clock = b.uses_clock || read.synchronous;
    b.uses_clock = b.uses_clock || !r.is_rom();
    b.uses_mem_dir = b.uses_mem_dir || !r.init_file.empty();
  }
  for (const Node& n : lowered.nodes) b.uses_reset = b.uses_reset || n.op == Op::reset;
  for (const InstanceDef& i : lowered.instances) {
    if (i.module) {
      b.uses_clock = b.uses_clock || i.module->uses_clock();
      b.uses_reset = b.uses_reset || i.module->uses_reset();
      b.uses_mem_dir = b.uses_mem_dir || i.module->uses_mem_dir();
      continue;
    }
    for (const LeafPort& p : i.leaf->ports) {
      b.uses_clock = b.uses_clock || p.kind == LeafPort::Kind::clock;
      b.uses_reset = b.uses_reset || p.kind == LeafPort::Kind::reset;
    }
  }
  if (b.uses_reset && b.options.reset_registered) b.uses_clock = true;
}

void join_common_ports(const Module& a, const Module& b) {
  Builder &x = a.builder(), &y = b.builder();
  ELB_ASSERT(x.uses_mem_dir == y.uses_mem_dir, "both bodies of '" + a.name() + "' read files, or none");
  for (Builder* m : {&x, &y}) {
    const Builder& other = m == &x ? y : x;
    if (other.uses_clock && !m->uses_clock) m->idle_ports.push_back(m->options.clock);
    if (other.uses_reset && !m->uses_reset) m->idle_ports.push_back(m->options.reset);
  }
  x.uses_clock = y.uses_clock = x.uses_clock || y.uses_clock;
  x.uses_reset = y.uses_reset = x.uses_reset || y.uses_reset;
}

void check_instances(Design& d) {
  for (const auto& m : d.modules()) {
    Builder& b = m->builder();
    for (InstanceDef& i : b.graph.instances) {
      const size_t count = i.module ? i.module->graph().ports.size() : i.leaf->ports.size();
      i.ports.resize(count, kNone);
      for (size_t p = 0; p < count; ++p) {
        const bool input = i.module ? i.module->graph().ports[p].dir == Dir::input
                                    : i.leaf->ports[p].kind == LeafPort::Kind::input;
        if (!input || i.ports[p] != kNone) continue;
        const std::string port = i.module ? i.module->graph().ports[p].name : i.leaf->ports[p].name;
        b.error(i.loc, "hdl-unconnected",
                fmt::format("input '{}' of instance '{}' is not connected", port, i.name), {},
                fmt::format(".in(\"{}\", ...)", port));
      }
    }
  }
}

void check_memories(Design& d) {
  for (const auto& m : d.modules()) {
    Builder& b = m->builder();
    for (const RamDef& r : b.graph.rams) {
      const auto refuse = [&](const std::string& why, const std::string& help) {
        b.error(r.loc, "hdl-ram-ports", fmt::format("memory '{}': {}", r.name, why), {}, help);
      };
      const bool hard = r.style == RamStyle::block || r.style == RamStyle::ultra;
      bool async = false;
      for (const RamRead& read : r.reads) async = async || !read.synchronous;
      if (r.writes.size() > 1)
        refuse(fmt::format("{} write ports; one is what FPGAs offer here", r.writes.size()), "");
      if (hard && async)
        refuse("a block memory has no combinational read", "read(), or RamStyle::distributed");
      if (hard && !r.is_rom() && r.reads.size() > 1) {
        refuse(fmt::format("one write and {} read ports on a block memory", r.reads.size()),
               "two memories with the same writes");
      }
      if (hard && r.is_rom() && r.reads.size() > 2)
        refuse(fmt::format("{} read ports on a block ROM", r.reads.size()), "");
      if (r.is_rom() && r.init_file.empty() && r.init.empty()) {
        b.error(r.loc, "hdl-undriven",
                fmt::format("memory '{}' is never written and has no contents", r.name));
      }
    }
  }
}

bool same_graph(const Graph& a, const Graph& b) {
  if (a.nodes.size() != b.nodes.size() || a.cat_args != b.cat_args || a.wide_constants != b.wide_constants ||
      a.names != b.names || a.ports.size() != b.ports.size() || a.wires.size() != b.wires.size() ||
      a.regs.size() != b.regs.size() || a.rams.size() != b.rams.size() ||
      a.instances.size() != b.instances.size()) {
    return false;
  }
  for (size_t i = 0; i < a.nodes.size(); ++i) {
    const Node &x = a.nodes[i], &y = b.nodes[i];
    if (x.op != y.op || x.shape() != y.shape() || x.aux != y.aux || x.arg[0] != y.arg[0] ||
        x.arg[1] != y.arg[1] || x.arg[2] != y.arg[2]) {
      return false;
    }
  }
  for (size_t i = 0; i < a.ports.size(); ++i) {
    if (a.ports[i].name != b.ports[i].name || a.ports[i].node != b.ports[i].node) return false;
  }
  for (size_t i = 0; i < a.regs.size(); ++i) {
    if (a.regs[i].name != b.regs[i].name || a.regs[i].reset != b.regs[i].reset) return false;
  }
  for (size_t i = 0; i < a.rams.size(); ++i) {
    const RamDef &x = a.rams[i], &y = b.rams[i];
    if (x.name != y.name || x.depth != y.depth || x.word != y.word || x.style != y.style ||
        x.init != y.init || x.image != y.image || x.init_file != y.init_file) {
      return false;
    }
  }
  for (size_t i = 0; i < a.instances.size(); ++i) {
    if (a.instances[i].name != b.instances[i].name || a.instances[i].ports != b.instances[i].ports)
      return false;
  }
  return true;
}

}  // namespace elb::hdl
