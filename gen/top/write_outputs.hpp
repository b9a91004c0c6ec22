// Everything that lies in DIR (gen/top/README.md), whole or not at all.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "arch/plan.hpp"
#include "hdl/design.hpp"
#include "top/manifest.hpp"
#include "top/testbench.hpp"

namespace elb::top {

struct OutputOptions {
  std::string top;                       // module name
  std::string part = "xc7z045ffg900-2";  // for vivado/synth.tcl
};

// The leaves beside the modules that `files` holds, and the lists of both: to simulate, to simulate what is
// synthesised, and to synthesise on each technology.
void add_sources(std::map<std::string, std::string>& files, const hdl::Design& design,
                 const std::vector<spec::Technology>& technologies);

// What is in DIR whatever the plan's times are: modules, leaves, memories.
struct HardwareFiles {
  std::map<std::string, std::string> files;  // path relative to DIR -> content, but for the image's
  arch::DramImage dram;
  std::map<std::string, std::string> sums;  // SHA-256 of all
};
// `design` was assembled from `specs`.
HardwareFiles hardware_files(hdl::Design& design, const arch::Plan& plan,
                             const std::vector<spec::StageSpec>& specs);

// Path relative to DIR -> content. `hardware` is that of `design`, assembled from net, plan and specs.
std::map<std::string, std::string> output_files(HardwareFiles hardware, hdl::Design& design,
                                                const nn::Network& net, const arch::Plan& plan,
                                                const std::vector<spec::StageSpec>& specs,
                                                const TestFrames& frames, const OutputOptions& options);

}  // namespace elb::top
