#include "arch/stage_specs.hpp"

#include "arch/make_plan.hpp"
#include "arch/plan_json.hpp"
#include "nn/fold.hpp"
#include "nn/read_network.hpp"
#include "sim/golden/engine.hpp"
#include "spec_eval.hpp"
#include "support/catch.hpp"
#include "top/testbench.hpp"

using namespace elb;
using namespace elb::top;
using golden::Tensor;

namespace {

nn::Network network(const std::string& shape, const std::string& input, const std::string& layers) {
  const std::string json =
      R"({"format": "elbgen.network/1", "name": "net", "weights": {"synthetic": 3}, "input": {"shape": )" +
      shape + R"(, "activation": )" + input + R"(}, "layers": [)" + layers + "]}";
  nn::Network net = nn::read_network_text(json, "net.json");
  nn::fold(net);
  return net;
}

arch::Plan plan_with(const nn::Network& net, const std::string& rows) {
  arch::PlanOptions options;
  options.overrides =
      arch::read_plan_text(R"({"format": "elbgen.plan/1", "stages": [)" + rows + "]}", "plan.json");
  return make_plan(net, options);
}

// Every stage, given golden's codes of its inputs, must give golden's codes of its output.
void check_against_golden(const nn::Network& net, const std::string& rows) {
  const arch::Plan plan = plan_with(net, rows);
  const std::vector<spec::StageSpec> specs = arch::stage_specs(net, plan, "elb_net");
  const golden::Engine engine(net, golden::Kind::integer);
  const auto frames = test_pixels(net.input, 2);
  for (const std::vector<uint8_t>& pixels : frames) {
    const golden::Result result = engine.run(pixels.data());
    const auto codes_of = [&](int layer) {
      if (layer < 0) return golden::codes_of(result.input, net.input_act);
      const std::optional<nn::ActType>& act = net.layers[layer].act;
      return act ? golden::codes_of(result.values[layer], *act) : result.values[layer];
    };
    for (size_t i = 1; i < plan.stages.size(); ++i) {
      const arch::Stage& stage = plan.stages[i];
      INFO(stage.name << " under " << rows);
      std::vector<Tensor> in;
      for (const arch::Edge& e : stage.inputs) in.push_back(codes_of(plan.stages[e.from].layer));
      const Tensor want = codes_of(stage.layer);
      if (const auto* s = std::get_if<spec::ComputeStage>(&specs[i]))
        CHECK(test::evaluate(*s, in[0]) == want);
      if (const auto* s = std::get_if<spec::LanewiseStage>(&specs[i]))
        CHECK(test::evaluate(*s, in[0]) == want);
      if (const auto* s = std::get_if<spec::ElementwiseStage>(&specs[i])) {
        std::vector<const Tensor*> operands;
        for (const Tensor& t : in) operands.push_back(&t);
        CHECK(test::evaluate(*s, operands) == want);
      }
    }
  }
}

const char* kU8 = R"({"kind": "unsigned", "bits": 8})";

std::string conv(const std::string& name, const std::string& weight, const std::string& act,
                 const std::string& more) {
  return R"({"name": ")" + name + R"(", "op": "conv", "weight": ")" + weight + R"(", "activation": )" + act +
         ", " + more + "}";
}

}  // namespace

TEST_CASE("convolutions of all weight and activation kinds compute golden's codes") {
  const char* u4 = R"({"kind": "unsigned", "bits": 4})";
  const char* s3 = R"({"kind": "signed", "bits": 3})";
  const char* bipolar = R"({"kind": "bipolar", "bits": 1})";
  const char* ternary = R"({"kind": "ternary", "bits": 2})";
  const char* window = R"("out_channels": 6, "kernel": 3, "padding": [1, 2, 0, 1])";
  for (const char* act : {u4, s3, bipolar, ternary}) {
    for (const char* weight : {"binary", "ternary", "int4"}) {
      const nn::Network net = network(
          "[6, 7, 3]", kU8,
          conv("a", "int8", act, R"("out_channels": 4, "kernel": 2)") + "," + conv("b", weight, u4, window) +
              R"(, {"name": "f", "op": "fc", "out_channels": 5, "weight": "int3"})");
      INFO(act << " " << weight);
      check_against_golden(
          net,
          R"({"layer": "a", "p": 3, "s": 2, "m": 2}, {"layer": "b", "p": 4, "s": 3, "m": 2}, {"layer": "f", "p": 2, "s": 11})");
      check_against_golden(net, "");
    }
  }
}

TEST_CASE("grouped and depthwise convolutions compute golden's codes") {
  const char* s4 = R"({"kind": "signed", "bits": 4})";
  const nn::Network net = network(
      "[7, 6, 4]", kU8,
      conv("a", "ternary", s4,
           R"("out_channels": 12, "kernel": 3, "groups": 2, "padding": 1, "pad_value": 3)") +
          "," +
          conv("b", "ternary", s4,
               R"("out_channels": 12, "kernel": [3, 2], "groups": 12, "padding": 1, "pad_value": -2)") +
          "," + conv("c", "binary", s4, R"("out_channels": 24, "kernel": 2, "groups": 12, "stride": 2)") +
          R"(, {"name": "f", "op": "fc", "out_channels": 5, "weight": "binary"})");
  check_against_golden(net, "");
  check_against_golden(
      net,
      R"({"layer": "a", "p": 4, "s": 2, "m": 4}, {"layer": "b", "s": 5, "m": 3}, {"layer": "c", "p": 2, "s": 1, "m": 2})");
  check_against_golden(net, R"({"layer": "b", "engine": "compute", "p": 1, "s": 1, "m": 2})");
}

TEST_CASE("pools and sums compute golden's codes") {
  const char* act = R"("activation": {"kind": "signed", "bits": 4, "scale": 3})";
  const char* u3 = R"({"kind": "signed", "bits": 3})";
  const nn::Network net = network(
      "[9, 8, 3]", kU8,
      conv("a", "int8", u3, R"("out_channels": 5, "kernel": 3, "padding": 1)") + "," +
          conv("b", "ternary", u3, R"("out_channels": 5, "kernel": 3, "padding": 1)") +
          R"(, {"name": "s", "op": "add", "inputs": ["a", "b"], )" + act +
          R"(}, {"name": "m", "op": "max_pool", "kernel": 3, "stride": 2, "padding": 1, "ceil_mode": true})" +
          R"(, {"name": "v", "op": "average_pool", "kernel": 3, "stride": 2, "padding": 1, "count_include_pad": true, "pad_value": -3, )" +
          act + "}" + R"(, {"name": "w", "op": "average_pool", "kernel": 2, "padding": 1, )" + act + "}" +
          R"(, {"name": "q", "op": "quantize", )" + act +
          R"(}, {"name": "f", "op": "fc", "out_channels": 5, "weight": "binary"})");
  check_against_golden(net, "");
  check_against_golden(
      net,
      R"({"layer": "s", "p": 3, "m": 2}, {"layer": "m", "s": 4, "m": 3}, {"layer": "v", "s": 2, "m": 2}, {"layer": "w", "s": 3})");
}

TEST_CASE("an affine activation computes golden's codes") {
  nn::Network net = network("[8, 8, 2]", kU8,
                            conv("a", "int8", kU8, R"("out_channels": 6, "kernel": 3)") +
                                R"(, {"name": "f", "op": "fc", "out_channels": 5, "weight": "binary"})");
  // Steps at even distances, in two channels falling ones.
  for (int c = 0; c < 6; ++c) {
    nn::Steps steps{.points = {}, .reversed = c % 3 == 1};
    for (int k = 0; k < 255; ++k) steps.points.push_back((k - 100) * (90 + 7 * c) + 13 * c);
    net.layers[0].steps.resize(6);
    net.layers[0].steps[c] = steps;
  }
  nn::settle_codes(net.layers[0]);
  CHECK(plan_with(net, "").stages[1].activation == arch::Activation::affine);
  check_against_golden(net, "");
  check_against_golden(net, R"({"layer": "a", "activation": "threshold"})");
}
