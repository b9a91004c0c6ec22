#include "sim/harness/beats.hpp"

#include "support/catch.hpp"

using namespace elb::harness;

TEST_CASE("beats of ragged columns and channels cover every value once, in order") {
  // 5 columns by twos, 7 channels by threes: the last of both are short.
  const Stream s{.layer = "a",
                 .wires = "a",
                 .place = "",
                 .columns = 2,
                 .channels = 3,
                 .bits = 5,
                 .is_signed = false,
                 .shape = {.h = 2, .w = 5, .c = 7}};
  CHECK(s.beats() == 2 * 3 * 3);
  std::vector<int> seen(2 * 5 * 7, 0);
  BeatPosition at;
  std::vector<uint8_t> beat(padded_bytes(s), 0xff);
  for (int64_t i = 0; i < s.beats(); ++i) {
    CHECK(at.index(s) == i);
    CHECK(at.is_last(s) == (i == s.beats() - 1));
    for_each_lane(s, LaneMeaning{.base = 0, .step = 1, .bits = 5, .is_signed = false}, at, beat.data(),
                  [&](int64_t v, int y, int x, int c) {
                    CHECK(v == 31);
                    ++seen[static_cast<size_t>((y * 5 + x) * 7 + c)];
                  });
    CHECK(at.advance(s) == (i == s.beats() - 1));
  }
  for (int n : seen) CHECK(n == 1);
  CHECK(at.index(s) == 0);
}

TEST_CASE("lane (v, l) lies in bits (v * L + l) * bits of a beat") {
  const Stream s{.layer = "a",
                 .wires = "a",
                 .place = "",
                 .columns = 2,
                 .channels = 3,
                 .bits = 5,
                 .is_signed = true,
                 .shape = {.h = 1, .w = 2, .c = 3}};
  std::vector<uint8_t> beat(padded_bytes(s), 0);
  // Lane (1, 2) is lane 5, bits 25..29: -3 in five bits is 11101.
  for (int b : {25, 27, 28, 29}) beat[static_cast<size_t>(b / 8)] |= static_cast<uint8_t>(1 << (b % 8));
  std::vector<int64_t> values;
  for_each_lane(s, LaneMeaning{.base = 0, .step = 1, .bits = 5, .is_signed = true}, BeatPosition{},
                beat.data(), [&](int64_t v, int, int, int) { values.push_back(v); });
  CHECK(values == std::vector<int64_t>{0, 0, 0, 0, 0, -3});
}

TEST_CASE("codes mean base plus step times code") {
  CHECK(LaneMeaning{.base = -1, .step = 2, .bits = 1, .is_signed = false}.value(1) == 1);
  CHECK(LaneMeaning{.base = -1, .step = 2, .bits = 1, .is_signed = false}.value(0) == -1);
  CHECK(LaneMeaning{.base = -8, .step = 1, .bits = 4, .is_signed = false}.value(15) == 7);
  CHECK(LaneMeaning{.base = 0, .step = 1, .bits = 48, .is_signed = true}.value((uint64_t{1} << 48) - 1) ==
        -1);
}

TEST_CASE("the random sequence is the same on every machine") {
  Random r(1);
  CHECK(r.next() == 0x910a2dec89025cc1);
  CHECK(r.next() == 0xbeeb8da1658eec67);
  int hits = 0;
  for (int i = 0; i < 100000; ++i) hits += r.percent(95);
  CHECK(hits > 94500);
  CHECK(hits < 95500);
  CHECK_FALSE(r.percent(0));
}
