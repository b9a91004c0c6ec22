#include "arch/paced_run.hpp"

#include <algorithm>
#include <type_traits>
#include <variant>

namespace elb::arch {
namespace {

constexpr int kLongestFlight = 256;  // cycles between a tile's last tap and its push, over-estimated
constexpr int kMostWindows = 64;     // a pace that is kept shows long before
constexpr int kFramesToLose = 3;

std::vector<spec::StageSpec> on_chip(std::vector<spec::StageSpec> specs) {
  for (spec::StageSpec& s : specs) {
    if (auto* compute = std::get_if<spec::ComputeStage>(&s)) compute->fetch.reset();
  }
  return specs;
}

uint64_t mixed(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

}  // namespace

PacedRun::PacedRun(const std::vector<spec::StageSpec>& specs, const Plan& plan)
    : pipeline_(on_chip(specs), plan, {}, false),
      pace_(plan.cycles_per_frame),
      frame_beats_(pipeline_.nodes()[0].beats_per_frame),
      patience_(plan.cycles_per_frame + 1000),
      equal_windows_(static_cast<int>(1 + kLongestFlight / plan.cycles_per_frame)) {
  for (const Stage& s : plan.stages) patience_ += s.cycles();
  for (const Pipeline::Node& n : pipeline_.nodes()) streams_.push_back({.frame_beats = n.beats_per_frame});
}

bool PacedRun::keeps_pace() {
  lost_ = false;
  last_move_ = cycle_;
  for (Stream& s : streams_) s.behind = s.times_behind = 0;
  const int64_t end = cycle_ + kMostWindows * pace_ + 8 * patience_;
  for (int equal = 0; equal < equal_windows_;) {
    begin_window();
    while (cycle_ < window_ + pace_ && !lost_) step();
    if (lost_ || cycle_ > end) return false;
    const bool whole = std::all_of(streams_.begin(), streams_.end(),
                                   [](const Stream& s) { return s.in_window == s.frame_beats; });
    equal = whole && events_ == last_events_ ? equal + 1 : 0;
  }
  return true;
}

void PacedRun::begin_window() {
  window_ = cycle_;
  last_events_ = events_;
  events_ = 0;
  for (Stream& s : streams_) s.in_window = 0;
  for (Pipeline::Node& n : pipeline_.nodes()) {
    n.machine->restart_used();
    for (Pipeline::Join& j : n.inputs) j.fifo.used = 0;
  }
}

void PacedRun::step() {
  pipeline_.step(cycle_, cycle_ * frame_beats_ >= taken_ * pace_);
  taken_ += pipeline_.taken();
  const size_t stages = streams_.size();
  for (const int i : pipeline_.popped()) {
    see(static_cast<size_t>(i));
    pass(streams_[static_cast<size_t>(i)]);
  }
  for (const int i : pipeline_.pushed()) see(stages + static_cast<size_t>(i));
  for (const int i : pipeline_.issued()) see(2 * stages + static_cast<size_t>(i));
  for (const Pipeline::Place& p : pipeline_.fetched())
    see((3 + static_cast<size_t>(p.input)) * stages + static_cast<size_t>(p.stage));
  if (pipeline_.moved()) last_move_ = cycle_;
  if (cycle_ - last_move_ > patience_) lost_ = true;
  // Until the source offers its next beat, the window ends, or patience does.
  const int64_t next = std::min(pipeline_.next(), last_move_ + patience_ + 1);
  const int64_t offer = ceil_div(taken_ * pace_, frame_beats_);
  cycle_ = std::clamp(offer > cycle_ ? std::min(next, offer) : next, cycle_ + 1,
                      std::max(cycle_ + 1, window_ + pace_));
}

void PacedRun::see(size_t event) {
  events_ += mixed(static_cast<uint64_t>(cycle_ - window_) << 20 | event);
}

void PacedRun::pass(Stream& s) {
  ++s.in_window;
  s.sum += cycle_;
  if (++s.in_frame < s.frame_beats) return;
  const int64_t behind = s.sum - s.last_sum - s.frame_beats * pace_;
  s.times_behind = behind > 0 && behind == s.behind ? s.times_behind + 1 : 1;
  s.behind = behind;
  lost_ = lost_ || (behind > 0 && s.times_behind >= kFramesToLose);
  s.last_sum = s.sum;
  s.in_frame = s.sum = 0;
}

}  // namespace elb::arch
