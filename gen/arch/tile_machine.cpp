#include <fmt/format.h>

#include <algorithm>

#include "arch/store_machine.hpp"
#include "spec/lanewise.hpp"

namespace elb::arch {
namespace {

// Window store, sequencer, datapath of fixed latency, output queue.
struct TileMachineParams {
  std::string name;
  spec::Feed feed;
  spec::WindowParams window;  // as the sequencer sees it (lanewise: channel folds are groups)
  int tile_cycles = 1;
  std::vector<int> beats;  // per kernel fold
  int latency = 1;         // from a tile's last tap at the array to its push
  int fifo_depth = 2;
  std::optional<spec::FetchParams> fetch = {};  // weights that must be there before the first tile
};

class TileMachine final : public StoreMachine<TileMachine> {
 public:
  explicit TileMachine(const TileMachineParams& p)
      : StoreMachine(p.name, p.feed, p.window, p.tile_cycles),
        p_(p),
        places_(p.window),
        folds_(spec::folds(p.window)),
        per_place_(static_cast<int>(p.beats.size()) * p.window.groups),
        most_beats_(*std::max_element(p.beats.begin(), p.beats.end())),
        credits_(p.fifo_depth) {
    out_.depth = p.fifo_depth;
    if (p.fetch) fetch_.emplace(*p.fetch);
  }

  int64_t queue_used() const override { return queue_used_; }
  int64_t place_cycles(int64_t) const override {
    int64_t of_kernels = 0;  // from a tile's issue until a credit is back for the next
    for (const int beats : p_.beats)
      of_kernels += int64_t{beats} * (issue_to_push() + 2) + beats * (beats - 1) / 2;
    return of_kernels * p_.window.groups * static_cast<int64_t>(places_.need.size());
  }
  void restart_used() override {
    queue_used_ = 0;
    fill_.restart_used();
  }
  void narrow_queue(int depth) override {
    credits_ += depth - p_.fifo_depth;
    p_.fifo_depth = out_.depth = depth;
  }
  void narrow_window(int capacity) override { fill_.narrow(capacity); }
  std::unique_ptr<Machine> clone() const override {
    return fetch_ ? nullptr : std::make_unique<TileMachine>(*this);
  }
  FetchClient* fetch() override { return fetch_ ? &*fetch_ : nullptr; }

  std::string waits() const override {
    switch (missing(INT64_MAX)) {
      case WaitCount::input:
        return fmt::format("'{}' waits for input: {} of {} column groups", name_, fill_.stored() - base_,
                           places_.need[place_]);
      case WaitCount::weights:
        return fmt::format("'{}' waits for its weights from memory", name_);
      case WaitCount::room:
        return fmt::format("'{}' waits for room in its output FIFO ({} beats)", name_, p_.fifo_depth);
      case WaitCount::none:
        break;
    }
    return "";
  }

 private:
  friend StoreMachine<TileMachine>;
  WaitCount::Cause missing(int64_t cycle) const {
    if (tile_ == 0 && fill_.stored() < base_ + places_.need[place_]) return WaitCount::input;
    if (fetch_ && !fetch_->tile_ready(cycle)) return WaitCount::weights;
    return credits_ < most_beats_ ? WaitCount::room : WaitCount::none;
  }

  int64_t issue_to_push() const { return spec::WindowTiming::kIssueToTap + folds_ - 1 + p_.latency; }

  void issue(int64_t cycle) {
    queue_used_ = std::max(queue_used_, p_.fifo_depth - credits_ + most_beats_);
    const int beats = p_.beats[tile_ % p_.beats.size()];
    const int64_t arrives = cycle + issue_to_push();
    for (int j = 0; j < beats; ++j) pushes_.push_back(arrives + j);
    credits_ -= beats;
    if (++tile_ < per_place_) return;
    tile_ = 0;
    fill_.release(cycle + folds_ + spec::WindowTiming::kReleaseDelay, base_ + places_.release[place_]);
    if (++place_ < places_.need.size()) return;
    place_ = 0;
    base_ += spec::groups_per_frame(p_.window);
  }

  bool pushes(int64_t cycle, bool popped) {
    credits_ += popped;
    if (next_push(cycle) != cycle) return false;
    pushes_.pop_front();
    return true;
  }
  int64_t next_push(int64_t) const { return pushes_.empty() ? INT64_MAX : pushes_.front(); }
  int64_t next_issue(int64_t) const { return INT64_MAX; }

  TileMachineParams p_;
  PlaceTable places_;
  std::optional<FetchClient> fetch_;  // of all its weights, once
  int folds_, per_place_, most_beats_;
  int64_t queue_used_ = 0;
  int64_t base_ = 0, credits_;
  size_t place_ = 0;
  int tile_ = 0;
  std::deque<int64_t> pushes_;
};

}  // namespace

std::unique_ptr<Machine> make_machine(const spec::ComputeStage& s) {
  if (s.sweep) return make_sweep_machine(s);
  const spec::TileBeats tile = spec::tile_beats(s);
  TileMachineParams p{.name = s.module,
                      .feed = spec::make_feed(s.in, s.flatten, s.window),
                      .window = s.window,
                      .tile_cycles = s.tile_cycles,
                      .beats = {},
                      .latency = spec::datapath_latency(s),
                      .fifo_depth = s.fifo_depth,
                      .fetch = s.fetch};
  for (int k = 0; k < spec::kernel_folds(tile); ++k) p.beats.push_back(spec::beats_of_tile(tile, k));
  return std::make_unique<TileMachine>(p);
}

std::unique_ptr<Machine> make_machine(const spec::LanewiseStage& s) {
  TileMachineParams p{.name = s.module,
                      .feed = spec::make_feed(s.in, false, s.window),
                      .window = spec::lane_window(s.window),
                      .tile_cycles = s.tile_cycles,
                      .beats = {1},
                      .latency = spec::latency(spec::lane_reduce_params(s)),
                      .fifo_depth = s.fifo_depth};
  if (s.activation) p.latency += spec::latency(*s.activation);
  return std::make_unique<TileMachine>(p);
}

}  // namespace elb::arch
