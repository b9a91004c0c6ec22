// From a design to a shared object that simulates it.
//
// Two things are kept in the cache directory, each under the hash of all that went into it, each appearing
// whole or not at all: Verilator's runtime, compiled once per version and flags, and one shared object per
// design. A design that was simulated before starts at once; memory contents (mem/*.mem) are read when it
// runs and do not matter here.
#pragma once
#include <string>

#include "sim/harness/manifest.hpp"

namespace elb::harness {

struct BuildOptions {
  std::string cache_dir;  // empty: $XDG_CACHE_HOME/elbgen, $HOME/.cache/elbgen, or a directory under /tmp
  bool trace = false;     // with FST tracing of the whole hierarchy (slow)
  int threads = 1;        // of the simulated model
};

std::string default_cache_dir();

// Path of the shared object. UserError [sim-tool] without Verilator or compiler, [sim-build] when the Verilog
// is refused.
std::string build_model(const Manifest& manifest, const BuildOptions& options);

}  // namespace elb::harness
