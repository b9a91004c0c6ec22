#include "spec/convert.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "base/assert.hpp"

namespace elb::spec {
namespace {

using Chain = std::vector<ConvertStep>;
constexpr size_t kMostSteps = 8;

// Adds a repack unless it would change nothing.
void add(Chain& chain, int64_t pixels, RepackParams p) {
  p.last = true;
  if (p.in_lanes == p.out_lanes) return;
  const bool between = repack_kind(p) == RepackKind::narrow && gathers(chain);
  chain.push_back({.repack = p, .fifo_before = between ? kBetween : 0, .pixels = pixels});
}

// Channels of a beat, V columns side by side.
void repack_channels(Chain& chain, const Link& map, int columns, int from, int to) {
  add(chain, int64_t{map.h} * ceil_div(map.w, columns),
      {.columns = columns, .bits = map.bits, .channels = map.c, .in_lanes = from, .out_lanes = to});
}

// Columns of a beat, whole pixels as lanes.
void repack_columns(Chain& chain, const Link& map, int from, int to) {
  add(chain, map.h,
      {.columns = 1, .bits = map.c * map.bits, .channels = map.w, .in_lanes = from, .out_lanes = to});
}

Chain flatten_chain(const Link& in, const Link& out) {
  Chain chain;
  int lanes = in.channels;  // contiguous values of a beat
  if (in.columns > 1 || in.c % in.channels != 0) {
    repack_channels(chain, in, in.columns, in.channels, in.c);
    lanes = in.columns * in.c;
  }
  if (in.w % in.columns != 0) {
    // The last beat of a row is short: to a number of columns that divides the row, or to whole rows where
    // that would take longer than the output itself.
    const int divisor = std::gcd(in.columns, in.w);
    const int columns = divisor * in.c >= out.channels ? divisor : in.w;
    repack_columns(chain, in, in.columns, columns);
    lanes = columns * in.c;
  }
  add(chain, 1,
      {.columns = 1, .bits = in.bits, .channels = out.c, .in_lanes = lanes, .out_lanes = out.channels});
  return chain;
}

}  // namespace

bool gathers(const std::vector<ConvertStep>& chain) {
  bool open = false;  // words come in bursts since the last FIFO
  for (const ConvertStep& s : chain)
    open = (open && s.fifo_before == 0) || repack_kind(s.repack) == RepackKind::widen;
  return open;
}

bool same_map(const Link& a, const Link& b) {
  return a.h == b.h && a.w == b.w && a.c == b.c && a.bits == b.bits;
}

bool flattens(const Link& in, const Link& out) {
  return out.h == 1 && out.w == 1 && out.columns == 1 && out.c == in.h * in.w * in.c && out.bits == in.bits &&
         (in.columns == 1 || in.channels >= in.c);
}

std::vector<ConvertStep> convert_chain(const Link& in, const Link& out) {
  if (!same_map(in, out)) {
    ELB_ASSERT(flattens(in, out), "a conversion keeps the map, or flattens a stream in HWC order");
    return flatten_chain(in, out);
  }
  Chain chain;
  if (in.columns == out.columns) {
    repack_channels(chain, in, in.columns, in.channels, out.channels);
    return chain;
  }
  repack_channels(chain, in, in.columns, in.channels, in.c);
  repack_columns(chain, in, in.columns, out.columns);
  repack_channels(chain, in, out.columns, in.c, out.channels);
  return chain;
}

std::vector<ConvertStep> operand_chain(const Link& in, const Link& out) {
  std::vector<ConvertStep> chain = convert_chain(in, out);
  for (ConvertStep& s : chain) {
    if (&s == &chain.front() || repack_kind(s.repack) != RepackKind::wires) s.fifo_before = kBetween;
  }
  return chain;
}

int64_t convert_cycles(const Link& in, const Link& out) {
  int64_t cycles = std::max(in.beats_per_frame(), out.beats_per_frame());
  for (const ConvertStep& s : convert_chain(in, out))
    cycles = std::max(cycles, s.pixels * cycles_per_pixel(s.repack));
  return cycles;
}

ChainTiming::ChainTiming(const std::vector<ConvertStep>& chain) {
  for (const ConvertStep& s : chain) {
    if (s.fifo_before > 0 || repack_kind(s.repack) != RepackKind::wires)
      steps_.push_back({RepackTiming(s.repack), s.fifo_before, 0});
  }
  ELB_ASSERT(steps_.size() < kMostSteps, "a chain is short");
}

ChainTiming::Moves ChainTiming::clock_steps(bool in_valid, bool out_ready) {
  // Ready runs against the stream: all of it is known before the first step moves.
  std::array<bool, kMostSteps> ready;
  ready[steps_.size()] = out_ready;
  for (size_t i = steps_.size(); i-- > 0;) ready[i] = steps_[i].ready(ready[i + 1]);
  Moves moves = in_valid && ready[0] ? kTaken : 0;
  for (size_t i = 0; i < steps_.size(); ++i) {
    const bool next = steps_[i].valid(in_valid);
    if (steps_[i].clock(in_valid, ready[i + 1])) moves |= kInside;
    in_valid = next;
  }
  return in_valid && out_ready ? moves | kSent : moves;
}

bool ChainTiming::Step::clock(bool in_valid, bool out_ready) {
  if (depth == 0) return repack.clock(in_valid, out_ready) != 0;
  const bool push = in_valid && held<depth, from = held> 0, take = from && repack.ready(out_ready);
  const bool moves = repack.clock(from, out_ready) != 0;
  held += (push ? 1 : 0) - (take ? 1 : 0);
  return push || moves;
}

}  // namespace elb::spec
