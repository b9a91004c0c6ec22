// A memory cut into parts against one that is not: words, and what is held, around every cut.
#include "hw/block_ram.hpp"

#include <map>
#include <random>

#include "support/catch.hpp"
#include "vector_bench.hpp"

namespace {

using namespace elb;
using namespace elb::test;

std::string run_ram(spec::MemoryShape shape, bool always, std::mt19937& rng,
                    hdl::RamStyle style = hdl::RamStyle::block) {
  const int address_bits = bits_for(shape.depth - 1);
  hdl::Design d;
  hdl::Module& m = d.module("ram_under_test");
  const hdl::Sig we = m.input("we", hdl::u(1)), wa = m.input("wa", hdl::u(address_bits)),
                 wd = m.input("wd", hdl::u(shape.width));
  const hdl::Sig re = always ? m.lit(1, hdl::u(1)) : m.input("re", hdl::u(1));
  const hdl::Sig ra = m.input("ra", hdl::u(address_bits));
  m.output("word", hw::build_ram(m, "ring", shape, style, {we, wa, wd, "ring_word", re, ra}));

  VectorBench bench;
  const int in_we = bench.input("we", 1), in_wa = bench.input("wa", address_bits),
            in_wd = bench.input("wd", shape.width), in_re = always ? -1 : bench.input("re", 1),
            in_ra = bench.input("ra", address_bits), out = bench.output("word", shape.width);
  std::vector<int64_t> addresses{0, shape.depth - 1};
  int64_t end = 0;
  for (const int64_t depth : spec::block_ram_parts(shape)) {
    end += depth;
    for (const int64_t a : {end - 2, end - 1, end, end + 1})
      if (a < shape.depth) addresses.push_back(a);
  }
  std::map<int64_t, uint64_t> words;
  int64_t shown = -1;  // no word
  for (int cycle = 0; cycle < 1500; ++cycle) {
    if (shown >= 0) bench.expect(out, Bits::from_int(shape.width, shown));
    const int64_t write = addresses[rng() % addresses.size()], read = addresses[rng() % addresses.size()];
    const bool writes = rng() % 2 != 0 && write != read, reads = always || rng() % 3 == 0;
    const uint64_t value = rng() & ((uint64_t{1} << std::min(shape.width, 30)) - 1);
    bench.set(in_we, Bits::from_int(1, writes));
    bench.set(in_wa, Bits::from_int(address_bits, write));
    bench.set(in_wd, Bits::from_int(shape.width, static_cast<int64_t>(value)));
    if (!always) bench.set(in_re, Bits::from_int(1, reads));
    bench.set(in_ra, Bits::from_int(address_bits, read));
    if (reads) shown = words.contains(read) ? static_cast<int64_t>(words[read]) : -1;
    if (writes) words[write] = value;
    bench.end_cycle();
  }
  return bench.run(d, m.name());
}

TEST_CASE("a memory cut by address answers as one memory") {
  std::mt19937 rng(36);
  CHECK(spec::block_ram_parts({36, 5110}).size() == 2);
  CHECK(spec::block_ram_parts({8, 21000}).size() == 3);
  CHECK(spec::block_ram_parts({36, 20470}).size() == 5);
  CHECK(run_ram({36, 5110}, false, rng) == "");
  CHECK(run_ram({36, 5120}, true, rng) == "");
  CHECK(run_ram({8, 21000}, false, rng) == "");
  CHECK(run_ram({36, 20470}, false, rng) == "");
  CHECK(run_ram({36, 600}, false, rng) == "");
}

TEST_CASE("UltraRAM answers as block RAM does") {
  std::mt19937 rng(72);
  CHECK(run_ram({36, 5110}, false, rng, hdl::RamStyle::ultra) == "");
  CHECK(run_ram({8, 21000}, true, rng, hdl::RamStyle::ultra) == "");
}

}  // namespace
