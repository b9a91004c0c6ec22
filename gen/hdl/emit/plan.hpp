// Decides which nodes of a module get a name of their own and which are printed inside the expression that
// uses them, in which order wires are declared, and which bits nobody reads.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "hdl/graph.hpp"

namespace elb::hdl {

struct EmitPlan {
  std::vector<std::string> name;  // per node; "" = printed in place
  std::vector<NodeId>
      order;  // wires to declare (wires, named, temporaries, asynchronous reads), sources before users
  std::vector<std::string> unused;  // "x", "x[7:4]": for the sink
  std::set<std::string> taken;
  std::string reset;  // name of the module's reset inside
};

// `clock_names`: names that the module's frame uses.
EmitPlan plan_names(const Graph& g, const std::string& reset, const std::vector<std::string>& frame_names);

// Without casts, which print as nothing.
inline NodeId bare(const Graph& g, NodeId id) {
  while (g[id].op == Op::cast) id = g[id].arg[0];
  return id;
}

}  // namespace elb::hdl
