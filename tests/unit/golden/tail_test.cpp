#include "sim/golden/tail.hpp"

#include "support/catch.hpp"

using namespace elb;

namespace {
const nn::ActType u2{nn::ActKind::unsigned_, 2, 1};
const nn::ActType s3{nn::ActKind::signed_, 3, 1};
const nn::ActType bipolar{nn::ActKind::bipolar, 1, 1};
const nn::ActType ternary{nn::ActKind::ternary, 2, 1};

nn::RealTail scaled(double s) {
  return {.scale = {s},
          .bias = {},
          .bn = false,
          .gamma = {},
          .beta = {},
          .mean = {},
          .variance = {},
          .epsilon = 0};
}

std::vector<int> values(const nn::RealTail& tail, const nn::ActType& act, int lo, int hi) {
  std::vector<int> all;
  for (int acc = lo; acc <= hi; ++acc) all.push_back(golden::real_value(tail, act, 0, acc));
  return all;
}
}  // namespace

TEST_CASE("the real tail rounds half up and clamps to the activation") {
  CHECK(values(scaled(0.5), u2, -2, 8) == std::vector<int>{0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 3});
  CHECK(values(scaled(0.5), s3, -10, -5) == std::vector<int>{-4, -4, -4, -3, -3, -2});
  CHECK(values(scaled(0.5), ternary, -4, 3) == std::vector<int>{-1, -1, -1, 0, 0, 1, 1, 1});
}

TEST_CASE("a bipolar activation is the sign, zero counting as +1, without rounding") {
  CHECK(values(scaled(0.1), bipolar, -2, 1) == std::vector<int>{-1, -1, 1, 1});
}

TEST_CASE("bias, normalisation and the output's scale apply in the documented order") {
  nn::RealTail tail = scaled(2);
  tail.bias = {1};
  nn::ActType coarse = u2;
  coarse.scale = 4;
  // (2 acc + 1) / 4 + 1/2
  CHECK(values(tail, coarse, -1, 5) == std::vector<int>{0, 0, 1, 1, 2, 2, 3});
  tail.bn = true;
  tail.gamma = {-8}, tail.beta = {10}, tail.mean = {3}, tail.variance = {12}, tail.epsilon = 4;
  // (-8 (2 acc + 1 - 3) / 4 + 10) / 4 + 1/2 = (14 - 4 acc) / 4 + 1/2: negative gamma falls
  CHECK(values(tail, coarse, 0, 5) == std::vector<int>{3, 3, 2, 1, 0, 0});
}

TEST_CASE("switching points count what is reached, reversed what is not") {
  const nn::Steps up{.points = {-3, 5, 5}, .reversed = false};
  const nn::Steps down{.points = {-3, 5, 5}, .reversed = true};
  std::vector<int> rising, falling;
  for (int acc : {-4, -3, 4, 5, 6}) {
    rising.push_back(golden::stepped_value(up, u2, acc));
    falling.push_back(golden::stepped_value(down, u2, acc));
  }
  CHECK(rising == std::vector<int>{0, 1, 1, 3, 3});
  CHECK(falling == std::vector<int>{3, 2, 2, 0, 0});
  const nn::Steps one{.points = {0}, .reversed = false};
  CHECK(golden::stepped_value(one, bipolar, -1) == -1);
  CHECK(golden::stepped_value(one, bipolar, 0) == 1);
}

TEST_CASE("points that no accumulator reaches, or every one, are legal") {
  const nn::Steps far{.points = {INT64_MIN, 0, INT64_MAX}, .reversed = false};
  CHECK(golden::stepped_value(far, u2, INT32_MIN) == 1);
  CHECK(golden::stepped_value(far, u2, 0) == 2);
  CHECK(golden::stepped_value(far, u2, INT32_MAX) == 2);
}

TEST_CASE("codes are what travels on wires") {
  golden::Tensor t({1, 1, 3});
  t.data = {-1, 1, -1};
  CHECK(golden::codes_of(t, bipolar).data == std::vector<int32_t>{0, 1, 0});
  CHECK(golden::codes_of(t, s3).data == std::vector<int32_t>{3, 5, 3});
  CHECK_THROWS_AS(golden::codes_of(t, u2), InternalError);
  t.data[1] = 0;
  CHECK_THROWS_AS(golden::codes_of(t, bipolar), InternalError);
}
