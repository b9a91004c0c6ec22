#include "hw/presets.hpp"

#include <random>

#include "support/catch.hpp"
#include "vector_bench.hpp"

namespace elb::test {
namespace {

spec::PresetParams random_presets(std::mt19937_64& rng, int tiles) {
  spec::PresetParams p{.p = static_cast<int>(1 + rng() % 4),
                       .tiles = tiles,
                       .bits = static_cast<int>(2 + rng() % 13),
                       .mem_file = "conv_act.mem",
                       .module = "conv_preset"};
  const uint64_t all = uint64_t{1} << p.bits;
  for (int i = 0; i < tiles * p.p; ++i)
    p.values.push_back(static_cast<int64_t>(rng() % all) - static_cast<int64_t>(all / 2));
  return p;
}

}  // namespace

TEST_CASE("every tile's presets stand two cycles after those before were taken, and until then") {
  std::mt19937_64 rng(3);
  for (const int tiles : {1, 2, 3, 8, 9, 40, 64}) {
    const spec::PresetParams p = random_presets(rng, tiles);
    hdl::Design d;
    const std::string module = hdl::component_module<hw::Presets>(d, p).name();
    VectorBench bench;
    const int advance = tiles > 1 ? bench.input("advance", 1) : -1;
    const int values = bench.output("out_values", p.p * p.bits);
    int tile = 0;
    for (int cycle = 0, stand = spec::kPresetLatency; cycle < 400; ++cycle) {
      const bool take = cycle >= stand && rng() % 2;
      if (advance >= 0) bench.set(advance, Bits::from_int(1, take));
      Bits word(p.p * p.bits);
      for (int lane = 0; lane < p.p; ++lane)
        word.set(lane * p.bits, p.bits,
                 Bits::from_int(p.bits, p.values[static_cast<size_t>(tile * p.p + lane)]).to_u64());
      if (cycle >= stand) bench.expect(values, word);
      if (take) {
        tile = (tile + 1) % tiles;
        stand = cycle + spec::kPresetLatency;
      }
      bench.end_cycle();
    }
    CHECK(bench.run(d, module) == "");
  }
}

}  // namespace elb::test
