// The printed Verilog of many modules, simulated at once by Verilator and by Icarus, against the interpreter.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "hdl/design.hpp"

namespace elb::property {

// One module under the same random inputs everywhere: row t holds every input of the module side by side
// (first port lowest, then the reset), as it stands before clock edge t.
struct CosimCase {
  std::string module;
  std::vector<Bits> stimulus;
};
std::vector<Bits> random_stimulus(const hdl::Module& m, int cycles, uint64_t seed);

// What a module shows before each clock edge: every output side by side, first port lowest, in hexadecimal.
using Trace = std::vector<std::string>;
Trace interpret(hdl::Design& d, const CosimCase& c);

// The outputs in which two rows of traces differ: "o1: 0f, 0e".
std::string part_names(const hdl::Module& m, const std::string& a, const std::string& b);

struct CosimFiles {
  std::string dir;                   // absolute; written anew
  std::vector<std::string> modules;  // paths of the .v files of the design
  std::string bench;
};
CosimFiles write_cosim(hdl::Design& d, const std::vector<CosimCase>& cases, const std::string& dir);
// One trace per case; empty when the tool failed, whose words are then in `log`.
std::vector<Trace> run_verilator(const CosimFiles& files, size_t cases, std::string& log);
std::vector<Trace> run_icarus(const CosimFiles& files, size_t cases, std::string& log);
// The tool's complaints about the modules; empty: none.
std::string lint(const CosimFiles& files);
std::string yosys_check(const CosimFiles& files);

}  // namespace elb::property
