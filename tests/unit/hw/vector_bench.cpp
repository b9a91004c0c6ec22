#include "vector_bench.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "hdl/eval/interpreter.hpp"

namespace elb::test {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, const std::string& text) {
  std::ofstream(path) << text;
}

std::string lines(const std::vector<Bits>& all) {
  std::string text;
  for (const Bits& l : all) text += l.hex() + "\n";
  return text;
}

Bits part(const Bits& from, int low, int width) {
  Bits b(width);
  for (int i = 0; i < width; i += 64) {
    const int n = std::min(64, width - i);
    b.set(i, n, from.get(low + i, n));
  }
  return b;
}

Bits masked(const Bits& value, const Bits& care) {
  Bits b(value.width());
  for (int i = 0; i < value.width(); i += 64) {
    const int n = std::min(64, value.width() - i);
    b.set(i, n, value.get(i, n) & care.get(i, n));
  }
  return b;
}

}  // namespace

void copy_bits(Bits& to, int low, const Bits& from) {
  for (int i = 0; i < from.width(); i += 64) {
    const int n = std::min(64, from.width() - i);
    to.set(low + i, n, from.get(i, n));
  }
}

Bits all_ones(int width) {
  Bits b(width);
  for (int i = 0; i < width; ++i) b.set_bit(i, true);
  return b;
}

int VectorBench::input(const std::string& name, int width) {
  inputs_.push_back({name, width, in_bits_});
  in_bits_ += width;
  begin_cycle();
  return static_cast<int>(inputs_.size()) - 1;
}

int VectorBench::output(const std::string& name, int width) {
  outputs_.push_back({name, width, out_bits_});
  out_bits_ += width;
  begin_cycle();
  return static_cast<int>(outputs_.size()) - 1;
}

void VectorBench::begin_cycle() {
  now_in_ = Bits(in_bits_);
  now_expected_ = Bits(out_bits_);
  now_care_ = Bits(out_bits_);
}

void VectorBench::set(int input, const Bits& value) {
  copy_bits(now_in_, inputs_[input].low, value);
}

void VectorBench::expect(int output, const Bits& value, const Bits& care) {
  copy_bits(now_expected_, outputs_[output].low, value);
  copy_bits(now_care_, outputs_[output].low, care);
}

void VectorBench::expect(int output, const Bits& value) {
  expect(output, value, all_ones(value.width()));
}

void VectorBench::end_cycle() {
  stimulus_.push_back(now_in_);
  expected_.push_back(now_expected_);
  care_.push_back(now_care_);
  begin_cycle();
}

std::string VectorBench::testbench(const hdl::Module& module) const {
  std::string t = "`timescale 1ns/1ps\nmodule bench;\n  reg clk = 0, rst = 1;\n  always #5 clk = ~clk;\n";
  t += fmt::format("  localparam N = {};\n  reg [{}:0] in, stimulus [0:N-1];\n", cycles(), in_bits_ - 1);
  t += fmt::format("  wire [{0}:0] out;\n  reg [{0}:0] expected [0:N-1], care [0:N-1];\n  integer i;\n",
                   out_bits_ - 1);
  t += fmt::format("  {} dut (", module.name());
  std::string separator;
  const auto connect = [&](const std::string& port, const std::string& to) {
    t += fmt::format("{}.{}({})", separator, port, to);
    separator = ", ";
  };
  if (module.uses_clock()) connect("clk", "clk");
  if (module.uses_reset()) connect("rst", "rst");
  for (const Port& p : inputs_) connect(p.name, fmt::format("in[{}:{}]", p.low + p.width - 1, p.low));
  for (const Port& p : outputs_) connect(p.name, fmt::format("out[{}:{}]", p.low + p.width - 1, p.low));
  t += ");\n  initial begin\n";
  t += "    $readmemh(\"stimulus.mem\", stimulus); $readmemh(\"expected.mem\", expected); "
       "$readmemh(\"care.mem\", care);\n";
  t += "    in = 0; repeat (3) @(posedge clk); #1 rst = 0;\n";
  t += "    for (i = 0; i < N; i = i + 1) begin\n      in = stimulus[i];\n      #8;\n";
  t += "      if ((out & care[i]) !== (expected[i] & care[i])) begin\n        $display(\"cycle %0d\", i);\n";
  for (const Port& p : outputs_) {
    t += fmt::format(
        "        if ((out[{0}:{1}] & care[i][{0}:{1}]) !== (expected[i][{0}:{1}] & care[i][{0}:{1}])) "
        "$display(\"  {2} is %h, expected %h, looked at %h\", out[{0}:{1}], expected[i][{0}:{1}], "
        "care[i][{0}:{1}]);\n",
        p.low + p.width - 1, p.low, p.name);
  }
  t += "        $finish;\n      end\n      @(posedge clk); #1;\n    end\n    $display(\"all cycles "
       "agree\");\n    $finish;\n  end\nendmodule\n";
  return t;
}

std::string VectorBench::interpret(hdl::Design& d, const std::string& module, uint64_t power_up) const {
  hdl::SimulatorOptions options;
  options.power_up = power_up;
  hdl::Simulator sim(d, module, options);
  sim.reset();
  std::vector<hdl::SimSignal> ins, outs;
  for (const Port& p : inputs_) ins.push_back(sim.find(p.name));
  for (const Port& p : outputs_) outs.push_back(sim.find(p.name));
  for (size_t t = 0; t < stimulus_.size(); ++t) {
    for (size_t i = 0; i < ins.size(); ++i)
      sim.set(ins[i], part(stimulus_[t], inputs_[i].low, inputs_[i].width));
    for (size_t i = 0; i < outs.size(); ++i) {
      const Port& p = outputs_[i];
      const Bits care = part(care_[t], p.low, p.width),
                 expected = masked(part(expected_[t], p.low, p.width), care);
      const Bits got = masked(sim.get_bits(outs[i]), care);
      if (got == expected) continue;
      return fmt::format("{} in the interpreter, cycle {}: {} is {}, expected {}, looked at {}", module, t,
                         p.name, got.hex(), expected.hex(), care.hex());
    }
    sim.step();
  }
  return "";
}

std::string VectorBench::run(hdl::Design& d, const std::string& module) const {
  for (const uint64_t power_up : {1u, 2u}) {
    if (leaves) break;
    const std::string error = interpret(d, module, power_up);
    if (!error.empty()) return error;
  }
  static int serial = 0;
  const fs::path dir = fs::temp_directory_path() / fmt::format("elb_vectors_{}_{}", getpid(), serial++);
  fs::create_directories(dir);
  std::string files;
  for (const auto& [name, text] : d.emit()) write(dir / name, text);
  const hdl::Sources sources = d.sources();
  for (const std::vector<std::string>* names : {&sources.modules, &sources.leaves}) {
    for (const std::string& name : *names) files += " " + name;
  }
  write(dir / "bench.v", testbench(*d.find(module)));
  write(dir / "stimulus.mem", lines(stimulus_));
  write(dir / "expected.mem", lines(expected_));
  write(dir / "care.mem", lines(care_));
  const std::string command = fmt::format(
      "cd {} && (verilator --lint-only -Wall --top-module {}{} && "
      "iverilog -g2005 -Wall -Wno-timescale -s bench -o bench.vvp bench.v{} && vvp -n bench.vvp) > log 2>&1",
      dir.string(), module, files, files);
  const int status = std::system(command.c_str());
  std::ifstream log(dir / "log");
  std::stringstream text;
  text << log.rdbuf();
  const bool good = status == 0 && text.str().find("all cycles agree") != std::string::npos &&
                    text.str().find("arning") == std::string::npos;
  if (good) fs::remove_all(dir);
  return good ? "" : module + " in " + dir.string() + "\n" + text.str();
}

}  // namespace elb::test
