#include "nn/quantize.hpp"

#include "fixture.hpp"
#include "support/catch.hpp"

namespace elb::nn {
namespace {

using Ints = std::vector<int8_t>;

TEST_CASE("binary weights are signs, zero is +1, and E is the mean magnitude") {
  const QuantizedWeights q = quantize_weights({0.5F, -1, 0, -0.0F}, {WeightKind::binary, 1}, {});
  CHECK(q.weights == Ints{1, -1, 1, 1});
  CHECK(q.scale == 0.375);
}

TEST_CASE("ternary weights are zero up to 0.7 of the mean magnitude, and E is the mean of the others") {
  // mean |w| = 1, so 0.5 falls to zero and 0.75 does not.
  const QuantizedWeights q = quantize_weights({0.5F, -0.75F, 2, 0.75F}, {WeightKind::ternary, 2}, {});
  CHECK(q.weights == Ints{0, -1, 1, 1});
  CHECK(q.scale == 3.5 / 3);
}

TEST_CASE("int weights are rounded half up in steps of the largest magnitude") {
  const QuantizedWeights q = quantize_weights({3, -1.5F, 0.5F, -0.5F, -3}, {WeightKind::integer, 3}, {});
  CHECK(q.scale == 1);
  CHECK(q.weights == Ints{3, -1, 1, 0, -3});
}

TEST_CASE("a given scale replaces E for int kinds, per channel, and values beyond are clamped") {
  const QuantizedWeights q = quantize_weights({1, -9, 1, -9}, {WeightKind::integer, 4}, {1, 4});
  CHECK(q.weights == Ints{1, -8, 0, -2});
  CHECK(q.scale == 1);
}

TEST_CASE("weights that are all zero have E = 1") {
  for (const WeightType type : {WeightType{WeightKind::binary, 1}, WeightType{WeightKind::ternary, 2},
                                WeightType{WeightKind::integer, 8}}) {
    const QuantizedWeights q = quantize_weights({0, 0}, type, {});
    CHECK(q.scale == 1);
    CHECK(q.weights[0] == (type.kind == WeightKind::binary ? 1 : 0));
  }
}

TEST_CASE("the scale of real weights enters the tail times the input's scale") {
  std::vector<Tensor> tensors = test::tiny_tensors();
  std::vector<float> w(72, 0.5F);
  tensors[0] = make_f32("conv1.weight", {4, 3, 3, 2}, w);
  tensors.erase(tensors.begin() + 1);  // conv1.weight_scale
  const Network net = test::read_tiny(test::tiny_json(), tensors);
  CHECK(net.layers[0].weights == Ints(72, 127));
  CHECK(net.layers[0].real->scale == std::vector<double>(4, 0.5 / 127 * 0.5));
  tensors.push_back(make_f32("conv1.weight_scale", {4}, {0.5F, 0.25F, 1, 2}));
  const Network given = test::read_tiny(test::tiny_json(), tensors);
  CHECK(given.layers[0].real->scale == std::vector<double>{0.25, 0.125, 0.5, 1});
  CHECK(given.layers[0].weights[0] == 1);
  CHECK(given.layers[0].weights[18] == 2);
  CHECK(given.layers[0].weights[71] == 0);
}

}  // namespace
}  // namespace elb::nn
