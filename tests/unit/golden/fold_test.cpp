// Reading, folding and running together: the real tail of every operator and activation kind against its
// points.
#include "nn/fold.hpp"

#include <fmt/format.h>

#include <map>

#include "nn/read_network.hpp"
#include "nn/safetensors.hpp"
#include "random_layer.hpp"
#include "sim/golden/engine.hpp"
#include "sim/golden/tail.hpp"
#include "support/catch.hpp"

using namespace elb;
using golden::Kind;
using golden::test::Random;

namespace {

struct Text {
  std::string json;
  std::vector<nn::Tensor> tensors;
  std::string what;  // operator and kinds, for counting and messages
};

std::string act_json(const nn::ActType& act, double scale) {
  static const char* const names[] = {"unsigned", "signed", "bipolar", "ternary"};
  return fmt::format(R"({{"kind": "{}", "bits": {}, "scale": {}}})", names[static_cast<int>(act.kind)],
                     act.bits, scale);
}

std::vector<float> reals(Random& r, int n, double lo, double hi) {
  std::vector<float> v(static_cast<size_t>(n));
  for (float& x : v) x = static_cast<float>(lo + (hi - lo) * r.in(0, 1000000) / 1e6);
  return v;
}

// One layer with a real tail behind a quantised input; scales such that its codes occur.
Text random_text(Random& r) {
  Text t;
  const nn::ActType in = golden::test::random_act(r);
  const nn::ActType out = golden::test::random_act(r);
  const std::string op =
      r.of<const char*>({"conv", "fc", "average_pool", "global_average_pool", "add", "quantize"});
  const bool weighted = op == "conv" || op == "fc";
  const int channels = weighted ? 6 : 4;
  const int fan_in = op == "conv" ? 36 : op == "fc" ? 144 : op == "average_pool" ? 4 : op == "add" ? 2 : 36;

  std::string layer = fmt::format(R"("name": "x", "op": "{}")", op);
  t.what = op + " " + nn::to_string(in) + " -> " + nn::to_string(out);
  if (weighted) {
    const nn::WeightType w = golden::test::random_weight_type(r);
    layer += fmt::format(R"(, "out_channels": {}, "weight": "{}")", channels, nn::to_string(w));
    const std::vector<int64_t> shape =
        op == "conv" ? std::vector<int64_t>{channels, 3, 3, 4} : std::vector<int64_t>{channels, 144};
    const int count = channels * fan_in;
    if (r.chance(50)) {
      std::vector<int8_t> weights;
      for (int i = 0; i < count; ++i) weights.push_back(golden::test::random_weight(r, w, false));
      t.tensors.push_back(nn::make_i8("x.weight", shape, weights));
      if (r.chance(50))
        t.tensors.push_back(nn::make_f32("x.weight_scale", {channels}, reals(r, channels, 0.1, 2)));
    } else {
      t.tensors.push_back(nn::make_f32("x.weight", shape, reals(r, count, -1, 1)));
    }
    if (r.chance(40)) {
      layer += R"(, "bias": true)";
      t.tensors.push_back(nn::make_f32("x.bias", {channels}, reals(r, channels, -3, 3)));
    }
  }
  if (op == "conv")
    layer += r.chance(50) ? R"(, "kernel": 3, "padding": 1)" : R"(, "kernel": 3, "stride": 2)";
  if (op == "average_pool") {
    layer += R"(, "kernel": 2, "stride": 1, "padding": 1)";
    if (r.chance(50)) layer += R"(, "count_include_pad": true)";
  }
  if (op == "add") layer += R"(, "inputs": ["input", "input"])";
  if (r.chance(60)) {
    layer += R"(, "bn": {"epsilon": 1e-5})";
    t.what += " bn";
    t.tensors.push_back(nn::make_f32("x.bn.gamma", {channels}, reals(r, channels, -2, 2)));
    t.tensors.push_back(nn::make_f32("x.bn.beta", {channels}, reals(r, channels, -3, 3)));
    t.tensors.push_back(nn::make_f32("x.bn.mean", {channels}, reals(r, channels, -20, 20)));
    t.tensors.push_back(nn::make_f32("x.bn.variance", {channels}, reals(r, channels, 0, 4)));
  }
  // Sometimes an exact power of two, where accumulators fall onto the edges of rounding.
  const double scale =
      r.chance(30) ? r.of({0.25, 0.5, 1.0, 2.0, 8.0}) : 0.05 + r.in(0, 1000) * 0.02 / out.codes();
  layer += ", \"activation\": " + act_json(out, scale);

  std::string table;
  for (int pixel = 0; pixel < 256; ++pixel)
    table += fmt::format("{}{}", pixel ? ", " : "", in.value_of(pixel % in.codes()));
  t.json = fmt::format(R"({{"format": "elbgen.network/1", "name": "folded", "weights": "w.safetensors",
    "input": {{"shape": [6, 6, 4], "activation": {}, "pixel_table": [{}]}},
    "layers": [{{{}}}, {{"name": "last", "op": "fc", "out_channels": 2, "weight": "ternary"}}]}})",
                       act_json(in, r.chance(50) ? 1 : 0.37), table, layer);
  return t;
}

// Adds the weights of the raw last layer, whose size depends on what comes before it.
nn::Network read(Random& r, Text& t) {
  for (int size : {6, 4, 6 * 36, 4 * 36, 6 * 4, 4 * 49}) {
    std::vector<int8_t> last;
    for (int i = 0; i < 2 * size; ++i) last.push_back(static_cast<int8_t>(r.in(-1, 1)));
    std::vector<nn::Tensor> tensors = t.tensors;
    tensors.push_back(nn::make_i8("last.weight", {2, size}, last));
    try {
      return nn::read_network_text(t.json, "folded.json", nn::write_safetensors(tensors));
    } catch (const UserError& e) {
      if (e.diags().size() != 1 || e.diags()[0].place.find("last.weight") == std::string::npos) throw;
    }
  }
  throw std::logic_error("the last layer has none of the expected sizes");
}

}  // namespace

TEST_CASE("real tails and their switching points agree on every value, for every operator and kind") {
  const uint64_t seed = Random::seed(20260103);
  INFO("ELB_SEED=" << seed);
  Random r(seed);
  std::map<std::string, int> seen;
  const golden::Options keep{.keep_acc = true, .only_output = false};
  for (int round = 0; round < 400; ++round) {
    Text text = random_text(r);
    INFO("round " << round << ": " << text.what << "\n" << text.json);
    const nn::Network as_read = read(r, text);
    nn::Network folded = as_read;
    nn::fold(folded);
    for (int frame = 0; frame < 3; ++frame) {
      const auto pixels = golden::test::random_pixels(r, as_read);
      const auto reference = golden::Engine(as_read, Kind::reference, keep).run(pixels.data());
      const auto integer = golden::Engine(folded, Kind::integer, keep).run(pixels.data());
      const auto fast = golden::Engine(folded, Kind::fast, keep).run(pixels.data());
      REQUIRE(integer.values == reference.values);
      REQUIRE(integer.acc == reference.acc);
      REQUIRE(fast.values == integer.values);
      REQUIRE(fast.acc == integer.acc);
      const nn::Interval reach = folded.layers[0].acc;
      for (int32_t acc : integer.acc[0]->data) REQUIRE((acc >= reach.lo && acc <= reach.hi));
    }
    const nn::Layer& layer = folded.layers[0];
    ++seen[text.what.substr(0, text.what.find(' '))];
    ++seen["to " + nn::to_string(*layer.act).substr(0, 1)];
    for (const nn::Steps& s : layer.steps) seen["reversed"] += s.reversed ? 1 : 0;
  }
  for (const char* what : {"conv", "fc", "average_pool", "global_average_pool", "add", "quantize", "to u",
                           "to s", "to b", "to t", "reversed"}) {
    INFO(what);
    CHECK(seen[what] >= 20);
  }
}

TEST_CASE("switching points equal the real tail on every reachable accumulator, edges included") {
  Random r(Random::seed(20260104));
  int64_t compared = 0;
  for (int round = 0; round < 60; ++round) {
    Text text = random_text(r);
    INFO("round " << round << ": " << text.what << "\n" << text.json);
    nn::Network net = read(r, text);
    nn::fold(net);
    const nn::Layer& layer = net.layers[0];
    REQUIRE(layer.real.has_value());
    for (int c = 0; c < layer.out.c; ++c) {
      const nn::Interval reach = layer.acc_channel[static_cast<size_t>(c)];
      const int64_t stride = std::max<int64_t>(1, (reach.hi - reach.lo) / 5000);
      for (int64_t acc = reach.lo; acc <= reach.hi; acc += stride) {
        const int real = golden::real_value(*layer.real, *layer.act, c, acc);
        if (golden::stepped_value(layer.steps_of(c), *layer.act, acc) != real)
          FAIL("channel " << c << " at " << acc);
        ++compared;
      }
    }
  }
  CHECK(compared > 100000);
}
