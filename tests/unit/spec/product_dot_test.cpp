#include "spec/product_dot.hpp"

#include <set>
#include <tuple>

#include "base/splitmix.hpp"
#include "support/catch.hpp"

using namespace elb;
using namespace elb::spec;

namespace {

// Unit by unit and lane by lane, as hw/compute_array builds it.
Resources built(const ComputeParams& p) {
  Resources r;
  std::set<std::tuple<int, int, int>> pixels, kernels;
  int x = 0, k = 0;
  for (const ProductUnits& units : product_units(p)) {
    const ProductDotParams& dot = units.dot;
    const ProductDot& plan = plan_product_dot(dot);
    const int bits = dot.dots * plan.columns() + plan.spare_bits();
    const int of_pixels = dot.share_weights ? dot.dots : 1, of_kernels = dot.share_weights ? 1 : dot.dots;
    for (int i = 0; i < units.count; ++i) {
      r += cost(dot) + Resources{.ff = int64_t{bits} * (dot_latency(p) - latency(dot))};
      for (const LutLanes& lanes : lut_lanes(dot)) {
        for (int d = 0; d < of_pixels; ++d) {
          if (pixels.insert({x + d, lanes.first, lanes.multiplier.lanes}).second)
            r += activations_cost(lanes.multiplier);
        }
        for (int d = 0; d < of_kernels; ++d) {
          if (kernels.insert({k + d, lanes.first, lanes.multiplier.lanes}).second)
            r += weights_cost(lanes.multiplier);
        }
      }
      k += of_kernels;
      if (k < p.p) continue;
      k = 0;
      x += of_pixels;
    }
  }
  return r;
}

}  // namespace

TEST_CASE("an array of integer products costs its units and the operands that they share") {
  uint64_t seed = 11;
  const auto upto = [&](int n) { return 1 + static_cast<int>(splitmix64(seed) % static_cast<uint64_t>(n)); };
  for (int i = 0; i < 400; ++i) {
    ComputeParams p{.technology = Technology::xc7,
                    .weight = WeightCode::integer,
                    .weight_bits = 1 + upto(7),
                    .act_bits = upto(8),
                    .s = upto(6),
                    .p = upto(6),
                    .m = upto(5),
                    .folds = upto(2),
                    .acc_bits = 12 + upto(12),
                    .acc_signed = true};
    if (i % 4 != 0) p.dsp = upto(static_cast<int>(most_dsp(p)) + 1) - 1;
    INFO("weights " << p.weight_bits << " codes " << p.act_bits << " S " << p.s << " P " << p.p << " M "
                    << p.m << " dsp " << p.dsp);
    CHECK(product_units_cost(p) == built(p));
  }
}

TEST_CASE("a sum that is wider than what is added has the plan of one that is not") {
  const ProductDotParams p{.weight_bits = 8, .act_bits = 4, .s = 6, .slices = 2, .sum_bits = 30};
  ProductDotParams wider = p, narrow = p;
  wider.sum_bits = 34, narrow.sum_bits = 12;
  CHECK(&plan_product_dot(wider) == &plan_product_dot(p));
  CHECK(plan_product_dot(narrow).columns() == 12);
  CHECK(plan_product_dot(p).columns() < 30);
}

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
