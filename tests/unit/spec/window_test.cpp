#include "spec/window.hpp"

#include <algorithm>

#include "support/catch.hpp"
#include "support/random_window.hpp"

using namespace elb::spec;

namespace {

// Output pixels and taps enumerated directly: the definition that the closed forms must meet.
struct Direct {
  WindowParams p;
  // Last column group that any real tap of (oy, G) reads, in writing order; -1 if all taps are padding.
  int64_t last_read(int oy, int g) const {
    int64_t last = -1;
    for (int m = 0; m < p.m && g * p.m + m < p.out_w; ++m) {
      for (int ky = 0; ky < p.kh; ++ky) {
        for (int kx = 0; kx < p.kw; ++kx) {
          const int y = oy * p.sh - p.top + ky * p.dh, x = (g * p.m + m) * p.sw - p.left + kx * p.dw;
          if (y < 0 || y >= p.h || x < 0 || x >= p.w) continue;
          last = std::max<int64_t>(last, int64_t{y} * groups_per_row(p) + x / banks(p));
        }
      }
    }
    return last;
  }
  int64_t first_read(int oy, int g) const {
    int64_t first = groups_per_frame(p);
    for (int m = 0; m < p.m && g * p.m + m < p.out_w; ++m) {
      for (int ky = 0; ky < p.kh; ++ky) {
        for (int kx = 0; kx < p.kw; ++kx) {
          const int y = oy * p.sh - p.top + ky * p.dh, x = (g * p.m + m) * p.sw - p.left + kx * p.dw;
          if (y < 0 || y >= p.h || x < 0 || x >= p.w) continue;
          first = std::min<int64_t>(first, int64_t{y} * groups_per_row(p) + x / banks(p));
        }
      }
    }
    return first;
  }
};

}  // namespace

TEST_CASE("no tile reads a column group before need or after release") {
  std::mt19937_64 random(7);
  for (int trial = 0; trial < 2000; ++trial) {
    const Direct d{elb::test::random_window(random, {})};
    const WindowParams& p = d.p;
    int64_t released = 0, previous_need = 0;
    for (int oy = 0; oy < p.out_h; ++oy) {
      for (int g = 0; g < output_groups_per_row(p); ++g) {
        REQUIRE(d.last_read(oy, g) < need(p, oy, g));
        REQUIRE(d.first_read(oy, g) >= std::min(released, groups_per_frame(p)));
        REQUIRE(release(p, oy, g) >= released);
        REQUIRE(need(p, oy, g) >= (g == 0 ? 1 : previous_need));
        previous_need = need(p, oy, g);
        released = release(p, oy, g);
      }
    }
    REQUIRE(released == groups_per_frame(p));
  }
}

TEST_CASE("differences of group counts fit their bits") {
  std::mt19937_64 random(11);
  for (int trial = 0; trial < 2000; ++trial) {
    WindowParams p = elb::test::random_window(random, {});
    p.capacity = static_cast<int>(min_capacity(p));
    const int64_t limit = int64_t{1} << (group_count_bits(p) - 1), all = groups_per_frame(p);
    int64_t released = 0, checked = 0;
    for (int frame = 0; frame < 2; ++frame) {
      for (int oy = 0; oy < p.out_h; ++oy) {
        for (int g = 0; g < output_groups_per_row(p); ++g) {
          const int64_t needed = frame * all + need(p, oy, g), done = frame * all + release(p, oy, g);
          // Stored: at least what the place before needed, at most what the ring holds.
          REQUIRE(checked - needed >= -limit);
          REQUIRE(released + p.capacity - needed < limit);
          // Under way: at least what this place needs when it releases; V columns beyond the ring are dropped.
          REQUIRE(needed - done - p.capacity >= -limit);
          REQUIRE(p.in_columns < limit);
          checked = needed;
          released = done;
        }
      }
    }
  }
}

TEST_CASE("lanes of a tile never meet in one bank") {
  for (int m = 1; m <= 9; ++m) {
    for (int sw = 1; sw <= 6; ++sw) {
      const int nb = m * bank_factor(m, sw);
      std::vector<int> bank;
      for (int lane = 0; lane < m; ++lane) bank.push_back(lane * sw % nb);
      std::sort(bank.begin(), bank.end());
      REQUIRE(std::unique(bank.begin(), bank.end()) == bank.end());
      REQUIRE(m * sw % nb == 0);
    }
  }
  REQUIRE(bank_factor(1, 4) == 1);
  REQUIRE(bank_factor(2, 2) == 2);
  REQUIRE(bank_factor(3, 2) == 1);
}
