#include "base/bits.hpp"

#include "base/int_math.hpp"
#include "base/mem_image.hpp"
#include "base/sha256.hpp"
#include "base/splitmix.hpp"
#include "support/catch.hpp"

using namespace elb;

TEST_CASE("widths are the narrowest that hold a range") {
  for (int n = 1; n < 20; ++n) {
    const int64_t top = int64_t{1} << n;
    CHECK(bits_for(top - 1) == n);
    CHECK(bits_for(top) == n + 1);
    CHECK(signed_bits_for(-top, top - 1) == n + 1);
    CHECK(signed_bits_for(-top - 1, 0) == n + 2);
    CHECK(signed_bits_for(0, top) == n + 2);
  }
  CHECK(bits_for(0) == 1);
  CHECK(signed_bits_for(0, 0) == 1);
}

TEST_CASE("division and remainder round down on both sides of zero") {
  for (int64_t b : {1, 2, 3, 7}) {
    for (int64_t a = -30; a <= 30; ++a) {
      const int64_t q = floor_div(a, b);
      CHECK(q * b <= a);
      CHECK((q + 1) * b > a);
      CHECK(floor_mod(a, b) == a - q * b);
    }
  }
}

TEST_CASE("a field that straddles 64-bit words is read as it was written, its neighbours untouched") {
  Bits bits = Bits::from_int(200, -1);
  MemImage image(3, 200);
  for (const int low : {0, 1, 50, 63, 64, 100, 136}) {
    const uint64_t value = 0x0123456789abcdef ^ static_cast<uint64_t>(low);
    bits.set(low, 64, value);
    CHECK(bits.get(low, 64) == value);
    image.set(1, low, 64, value);
    CHECK(image.get(1, low, 64) == value);
  }
  CHECK(image.get(0, 136, 64) == 0);
  CHECK(image.get(2, 0, 64) == 0);
  CHECK(Bits::from_int(70, -2).hex() == "3ffffffffffffffffe");
  CHECK(Bits::from_int(5, -3).binary() == "11101");
  CHECK(Bits::from_int(5, -3).to_i64() == -3);
}

TEST_CASE("hash and random words are those of their publications") {
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  uint64_t state = 1234567;
  CHECK(splitmix64(state) == 6457827717110365317u);
  CHECK(splitmix64(state) == 3203168211198807973u);
}
