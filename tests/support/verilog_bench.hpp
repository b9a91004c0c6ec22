// Runs emitted modules in a simulator that reads Verilog: many instances side by side in one bench, so that
// one build serves a whole grid of parameters.
//
//   VerilogBench bench(d);
//   const int i = bench.add("elb_dot_ternary_s16_a4", {{"act", words}, {"wgt", words}});
//   bench.run(Simulator::verilator, 0);
//   bench.out(i, "sum")[cycle]
//
// Cycle 0 is the first after reset. Inputs hold 0 behind the end of their words.
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bits.hpp"
#include "hdl/design.hpp"
#include "support/temp_dir.hpp"

namespace elb::test {

enum class Simulator { icarus, verilator };

class VerilogBench {
 public:
  // Emits the design; throws UserError with its mistakes.
  explicit VerilogBench(hdl::Design& d, hdl::Bodies bodies = hdl::Bodies::plain);

  using Words = std::map<std::string, std::vector<Bits>>;
  // An instance of a module with its inputs, cycle by cycle. Returns its number.
  int add(const std::string& module, const Words& inputs);
  // Simulates as many cycles as the longest inputs and `tail` more. Throws std::runtime_error with the tool's
  // words. `seed` is Verilator's for power-up values; Icarus starts from x.
  void run(Simulator simulator, unsigned seed, int tail = 20);
  // A port's value in every cycle; nullopt while it has an x or z.
  const std::vector<std::optional<Bits>>& out(int instance, const std::string& port) const;

  const std::map<std::string, std::string>& files() const { return files_; }
  const std::filesystem::path& dir() const { return dir_.path(); }
  // Output of `command`, run in dir() with the module files there; throws when it fails and `must_pass`.
  std::string shell(const std::string& command, bool must_pass = true) const;

 private:
  struct Instance {
    const hdl::Module* module;
    Words inputs;
    std::map<std::string, std::vector<std::optional<Bits>>> outputs;
  };
  std::string bench_text(int cycles) const;
  void read_log(int cycles);

  hdl::Design& design_;
  TempDir dir_;
  std::map<std::string, std::string> files_;
  std::vector<Instance> instances_;
};

}  // namespace elb::test
