#include "spec/rate.hpp"

#include "support/catch.hpp"

using namespace elb;
using spec::Rate;

TEST_CASE("cycles per frame are the last distance, or the mean of a run's second half") {
  CHECK(spec::rate({100, 150, 190, 240}, 1) == Rate(50));
  CHECK(spec::rate({100, 150, 190, 240}, 2) == Rate(45));  // from frame 1 on
  CHECK(spec::rate({10, 20, 24, 28, 41}, 8) == Rate(17, 2));
  CHECK(spec::rate({10}, 1) == std::nullopt);
  CHECK(Rate(17, 2).rounded_up() == 9);
  CHECK(Rate(17, 2).value() == 8.5);
  CHECK_FALSE(Rate(17, 2) == Rate(8));
}

TEST_CASE("a steady rate is seen when its period has repeated beyond a burst") {
  CHECK(spec::steady_rate({100, 150, 200}, 1, 1) == Rate(50));
  CHECK(spec::steady_rate({100, 150, 199}, 1, 1) == std::nullopt);
  // Bursts of three: 2, 2, 16.
  const std::vector<int64_t> bursts{5, 10, 12, 14, 30, 32, 34, 50, 52};
  CHECK(spec::steady_rate(bursts, 8, 3) == Rate(20, 3));
  CHECK(spec::steady_rate({10, 12, 14, 30}, 8, 3) == std::nullopt);
  CHECK(spec::steady_rate({10, 12, 14, 16}, 8, 4) == std::nullopt);  // may be one burst
}
