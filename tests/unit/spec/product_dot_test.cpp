#include "spec/product_dot.hpp"

#include "support/catch.hpp"

using namespace elb::spec;

TEST_CASE("sums that a DSP48E1 lets overlap fit side by side into a DSP48E2") {
  for (int slices = 2; slices <= 9; ++slices) {
    ProductDotParams p{.s = slices, .slices = slices, .sum_bits = 24};
    for (const Technology technology : {Technology::xc7, Technology::xcup}) {
      p.operand_bits = slice_operand_bits(technology);
      const ProductDot& plan = plan_product_dot(p);
      CHECK(plan.shift == p.operand_bits - 8);
      int lanes = 0;
      for (const SliceChain& chain : plan.chains) {
        lanes += chain.lanes;
        CHECK(chain.lanes <= 4);
        CHECK((chain.over > 0) == (technology == Technology::xc7 && chain.lanes > 1));
        CHECK((chain.over > 0 || chain.sum_bits <= plan.shift));
      }
      CHECK(lanes == slices);
    }
    ProductDotParams narrow = p;
    narrow.operand_bits = slice_operand_bits(Technology::xc7);
    CHECK(cost(p).lut <= cost(narrow).lut);
    CHECK(cost(p).dsp == cost(narrow).dsp);
  }
}
