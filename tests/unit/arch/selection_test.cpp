#include "arch/selection.hpp"

#include <algorithm>

#include "arch/search.hpp"
#include "arch/search_nodes.hpp"
#include "fixture.hpp"
#include "support/catch.hpp"

using namespace elb;
using namespace elb::arch;

namespace {

constexpr Amounts kLimit = {20000, 40000, 60, 40, INT64_MAX};

nn::Network three_layers() {
  return test::network("[12, 12, 4]", test::conv("conv1", 12, R"("kernel": 3, "padding": 1)") + "," +
                                          test::conv("conv2", 16, R"("kernel": 3)") + "," +
                                          test::fc("fc1", 10, true));
}

OptionTable table_of(const nn::Network& net, size_t layer) {
  const LayerShape shape =
      layer_shape(net.layers[layer], layer ? *net.layers[layer - 1].act : net.input_act, false, false);
  return {shape, make_options(shape, kLimit, {})};
}

}  // namespace

TEST_CASE("a front that grows from the one below it is the front") {
  const nn::Network net = three_layers();
  OptionTable stepped = table_of(net, 1);
  const int last = TargetGrid::index_above(stepped.options().back().cycles);
  for (int k = 0; k <= last + 10; k += 37) {
    OptionTable alone = table_of(net, 1);
    std::vector<int> a = stepped.front(k).options, b = alone.front(k).options;
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    INFO(k);
    CHECK(a == b);
    for (const int i : a)
      CHECK(alone.options()[static_cast<size_t>(i)].cost[kLut] >= (*alone.least(TargetGrid::at(k)))[kLut]);
  }
}

TEST_CASE("a target's step is the least that gives its cycles") {
  for (int64_t cycles = 1; cycles < 3000; ++cycles) {
    const int k = TargetGrid::index_above(cycles);
    CHECK(TargetGrid::at(k) >= cycles);
    if (k > 0) CHECK(TargetGrid::at(k - 1) < cycles);
  }
}

TEST_CASE(
    "a front has as cheap an option as any for every link that is on time, and every link that is read") {
  const nn::Network net =
      test::network("[6, 9, 6]", test::conv("conv1", 8, R"("kernel": 3, "padding": 1)") + "," +
                                     test::conv("conv2", 8, R"("kernel": 3, "stride": 2, "groups": 2)") +
                                     "," + test::fc("fc1", 10, true));
  const std::vector<LayerShape> shapes = network_nodes(net, {}, spec::Technology::generic, false).shapes;
  for (const LayerShape& shape : shapes) {
    // Each factors' options alone, so that no other ones beat them.
    std::vector<Option> all;
    const spec::WindowParams& w = shape.work.window;
    for (const int p : factor_candidates({}, shape.work.kernels)) {
      for (const int s : factor_candidates({}, w.channels)) {
        for (const int m : factor_candidates({}, w.out_w)) {
          LayerShape fixed = shape;
          fixed.fixed = {.p = p, .s = s, .m = m};
          for (const Option& o : make_options(fixed, kLimit, {})) all.push_back(o);
        }
      }
    }
    OptionTable table(shape, make_options(shape, kLimit, {}));
    const bool vector = shape.op == nn::Op::fc;
    if (vector) all = table.options();  // of factors that padding rounds otherwise some are left out
    const int map_w = vector ? shape.map_w : w.w, map_h = vector ? shape.map_h : w.h;
    spec::Link in{.h = map_h, .w = map_w, .c = w.groups * w.channels, .bits = w.bits};
    if (vector) in.c = w.channels / (map_h * map_w);
    const int last = TargetGrid::index_above(table.options().back().cycles);
    for (int k = 0; k <= last; k += 29) {
      const int64_t cycles = TargetGrid::at(k);
      const Front& front = table.front(k);
      const bool sent_counts = int64_t{w.out_h} * w.out_w * shape.reader_words > cycles;
      for (in.columns = 1; in.columns <= in.w; ++in.columns) {
        for (const int channels : {1, 3, in.c}) {
          in.channels = channels;
          int missing = 0;
          std::vector<std::pair<const Option*, spec::Link>> kept;
          for (const int i : front.options) {
            const Option& o = table.options()[static_cast<size_t>(i)];
            if (feed_of(shape, o, in).cycles <= cycles) kept.emplace_back(&o, link_of(shape, o));
          }
          for (const Option& o : all) {
            if (o.cycles > cycles || feed_of(shape, o, in).cycles > cycles) continue;
            const spec::Link sent = link_of(shape, o);
            missing += std::none_of(kept.begin(), kept.end(), [&](const auto& other) {
              const spec::Link& l = other.second;
              return no_more(other.first->cost, o.cost) && (!sent_counts || l.columns == sent.columns) &&
                     (!shape.read_as_vector ||
                      l.beats_per_frame() * l.lanes() <= sent.beats_per_frame() * sent.lanes());
            });
          }
          INFO(shape.key() << " " << cycles << " cycles, V " << in.columns << ", L " << in.channels);
          CHECK(missing == 0);
        }
      }
    }
  }
}

TEST_CASE("a depthwise layer has options of all factors, however few weights each lane has") {
  const nn::Network net = test::network(
      "[8, 8, 6]", test::conv("conv1", 6, R"("kernel": 3, "groups": 6)") + "," + test::fc("fc1", 10, true));
  const LayerShape shape = layer_shape(net.layers[0], net.input_act, true, false);
  const std::vector<Option> options = make_options(shape, kLimit, {});
  for (const int s : factor_candidates({}, 6)) {
    CHECK(std::any_of(options.begin(), options.end(),
                      [&](const Option& o) { return o.f.s == s && o.f.m == 1; }));
  }
}

TEST_CASE("what a selection says it uses is the sum of its options and feeds, however it came about") {
  const nn::Network net = three_layers();
  std::vector<OptionTable> tables;
  for (size_t i = 0; i < 3; ++i) tables.push_back(table_of(net, i));
  const spec::Link in{.h = 12, .w = 12, .c = 4, .columns = 1, .channels = 4, .bits = net.input_act.bits};
  std::vector<SearchNode> nodes(4);
  nodes[0].link = [in](const auto&, int64_t) { return in; };
  for (size_t i = 0; i < 3; ++i)
    nodes[i + 1] = {.table = &tables[i], .sources = {static_cast<int>(i)}, .link = {}};
  const int k = TargetGrid::index_above(1000);
  Weights per_unit{};
  for (size_t kind = 0; kind < kDram; ++kind) per_unit[kind] = 2.0 / double(kLimit[kind]);
  SelectionWalk walk(nodes, k, per_unit);
  Weights even;
  even.fill(1);
  const auto check = [&] {
    Amounts sum{};
    spec::Link link = in;
    for (size_t i = 0; i < 3; ++i) {
      OptionTable& t = tables[i];
      const Option& o = t.options()[static_cast<size_t>(walk.options()[i + 1])];
      const FeedCost feed = feed_of(t.shape(), o, link);
      for (size_t kind = 0; kind < kKinds; ++kind) sum[kind] += o.cost[kind] + feed.cost[kind];
      CHECK(o.cycles <= TargetGrid::at(k));
      link = link_of(t.shape(), o);
    }
    CHECK(sum == walk.used());
  };
  walk.start(even);
  check();
  const double before = walk.price();
  walk.fit(0);
  check();
  walk.start(even);
  walk.cheapen(4);
  check();
  CHECK(walk.price() <= before);
}
