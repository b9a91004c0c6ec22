#include <fmt/format.h>

#include <algorithm>

#include "arch/fetch_machine.hpp"
#include "arch/machine.hpp"
#include "arch/store_fill.hpp"
#include "spec/lanewise.hpp"
#include "spec/output_queue.hpp"

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

class TileMachine : public Machine {
 public:
  explicit TileMachine(const TileMachineParams& p)
      : p_(p), fill_(p.feed, p.window), folds_(spec::folds(p.window)), credits_(p.fifo_depth) {
    out_.depth = p.fifo_depth;
    for (int oy = 0; oy < p.window.out_h; ++oy) {
      for (int g = 0; g < spec::output_groups_per_row(p.window); ++g) {
        need_.push_back(spec::need(p.window, oy, g));
        release_.push_back(spec::release(p.window, oy, g));
      }
    }
    per_place_ = static_cast<int>(p.beats.size()) * p.window.groups;
    most_beats_ = *std::max_element(p.beats.begin(), p.beats.end());
    if (p.fetch) fetch_.emplace(*p.fetch);
  }

  void decide(int64_t cycle, const std::vector<char>&, std::vector<char>& ready) override {
    ready[0] = fill_.ready(cycle);
  }

  void clock(int64_t cycle, const std::vector<char>& valid, const std::vector<char>& fired,
             bool popped) override {
    const bool rested = cycle >= earliest_;
    const WaitCount::Cause cause = rested ? missing(cycle) : WaitCount::none;
    waits_.add(cycle, cause);
    const bool issues = rested && cause == WaitCount::none;
    if (issues) issue(cycle);
    const bool moves = fill_.clock(valid[0]);
    const bool push = !pushes_.empty() && pushes_.front() == cycle;
    if (push) pushes_.pop_front();
    out_.clock(push, popped);
    credits_ += popped;
    wake = cycle + 1;
    if (issues || moves || fired[0] || push || popped) return;
    wake = rested ? INT64_MAX : earliest_;
    if (cause == WaitCount::weights) wake = fetch_->tile_from();
    if (!pushes_.empty()) wake = std::min(wake, pushes_.front());
    wake = std::min(wake, fill_.next_release());
  }

  void settle(int64_t cycle) override {
    waits_.settle(cycle);
    starved = waits_[WaitCount::input];
    weightless = waits_[WaitCount::weights];
    blocked = waits_[WaitCount::room];
  }

  int64_t queue_used() const override { return queue_used_; }
  int64_t window_used() const override { return fill_.used(); }
  int64_t place_cycles(int64_t) const override {
    int64_t of_kernels = 0;  // from a tile's issue until a credit is back for the next
    for (const int beats : p_.beats)
      of_kernels += int64_t{beats} * (issue_to_push() + 2) + beats * (beats - 1) / 2;
    return of_kernels * p_.window.groups * static_cast<int64_t>(need_.size());
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
        return fmt::format("'{}' waits for input: {} of {} column groups", p_.name, fill_.stored() - base_,
                           need_[place_]);
      case WaitCount::weights:
        return fmt::format("'{}' waits for its weights from memory", p_.name);
      case WaitCount::room:
        return fmt::format("'{}' waits for room in its output FIFO ({} beats)", p_.name, p_.fifo_depth);
      case WaitCount::none:
        break;
    }
    return "";
  }

 private:
  WaitCount::Cause missing(int64_t cycle) const {
    if (tile_ == 0 && fill_.stored() < base_ + need_[place_]) return WaitCount::input;
    if (fetch_ && !fetch_->tile_ready(cycle)) return WaitCount::weights;
    return credits_ < most_beats_ ? WaitCount::room : WaitCount::none;
  }

  int64_t issue_to_push() const { return spec::WindowTiming::kIssueToTap + folds_ - 1 + p_.latency; }

  void issue(int64_t cycle) {
    ++issued;
    queue_used_ = std::max(queue_used_, p_.fifo_depth - credits_ + most_beats_);
    earliest_ = cycle + p_.tile_cycles;
    const int beats = p_.beats[tile_ % p_.beats.size()];
    const int64_t arrives = cycle + issue_to_push();
    for (int j = 0; j < beats; ++j) pushes_.push_back(arrives + j);
    credits_ -= beats;
    if (++tile_ < per_place_) return;
    tile_ = 0;
    fill_.release(cycle + folds_ + spec::WindowTiming::kReleaseDelay, base_ + release_[place_]);
    if (++place_ < need_.size()) return;
    place_ = 0;
    base_ += spec::groups_per_frame(p_.window);
  }

  TileMachineParams p_;
  StoreFill fill_;
  std::optional<FetchClient> fetch_;  // of all its weights, once
  WaitCount waits_;
  int folds_, per_place_ = 1, most_beats_ = 1;
  std::vector<int64_t> need_, release_;
  int64_t queue_used_ = 0;
  int64_t base_ = 0, earliest_ = 0, credits_;
  size_t place_ = 0;
  int tile_ = 0;
  std::deque<int64_t> pushes_;
};

}  // namespace

std::unique_ptr<Machine> make_machine(const spec::ComputeStage& s) {
  if (s.sweep) return make_sweep_machine(s);
  const spec::OutputQueueParams queue =
      spec::output_queue(s.out, s.compute.p, s.kernels, s.window.groups, s.fifo_depth);
  TileMachineParams p{.name = s.module,
                      .feed = spec::make_feed(s.in, s.flatten, s.window),
                      .window = s.window,
                      .tile_cycles = s.tile_cycles,
                      .beats = {},
                      .latency = spec::latency(s.compute) + spec::latency(s.activation),
                      .fifo_depth = s.fifo_depth,
                      .fetch = s.fetch};
  for (int k = 0; k < spec::kernel_folds(queue); ++k) p.beats.push_back(spec::beats_of_tile(queue, k));
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
