#include "arch/undominated.hpp"

#include <algorithm>
#include <random>

#include "support/catch.hpp"

using namespace elb;
using namespace elb::arch;

TEST_CASE("what no earlier amounts undercut stays, however many there are") {
  std::mt19937_64 random(7);
  for (const int n : {1, 5, 300, 6000}) {
    for (const uint64_t range : {2, 30, 1000000}) {
      std::vector<Amounts> all(static_cast<size_t>(n));
      for (Amounts& a : all) {
        for (int64_t& v : a) v = static_cast<int64_t>(random() % range);
      }
      Undominated undominated(all);
      std::vector<Amounts> kept;
      for (const Amounts& a : all) {
        const bool stays =
            std::none_of(kept.begin(), kept.end(), [&](const Amounts& k) { return no_more(k, a); });
        if (stays) kept.push_back(a);
        REQUIRE(undominated.offer(a) == stays);
      }
    }
  }
}

TEST_CASE("only what is no slower undercuts") {
  std::mt19937_64 random(8);
  // 0 is faster than 1, neither is to be compared with 2.
  const RateOrder order{.number = {},
                        .no_slower = {{true, true, false}, {false, true, false}, {false, false, true}}};
  std::vector<Amounts> all(4000);
  for (Amounts& a : all) {
    for (int64_t& v : a) v = static_cast<int64_t>(random() % 30);
  }
  Undominated undominated(all, &order);
  std::vector<std::pair<Amounts, int>> kept;
  for (const Amounts& a : all) {
    const int rate = static_cast<int>(random() % 3);
    const bool stays = std::none_of(kept.begin(), kept.end(), [&](const auto& k) {
      return no_more(k.first, a) && order.at_least(k.second, rate);
    });
    if (stays) kept.emplace_back(a, rate);
    REQUIRE(undominated.offer(a, rate) == stays);
  }
}
