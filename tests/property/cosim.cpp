#include "property/cosim.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include "base/assert.hpp"
#include "hdl/eval/interpreter.hpp"

namespace elb::property {

using namespace hdl;
namespace fs = std::filesystem;

namespace {

int bits_of(const Module& m, Dir dir) {
  int bits = 0;
  for (const PortDef& p : m.graph().ports) bits += p.dir == dir ? p.shape.width : 0;
  return bits;
}

void copy_bits(const Bits& from, int from_low, int width, Bits& to, int to_low) {
  for (int i = 0; i < width; i += 64) {
    const int count = std::min(64, width - i);
    to.set(to_low + i, count, from.get(from_low + i, count));
  }
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

struct Ran {
  bool ok = false;
  std::string output;
};
Ran shell(const std::string& command) {
  Ran r;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  ELB_ASSERT(pipe != nullptr, "popen");
  char buffer[4096];
  while (const size_t n = fread(buffer, 1, sizeof buffer, pipe)) r.output.append(buffer, n);
  r.ok = pclose(pipe) == 0;
  return r;
}

// Everything that Verilog starts as x starts as 0, like in the interpreter; what nothing needs is not
// printed.
void zero_state(const Module& m, const std::map<std::string, std::string>& texts, const std::string& path,
                std::string& out) {
  const std::string& text = texts.at(m.name() + ".v");
  const auto zero = [&](const std::string& name) {
    if (text.find(" " + name + ";") != std::string::npos) out += fmt::format("    {}{} = 0;\n", path, name);
  };
  for (const RegDef& r : m.graph().regs) zero(r.name);
  for (const RamDef& r : m.graph().rams) {
    if (r.init.empty() && text.find(" " + r.name + " [0:") != std::string::npos)
      out += fmt::format("    for (i = 0; i < {}; i = i + 1) {}{}[i] = 0;\n", r.depth, path, r.name);
    for (const RamRead& read : r.reads) {
      if (!read.synchronous) continue;
      if (r.ruw != ReadUnderWrite::new_value || r.is_rom()) {
        zero(read.name);
      } else {
        for (const char* part : {"read", "written", "hit"}) zero(fmt::format("_{}_{}", read.name, part));
      }
    }
  }
  for (const InstanceDef& i : m.graph().instances) {
    if (text.find(" " + i.name + " (") != std::string::npos)
      zero_state(*i.module, texts, path + i.name + ".", out);
  }
}

std::string instance_text(const Module& m, int k, int rows, std::string& print) {
  const int in = bits_of(m, Dir::input) + 1, out = bits_of(m, Dir::output);
  std::string text = fmt::format("  reg [{}:0] rows{} [0:{}];\n", in - 1, k, rows - 1);
  text += fmt::format("  initial $readmemh(\"{}.stim\", rows{});\n", k, k);
  text += fmt::format("  wire [{}:0] in{} = rows{}[t];\n  wire [{}:0] out{};\n", in - 1, k, k, out - 1, k);
  std::vector<std::string> pins;
  if (m.uses_clock()) pins.push_back(".clk(clk)");
  if (m.uses_reset()) pins.push_back(fmt::format(".rst(in{}[{}])", k, in - 1));
  int low_in = 0, low_out = 0;
  for (const PortDef& p : m.graph().ports) {
    int& low = p.dir == Dir::input ? low_in : low_out;
    pins.push_back(fmt::format(".{}({}{}[{} +: {}])", p.name, p.dir == Dir::input ? "in" : "out", k, low,
                               p.shape.width));
    low += p.shape.width;
  }
  text += fmt::format("  {} dut{} ({});\n", m.name(), k, fmt::join(pins, ", "));
  print += fmt::format("    $fdisplay(file, \"{} %h\", out{});\n", k, k);
  return text;
}

std::vector<Trace> read_traces(const std::string& path, size_t cases) {
  std::vector<Trace> traces(cases);
  std::ifstream in(path);
  size_t k = 0;
  std::string hex;
  while (in >> k >> hex) traces.at(k).push_back(hex);
  return traces;
}

}  // namespace

std::vector<Bits> random_stimulus(const Module& m, int cycles, uint64_t seed) {
  std::mt19937_64 random(seed);
  const int width = bits_of(m, Dir::input) + 1;
  std::vector<Bits> rows;
  for (int t = 0; t < cycles; ++t) {
    Bits row(width);
    int low = 0;
    for (const PortDef& p : m.graph().ports) {
      if (p.dir != Dir::input) continue;
      // Zeros, ones and the value of the cycle before come often: they are where operators have corners.
      const unsigned kind = static_cast<unsigned>(random() % 8);
      for (int i = 0; i < p.shape.width; ++i) {
        const bool before = t > 0 && rows.back().bit(low + i);
        row.set_bit(low + i, kind == 0 ? false : kind == 1 ? true : kind == 2 ? before : random() % 2 != 0);
      }
      low += p.shape.width;
    }
    row.set_bit(width - 1, t < 2 || random() % 37 == 0);
    rows.push_back(row);
  }
  return rows;
}

Trace interpret(Design& d, const CosimCase& c) {
  Simulator sim(d, c.module);
  const Module& m = sim.top();
  const int out_bits = bits_of(m, Dir::output);
  Trace trace;
  for (const Bits& row : c.stimulus) {
    int low = 0;
    for (const PortDef& p : m.graph().ports) {
      if (p.dir != Dir::input) continue;
      Bits v(p.shape.width);
      copy_bits(row, low, p.shape.width, v, 0);
      sim.set(p.name, v);
      low += p.shape.width;
    }
    sim.set(m.options().reset, int64_t{row.bit(low)});
    Bits out(out_bits);
    low = 0;
    for (const PortDef& p : m.graph().ports) {
      if (p.dir != Dir::output) continue;
      copy_bits(sim.get_bits(p.name), 0, p.shape.width, out, low);
      low += p.shape.width;
    }
    trace.push_back(out.hex());
    sim.step();
  }
  return trace;
}

std::string part_names(const Module& m, const std::string& a, const std::string& b) {
  // Binary digits, lowest first; x and z stay visible.
  const auto digits = [](const std::string& hex) {
    std::string bits;
    for (size_t i = hex.size(); i-- > 0;) {
      const size_t v = std::string("0123456789abcdef").find(hex[i]);
      for (int k = 0; k < 4; ++k)
        bits += v == std::string::npos ? hex[i] : static_cast<char>('0' + (v >> k & 1));
    }
    return bits;
  };
  const std::string da = digits(a), db = digits(b);
  std::string text;
  size_t low = 0;
  for (const PortDef& p : m.graph().ports) {
    if (p.dir != Dir::output) continue;
    const size_t width = static_cast<size_t>(p.shape.width);
    const std::string pa = low < da.size() ? da.substr(low, width) : "",
                      pb = low < db.size() ? db.substr(low, width) : "";
    if (pa != pb)
      text += fmt::format(" {}: {}, {}", p.name, std::string(pa.rbegin(), pa.rend()),
                          std::string(pb.rbegin(), pb.rend()));
    low += width;
  }
  return text;
}

CosimFiles write_cosim(Design& d, const std::vector<CosimCase>& cases, const std::string& dir) {
  CosimFiles files{fs::absolute(dir).string(), {}, ""};
  fs::remove_all(files.dir);
  fs::create_directories(files.dir);
  const std::map<std::string, std::string> texts = d.emit();
  for (const auto& [name, text] : texts) {
    files.modules.push_back(files.dir + "/" + name);
    write_file(files.modules.back(), text);
  }
  std::string duts, print, zero;
  const int rows = static_cast<int>(cases.at(0).stimulus.size());
  for (size_t k = 0; k < cases.size(); ++k) {
    const Module& m = *d.find(cases[k].module);
    duts += instance_text(m, static_cast<int>(k), rows, print);
    zero_state(m, texts, fmt::format("dut{}.", k), zero);
    std::string stim;
    for (const Bits& row : cases[k].stimulus) stim += row.hex() + "\n";
    write_file(fmt::format("{}/{}.stim", files.dir, k), stim);
  }
  files.bench = files.dir + "/elb_bench.v";
  write_file(
      files.bench,
      fmt::format("module elb_bench (input wire clk);\n  integer file, i;\n  integer t = 0;\n{}\n"
                  "  initial begin\n    file = $fopen(\"out.txt\", \"w\");\n"
                  "`ifdef ZERO_STATE\n{}`endif\n  end\n"
                  "  always @(posedge clk) begin\n{}    t <= t + 1;\n"
                  "    if (t == {}) begin\n      $fclose(file);\n      $finish;\n    end\n  end\nendmodule\n",
                  duts, zero, print, rows - 1));
  return files;
}

std::vector<Trace> run_verilator(const CosimFiles& files, size_t cases, std::string& log) {
  write_file(files.dir + "/main.cpp",
             "#include \"Velb_bench.h\"\n#include \"verilated.h\"\n"
             "int main() {\n  VerilatedContext context;\n  Velb_bench top(&context);\n"
             "  for (int i = 0; !context.gotFinish() && i < 1000000; ++i) {\n    top.clk = i & 1;\n"
             "    top.eval();\n    context.timeInc(1);\n  }\n}\n");
  const std::string make = "OBJCACHE=$(command -v ccache) OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0";
  // Verilator 5.006 gets some xor reductions of concatenated reductions wrong, ^{^a, ^b, |c, 1'd1, ...};
  // without its optimisation of bit operators (-fno-const-bit-op-tree) they agree with Icarus.
  const Ran ran =
      shell(fmt::format("cd {0} && rm -f out.txt && verilator --cc --exe --build -j 2 -fno-const-bit-op-tree "
                        "-Wno-fatal -Wno-lint "
                        "-Wno-style --x-initial 0 --x-assign 0 -y . --top-module elb_bench "
                        "-MAKEFLAGS \"{1}\" -Mdir obj elb_bench.v main.cpp && obj/Velb_bench",
                        files.dir, make));
  log = ran.output;
  if (!ran.ok) return {};
  return read_traces(files.dir + "/out.txt", cases);
}

std::vector<Trace> run_icarus(const CosimFiles& files, size_t cases, std::string& log) {
  write_file(
      files.dir + "/tb.v",
      "module tb;\n  reg clk = 0;\n  always #5 clk = ~clk;\n  elb_bench bench (.clk(clk));\nendmodule\n");
  const Ran ran =
      shell(fmt::format("cd {} && rm -f out.txt && iverilog -g2005 -DZERO_STATE -y . -s tb -o tb.vvp tb.v "
                        "elb_bench.v && vvp -n tb.vvp",
                        files.dir));
  log = ran.output;
  if (!ran.ok) return {};
  return read_traces(files.dir + "/out.txt", cases);
}

std::string lint(const CosimFiles& files) {
  const Ran ran = shell(fmt::format("cd {} && verilator --lint-only -Wall -Wno-MULTITOP {}", files.dir,
                                    fmt::join(files.modules, " ")));
  return ran.ok ? ran.output : ran.output + "verilator --lint-only failed\n";
}

std::string yosys_check(const CosimFiles& files) {
  const Ran ran =
      shell(fmt::format("yosys -q -p 'read_verilog {}; proc; check -assert'", fmt::join(files.modules, " ")));
  return ran.ok ? ran.output : ran.output + "yosys failed\n";
}

}  // namespace elb::property
