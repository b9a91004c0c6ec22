#include "spec/sweep.hpp"

#include <algorithm>

#include "base/bits.hpp"

namespace elb::spec {

int bands(const WindowParams& w, const SweepParams& s) {
  return s.frames > 0 ? 1 : static_cast<int>(ceil_div(w.out_h, s.rows));
}

int places_per_band(const WindowParams& w, const SweepParams& s) {
  return s.frames > 0 ? s.frames : s.rows * output_groups_per_row(w);
}

int rows_of_band(const WindowParams& w, const SweepParams& s, int band) {
  return std::min(s.rows, w.out_h - band * s.rows);
}

int64_t min_capacity(const WindowParams& w, const SweepParams& s) {
  if (s.frames > 0) return min_capacity(w);
  const int last_group = output_groups_per_row(w) - 1;
  int64_t capacity = 1, released = 0;
  for (int b = 0; b < bands(w, s); ++b) {
    const int last_row = b * s.rows + rows_of_band(w, s, b) - 1;
    capacity = std::max(capacity, opened_with(w, need(w, last_row, last_group) - 1) + 1 - released);
    released = release(w, last_row, last_group);
  }
  return capacity;
}

}  // namespace elb::spec
