// Runs a module against vectors, cycle by cycle: what every input is, what every output must be. First in the
// DSL's interpreter, from two random power-up states; then the emitted Verilog in Icarus, which must also
// pass verilator -Wall and iverilog -Wall without a warning.
//
// The vectors come from a cycle-exact model, so a run checks function, timing and handshake at once. Cycle 0
// is the first after reset.
#pragma once
#include <string>
#include <vector>

#include "base/bits.hpp"
#include "hdl/design.hpp"

namespace elb::test {

class VectorBench {
 public:
  bool leaves = false;  // of rtl_templates/prim are inside: the interpreter has no model of them
  int input(const std::string& name, int width);
  int output(const std::string& name, int width);
  // Of the cycle under way. Inputs not set are 0, outputs not expected are not looked at.
  void set(int input, const Bits& value);
  void expect(int output, const Bits& value, const Bits& care);
  void expect(int output, const Bits& value);
  void end_cycle();
  int64_t cycles() const { return static_cast<int64_t>(stimulus_.size()); }
  // "", or what went wrong first. Emits the design into a directory of its own.
  std::string run(hdl::Design& d, const std::string& module) const;

 private:
  struct Port {
    std::string name;
    int width = 1, low = 0;
  };
  Bits now_in_, now_expected_, now_care_;
  void begin_cycle();
  std::string interpret(hdl::Design& d, const std::string& module, uint64_t power_up) const;
  std::string testbench(const hdl::Module& module) const;
  std::vector<Port> inputs_, outputs_;
  int in_bits_ = 0, out_bits_ = 0;
  std::vector<Bits> stimulus_, expected_, care_;
};

void copy_bits(Bits& to, int low, const Bits& from);
Bits all_ones(int width);

}  // namespace elb::test
