// What the tests of hdl share: files in a directory of their own, the three Verilog tools, generated test
// benches.
#pragma once
#include <map>
#include <string>

#include "hdl/design.hpp"
#include "support/temp_dir.hpp"

namespace elb::hdl::test {

// With the module files of a design, and commands that run there.
class Scratch : public elb::TempDir {
 public:
  void write(const std::map<std::string, std::string>& files) const;
  // Standard output and error of a command run in it; the exit status is appended when it is not 0.
  std::string run(const std::string& command) const;
};

// Emits, then `verilator --lint-only -Wall`, `iverilog -g2005 -Wall` and yosys on the module `top`. What they
// said: "" is good.
std::string lint(Design& d, const std::string& top);
// Compiles the design with a test bench (module `tb`) and runs it in Icarus.
std::string simulate(Design& d, const std::string& bench);
// The codes and lines of all mistakes: "hdl-width:63 hdl-undriven:70".
std::string mistakes(Design& d);
// Compares with tests/expect/hdl/<name>; ELB_UPDATE_EXPECT=1 writes it instead.
bool matches_expectation(const std::string& name, const std::string& text);
unsigned seed();  // ELB_SEED, or a fixed one

}  // namespace elb::hdl::test
