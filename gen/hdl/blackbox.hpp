// Leaves of rtl_templates/prim: `<name>.v`, hand-written, with `<name>.json` saying its ports and parameters.
//
//   {"format": "elbgen.leaf/1", "module": "elb_ram_sdp", "parameters": {"DEPTH": 16, "WIDTH": 8},
//    "ports": [{"name": "clk", "kind": "clock"}, {"name": "d", "kind": "input", "width": "WIDTH"}, ...],
//    "bodies": {"xc7": ["elb_ram_sdp_xc7.v"]}}
//
// `bodies` names, per technology, the files that stand for <name>.v there: the same module in that technology's primitives.
// A width is a number or a sum, difference or product of parameters and numbers ("LANES*BITS", "WIDTH+1").
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/diag.hpp"
#include "hdl/graph.hpp"

namespace elb::hdl {

struct LeafPort {
  enum class Kind { input, output, clock, reset };
  std::string name;
  Kind kind = Kind::input;
  std::string width = "1";
  bool is_signed = false;
  bool combinational = true;  // outputs: may depend on inputs in the same cycle (for the loop check)
};
struct Leaf {
  std::string module;
  std::string source;                                          // the .v beside the JSON
  std::vector<std::pair<std::string, ParamValue>> parameters;  // with their defaults
  std::vector<LeafPort> ports;
  std::map<std::string, std::vector<std::string>> bodies = {};  // paths of the files, by technology
};
using LeafParams = std::vector<std::pair<std::string, ParamValue>>;

// Reads <dir>/<name>.json; errors go to diags.
Leaf load_leaf(const std::string& dir, const std::string& name, Diags& diags);
// Width of a port for these parameters (defaults where not given); 0 when the expression is wrong.
int leaf_port_width(const Leaf& leaf, const LeafPort& port, const LeafParams& params);

}  // namespace elb::hdl
