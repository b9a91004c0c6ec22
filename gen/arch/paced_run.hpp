// A plan's pipeline under a source that offers beats at the plan's pace: is the pace kept for ever?
//
// Time passes in windows as long as a frame. When two windows in a row see the same events at the same
// places, a frame's worth of every stream, the pipeline stands as it stood a frame before, and so for ever.
// When one stream falls behind by the same in three frames in a row, some loop of FIFOs is too slow, and so
// for ever.
//
// A pipeline that keeps its pace can be copied and narrowed under way: what a FIFO holds beyond its places
// leaves before anything enters. Places and beats together are as many as in one that began so, and only
// that number decides how fast it is in the long run.
#pragma once
#include <cstdint>
#include <vector>

#include "arch/pipeline.hpp"
#include "arch/plan.hpp"
#include "base/bits.hpp"
#include "spec/stage.hpp"

namespace elb::arch {

class PacedRun {
 public:
  // Weights in memory count as fetched; there are no streamed ones.
  PacedRun(const std::vector<spec::StageSpec>& specs, const Plan& plan);
  // Runs until it is known whether the pace is kept.
  bool keeps_pace();
  // Places taken in the last window, with which nothing would have happened at another time.
  int queue_used(int stage) { return static_cast<int>(machine(stage).queue_used()); }
  int window_used(int stage) { return static_cast<int>(machine(stage).window_used()); }
  int branch_used(int stage, int input) { return static_cast<int>(branch(stage, input).used); }
  // Fewer cannot keep the pace: a frame's beats take places for longer than it lasts.
  int least_queue(int stage) {
    const Pipeline::Node& n = pipeline_.nodes()[static_cast<size_t>(stage)];
    return static_cast<int>(ceil_div(n.machine->place_cycles(n.beats_per_frame), pace_));
  }
  // To fewer places than it has.
  void narrow_queue(int stage, int places) { machine(stage).narrow_queue(places); }
  void narrow_window(int stage, int places) { machine(stage).narrow_window(places); }
  void narrow_branch(int stage, int input, int places) { branch(stage, input).depth = places; }

 private:
  // What one stream does, frame by frame.
  struct Stream {
    int64_t frame_beats = 1;
    int64_t in_window = 0;                 // beats
    int64_t in_frame = 0;                  // beats, by the stream's own frames
    int64_t sum = 0, last_sum = 0;         // of the cycles of a frame's beats
    int64_t behind = 0, times_behind = 0;  // so much, so often in a row
  };
  Machine& machine(int stage) { return *pipeline_.nodes()[static_cast<size_t>(stage)].machine; }
  TokenFifo& branch(int stage, int input) {
    return pipeline_.nodes()[static_cast<size_t>(stage)].inputs[static_cast<size_t>(input)].fifo;
  }
  void step();
  void begin_window();
  void see(size_t event);
  void pass(Stream& stream);

  Pipeline pipeline_;
  int64_t pace_, frame_beats_, patience_;
  int equal_windows_;            // that prove it: what is under way at the end of one began in the last
  std::vector<Stream> streams_;  // outputs of stages
  int64_t cycle_ = 0, window_ = 0, taken_ = 0, last_move_ = 0;
  uint64_t events_ = 0, last_events_ = 0;  // what happened in the window, at which of its cycles
  bool lost_ = false;
};

}  // namespace elb::arch
