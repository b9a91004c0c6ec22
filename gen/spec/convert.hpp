// From one form of a map's stream to another: the chain of repacks that hardware builds and the cycle model
// runs.
//
// A repack works on lanes, and what a lane is can be chosen: with V columns side by side it changes the
// channels of a beat; with whole pixels as lanes and a row as "pixel" it changes the columns; with the whole
// frame as one "pixel" it flattens. So a chain of at most three brings any V, L to any other.
//
//   same map       L -> L'                                      V = V'
//                  L -> C, then V -> V' (lanes of C), C -> L'   else
//   flatten        L -> C where a pixel's last beat is short, rows to whole lanes where V does not
//                  divide W, then H W C
//
// What gathers beats into words (widen) sends seldom; what hands a word out in parts (narrow, a column split)
// would hold it up meanwhile. Where the second follows the first, a FIFO of kBetween beats stands between
// them (timing: spec/fifo.hpp), and the chain runs at the rate of its busiest part.
//
// The result follows the link's rules; its don't-care lanes are 0 behind every repack.
#pragma once
#include <vector>

#include "spec/link.hpp"
#include "spec/repack.hpp"

namespace elb::spec {

// Same map, any V and L.
bool same_map(const Link& a, const Link& b);
// `out` is 1 x 1 x (H W C) with V = 1, and the beats of `in` come in HWC order: V = 1, or whole pixels (L >=
// C).
bool flattens(const Link& in, const Link& out);
constexpr int kBetween = 2;
struct ConvertStep {
  RepackParams repack;
  int fifo_before = 0;  // depth, 0: none
  int64_t pixels = 1;   // of the repack (column groups, rows, or one), in a frame
};
// Is a FIFO needed behind this chain, in front of something that hands words out in parts?
bool gathers(const std::vector<ConvertStep>& chain);
// Empty where nothing is to be done. One of the two above must hold.
std::vector<ConvertStep> convert_chain(const Link& in, const Link& out);
// The same in front of a join, where a beat leaves in the cycle in which all inputs have one: FIFOs end the
// ready that comes back through the repacks, and the valid that goes through them.
std::vector<ConvertStep> operand_chain(const Link& in, const Link& out);
// The beats of a frame in the busiest part of the chain, input and output included: cycles per frame when
// nothing waits.
int64_t convert_cycles(const Link& in, const Link& out);

// The control of a chain, cycle by cycle (as spec::RepackTiming).
class ChainTiming {
 public:
  // What moved in a cycle that is over: a beat at its start, at its end, anything between.
  using Moves = RepackTiming::Moves;
  static constexpr Moves kTaken = RepackTiming::kTaken, kSent = RepackTiming::kSent, kInside = 4;
  ChainTiming() = default;
  explicit ChainTiming(const std::vector<ConvertStep>& chain);
  bool valid(bool in_valid) const {  // of the output
    for (const Step& s : steps_) in_valid = s.valid(in_valid);
    return in_valid;
  }
  bool ready(bool out_ready) const {  // of the input
    for (size_t i = steps_.size(); i-- > 0;) out_ready = steps_[i].ready(out_ready);
    return out_ready;
  }
  Moves clock(bool in_valid, bool out_ready) {
    if (steps_.size() == 1 && steps_[0].depth == 0) return steps_[0].repack.clock(in_valid, out_ready);
    if (!steps_.empty()) return clock_steps(in_valid, out_ready);
    return in_valid && out_ready ? kTaken | kSent : 0;
  }

 private:
  struct Step {
    RepackTiming repack;
    int depth = 0, held = 0;  // of the FIFO before it
    bool valid(bool in_valid) const { return repack.valid(depth > 0 ? held > 0 : in_valid); }
    bool ready(bool out_ready) const { return depth > 0 ? held < depth : repack.ready(out_ready); }
    bool clock(bool in_valid, bool out_ready);  // did anything move?
  };
  Moves clock_steps(bool in_valid, bool out_ready);
  std::vector<Step> steps_;
};

// The stages made of such chains: a beat that the last repack sends in cycle t goes into the output FIFO and
// can be popped from t + 1 on. A concat or elementwise stage has one chain per input.

}  // namespace elb::spec
