#include "nn/synthetic.hpp"

#include <algorithm>
#include <array>

#include "fixture.hpp"
#include "support/catch.hpp"

namespace elb::nn {
namespace {

Layer fc(WeightKind kind, int bits, int in, int out) {
  Layer l;
  l.name = "fc1";
  l.op = Op::fc;
  l.in = {1, 1, in};
  l.out = {1, 1, out};
  l.weight = WeightType{kind, bits};
  return l;
}

TEST_CASE("splitmix64 from state 0 gives the published numbers") {
  // The stream's hash is undone by the seed.
  uint64_t hash = 0xcbf29ce484222325;
  for (unsigned char c : std::string("x")) hash = (hash ^ c) * 0x100000001b3;
  SplitMix random(hash, "x");
  CHECK(random.next() == 0xe220a8397b1dcdaf);
  CHECK(random.next() == 0x6e789e6aa1b965f4);
  CHECK(random.next() == 0x06c45d188009454f);
}

TEST_CASE("weights are cut from the words as the format says, the tail of the last word is dropped") {
  SplitMix words(7, "fc1.weight");
  const uint64_t w0 = words.next(), w1 = words.next();
  const auto binary = synthetic_weights(fc(WeightKind::binary, 1, 5, 15), 7);
  REQUIRE(binary.size() == 75);
  for (int i = 0; i < 75; ++i) CHECK(binary[i] == (((i < 64 ? w0 : w1) >> (i % 64) & 1) != 0 ? 1 : -1));
  const auto ternary = synthetic_weights(fc(WeightKind::ternary, 2, 6, 1), 7);
  for (int i = 0; i < 6; ++i)
    CHECK(ternary[i] == static_cast<int>(((i < 4 ? w0 : w1) >> (16 * (i % 4)) & 0xffff) * 3 / 65536) - 1);
  const auto int5 = synthetic_weights(fc(WeightKind::integer, 5, 11, 1), 7);
  for (int i = 0; i < 11; ++i) {
    const int byte = static_cast<int>((i < 8 ? w0 : w1) >> (8 * (i % 8)) & 0xff);
    CHECK(int5[i] == (byte >> 3) - (byte >= 128 ? 32 : 0));
  }
}

TEST_CASE("synthetic weights are spread evenly over their kind") {
  for (const WeightType type : {WeightType{WeightKind::binary, 1}, WeightType{WeightKind::ternary, 2},
                                WeightType{WeightKind::integer, 2}, WeightType{WeightKind::integer, 8}}) {
    const auto weights = synthetic_weights(fc(type.kind, type.bits, 1000, 200), 1);
    std::array<int, 256> seen{};
    for (int8_t w : weights) {
      REQUIRE(type.holds(w));
      ++seen[w + 128];
    }
    const int kinds = type.kind == WeightKind::binary ? 2 : type.hi() - type.lo() + 1;
    for (int w = type.lo(); w <= type.hi(); ++w) {
      if (type.holds(w)) CHECK(std::abs(seen[w + 128] * kinds - 200000) < 40000);
    }
  }
}

TEST_CASE("another seed or another layer gives other weights") {
  Layer l = fc(WeightKind::integer, 8, 100, 1);
  const auto first = synthetic_weights(l, 1);
  CHECK(first == synthetic_weights(l, 1));
  CHECK(first != synthetic_weights(l, 2));
  l.name = "fc2";
  CHECK(first != synthetic_weights(l, 1));
}

TEST_CASE("synthetic thresholds ascend around the likely accumulators, and channels differ") {
  Layer l = fc(WeightKind::ternary, 2, 400, 3);
  l.weights = synthetic_weights(l, 5);
  l.act = ActType{.kind = ActKind::unsigned_, .bits = 4};
  const std::vector<Steps> steps = synthetic_steps(l, {ActType{.kind = ActKind::unsigned_, .bits = 4}}, 5);
  REQUIRE(steps.size() == 3);
  for (const Steps& s : steps) {
    CHECK(s.points.size() == 15);
    CHECK(std::is_sorted(s.points.begin(), s.points.end()));
    CHECK(s.points.back() - s.points.front() > 150);
  }
  CHECK(steps[0].points != steps[1].points);
}

}  // namespace
}  // namespace elb::nn
