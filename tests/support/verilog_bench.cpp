#include "support/verilog_bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include "base/text.hpp"

namespace elb::test {
namespace {

// Ports of one direction side by side, the first lowest.
std::vector<const hdl::PortDef*> ports_of(const hdl::Module& m, hdl::Dir dir) {
  std::vector<const hdl::PortDef*> ports;
  for (const hdl::PortDef& p : m.graph().ports) {
    if (p.dir == dir) ports.push_back(&p);
  }
  return ports;
}

int width_of(const std::vector<const hdl::PortDef*>& ports) {
  int width = 0;
  for (const hdl::PortDef* p : ports) width += p->shape.width;
  return width;
}

std::optional<Bits> parse_binary(const std::string& text, int low, int width) {
  Bits value(width);
  for (int i = 0; i < width; ++i) {
    const char c = text[text.size() - 1 - static_cast<size_t>(low + i)];
    if (c != '0' && c != '1') return std::nullopt;
    value.set_bit(i, c == '1');
  }
  return value;
}

}  // namespace

VerilogBench::VerilogBench(hdl::Design& d, hdl::Bodies bodies) : design_(d) {
  const std::map<std::string, std::string> modules = d.emit();
  const hdl::Sources sources = d.sources(bodies);
  std::string list;
  for (const std::string& name : sources.modules) {
    files_[name] = modules.at(name);
    list += name + "\n";
  }
  for (const std::string& leaf : sources.leaves) {
    const std::string name = std::filesystem::path(leaf).filename().string();
    files_[name] = read_file(leaf);
    list += name + "\n";
  }
  for (const auto& [name, text] : files_) std::ofstream(dir() / name) << text;
  std::ofstream(dir() / "filelist.f") << list;
  std::filesystem::create_directory(dir() / "mem");  // MEM_DIR's default
  for (const auto& [name, text] : d.mem_files()) std::ofstream(dir() / "mem" / name) << text;
}

int VerilogBench::add(const std::string& module, const Words& inputs) {
  const hdl::Module* m = design_.find(module);
  if (!m) throw std::runtime_error("no module " + module);
  instances_.push_back({m, inputs, {}});
  return static_cast<int>(instances_.size()) - 1;
}

std::string VerilogBench::shell(const std::string& command, bool must_pass) const {
  const std::string line = "cd '" + dir().string() + "' && { " + command + "; } 2>&1";
  FILE* pipe = popen(line.c_str(), "r");
  if (!pipe) throw std::runtime_error("cannot run " + command);
  std::string output;
  std::array<char, 4096> buffer;
  while (const size_t n = fread(buffer.data(), 1, buffer.size(), pipe)) output.append(buffer.data(), n);
  const int status = pclose(pipe);
  if (status != 0 && must_pass) throw std::runtime_error(command + "\n" + output);
  return output;
}

std::string VerilogBench::bench_text(int cycles) const {
  std::string text =
      "`timescale 1ns/1ns\nmodule bench;\n  reg clk = 0, rst = 1;\n  integer cycle = -3, log;\n"
      "  always #5 clk = ~clk;\n  initial log = $fopen(\"log.txt\");\n";
  std::string writes;
  for (size_t i = 0; i < instances_.size(); ++i) {
    const hdl::Module& m = *instances_[i].module;
    const auto ins = ports_of(m, hdl::Dir::input), outs = ports_of(m, hdl::Dir::output);
    text += fmt::format("  reg [{}:0] stim{} [0:{}];\n  initial $readmemh(\"stim{}.mem\", stim{});\n",
                        width_of(ins) - 1, i, cycles - 1, i, i);
    text += fmt::format("  wire [{}:0] in{} = cycle < 0 ? 0 : stim{}[cycle];\n  wire [{}:0] out{};\n",
                        width_of(ins) - 1, i, i, width_of(outs) - 1, i);
    std::vector<std::string> connections;
    if (m.uses_clock()) connections.push_back(".clk(clk)");
    if (m.uses_reset()) connections.push_back(".rst(rst)");
    for (const auto& [ports, bus] : {std::pair(ins, "in"), std::pair(outs, "out")}) {
      int low = 0;
      for (const hdl::PortDef* p : ports) {
        connections.push_back(
            fmt::format(".{}({}{}[{}:{}])", p->name, bus, i, low + p->shape.width - 1, low));
        low += p->shape.width;
      }
    }
    text += fmt::format("  {} u{} ({});\n", m.name(), i, fmt::join(connections, ", "));
    writes += fmt::format("      $fwrite(log, \"%b\\n\", out{});\n", i);
  }
  text += "  always @(posedge clk) begin\n    if (cycle >= 0) begin\n" + writes + "    end\n";
  text += fmt::format("    cycle <= cycle + 1;\n    if (cycle == -2) rst <= 0;\n    if (cycle == {}) begin\n",
                      cycles - 1);
  return text + "      $fclose(log);\n      $finish;\n    end\n  end\nendmodule\n";
}

void VerilogBench::read_log(int cycles) {
  std::ifstream log(dir() / "log.txt");
  std::string line;
  for (int cycle = 0; cycle < cycles; ++cycle) {
    for (Instance& instance : instances_) {
      if (!std::getline(log, line)) throw std::runtime_error("the simulation ended early");
      int low = 0;
      for (const hdl::PortDef* p : ports_of(*instance.module, hdl::Dir::output)) {
        instance.outputs[p->name].push_back(parse_binary(line, low, p->shape.width));
        low += p->shape.width;
      }
    }
  }
}

void VerilogBench::run(Simulator simulator, unsigned seed, int tail) {
  size_t longest = 0;
  for (Instance& instance : instances_) {
    instance.outputs.clear();
    for (const auto& [port, words] : instance.inputs) longest = std::max(longest, words.size());
  }
  const int cycles = static_cast<int>(longest) + tail;
  for (size_t i = 0; i < instances_.size(); ++i) {
    const auto ins = ports_of(*instances_[i].module, hdl::Dir::input);
    std::string text;
    for (int cycle = 0; cycle < cycles; ++cycle) {
      Bits row(width_of(ins));
      int low = 0;
      for (const hdl::PortDef* p : ins) {
        const auto words = instances_[i].inputs.find(p->name);
        if (words != instances_[i].inputs.end() && cycle < static_cast<int>(words->second.size())) {
          const Bits& word = words->second[static_cast<size_t>(cycle)];
          for (int b = 0; b < p->shape.width; ++b) row.set_bit(low + b, word.bit(b));
        }
        low += p->shape.width;
      }
      text += row.hex() + "\n";
    }
    std::ofstream(dir() / fmt::format("stim{}.mem", i)) << text;
  }
  std::ofstream(dir() / "bench.v") << bench_text(cycles);
  if (simulator == Simulator::icarus) {
    shell("iverilog -g2005 -o bench.vvp -f filelist.f bench.v && vvp -n bench.vvp");
  } else {
    shell(
        fmt::format("verilator --binary -Wno-lint -Wno-fatal -O3 --x-initial unique -CFLAGS -O1 -Mdir obj "
                    "--top-module bench "
                    "-f filelist.f bench.v && ./obj/Vbench +verilator+rand+reset+2 +verilator+seed+{}",
                    seed + 1));
  }
  read_log(cycles);
}

const std::vector<std::optional<Bits>>& VerilogBench::out(int instance, const std::string& port) const {
  return instances_.at(static_cast<size_t>(instance)).outputs.at(port);
}

}  // namespace elb::test
