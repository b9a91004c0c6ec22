#include "base/diag.hpp"
#include "base/text.hpp"
#include "fixture.hpp"
#include "support/catch.hpp"

using namespace elb;
using namespace elb::sweep;
using namespace elb::sweep::test;

namespace {

BaseNetwork base(const std::string& text = kNetwork) {
  return BaseNetwork(text, "small.json");
}

Diag mistake(const std::string& text) {
  try {
    base(text);
  } catch (const UserError& e) {
    return e.diags().front();
  }
  return {.code = "none", .text = ""};
}

std::string shipped(const std::string& name) {
  return read_file(std::string(ELB_SOURCE_ROOT) + "/configs/networks/" + name + ".json");
}

}  // namespace

TEST_CASE("a point is named by its digits") {
  const Precision p{.activation_bits = 2, .weights = {8, 1, 3, 4}};
  CHECK(to_string(p) == "2-8134");
  CHECK(base().name(p) == "small-2-8134");
  CHECK(base(edited(kNetwork, "small-4-8218", "vgg-4-8218-wide")).name(p) == "vgg-2-8134-wide");
  CHECK(base(edited(kNetwork, "small-4-8218", "plain")).name(p) == "plain-2-8134");
  CHECK(base(edited(kNetwork, "small-4-8218", "a-9-8218")).name(p) ==
        "a-9-8218-2-8134");  // 9 is no digit of these
  CHECK(base(edited(kNetwork, "small-4-8218", "a-4-82181")).name(p) == "a-4-82181-2-8134");
}

TEST_CASE("the first and the last layer with weights, and between them CONV and FC") {
  const auto classes = weight_classes(base().shapes());
  CHECK(classes == std::vector<std::optional<WeightClass>>{WeightClass::first, std::nullopt,
                                                           WeightClass::middle_conv, WeightClass::middle_fc,
                                                           WeightClass::last});
}

TEST_CASE("a point's network has its bits, and all else from the file") {
  const Precision p{.activation_bits = 1, .weights = {4, 1, 2, 3}};
  const nn::Network net = base().shapes(p);
  CHECK(net.name == "small-1-4123");
  CHECK(to_string(*net.layers[0].weight) == "int4");
  CHECK(to_string(*net.layers[2].weight) == "binary");
  CHECK(to_string(*net.layers[3].weight) == "ternary");
  CHECK(to_string(*net.layers[4].weight) == "int3");
  CHECK(net.layers[0].act->bits == 1);
  CHECK(net.layers[2].in_act.bits == 1);
  CHECK(net.input_act.bits == 8);
  CHECK_FALSE(net.layers[4].act);
  CHECK(net.layers[0].weights.empty());
  CHECK(base().network(p).layers[0].weights.size() == 4 * 27);
}

TEST_CASE("the points of a shipped network are the shipped networks") {
  const BaseNetwork alexnet(shipped("alexnet-4-8218"), "alexnet-4-8218.json");
  CHECK(alexnet.text({.activation_bits = 4, .weights = {8, 2, 1, 8}}) == shipped("alexnet-4-8218"));
  CHECK(alexnet.text({.activation_bits = 2, .weights = {8, 2, 1, 8}}) == shipped("alexnet-2-8218"));
  CHECK(alexnet.text({.activation_bits = 8, .weights = {8, 8, 8, 8}}) == shipped("alexnet-8-8888"));
  CHECK(alexnet.text({.activation_bits = 8, .weights = {8, 2, 2, 8}}) == shipped("alexnet-8-8228"));
  const BaseNetwork vgg(shipped("vgg16-4-8218"), "vgg16-4-8218.json");
  CHECK(vgg.text({.activation_bits = 2, .weights = {8, 1, 1, 8}}) == shipped("vgg16-2-8118"));
}

TEST_CASE("weight bits are a mean over multiplications") {
  // conv1 6x6x4x27, conv2 1x1x8x36, fc1 8x6, fc2 6x5
  const double macs = 3888 + 288 + 48 + 30;
  CHECK(base().weight_bits({.activation_bits = 4, .weights = {8, 2, 1, 8}}) ==
        (8 * 3888 + 2 * 288 + 1 * 48 + 8 * 30) / macs);
}

TEST_CASE("a network of one precision is refused") {
  const Diag trained = mistake(edited(kNetwork, R"({"synthetic": 3})", "\"small.safetensors\""));
  CHECK(trained.code == "sweep-network");
  CHECK(trained.place == "small.json#/weights");
  CHECK(trained.help == R"(a copy of the network with "weights": {"synthetic": 1})");
  const Diag bipolar =
      mistake(edited(kNetwork, R"({"kind": "unsigned", "bits": 4})", R"({"kind": "bipolar"})"));
  CHECK(bipolar.code == "sweep-network");
  CHECK(bipolar.place == "small.json#/layers/0/activation");
  const Diag counted =
      mistake(edited(kNetwork, R"("weight": "ternary",)", R"("weight": "ternary", "thresholds": 15,)"));
  CHECK(counted.place == "small.json#/layers/2/thresholds");
  const Diag escaped = [&] {
    try {
      base(edited(kNetwork, "\"weight\"", "\"weigh\\u0074\"")).text({});
    } catch (const UserError& e) {
      return e.diags().front();
    }
    return Diag{.code = "none", .text = ""};
  }();
  CHECK(escaped.code == "sweep-network");
}
