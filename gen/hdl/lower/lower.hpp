// From the graph as described to the graph as printed. Each pass keeps the meaning of every port.
#pragma once
#include "hdl/graph.hpp"

namespace elb::hdl::lower {

// All passes, in order.
Graph pipeline(const Graph& g);

// Drops what no output and no instance can see, and computes every sum, difference, product, choice and
// negation only as wide as it is looked at:  (acc + x).trunc(12)  becomes a 12-bit addition, not a 13-bit one
// whose carry is thrown away.
Graph narrow(const Graph& g);

}  // namespace elb::hdl::lower
