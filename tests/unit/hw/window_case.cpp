#include "window_case.hpp"

#include <fmt/format.h>

#include "support/random_window.hpp"

namespace elb::test {

int channel_folds(const spec::WindowParams& w) {
  return spec::folds(w) / spec::taps(w);
}

std::string describe(const WindowCase& c) {
  const spec::WindowParams& w = c.p.window;
  return fmt::format(
      "map {}x{}x{}x{} kernel {}x{} stride {}x{} dilation {}x{} pad {},{} out {}x{} m={} s={} bits={} v={} "
      "capacity={} "
      "(min {}) kernel_folds={} D={} credits={} beats={},{} frames={} stall={} pop={}/16",
      w.h, w.w, w.groups, w.channels, w.kh, w.kw, w.sh, w.sw, w.dh, w.dw, w.top, w.left, w.out_h, w.out_w,
      w.m, w.s, w.bits, w.in_columns, w.capacity, spec::min_capacity(w), c.p.kernel_folds, c.p.tile_cycles,
      c.p.credits, c.p.beats, c.p.beats_last, c.frames, hdl::stall_name(c.stall), c.pop_chance);
}

WindowCase random_window_case(std::mt19937_64& random) {
  const auto pick = [&](int lo, int hi) { return test::pick(random, lo, hi); };
  WindowCase c;
  spec::WindowParams& w = c.p.window;
  w = random_window(random, {.h = 8, .w = 9, .kh = 3, .kw = 4, .sh = 3, .sw = 4, .m = 4, .in_columns = 4});
  w.channels = pick(1, 6);
  w.groups = pick(1, 3) == 1 ? 2 : 1;
  w.s = pick(1, w.channels);
  w.bits = pick(1, 8);
  const int64_t least = spec::min_capacity(w);
  w.capacity = static_cast<int>(least) + (pick(0, 1) == 0 ? 0 : pick(1, 10));
  c.p.module = "elb_window";
  c.p.title = "window store under test";
  c.p.kernel_folds = pick(1, 3);
  c.p.tile_cycles = spec::folds(w) + (pick(0, 1) == 0 ? 0 : pick(1, 5));
  c.p.pad_code = pick(0, (1 << w.bits) - 1);
  c.p.beats = pick(1, 3);
  c.p.beats_last = pick(1, c.p.beats);
  c.p.credits = c.p.beats + pick(0, 6);
  c.p.style = pick(0, 1) == 0 ? spec::MemoryStyle::block : spec::MemoryStyle::distributed;
  c.p.early = pick(0, 1) == 0;
  c.p.padded_flags = pick(0, 1) == 0;
  c.frames = pick(2, 3);
  c.stall = hdl::kAllStalls[pick(0, 3)];
  c.pop_chance = pick(0, 1) == 0 ? 16 : pick(1, 15);
  return c;
}

WindowMaps::WindowMaps(const WindowCase& c, uint64_t seed) : w_(c.p.window) {
  std::mt19937_64 random(seed);
  codes_.resize(static_cast<size_t>(c.frames) * w_.h * w_.w * w_.channels * w_.groups);
  for (uint64_t& v : codes_) v = random() & ((uint64_t{1} << w_.bits) - 1);
}

void WindowMaps::put(int frame, int y, int x, int word, Bits& to, int low, std::mt19937_64& junk) const {
  const int folds = channel_folds(w_), group = word / folds, fold = word % folds;
  for (int s = 0; s < w_.s; ++s) {
    const int channel = fold * w_.s + s;
    const uint64_t v = x >= w_.w                ? junk() & ((uint64_t{1} << w_.bits) - 1)
                       : channel >= w_.channels ? 0
                                                : code(frame, y, x, group * w_.channels + channel);
    to.set(low + s * w_.bits, w_.bits, v);
  }
}

Filling filling(const WindowCase& c, const WindowMaps& maps) {
  const spec::WindowParams& w = c.p.window;
  const int vw = spec::sub_columns(w), words = spec::words_per_group(w), nb = spec::banks(w),
            gi = spec::groups_per_row(w);
  std::mt19937_64 junk(99);
  Filling f;
  for (int64_t row = 0; row < int64_t{c.frames} * w.h; ++row) {
    const int row_beats = static_cast<int>(ceil_div(w.w, w.in_columns));
    for (int b = 0; b < row_beats; ++b) {
      for (int word = 0; word < words; ++word) {
        for (int sub = 0; sub < spec::sub_beats(w); ++sub) {
          const int x0 = b * w.in_columns + sub * vw, g = x0 / nb;
          Bits data(vw * w.s * w.bits);
          for (int i = 0; i < vw; ++i)
            maps.put(static_cast<int>(row / w.h), static_cast<int>(row % w.h), x0 + i, word, data,
                     i * w.s * w.bits, junk);
          f.beats.push_back({data});
          f.group.push_back(g < gi ? row * gi + g : -1);
          // Complete with the last column that arrives of it, in its last word.
          const int last_x0 = row_beats * w.in_columns - vw;
          const bool ends = g < gi && word == words - 1 && (x0 + vw == (g + 1) * nb || x0 == last_x0);
          f.complete.push_back((f.complete.empty() ? 0 : f.complete.back()) + (ends ? 1 : 0));
        }
      }
    }
  }
  return f;
}

TapCode tap_code(const WindowCase& c, const WindowMaps& maps, int frame, int oy, int g, int lane, int group,
                 int channel, int ky, int kx) {
  const spec::WindowParams& w = c.p.window;
  const int y = oy * w.sh - w.top + ky * w.dh, x = (g * w.m + lane) * w.sw - w.left + kx * w.dw;
  const bool inside = y >= 0 && y < w.h && x >= 0 && x < w.w;
  const uint64_t code = channel >= w.channels ? 0
                        : inside              ? maps.code(frame, y, x, group * w.channels + channel)
                                              : static_cast<uint64_t>(c.p.pad_code);
  return {inside, code};
}

std::string check_room(const WindowCase& c, const Filling& f,
                       const std::vector<std::pair<int64_t, int64_t>>& releases,
                       const std::vector<char>& ready, const std::vector<int64_t>& accept) {
  size_t beat = 0, release = 0;
  int64_t released = 0;
  for (size_t t = 0; t < ready.size() && beat < f.group.size(); ++t) {
    const int64_t now = static_cast<int64_t>(t);
    while (release < releases.size() && releases[release].first <= now) released = releases[release++].second;
    const bool room = f.group[beat] < 0 || f.group[beat] < released + c.p.window.capacity;
    if ((ready[t] != 0) != room)
      return fmt::format("cycle {}: beat {}, {} groups released, ready {}", now, beat, released,
                         int{ready[t]});
    if (accept[beat] == now) ++beat;
  }
  return "";
}

std::vector<int64_t> stored_cycles(const Filling& f, const std::vector<int64_t>& accept) {
  std::vector<int64_t> at;
  for (size_t i = 0; i < accept.size(); ++i) {
    if (f.complete[i] > static_cast<int64_t>(at.size())) at.push_back(accept[i]);
  }
  return at;
}

}  // namespace elb::test
