// Cycles per frame of a run, from the cycles in which the last beats of its frames left: one rule for model
// and simulation.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace elb::spec {

// An exact fraction.
struct Rate {
  int64_t cycles = 0, frames = 1;
  constexpr Rate(int64_t c, int64_t f = 1) : cycles(c), frames(f) {}
  constexpr double value() const { return static_cast<double>(cycles) / static_cast<double>(frames); }
  constexpr int64_t rounded_up() const { return (cycles + frames - 1) / frames; }
  friend constexpr bool operator==(const Rate& a, const Rate& b) {
    return a.cycles * b.frames == b.cycles * a.frames;
  }
};

// Where images share passes over streamed weights (more than one of them: `images_per_pass`), frames leave in
// bursts: then the mean over the second half of the run, (last[N-1] - last[h]) / (N-1-h) with h = (N-1) / 2.
// Else the distance of the last two frames. Nothing for less than two frames.
inline std::optional<Rate> rate(const std::vector<int64_t>& last, int images_per_pass) {
  if (last.size() < 2) return {};
  const size_t end = last.size() - 1, half = images_per_pass > 1 ? end / 2 : end - 1;
  return Rate(last[end] - last[half], static_cast<int64_t>(end - half));
}

// The rate for ever, once it shows: the mean over the shortest period, of `longest` frames at most, that the
// distances of frames have repeated for longer than a burst. `burst`: the most images that a pass has taken.
// Nothing as long as none is seen.
inline std::optional<Rate> steady_rate(const std::vector<int64_t>& last, int longest, int burst) {
  const size_t n = last.size();
  for (size_t period = 1; period <= static_cast<size_t>(longest); ++period) {
    const size_t seen = period + static_cast<size_t>(burst);  // distances
    if (n < seen + 1) return {};
    bool repeats = true;
    for (size_t i = n - 1; repeats && i >= n - seen + period; --i)
      repeats = last[i] - last[i - 1] == last[i - period] - last[i - period - 1];
    if (repeats) return Rate(last[n - 1] - last[n - 1 - period], static_cast<int64_t>(period));
  }
  return {};
}

}  // namespace elb::spec
