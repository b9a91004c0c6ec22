#include "arch/weight_image.hpp"

#include "arch/make_plan.hpp"
#include "arch/plan_json.hpp"
#include "fixture.hpp"
#include "support/catch.hpp"

using namespace elb;
using namespace elb::arch;
using namespace elb::arch::test;

namespace {

Plan plan_with(const nn::Network& net, const std::string& rows) {
  PlanOptions options;
  options.overrides = read_plan_text(R"({"format": "elbgen.plan/1", "stages": [)" + rows + "]}", "plan.json");
  return make_plan(net, options);
}

// What the definition says about lane (p, s) of a word: the weight there, and its code.
uint64_t code_of(const nn::WeightType& type, int w) {
  switch (type.kind) {
    case nn::WeightKind::binary:
      return w < 0;
    case nn::WeightKind::ternary:
      return w == 0 ? 0 : w < 0 ? 3 : 2;
    case nn::WeightKind::integer:
      return static_cast<uint64_t>(w) & ((1u << type.bits) - 1);
  }
  return 0;
}

void check_compute_image(const nn::Network& net, const Stage& stage) {
  const nn::Layer& layer = net.layers[stage.layer];
  const spec::WindowParams& w = *stage.window;
  const MemImage image = weight_image(layer, stage);
  const int bits = layer.weight->bits, kernels = layer.out.c / w.groups;
  const spec::Link& in = stage.inputs[0].link;
  REQUIRE(image.width() == stage.p * stage.s * bits);
  int64_t word = 0, wrong = 0;
  for (int g = 0; g < w.groups; ++g) {
    for (int k0 = 0; k0 < kernels; k0 += stage.p) {
      for (int c0 = 0; c0 < w.channels; c0 += stage.s) {
        for (int tap = 0; tap < w.kh * w.kw; ++tap, ++word) {
          for (int p = 0; p < stage.p; ++p) {
            for (int s = 0; s < stage.s; ++s) {
              const int k = k0 + p, c = c0 + s;
              int value = 0;
              if (k < kernels && c < w.channels) {
                const int64_t kernel = int64_t{g} * kernels + k;
                if (flattens(net, stage)) {
                  const int beat = c / in.lanes(), lane = c % in.lanes();
                  const int ch = beat % in.channel_beats() * in.channels + lane % in.channels;
                  const int x =
                      beat / in.channel_beats() % in.column_groups() * in.columns + lane / in.channels;
                  const int y = beat / in.channel_beats() / in.column_groups();
                  if (x < in.w && ch < in.c)
                    value = layer.weights[kernel * layer.in.c + (y * in.w + x) * in.c + ch];
                } else {
                  value = layer.weights[(kernel * w.kh * w.kw + tap) * w.channels + c];
                }
              }
              wrong += image.get(word, (p * stage.s + s) * bits, bits) != code_of(*layer.weight, value);
            }
          }
        }
      }
    }
  }
  CHECK(wrong == 0);
  CHECK(word == image.depth());
}

}  // namespace

TEST_CASE("weights stand in the order of issue, ragged lanes neutral") {
  for (const char* kind : {"binary", "ternary", "int3", "int8"}) {
    const nn::Network net = network(
        "[6, 5, 10]", conv("c", 14, R"("kernel": [3, 2], "groups": 2)", kind) + "," + fc("f", 7, true));
    for (const char* rows :
         {R"({"layer": "c", "p": 1, "s": 1, "m": 1})", R"({"layer": "c", "p": 3, "s": 4, "m": 2})",
          R"({"layer": "c", "p": 7, "s": 5, "m": 3})"}) {
      INFO(kind << " " << rows);
      const Plan plan = plan_with(net, rows);
      check_compute_image(net, plan.stages[1]);
    }
  }
}

TEST_CASE("long dot products are packed like short ones") {
  const nn::Network net = network(
      "[1, 1, 301]", fc("a", 9, false) + "," + fc("b", 5, false, "ternary") + "," + fc("c", 3, true, "int5"));
  const Plan plan = plan_with(
      net,
      R"({"layer": "a", "p": 2, "s": 150}, {"layer": "b", "p": 5, "s": 9}, {"layer": "c", "p": 3, "s": 5})");
  for (int i = 1; i <= 3; ++i) check_compute_image(net, plan.stages[i]);
}

TEST_CASE("a flattened map is read in order of arrival") {
  const nn::Network net =
      network("[4, 5, 3]", conv("c", 6, R"("kernel": 1)") + "," + fc("f", 7, true, "ternary"));
  for (const char* rows : {R"({"layer": "c", "p": 4, "m": 2}, {"layer": "f", "p": 2, "s": 11})",
                           R"({"layer": "c", "p": 6, "m": 1}, {"layer": "f", "p": 3, "s": 8})",
                           R"({"layer": "c", "p": 1, "m": 5}, {"layer": "f", "p": 7, "s": 3})"}) {
    INFO(rows);
    const Plan plan = plan_with(net, rows);
    REQUIRE(flattens(net, plan.stages[2]));
    check_compute_image(net, plan.stages[2]);
  }
}

TEST_CASE("depthwise weights stand by channel fold and tap") {
  const nn::Network net =
      network("[6, 6, 5]", conv("c", 5, R"("kernel": 3, "groups": 5)") + "," + fc("f", 3, true));
  const Plan plan = plan_with(net, R"({"layer": "c", "s": 2, "m": 1})");
  const Stage& stage = plan.stages[1];
  REQUIRE(stage.engine == Engine::lanewise);
  const MemImage image = weight_image(net.layers[0], stage);
  REQUIRE(image.depth() == 27);
  REQUIRE(image.width() == 4);
  for (int word = 0; word < 27; ++word) {
    for (int s = 0; s < 2; ++s) {
      const int c = word / 9 * 2 + s;
      const int value = c < 5 ? net.layers[0].weights[c * 9 + word % 9] : 0;
      CHECK(image.get(word, 2 * s, 2) == code_of(*net.layers[0].weight, value));
    }
  }
}
