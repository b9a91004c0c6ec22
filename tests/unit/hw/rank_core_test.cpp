#include "hw/rank_core.hpp"

#include <algorithm>
#include <numeric>

#include "arith_case.hpp"
#include "support/catch.hpp"

namespace elb::test {
namespace {

using spec::RankParams;

// RankCore behind a FIFO that takes every beat, so that stimulus needs no look at ready.
std::string rank_bench(hdl::Design& d, const RankParams& p, int number, int beats) {
  hdl::Module& m = d.module("rank_bench_" + std::to_string(number));
  const hdl::Sig push = m.input("push", hdl::u(1)), data = m.input("data", hdl::u(p.lanes * p.bits));
  const hdl::Sig take = m.input("take", hdl::u(1));
  const hdl::Stream source = m.stream("source", {.data = hdl::u(p.lanes * p.bits)}, push, {data});
  const hdl::Stream indices =
      hdl::instantiate<hw::RankCore>(m, "u_rank", p, {.values = source.fifo(beats)}).indices;
  indices.drive_ready(take);
  m.output("done", indices.fire());
  m.output("indices", indices.data());
  return m.name();
}

struct RankCase {
  RankParams params;
  int frames, instance = 0;
  bool stalled;  // random source and sink, else both free
  VerilogBench::Words inputs = {};
  std::vector<std::vector<int64_t>> expect = {};
};

std::vector<int64_t> best_of(const std::vector<int64_t>& values, int k) {
  std::vector<int64_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return values[static_cast<size_t>(a)] > values[static_cast<size_t>(b)];
  });
  order.resize(static_cast<size_t>(k));
  return order;
}

void fill(Rng& rng, RankCase& c) {
  const RankParams& p = c.params;
  const auto beats = static_cast<int>(ceil_div(p.values, p.lanes));
  for (int frame = 0; frame < c.frames; ++frame) {
    std::vector<int64_t> values;
    const bool few = rng() % 2;  // many equal ones
    for (int b = 0; b < beats; ++b) {
      Bits word = random_bits(rng, p.lanes * p.bits);
      for (int l = 0; l < p.lanes; ++l) {
        if (few)
          word.set(l * p.bits, p.bits,
                   static_cast<uint64_t>(-static_cast<int64_t>(rng() % 2)) & ((1u << p.bits) - 1));
        if (static_cast<int64_t>(values.size()) == p.values) continue;  // lanes beyond the frame: rubbish
        const auto v = static_cast<int64_t>(word.get(l * p.bits, p.bits));
        values.push_back(p.is_signed ? Bits::from_int(p.bits, v).to_i64() : v);
      }
      while (c.stalled && rng() % 3 == 0) {
        c.inputs["push"].push_back(Bits::from_int(1, 0));
        c.inputs["data"].push_back(random_bits(rng, p.lanes * p.bits));
      }
      c.inputs["push"].push_back(Bits::from_int(1, 1));
      c.inputs["data"].push_back(word);
    }
    c.expect.push_back(best_of(values, p.k));
  }
  const auto cycles =
      static_cast<int>(c.inputs["push"].size() + 3 * static_cast<size_t>(p.values * c.frames)) + 50;
  for (int i = 0; i < cycles; ++i)
    c.inputs["take"].push_back(Bits::from_int(1, !c.stalled || rng() % 8 == 0 || i > cycles / 2));
}

}  // namespace

TEST_CASE("the k largest come out in order, the lower index first, at one value per cycle") {
  INFO("ELB_SEED=" << test_seed());
  Rng rng(test_seed());
  hdl::Design d;
  std::vector<RankCase> cases;
  std::vector<std::string> modules;
  for (int i = 0; i < 16; ++i) {
    RankParams p{.values = uniform(rng, 1, 30),
                 .lanes = static_cast<int>(uniform(rng, 1, 6)),
                 .bits = static_cast<int>(uniform(rng, 1, 16)),
                 .is_signed = rng() % 2 == 0};
    p.k = static_cast<int>(uniform(rng, 1, std::min<int64_t>(5, p.values)));
    cases.push_back({.params = p, .frames = 5, .stalled = i % 2 == 1});
    fill(rng, cases.back());
    modules.push_back(rank_bench(d, p, i, 5 * static_cast<int>(ceil_div(p.values, p.lanes)) + 1));
  }
  VerilogBench bench(d);
  for (size_t i = 0; i < cases.size(); ++i) cases[i].instance = bench.add(modules[i], cases[i].inputs);
  bench.run(Simulator::icarus, 0);
  for (const RankCase& c : cases) {
    const RankParams& p = c.params;
    INFO(hw::RankCore::name(p) << " stalled " << c.stalled);
    std::vector<std::vector<int64_t>> got;
    std::vector<int64_t> when;
    const auto& done = bench.out(c.instance, "done");
    for (size_t cycle = 0; cycle < done.size(); ++cycle) {
      REQUIRE(done[cycle].has_value());
      if (!done[cycle]->bit(0)) continue;
      const Bits word = bench.out(c.instance, "indices")[cycle].value();
      std::vector<int64_t> indices;
      for (int r = 0; r < p.k; ++r)
        indices.push_back(static_cast<int64_t>(word.get(r * p.index_bits(), p.index_bits())));
      got.push_back(indices);
      when.push_back(static_cast<int64_t>(cycle));
    }
    CHECK(got == c.expect);
    if (c.stalled) continue;
    for (size_t i = 1; i < when.size(); ++i) CHECK(when[i] - when[i - 1] == spec::interval(p));
  }
}

}  // namespace elb::test
