#include "hdl/shape.hpp"

#include <vector>

#include "support/catch.hpp"

using namespace elb::hdl;

namespace {

std::vector<Shape> small_shapes() {
  std::vector<Shape> all;
  for (int w = 1; w <= 5; ++w) {
    all.push_back(u(w));
    all.push_back(s(w));
  }
  return all;
}

bool in(Shape shape, int64_t v) {
  return v >= min_value(shape) && v <= max_value(shape);
}

}  // namespace

TEST_CASE("every sum, difference, product and negation has a pattern in its shape") {
  for (Shape a : small_shapes()) {
    for (Shape b : small_shapes()) {
      for (int64_t x = min_value(a); x <= max_value(a); ++x) {
        for (int64_t y = min_value(b); y <= max_value(b); ++y) {
          REQUIRE(in(add_shape(a, b), x + y));
          REQUIRE(in(sub_shape(a, b), x - y));
          REQUIRE(in(mul_shape(a, b), x * y));
          REQUIRE(in(join(a, b), x));
          REQUIRE(in(join(a, b), y));
        }
        REQUIRE(in(neg_shape(a), -x));
      }
    }
  }
}

TEST_CASE("join is the narrowest shape that holds both") {
  for (Shape a : small_shapes()) {
    for (Shape b : small_shapes()) {
      const Shape j = join(a, b);
      REQUIRE(holds(j, a));
      REQUIRE(holds(j, b));
      REQUIRE(join(b, a) == j);
      if (j.width > 1) {
        const Shape narrower{j.width - 1, j.is_signed};
        REQUIRE_FALSE((holds(narrower, a) && holds(narrower, b)));
      }
    }
  }
}

TEST_CASE("holds says exactly whether every value fits") {
  for (Shape target : small_shapes()) {
    for (Shape value : small_shapes()) {
      const bool fits = min_value(value) >= min_value(target) && max_value(value) <= max_value(target);
      REQUIRE(holds(target, value) == fits);
    }
  }
}

TEST_CASE("fit gives the narrowest shape of an interval") {
  CHECK(fit(0, 0) == u(1));
  CHECK(fit(-6, 6) == s(4));
  CHECK(fit(-1, -1) == s(1));
  CHECK(fit(0, 255) == u(8));
  for (int64_t lo = -40; lo <= 40; ++lo) {
    for (int64_t hi = lo; hi <= 40; ++hi) {
      const Shape f = fit(lo, hi);
      REQUIRE(in(f, lo));
      REQUIRE(in(f, hi));
      REQUIRE(f.is_signed == (lo < 0));
      if (f.width > 1) {
        const Shape narrower{f.width - 1, f.is_signed};
        REQUIRE_FALSE((in(narrower, lo) && in(narrower, hi)));
      }
    }
  }
}

TEST_CASE("an address has at least one bit") {
  CHECK(address_bits(1) == 1);
  CHECK(address_bits(2) == 1);
  CHECK(address_bits(3) == 2);
  CHECK(address_bits(1024) == 10);
  CHECK(address_bits(1025) == 11);
}
