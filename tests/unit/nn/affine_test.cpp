#include "nn/affine.hpp"

#include <cmath>
#include <ctime>

#include "fixture.hpp"
#include "nn/codes.hpp"
#include "nn/fold.hpp"
#include "random_layer.hpp"
#include "support/catch.hpp"

namespace elb::nn {
namespace {

using test::Random;

void require_equal_everywhere(const Affine& a, const Steps& s, Interval t) {
  for (int64_t at = t.lo; at <= t.hi; ++at) {
    if (a.code(at, static_cast<int>(s.points.size())) == s.code(at)) continue;
    FAIL("at " << at << " the affine form gives " << a.code(at, static_cast<int>(s.points.size()))
               << ", the steps give " << s.code(at));
  }
}

TEST_CASE("equally spaced points need no fraction") {
  const Steps s{.points = {4, 8, 12}, .reversed = false};
  const auto a = find_affine(s, {0, 15});
  REQUIRE(a.has_value());
  CHECK(a->shift == 2);
  CHECK(a->alpha == 1);
  require_equal_everywhere(*a, s, {0, 15});
}

TEST_CASE("a single point is affine with shift 0") {
  const Steps s{.points = {-7}, .reversed = true};
  const auto a = find_affine(s, {-100, 100});
  REQUIRE(a.has_value());
  CHECK(a->shift == 0);
  CHECK(a->alpha == -1);
  require_equal_everywhere(*a, s, {-100, 100});
}

TEST_CASE("uneven points have no affine form") {
  CHECK(!find_affine(Steps{.points = {0, 1, 50}, .reversed = false}, {-100, 100}).has_value());
  CHECK(find_affine(Steps{.points = {0, 1, 50}, .reversed = false}, {-100, 1}).has_value());
}

TEST_CASE("a channel that never steps is a constant") {
  const auto a = find_affine(Steps{.points = {-5, -5, 90}, .reversed = false}, {-5, 80});
  REQUIRE(a.has_value());
  CHECK(a->alpha == 0);
  CHECK(a->code(7, 3) == 2);
}

TEST_CASE("a wrong constant is noticed") {
  const Steps s{.points = {4, 8, 12}, .reversed = false};
  Affine a = *find_affine(s, {0, 15});
  CHECK(affine_equals(a, s, {0, 15}));
  a.beta += 1;
  CHECK(!affine_equals(a, s, {0, 15}));
}

TEST_CASE("affine constants equal the folded steps everywhere, for most random real tails") {
  const unsigned seed = test::seed_of_run(20264);
  CAPTURE(seed);
  Random r(seed);
  int found = 0, channels = 0;
  for (int round = 0; round < 300; ++round) {
    const Layer l = test::random_stepped_conv(r);
    const CodeDomain d = code_domain(l);
    for (int c = 0; c < l.out.c; ++c) {
      ++channels;
      const auto a = find_affine(d.steps[c], d.t_channel[c]);
      if (!a) continue;
      ++found;
      CAPTURE(round, c);
      require_equal_everywhere(*a, d.steps[c], d.t_channel[c]);
      REQUIRE(std::abs(a->alpha) < (int64_t{1} << (kAffineAlphaBits - 1)));
    }
    if (const auto all = find_affine(d.steps, d.t_channel)) {
      for (int c = 0; c < l.out.c; ++c) {
        REQUIRE((*all)[c].shift == (*all)[0].shift);
        REQUIRE(std::abs((*all)[c].alpha) < (int64_t{1} << (kAffineAlphaBits - 1)));
        require_equal_everywhere((*all)[c], d.steps[c], d.t_channel[c]);
      }
    }
  }
  CHECK(found * 10 >
        channels * 9);  // ternary steps of a bipolar tail aside, only rounding of f itself stands against it
}

TEST_CASE("AlexNet's channels become affine at once, at 4 bits and at 8") {
  const std::string name = GENERATE("alexnet-4-8218", "alexnet-8-8888");
  Network net = read_network(ELB_SOURCE_ROOT "/configs/networks/" + name + ".json");
  fold(net);
  const std::clock_t begin = std::clock();  // of the processor: a busy machine is no mistake
  for (const Layer& l : net.layers) {
    if (!l.act || !l.has_tail()) continue;
    const CodeDomain& d = *l.codes;
    const auto& all = l.affine->of(d);
    REQUIRE(all.has_value());
    CHECK(&l.affine->of(d) == &all);
    for (size_t c = 0; c < all->size(); ++c) REQUIRE(affine_equals((*all)[c], d.steps[c], d.t_channel[c]));
  }
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  CAPTURE(seconds);
  CHECK(seconds < 4.0);
}

}  // namespace
}  // namespace elb::nn
