// Modules that stand in a design many times, kept apart in Verilator so that their C++ exists once.
//
// Left alone, Verilator 5.006 folds every instance's inputs into the logic around it, so that the functions
// of two instances differ and each is compiled anew: 39 MB of C++ for alexnet-4-8218, streamed through the
// processor in every cycle. Where a module is not inlined and its input buses stay variables, the functions
// of all its instances become one. Names decide nothing here, counts do; a wrong guess costs speed, never a
// result. A module with parameters is many to Verilator, and counts as text of the modules that it stands in.
#pragma once
#include <string>
#include <vector>

namespace elb::harness {

// A Verilator configuration file. `sources` are the texts of the design's files, as elbgen prints them: one
// port, one instance's head per line.
std::string keep_repeated_modules(const std::vector<std::string>& sources, const std::string& top);

}  // namespace elb::harness
