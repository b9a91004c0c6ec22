// Drives the streams of a module from lists of beats and collects what comes out, under random stalls.
//
//   Simulator sim(design, "elb_stage");
//   const BenchResult r = run_streams(sim, {.in = {{"s_axis", beats}}, .expect = {{"m_axis", 12}},
//                                           .stall = Stall::both, .seed = 7});
//   REQUIRE(r.ok());                    // r.problems says what went wrong
//   r.out.at("m_axis")[0].beat[0]       // first field (tdata) of the first beat, and .cycle
//
// A cycle: sources offer and sinks choose their ready, `before_edge` runs, the rules are checked, the clock
// edge follows. Sources hold what they offer until it is taken. Every run starts with a reset.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "hdl/eval/interpreter.hpp"

namespace elb::hdl {

using Beat = std::vector<Bits>;  // one per field, in the order of StreamShape::all()
// A beat from numbers; negative ones in two's complement.
Beat make_beat(const StreamShape& shape, const std::vector<int64_t>& values);

enum class Stall { free, idle_source, stalled_sink, both };
constexpr Stall kAllStalls[] = {Stall::free, Stall::idle_source, Stall::stalled_sink, Stall::both};
const char* stall_name(Stall stall);

struct BenchSetup {
  std::map<std::string, std::vector<Beat>> in;  // every input stream; what is not named stays idle
  std::map<std::string, int64_t> expect;  // beats of each output stream; what is not named is always ready
  Stall stall = Stall::free;
  uint64_t seed = 1;
  int64_t max_cycles = 100'000;
  int64_t more_cycles = 50;  // after all came: nothing else may come
  bool take_all_inputs = true;
  std::function<void(Simulator&, int64_t cycle)> before_edge = {};  // other inputs, other checks
};
struct Transfer {
  int64_t cycle = 0;
  Beat beat;
  bool operator==(const Transfer&) const = default;
};
struct BenchResult {
  std::map<std::string, std::vector<Transfer>> in, out;
  int64_t cycles = 0;                 // until the last beat that was asked for
  std::vector<std::string> problems;  // rules broken, beats missing or too many; at most 8
  bool ok() const { return problems.empty(); }
  std::string text() const;  // the problems, one a line
  std::vector<Beat> beats(const std::string& stream) const;
};
BenchResult run_streams(Simulator& sim, const BenchSetup& setup);

}  // namespace elb::hdl
