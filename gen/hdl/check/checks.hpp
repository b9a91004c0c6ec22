// What must hold of a whole design before it is printed. Each check reports through Design::error.
#pragma once
#include "hdl/graph.hpp"

namespace elb::hdl {
class Design;
class Module;

// All of the following, in this order.
void run_checks(Design& d);

void check_hierarchy(Design& d);  // no module contains itself
void check_instances(Design& d);  // hdl-unconnected: every input of every instance
void check_memories(Design& d);   // hdl-ram-ports: what no FPGA memory has
void check_loops(Design& d);      // hdl-comb-loop, through instances too; hdl-handshake

// Whether what is left of `m` needs clk, rst and MEM_DIR. The modules of its instances come first.
void find_common_ports(const Module& m, const Graph& lowered);
// The bodies of one module have what either needs.
void join_common_ports(const Module& a, const Module& b);

// Equal in everything but places.
bool same_graph(const Graph& a, const Graph& b);

}  // namespace elb::hdl
