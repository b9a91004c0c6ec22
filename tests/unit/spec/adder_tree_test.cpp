#include "spec/adder_tree.hpp"

#include <numeric>
#include <random>

#include "base/assert.hpp"
#include "spec/select_dot.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace elb;
using namespace elb::spec;

namespace {

int bits(const std::vector<int>& heights) {
  return std::accumulate(heights.begin(), heights.end(), 0);
}

// The value of a matrix does not change from level to level when every chain makes of its bits a number that
// holds their sum, and nothing is left over at the end.
void check_tree(const AdderTree& tree) {
  std::vector<int> h = tree.heights;
  const int columns = static_cast<int>(h.size());
  for (const std::vector<Chain>& level : tree.levels) {
    for (const Chain& chain : level) {
      REQUIRE(chain.taken.size() == chain.kinds.size());
      int64_t most = chain.carry_in ? 1 : 0, room = (int64_t{2} << chain.positions()) - 1;
      for (int i = 0; i < chain.positions(); ++i) {
        most += int64_t{chain.taken[i]} << i;
        if (chain.kinds[i] == 'c') room += int64_t{2} << i;
      }
      if (chain.column + chain.positions() < columns) REQUIRE(most <= room);
    }
    h = heights_behind(h, level);
  }
  for (const int left : h) REQUIRE(left <= 1);
}

}  // namespace

TEST_CASE("a tree of any bit matrix ends with one bit per weight, at two bits per site at best") {
  std::mt19937_64 rng(test::seed_of_run(1));
  for (int n = 0; n < 300; ++n) {
    std::vector<int> heights(1 + rng() % 12);
    const unsigned most = rng() % 3 == 0 ? 200 : 12;
    for (int& h : heights) h = static_cast<int>(rng() % most);
    const bool sum_fits = rng() % 2 == 0;
    if (sum_fits) heights.resize(heights.size() + 8, 0);
    const AdderTree tree = plan_adder_tree(heights);
    check_tree(tree);
    if (sum_fits) CHECK(lut_sites(tree) >= (bits(heights) - static_cast<int>(heights.size())) / 2);
  }
}

TEST_CASE("a matrix without two bits of one weight needs no tree") {
  CHECK(plan_adder_tree({1}).levels.empty());
  CHECK(plan_adder_tree({1, 0, 1}).levels.empty());
}

TEST_CASE("a full adder is one site without a carry chain, a counter of seven bits is two") {
  const AdderTree full = plan_adder_tree({3, 0});
  CHECK(lut_sites(full) == 1);
  CHECK(carry4_cells(full.levels[0]) == 0);
  const AdderTree seven = plan_adder_tree({7, 0, 0});
  CHECK(lut_sites(seven) == 2);
}

TEST_CASE("two operands take one chain of a site per bit") {
  const AdderTree tree = plan_adder_tree({2, 2, 2, 2, 0});
  REQUIRE(tree.levels.size() == 1);
  CHECK(tree.levels[0].size() == 1);
  CHECK(lut_sites(tree) <= 5);
}

TEST_CASE("a bit cannot be taken twice") {
  const Chain chain{.column = 0, .carry_in = false, .kinds = "2", .taken = {2}};
  CHECK(heights_behind({4, 0}, {chain, chain}) == std::vector<int>{2, 2});
  CHECK_THROWS_AS(heights_behind({3, 0}, {chain, chain}), InternalError);
}

TEST_CASE("sites and latency of dot products of 64 inputs") {
  const auto sites = [](WeightCode weight, int act_bits) {
    const SelectDot plan = plan_select_dot({.weight = weight,
                                            .weight_bits = weight == WeightCode::ternary ? 2 : 1,
                                            .act_bits = act_bits,
                                            .s = 64,
                                            .sum_bits = 40});
    check_tree(plan.tree);
    CHECK(latency(plan) <= 6);
    return lut_sites(plan);
  };
  CHECK(sites(WeightCode::ternary, 1) == 67);
  CHECK(sites(WeightCode::ternary, 2) == 108);
  CHECK(sites(WeightCode::ternary, 4) == 209);
  CHECK(sites(WeightCode::ternary, 8) == 402);
  CHECK(sites(WeightCode::binary, 1) == 56);
  CHECK(sites(WeightCode::binary, 2) == 108);
}
