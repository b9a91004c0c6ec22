// One module as a Verilog-2005 file. `lowered` is what lower::pipeline made of its graph.
#pragma once
#include <string>

#include "hdl/graph.hpp"

namespace elb::hdl {
class Module;

std::string emit_module(const Module& m, const Graph& lowered);

}  // namespace elb::hdl
