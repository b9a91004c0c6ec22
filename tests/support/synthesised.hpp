// What yosys makes of a module, counted as tools/synth counts a design.
#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "hdl/design.hpp"
#include "spec/technology.hpp"

namespace elb::test {

// From register to register (tools/paths.py).
struct DeepestPath {
  int luts = 0, chains = 0, dsp = 0;
  std::string start, end;
  int levels() const { return luts + chains + 3 * dsp; }
};

struct Synthesised {
  int64_t lut = 0, ff = 0, bram18 = 0, dsp = 0;
  std::map<std::string, DeepestPath> deepest;  // "arithmetic", "control"
  std::string text() const;                    // of the paths, for a message
};

// Every module below `top` once, leaves as part of the modules that use them.
Synthesised synthesise(hdl::Design& d, const std::string& top, spec::Technology technology);

}  // namespace elb::test
