#include "arch/folding.hpp"

#include "support/catch.hpp"

using namespace elb::arch;
using elb::spec::Link;

namespace {

StoreWork conv_work(int size, int channels, int kernels, int groups = 1, int stride = 1) {
  StoreWork work;
  work.window = {.h = size,
                 .w = size,
                 .channels = channels / groups,
                 .groups = groups,
                 .kh = 3,
                 .kw = 3,
                 .sh = stride,
                 .sw = stride,
                 .dh = 1,
                 .dw = 1,
                 .top = 1,
                 .left = 1};
  work.window.out_h = work.window.out_w = (size - 1) / stride + 1;
  work.in = {.h = size, .w = size, .c = channels, .columns = 1, .channels = 1, .bits = 4};
  work.kernels = kernels / groups;
  return work;
}

// All factors, tried one by one.
std::optional<int64_t> least_cost(const StoreWork& work, int64_t target) {
  std::optional<int64_t> best;
  for (int p = 1; p <= work.kernels; ++p) {
    for (int s = 1; s <= work.window.channels; ++s) {
      for (int m = 1; m <= work.window.out_w; ++m) {
        const Factors f{.p = p, .s = s, .m = m};
        if (engine_cycles(work, f) > target || writer_cycles(work, f) > target) continue;
        const int64_t cost = parallelism_cost(work, f);
        if (!best || cost < *best) best = cost;
      }
    }
  }
  return best;
}

}  // namespace

TEST_CASE("engine cycles follow the closed formula") {
  const StoreWork work = conv_work(13, 6, 10);
  CHECK(engine_cycles(work, {.p = 3, .s = 4, .m = 2}) == 13 * 7 * 4 * 9 * 2);
  const StoreWork grouped = conv_work(13, 6, 10, 2);
  CHECK(engine_cycles(grouped, {.p = 3, .s = 2, .m = 1}) == 13 * 13 * 2 * 2 * 9 * 2);
}

TEST_CASE("a tile lasts as long as its beats need") {
  StoreWork work = conv_work(4, 6, 28, 2);
  work.window.kh = work.window.kw = 1;
  work.window.top = work.window.left = 0;
  // 14 kernels of a group, 9 at a time: beats of gcd(9, 14) = 1 channel.
  CHECK(beat_channels(work, {.p = 9, .s = 3, .m = 1}) == 1);
  CHECK(tile_cycles(work, {.p = 9, .s = 3, .m = 1}) == 9);
  CHECK(tile_cycles(work, {.p = 7, .s = 3, .m = 1}) == 1);
}

TEST_CASE("a writer that must split columns takes longer") {
  StoreWork work = conv_work(12, 8, 8);
  work.in.columns = work.window.in_columns = 3;
  work.in.channels = 8;
  CHECK(writer_cycles(work, {.p = 1, .s = 8, .m = 3}) == 12 * 4);
  CHECK(writer_cycles(work, {.p = 1, .s = 8, .m = 2}) == 12 * 4 * 3);
  CHECK(writer_cycles(work, {.p = 1, .s = 3, .m = 3}) == 12 * 4 * 3);
}

TEST_CASE("beats that straddle channel groups are repacked to a divisor of the group") {
  StoreWork work = conv_work(5, 12, 8, 2);
  work.in.channels = 4;
  CHECK(writer_cycles(work, {.p = 1, .s = 6, .m = 1}) == 25 * 3);
  CHECK(writer_cycles(work, {.p = 1, .s = 5, .m = 1}) == 25 * 4);  // two steps through 3 channels
  CHECK(writer_cycles(work, {.p = 1, .s = 4, .m = 1}) == 25 * 4);
  work.in.channels = 3;
  CHECK(writer_cycles(work, {.p = 1, .s = 4, .m = 1}) == 25 * 4);
}

TEST_CASE("the smallest factors are those of an exhaustive search") {
  for (const int groups : {1, 2}) {
    for (const int stride : {1, 2}) {
      const StoreWork work = conv_work(7, 6, 10, groups, stride);
      for (int64_t target = 40; target < 8000; target = target * 7 / 5) {
        const std::optional<Factors> f = smallest_factors(work, {}, target);
        const std::optional<int64_t> best = least_cost(work, target);
        INFO("groups " << groups << " stride " << stride << " target " << target);
        REQUIRE(f.has_value() == best.has_value());
        if (!f) {
          CHECK(fewest_cycles(work, {}) > target);
          continue;
        }
        CHECK(parallelism_cost(work, *f) == *best);
        CHECK(engine_cycles(work, *f) <= target);
        CHECK(writer_cycles(work, *f) <= target);
      }
    }
  }
}

TEST_CASE("factors that a user has settled are kept") {
  const StoreWork work = conv_work(7, 6, 10);
  const std::optional<Factors> f = smallest_factors(work, {.p = 3, .s = {}, .m = 2}, 2000);
  REQUIRE(f);
  CHECK(f->p == 3);
  CHECK(f->m == 2);
  CHECK(engine_cycles(work, *f) <= 2000);
}

TEST_CASE("lanewise stages fold channels, not kernels") {
  StoreWork work = conv_work(8, 12, 12);
  work.lanewise = true;
  work.kernels = 1;
  CHECK(engine_cycles(work, {.p = 5, .s = 5, .m = 3}) == 8 * 3 * 3 * 9);
  const std::optional<Factors> f = smallest_factors(work, {}, 8 * 8 * 9 * 3);
  REQUIRE(f);
  CHECK(*f == Factors{.p = 4, .s = 4, .m = 1});
}
