// The machine of a compute stage with streamed weights: sweeps over bands or passes, and the reorder queue
// behind them (spec/sweep.hpp).
#include <fmt/format.h>

#include <algorithm>

#include "arch/store_machine.hpp"
#include "base/assert.hpp"

namespace elb::arch {
namespace {

// Places of a band or pass, under sweep after sweep.
class SweepLoop {
 public:
  SweepLoop(const spec::WindowParams& w, const spec::SweepParams& s, int sweeps)
      : frames_(std::min(s.frames, w.capacity)),
        sweeps_(sweeps),
        frame_groups_(spec::groups_per_frame(w)),
        table_(w) {
    if (frames_ > 0) return;
    for (int b = 0; b < spec::bands(w, s); ++b)
      bands_.push_back(spec::rows_of_band(w, s, b) * spec::output_groups_per_row(w));
    places_ = bands_[0];
  }
  bool first_sweep() const { return sweep_ == 0; }
  bool last_sweep() const { return sweep_ == sweeps_ - 1; }
  bool first_place() const { return place_ == 0; }
  bool last_place() const { return place_ == places_ - 1; }
  int sweep() const { return sweep_; }
  // Column groups that must be stored, counted from the first frame on, before a tile of the first sweep.
  int64_t need() const {
    if (frames_ > 0) return base_ + 1 + place_;
    return base_ + table_.need[first_ + place_];
  }
  // What may be overwritten after the last sweep over this place.
  int64_t release() const {
    if (frames_ > 0) return base_ + 1 + place_;
    return base_ + table_.release[first_ + place_];
  }
  // Could the pass that is to begin take more frames than are stored?
  bool wants_more(int64_t stored) const {
    return frames_ > 1 && sweep_ == 0 && place_ == 0 && stored - base_ < frames_;
  }
  // A pass begins with what is stored: the frames that it takes.
  int begin(int64_t stored) {
    if (frames_ == 0) return 1;
    places_ = static_cast<int>(std::min<int64_t>(frames_, stored - base_));
    return places_;
  }
  void advance() {
    if (++place_ < places_) return;
    place_ = 0;
    if (++sweep_ < sweeps_) return;
    sweep_ = 0;
    if (frames_ > 0) {
      base_ += places_;
      return;
    }
    first_ += places_;
    if (++band_ == bands_.size()) {
      band_ = first_ = 0;
      base_ += frame_groups_;
    }
    places_ = bands_[band_];
  }

 private:
  int frames_, sweeps_;
  int64_t frame_groups_, base_ = 0;
  std::vector<int> bands_;  // places of each
  PlaceTable table_;
  size_t band_ = 0, first_ = 0;  // first: place of the band in the frame
  int sweep_ = 0, place_ = 0, places_ = 1;
};

// The ring: whole places in order into the output FIFO, a beat per cycle.
class ReorderRing {
 public:
  ReorderRing(int places, int beats) : free_(places), beats_(beats) {}
  bool free() const { return free_ > 0; }
  void take() { --free_; }
  // The last beat of the next place is written in `cycle`.
  void written(int64_t cycle) { written_.push_back(cycle); }
  // Is a beat pushed into the output FIFO in this cycle?
  bool clock(int64_t cycle, int fifo_depth, bool popped) {
    const bool push = fetched_;
    fetched_ = fetchable(cycle) && held_ < fifo_depth;
    held_ += static_cast<int>(fetched_) - static_cast<int>(popped);
    if (fetched_ && ++beat_ == beats_) {
      beat_ = 0;
      ++free_;
      written_.pop_front();
    }
    return push;
  }
  // Before this cycle nothing happens as long as nothing is popped.
  int64_t wake(int64_t cycle, int fifo_depth) const {
    if (fetched_) return cycle + 1;
    if (written_.empty() || held_ >= fifo_depth) return INT64_MAX;
    return std::max(cycle + 1, written_.front() + spec::SweepTiming::kWriteToFetch);
  }

 private:
  bool fetchable(int64_t cycle) const {
    return !written_.empty() && cycle >= written_.front() + spec::SweepTiming::kWriteToFetch;
  }
  int64_t free_;
  int beats_, beat_ = 0;
  int64_t held_ = 0;      // fetched and not yet popped
  bool fetched_ = false;  // in the cycle before
  std::deque<int64_t> written_;
};
static_assert(spec::SweepTiming::kFetchToPush == 1, "what was fetched is pushed in the next cycle");

class SweepMachine final : public StoreMachine<SweepMachine> {
 public:
  explicit SweepMachine(const spec::ComputeStage& s)
      : StoreMachine(s.module, spec::make_feed(s.in, s.flatten, s.window), s.window, s.tile_cycles),
        fetch_(*s.fetch),
        loop_(s.window, *s.sweep, s.tiles()),
        ring_(s.sweep->places, s.out.channel_beats()),
        patience_(s.sweep->patience),
        folds_(spec::folds(s.window)) {
    out_.depth = s.fifo_depth;
    written_after_ = spec::WindowTiming::kIssueToTap + folds_ - 1 + spec::datapath_latency(s) +
                     spec::beats_of_last(spec::tile_beats(s)) - 1;
  }

  FetchClient* fetch() override { return &fetch_; }

  std::string waits() const override {
    switch (missing(INT64_MAX)) {
      case WaitCount::input:
        return fmt::format("'{}' waits for input: {} column groups more", name_,
                           loop_.need() - fill_.stored());
      case WaitCount::weights:
        return fmt::format("'{}' waits for weights from memory", name_);
      case WaitCount::room:
        return fmt::format("'{}' waits for a place in its reorder ring", name_);
      case WaitCount::none:
        break;
    }
    return "";
  }

 private:
  friend StoreMachine<SweepMachine>;
  WaitCount::Cause missing(int64_t cycle) const {
    if (loop_.first_sweep() && fill_.stored() < loop_.need()) return WaitCount::input;
    if (cycle < pass_from()) return WaitCount::input;
    if (loop_.first_place() && !fetch_.tile_ready(cycle)) return WaitCount::weights;
    return loop_.first_sweep() && !ring_.free() ? WaitCount::room : WaitCount::none;
  }

  bool pushes(int64_t cycle, bool popped) { return ring_.clock(cycle, out_.depth, popped); }
  int64_t next_push(int64_t cycle) const { return ring_.wake(cycle, out_.depth); }
  int64_t next_issue(int64_t cycle) const { return cycle < pass_from() ? pass_from() : INT64_MAX; }

  // When the pass that is to begin has waited long enough for more frames.
  int64_t pass_from() const { return loop_.wants_more(fill_.stored()) ? stored_from_ + patience_ : 0; }

  void issue(int64_t cycle) {
    if (loop_.first_sweep()) {
      if (loop_.first_place()) images = std::max(images, loop_.begin(fill_.stored()));
      ring_.take();
    }
    if (loop_.first_place()) fetch_.begin_sweep();
    if (loop_.last_place()) fetch_.end_sweep(cycle);
    if (loop_.last_sweep()) {
      ring_.written(cycle + written_after_);
      fill_.release(cycle + folds_ + spec::WindowTiming::kReleaseDelay, loop_.release());
    }
    loop_.advance();
  }

  FetchClient fetch_;
  SweepLoop loop_;
  ReorderRing ring_;
  int64_t patience_;
  int folds_;
  int64_t written_after_ = 0;
};

}  // namespace

std::unique_ptr<Machine> make_sweep_machine(const spec::ComputeStage& s) {
  ELB_ASSERT(s.sweep && s.fetch && !s.fetch->once, "sweeps are of streamed weights");
  return std::make_unique<SweepMachine>(s);
}

}  // namespace elb::arch
