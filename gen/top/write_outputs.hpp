// Everything that lies in DIR (gen/top/README.md), whole or not at all.
#pragma once
#include <map>
#include <string>

#include "arch/plan.hpp"
#include "hdl/design.hpp"
#include "top/manifest.hpp"
#include "top/testbench.hpp"

namespace elb::top {

struct OutputOptions {
  std::string top;                       // module name
  std::string part = "xc7z045ffg900-2";  // for vivado/synth.tcl
};

// Path relative to DIR -> content. `design` was assembled from net, plan and specs.
std::map<std::string, std::string> output_files(hdl::Design& design, const nn::Network& net,
                                                const arch::Plan& plan,
                                                const std::vector<spec::StageSpec>& specs,
                                                const TestFrames& frames, const OutputOptions& options);

}  // namespace elb::top
