#include "spec/window.hpp"

#include <algorithm>
#include <numeric>

#include "base/int_math.hpp"
#include "spec/memory_cost.hpp"

namespace elb::spec {
namespace {

int64_t power_of_two(int64_t at_least) {
  int64_t n = 1;
  while (n < at_least) n *= 2;
  return n;
}

bool takes_no_more(int width, int64_t depth, int64_t than) {
  if (than < kBlockDepth) return lut_ram({width, depth}).lut <= lut_ram({width, than}).lut;
  const Resources block = block_ram({width, depth}), other = block_ram({width, than});
  return block.bram18 <= other.bram18 && block.lut <= other.lut;
}

}  // namespace

int bank_factor(int m, int sw) {
  if (sw == 1) return 1;
  for (int d = 1;; ++d) {
    if (std::gcd(m * d, sw) == d) return d;
  }
}

int banks(const WindowParams& p) {
  return p.m * bank_factor(p.m, p.sw);
}

int groups_per_row(const WindowParams& p) {
  return static_cast<int>(ceil_div(p.w, banks(p)));
}

int output_groups_per_row(const WindowParams& p) {
  return static_cast<int>(ceil_div(p.out_w, p.m));
}

int words_per_group(const WindowParams& p) {
  return p.groups * static_cast<int>(ceil_div(p.channels, p.s));
}

int64_t groups_per_frame(const WindowParams& p) {
  return int64_t{p.h} * groups_per_row(p);
}

int taps(const WindowParams& p) {
  return p.kh * p.kw;
}

int folds(const WindowParams& p) {
  return taps(p) * static_cast<int>(ceil_div(p.channels, p.s));
}

bool pads(const WindowParams& p) {
  const int last_y = (p.out_h - 1) * p.sh - p.top + (p.kh - 1) * p.dh;
  const int last_x = (p.out_w - 1) * p.sw - p.left + (p.kw - 1) * p.dw;
  return p.top > 0 || p.left > 0 || last_y >= p.h || last_x >= p.w;
}

int64_t need(const WindowParams& p, int oy, int g) {
  const int64_t gi = groups_per_row(p);
  const int64_t y_last =
      std::clamp<int64_t>(int64_t{oy} * p.sh - p.top + int64_t{p.kh - 1} * p.dh, 0, p.h - 1);
  const int64_t x_last = (int64_t{g} * p.m + p.m - 1) * p.sw - p.left + int64_t{p.kw - 1} * p.dw;
  return y_last * gi + std::clamp<int64_t>(floor_div(x_last, banks(p)), 0, gi - 1) + 1;
}

int64_t release(const WindowParams& p, int oy, int g) {
  const int64_t gi = groups_per_row(p), all = groups_per_frame(p);
  const bool row_end = g == output_groups_per_row(p) - 1;
  if (row_end && oy == p.out_h - 1) return all;
  const int64_t y0 = int64_t{oy} * p.sh - p.top;
  if (row_end) return std::clamp<int64_t>((y0 + p.sh) * gi, 0, all);
  if (y0 < 0) return 0;
  const int64_t column = floor_div(int64_t{g + 1} * p.m * p.sw - p.left, banks(p));
  return std::min(all, y0 * gi + std::clamp<int64_t>(column, 0, gi));
}

int sub_columns(const WindowParams& p) {
  return std::gcd(p.in_columns, banks(p));
}

int sub_beats(const WindowParams& p) {
  return p.in_columns / sub_columns(p);
}

int64_t opened_with(const WindowParams& p, int64_t group) {
  const int nb = banks(p), gi = groups_per_row(p);
  const int64_t row = group / gi, i = group % gi;
  const int64_t last_column = ((i * nb + nb - 1) / p.in_columns + 1) * p.in_columns - 1;
  return row * gi + std::min<int64_t>(gi - 1, last_column / nb);
}

int64_t min_capacity(const WindowParams& p) {
  int64_t capacity = 1, released = 0;
  for (int oy = 0; oy < p.out_h; ++oy) {
    for (int g = 0; g < output_groups_per_row(p); ++g) {
      capacity = std::max(capacity, opened_with(p, need(p, oy, g) - 1) + 1 - released);
      released = release(p, oy, g);
    }
  }
  return capacity;
}

WindowRing window_ring(const WindowParams& p) {
  const int64_t words = words_per_group(p), stride = power_of_two(words);
  const WindowRing exact{.stride = words, .words = p.capacity * words};
  const WindowRing rounded{.stride = stride, .words = power_of_two(p.capacity) * stride};
  return takes_no_more(p.s * p.bits, rounded.words, exact.words) ? rounded : exact;
}

int group_count_bits(const WindowParams& p) {
  const int64_t gi = groups_per_row(p), last = need(p, p.out_h - 1, output_groups_per_row(p) - 1);
  // The largest step of need, from a row or a frame to the next; what is released leads what is stored by no
  // more.
  const int64_t step = std::max(int64_t{p.sh} * gi, groups_per_frame(p) + need(p, 0, 0) - last);
  // need goes back by less than a row, a beat of V columns reaches no further than V groups.
  return bits_for(step + p.capacity + gi + p.in_columns) + 1;
}

}  // namespace elb::spec
