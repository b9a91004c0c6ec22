#include "arch/roofline.hpp"

#include "fixture.hpp"
#include "spec/cost.hpp"
#include "support/catch.hpp"

using namespace elb;
using namespace elb::arch;

TEST_CASE("the roofline is the products of a frame over what the budget holds") {
  const nn::Network net = test::network("[8, 8, 3]", test::conv("conv1", 4, R"("kernel": 3)"));
  Budget budget;
  budget.most = {1000, 2000, 10, 0, 0};
  // 6 x 6 x 4 outputs of 27 products; a dot product of three ternary inputs of 8 bits is the cheapest per
  // product.
  const auto dot = [](int s) {
    return spec::cost(spec::ComputeParams{.act_bits = 8, .s = s, .p = 2, .acc_bits = 14}).lut / double(2 * s);
  };
  const double least = std::min({dot(1), dot(2), dot(3)});
  const Roofline r = Rooflines(budget).of(net, spec::Technology::generic);
  CHECK(r.binds == "lut");
  CHECK(r.cycles == Approx(6 * 6 * 4 * 27 * least / 1000));
}

TEST_CASE("integer products bind DSP slices where there are few") {
  const nn::Network net = test::network("[8, 8, 3]", test::conv("conv1", 4, R"("kernel": 3)", "int8"));
  Budget budget;
  budget.most = {1000000, 2000000, 10, 2, 0};
  const Roofline r = Rooflines(budget).of(net, spec::Technology::generic);
  CHECK(r.cycles == Approx(6 * 6 * 4 * 27 / 2.0).epsilon(0.02));
  CHECK(r.binds == "dsp");
}
