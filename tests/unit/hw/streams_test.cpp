#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "hw/fifo.hpp"
#include "hw/repack.hpp"
#include "stream_bench.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

namespace {

using namespace elb;
using namespace elb::test;

unsigned seed() {
  return static_cast<unsigned>(seed_of_run(20260));
}

std::vector<Beat> random_beats(int bits, int beats, int per_frame, std::mt19937& rng) {
  std::vector<Beat> all;
  for (int i = 0; i < beats; ++i) {
    Beat b{Bits(bits), all_ones(bits), (i + 1) % per_frame == 0};
    for (int k = 0; k < bits; ++k) b.data.set_bit(k, rng() & 1);
    all.push_back(b);
  }
  return all;
}

TEST_CASE("a FIFO of any depth and style keeps its cycle contract under every stall") {
  std::mt19937 rng(seed());
  for (const spec::MemoryStyle style :
       {spec::MemoryStyle::distributed, spec::MemoryStyle::block, spec::MemoryStyle::logic}) {
    for (const int depth : {1, 2, 3, 4, 5, 8, 17}) {
      if (depth <= 2 && style != spec::MemoryStyle::logic) continue;
      hdl::Design d;
      const spec::FifoParams p{.data_bits = 1 + static_cast<int>(rng() % 70), .depth = depth, .style = style};
      const hdl::Module& m = hdl::component_module<hw::Fifo>(d, p);
      const auto beats = random_beats(p.data_bits, 60, 10, rng);
      const RunResult r = run_streams(d,
                                      {.module = m.name(),
                                       .inputs = {{"in", p.data_bits, true, beats}},
                                       .outputs = {{"out", p.data_bits, true, beats}},
                                       .timing =
                                           [&] {
                                             auto t = std::make_unique<PipeTiming>();
                                             t->back = depth;
                                             return t;
                                           }},
                                      rng());
      INFO("seed " << seed() << " depth " << depth);
      CHECK(r.error == "");
      for (size_t i = 1; i < r.frame_ends.size(); ++i)
        CHECK(r.frame_ends[i] - r.frame_ends[i - 1] == (depth == 1 ? 20 : 10));
    }
  }
}

void check_repack(const spec::RepackParams& p, std::mt19937& rng) {
  hdl::Design d;
  const hdl::Module& m = hdl::component_module<hw::Repack>(d, p);
  constexpr int kPixels = 3, kFrames = 2;
  StreamPort in{"in", p.columns * p.in_lanes * p.bits, p.last, {}},
      out{"out", p.columns * p.out_lanes * p.bits, p.last, {}};
  for (int f = 0; f < kFrames; ++f) {
    const spec::Link from{1, kPixels * p.columns, p.channels, p.columns, p.in_lanes, p.bits, false};
    spec::Link to = from;
    to.channels = p.out_lanes;
    const Map map = random_map(from, rng);
    for (const Beat& b : beats_of(from, map, rng)) in.beats.push_back(b);
    std::mt19937 unused;
    for (Beat b : beats_of(to, map, unused)) {
      for (int i = 0; i < b.data.width(); ++i) {
        if (!b.care.bit(i)) b.data.set_bit(i, false);  // lanes behind the pixel's end are zero
      }
      b.care = all_ones(b.data.width());
      out.beats.push_back(b);
    }
  }
  const RunResult r = run_streams(d,
                                  {.module = m.name(),
                                   .inputs = {in},
                                   .outputs = {out},
                                   .timing =
                                       [&] {
                                         auto t = std::make_unique<PipeTiming>();
                                         t->steps = {{.repack = p}};
                                         return t;
                                       }},
                                  rng());
  INFO(fmt::format("V {} bits {} C {} L {} S {}", p.columns, p.bits, p.channels, p.in_lanes, p.out_lanes));
  CHECK(r.error == "");
  REQUIRE(r.frame_ends.size() == kFrames);
  CHECK(r.frame_ends[1] - r.frame_ends[0] == kPixels * spec::cycles_per_pixel(p));
}

TEST_CASE(
    "repack takes max(beats, words) cycles per pixel at any ratio, and zeroes what lies behind a pixel") {
  std::mt19937 rng(seed());
  INFO("seed " << seed());
  for (const auto& [c, l, s] : std::vector<std::tuple<int, int, int>>{{1, 1, 1},
                                                                      {5, 2, 3},
                                                                      {7, 4, 3},
                                                                      {12, 4, 10},
                                                                      {6, 5, 4},
                                                                      {5, 5, 4},
                                                                      {9, 5, 4},
                                                                      {16, 4, 8},
                                                                      {24, 8, 16},
                                                                      {16, 8, 2},
                                                                      {3, 4, 8},
                                                                      {3, 8, 4},
                                                                      {17, 9, 8},
                                                                      {11, 3, 3},
                                                                      {30, 7, 11},
                                                                      {30, 11, 7},
                                                                      {64, 1, 9},
                                                                      {64, 9, 1},
                                                                      {2, 1, 5}}) {
    check_repack({.columns = 1 + static_cast<int>(rng() % 3),
                  .bits = 1 + static_cast<int>(rng() % 4),
                  .channels = c,
                  .in_lanes = l,
                  .out_lanes = s,
                  .last = rng() % 4 != 0},
                 rng);
  }
  for (int i = 0; i < 60; ++i) {
    check_repack({.columns = 1 + static_cast<int>(rng() % 2),
                  .bits = 1 + static_cast<int>(rng() % 3),
                  .channels = 1 + static_cast<int>(rng() % 40),
                  .in_lanes = 1 + static_cast<int>(rng() % 12),
                  .out_lanes = 1 + static_cast<int>(rng() % 12),
                  .last = true},
                 rng);
  }
}

TEST_CASE("a grid of stream components passes yosys check, and FIFOs become the memories that they ask for") {
  namespace fs = std::filesystem;
  hdl::Design d;
  for (const int depth : {1, 2, 3, 16, 100}) hdl::component_module<hw::Fifo>(d, spec::fifo(9, depth));
  const auto& lutram = hdl::component_module<hw::Fifo>(
      d, {.data_bits = 31, .depth = 32, .style = spec::MemoryStyle::distributed});
  const auto& block =
      hdl::component_module<hw::Fifo>(d, {.data_bits = 35, .depth = 512, .style = spec::MemoryStyle::block});
  for (int c = 1; c < 14; c += 3) {
    for (int l = 1; l < 8; ++l) {
      for (int s = 1; s < 8; ++s) {
        hdl::component_module<hw::Repack>(d, {.columns = 1 + c % 2,
                                              .bits = 1 + l % 3,
                                              .channels = c,
                                              .in_lanes = l,
                                              .out_lanes = s,
                                              .last = s % 2 == 0});
      }
    }
  }
  const fs::path dir = fs::temp_directory_path() / fmt::format("elb_streams_yosys_{}", getpid());
  fs::create_directories(dir);
  for (const auto& [name, text] : d.emit()) std::ofstream(dir / name) << text;
  const auto run = [&](const std::string& script) {
    return std::system(fmt::format("cd {} && yosys -q -p '{}' > log 2>&1", dir.string(), script).c_str());
  };
  CHECK(run("read_verilog *.v; proc; check -assert") == 0);
  const auto becomes = [&](const std::string& module, const std::string& cell) {
    return run(fmt::format("read_verilog {0}.v; synth_xilinx -top {0}; select -assert-min 1 t:{1}", module,
                           cell)) == 0;
  };
  CHECK(becomes(lutram.name(), "RAM32M"));
  CHECK(becomes(block.name(), "RAMB*"));
  fs::remove_all(dir);
}

}  // namespace
