#include "spec/cost.hpp"

#include "spec/memory_cost.hpp"
#include "spec/threshold.hpp"
#include "spec/ultra_ram.hpp"
#include "support/catch.hpp"

using namespace elb;
using namespace elb::spec;

TEST_CASE("block RAM is counted in true shapes of halves and wholes") {
  CHECK(bram18_of({.width = 36, .depth = 512}) == 1);
  CHECK(bram18_of({.width = 37, .depth = 512}) == 2);
  CHECK(bram18_of({.width = 72, .depth = 512}) == 2);
  CHECK(bram18_of({.width = 72, .depth = 513}) == 4);
  CHECK(bram18_of({.width = 18, .depth = 1024}) == 1);
  CHECK(bram18_of({.width = 9, .depth = 2048}) == 1);
  CHECK(bram18_of({.width = 9, .depth = 4096}) == 2);
  CHECK(bram18_of({.width = 4, .depth = 4096}) == 1);
  CHECK(bram18_of({.width = 1, .depth = 16384}) == 1);
  CHECK(bram18_of({.width = 1, .depth = 32768}) == 2);
  CHECK(bram18_of({.width = 1, .depth = 32769}) == 3);
  // 8 bits have no parity to use: at 4096 words the 9-bit shape is no worse than two of 4 bits.
  CHECK(bram18_of({.width = 8, .depth = 4096}) == 2);
}

// What yosys 0.23 makes of a memory with one write and one read port of its own enables, ram_style "block"
// (`synth_xilinx -family xc7 -noiopad`, one module per shape): halves, words one above the other.
TEST_CASE("block RAM has the shape that yosys chooses") {
  struct Row {
    int width;
    int64_t depth, words, bram18;
  };
  for (const Row r : std::vector<Row>{
           {72, 512, 1, 2},     {72, 1024, 1, 4},   {512, 1024, 1, 29}, {128, 1024, 1, 8}, {192, 1072, 3, 17},
           {24, 20992, 21, 32}, {40, 3000, 3, 8},   {64, 1500, 3, 6},   {4, 32768, 1, 8},  {4, 65536, 1, 16},
           {4, 70000, 9, 18},   {8, 4096, 1, 2},    {100, 2048, 1, 12}, {16, 5000, 5, 5},  {32, 9000, 9, 18},
           {1, 40000, 3, 3},    {6, 17000, 3, 9},   {96, 600, 1, 6},    {22, 2000, 1, 3},  {36, 5120, 5, 10},
           {18, 25000, 25, 25}, {36, 8182, 2, 16},  {36, 23542, 6, 48}, {72, 4608, 9, 18}, {8, 21000, 11, 11},
           {10, 12000, 3, 9},   {9, 114678, 28, 56}}) {
    INFO(r.width << " x " << r.depth);
    const BlockRamChoice c = block_ram_choice({r.width, r.depth});
    CHECK(c.words == r.words);
    CHECK(c.bram18 == r.bram18);
  }
}

// A ROM of random words with two reads, rom_style "block".
TEST_CASE("a ROM with two reads takes the block RAM that yosys chooses") {
  struct Row {
    int width;
    int64_t depth, bram18;
  };
  for (const Row r : std::vector<Row>{{6, 2400, 1},
                                      {6, 1200, 1},
                                      {5, 3000, 1},
                                      {12, 1500, 2},
                                      {9, 5000, 3},
                                      {20, 700, 2},
                                      {36, 600, 2},
                                      {40, 513, 3},
                                      {13, 2049, 3},
                                      {7, 9000, 4},
                                      {16, 1100, 2},
                                      {3, 40000, 7},
                                      {18, 3072, 3},
                                      {10, 6000, 4},
                                      {30, 400, 2},
                                      {2, 12000, 2}}) {
    INFO(r.width << " x " << r.depth);
    CHECK(block_rom_two_reads({r.width, r.depth}).bram18 == r.bram18);
  }
}

// The same of ram_style "ultra", -family xcup; LUTs without decoders of five words and more.
TEST_CASE("UltraRAM has the shape that yosys chooses") {
  struct Row {
    int width;
    int64_t depth, words, uram, lut;
  };
  for (const Row r : std::vector<Row>{{72, 4096, 1, 1, 0},
                                      {72, 64, 1, 1, 0},
                                      {73, 4096, 1, 2, 0},
                                      {65, 4096, 1, 1, 0},
                                      {128, 512, 1, 2, 0},
                                      {72, 4097, 2, 2, 74},
                                      {36, 8192, 2, 1, 38},
                                      {40, 5000, 2, 2, 42},
                                      {72, 12000, 3, 3, 75},
                                      {72, 16384, 4, 4, 76},
                                      {16, 16384, 4, 1, 20},
                                      {36, 20000, 5, 3, 149},
                                      {9, 32768, 8, 1, 40},
                                      {8, 36864, 9, 1, 37}}) {
    INFO(r.width << " x " << r.depth);
    const UltraRamChoice c = ultra_ram_choice({r.width, r.depth});
    CHECK(c.words == r.words);
    CHECK(c.uram == r.uram);
    const int64_t chosen = r.words > 1 ? bits_for(r.words - 1) : 0;
    CHECK(ultra_ram({r.width, r.depth}) == Resources{.lut = r.lut, .ff = chosen, .uram = r.uram});
  }
}

TEST_CASE("deep block RAM is cut where yosys would multiplex much, at no cost in block RAM") {
  CHECK(block_ram_parts({36, 5120}) == std::vector<int64_t>{4096, 1024});
  CHECK(block_ram_parts({24, 20992}) == std::vector<int64_t>{16384, 4096, 512});
  CHECK(bram18_of({24, 20992}) == 31);  // one memory takes 32
  CHECK(block_ram_parts({192, 1072}) == std::vector<int64_t>{1072});
  CHECK(block_ram_parts({18, 25000}) == std::vector<int64_t>{25000});  // parity bits are worth more
  for (int width = 1; width < 160; width += 7) {
    for (int64_t depth = 200; depth < 80000; depth += depth / 3 + 77) {
      const std::vector<int64_t> parts = block_ram_parts({width, depth});
      int64_t first = 0;
      for (const int64_t part : parts) {
        int64_t size = 1;
        while (size < part) size *= 2;
        CHECK(first % size == 0);
        first += part;
      }
      CHECK(first == depth);
      CHECK(bram18_of({width, depth}) <= block_ram_choice({width, depth}).bram18);
    }
  }
}

TEST_CASE("LUT RAM comes in quads of 6 bits x 32 or 3 bits x 64") {
  CHECK(lut_ram({.width = 6, .depth = 32}).lut == 4);
  CHECK(lut_ram({.width = 7, .depth = 32}).lut == 8);
  CHECK(lut_ram({.width = 3, .depth = 33}).lut == 4);
  CHECK(lut_ram({.width = 6, .depth = 64}).lut == 8);
  CHECK(lut_ram({.width = 6, .depth = 128}).lut > 16);
}

TEST_CASE("delays of two cycles are registers, longer ones shift registers in LUTs") {
  CHECK(delay(5, 2) == Resources{.lut = 0, .ff = 10});
  CHECK(delay(5, 3) == Resources{.lut = 5, .ff = 0});
  CHECK(delay(5, 33) == Resources{.lut = 10, .ff = 0});
}

TEST_CASE("a ternary lane of a wide dot product takes about 1.5 LUTs per activation bit and one more") {
  for (const int bits : {1, 2, 4, 8}) {
    const Resources r = cost(DotParams{
        .weight = WeightCode::ternary, .weight_bits = 2, .act_bits = bits, .s = 64, .sum_bits = 63});
    const double lane = static_cast<double>(r.lut) / 64;
    CHECK(lane > 1.5 * bits + 0.5);
    CHECK(lane < 1.5 * bits + 1.2);
    CHECK(r.dsp == 0);
  }
}

TEST_CASE("products of nine bits and more are DSP slices, smaller ones LUTs") {
  DotParams p{.weight = WeightCode::integer, .weight_bits = 8, .act_bits = 8, .s = 3, .sum_bits = 20};
  CHECK(cost(p).dsp == 3);
  p.weight_bits = 2;
  p.act_bits = 4;
  CHECK(cost(p).dsp == 0);
  CHECK(cost(p).lut > 3 * 8);
}

TEST_CASE("weight buffers and their port cost what yosys made of them") {
  const FetchParams fetch{.data_bits = 512,
                          .word_bits = 495,
                          .tile_words = 125,
                          .tiles = 274,
                          .slots = 2,
                          .burst_beats = 64,
                          .first_beat = 76544};
  const Resources buffer = cost(WeightBufferShape{.fetch = fetch, .style = MemoryStyle::block});
  CHECK(buffer == Resources{.lut = 83, .ff = 62, .bram18 = 14, .dsp = 0});  // yosys: 75, 62, 14
  const MemoryPortParams port{
      .data_bits = 512, .burst_beats = 64, .clients = std::vector<FetchParams>(3, fetch)};
  CHECK(cost(port) == Resources{.lut = 78, .ff = 589});  // yosys: 77, 589
  // Address bits that no client has are no registers.
  MemoryPortParams small{.outstanding = 1};
  small.clients.push_back({.word_bits = 9, .tile_words = 5, .slots = 1, .once = true});
  CHECK(cost(small) == Resources{.lut = 8, .ff = 112});
  small.outstanding = 8;
  CHECK(cost(small) == Resources{.lut = 12, .ff = 115});
  small.clients[0] = {.word_bits = 60, .tile_words = 100, .tiles = 20};
  CHECK(cost(small) == Resources{.lut = 27, .ff = 126});
}

namespace {

WindowStoreShape lanes_of(int m, int sw, int kh, int kw) {
  return {.window = {.h = 6,
                     .w = 40,
                     .kh = kh,
                     .kw = kw,
                     .sw = sw,
                     .out_h = 7 - kh,
                     .out_w = (40 - kw) / sw + 1,
                     .m = m,
                     .bits = 8,
                     .capacity = 64},
          .tile_cycles = kh * kw,
          .credits = 3,
          .style = MemoryStyle::distributed};
}
// What eight bits more of a code take beside the store.
int64_t luts_of_eight_bits(WindowStoreShape p, int64_t banks) {
  const Resources eight = cost(p);
  p.window.bits = 16;
  const int64_t store = lut_ram({16, 64}).lut - lut_ram({8, 64}).lut;
  return cost(p).lut - eight.lut - banks * store;
}

}  // namespace

// yosys 0.23, LUTs per lane and bit: `index` of the words of several banks by the tap.
TEST_CASE("lanes that choose from banks take the LUTs that yosys makes of them") {
  CHECK(luts_of_eight_bits(lanes_of(1, 1, 3, 3), 1) == 0);
  CHECK(luts_of_eight_bits(lanes_of(3, 1, 3, 3), 3) == 3 * 8);
  CHECK(luts_of_eight_bits(lanes_of(2, 2, 1, 4), 4) == 2 * 8);
  CHECK(luts_of_eight_bits(lanes_of(2, 2, 3, 4), 4) == 2 * 16);  // multiplexers of two banks are shared
  CHECK(luts_of_eight_bits(lanes_of(3, 1, 3, 4), 3) == 3 * 16);
  CHECK(luts_of_eight_bits(lanes_of(3, 3, 3, 4), 9) == 3 * 8);  // no two lanes have two banks in common
  CHECK(luts_of_eight_bits(lanes_of(5, 1, 1, 5), 5) == 5 * 32);
  CHECK(luts_of_eight_bits(lanes_of(5, 1, 3, 5), 5) == 5 * 16);
  CHECK(luts_of_eight_bits(lanes_of(3, 3, 3, 2), 6) == 3 * 8);  // three of nine banks are never read
}

// LUT sites and registers of whole stores as yosys 0.23 makes them: a map of 6 x 40, one channel of 8 bits,
// kh rows of taps, `top` of them above the map.
TEST_CASE("window stores take the LUTs and registers that yosys makes of them") {
  struct Row {
    int m, sw, kw, left, kh, top;
    int64_t lut, ff;
  };
  const std::vector<Row> rows{
      {2, 1, 2, 0, 3, 2, 121, 136}, {2, 1, 2, 1, 1, 0, 87, 91},   {2, 1, 3, 2, 3, 2, 141, 136},
      {2, 2, 3, 1, 3, 2, 136, 144}, {2, 2, 4, 0, 1, 0, 108, 110}, {2, 2, 4, 1, 3, 2, 156, 155},
      {3, 1, 3, 1, 3, 2, 155, 165}, {3, 1, 5, 1, 3, 2, 169, 167}, {4, 1, 3, 1, 3, 2, 156, 171},
      {4, 1, 4, 0, 3, 2, 180, 179}, {7, 1, 3, 2, 3, 2, 212, 206}, {8, 1, 3, 0, 1, 0, 191, 188}};
  int64_t all = 0, estimated = 0;
  for (const Row& row : rows) {
    WindowStoreShape p{.window = {.h = 6,
                                  .w = 40,
                                  .kh = row.kh,
                                  .kw = row.kw,
                                  .sw = row.sw,
                                  .top = row.top,
                                  .left = row.left,
                                  .out_h = 6,
                                  .out_w = (40 + 2 * row.left - row.kw) / row.sw + 1,
                                  .m = row.m,
                                  .bits = 8},
                       .tile_cycles = row.kh * row.kw,
                       .credits = 3,
                       .style = MemoryStyle::distributed};
    p.window.capacity = static_cast<int>(min_capacity(p.window)) + 2;
    const Resources r = cost(p);
    INFO(row.m << " lanes, stride " << row.sw << ", " << row.kh << "x" << row.kw << " from " << row.left);
    CHECK(std::abs(r.lut - row.lut) <= 6);
    CHECK(std::abs(r.ff - row.ff) <= 2);
    all += row.lut, estimated += r.lut;
  }
  CHECK(std::abs(estimated - all) * 50 <= all);
}

TEST_CASE("banks of columns behind a narrow map are no memory") {
  WindowStoreShape p = lanes_of(3, 1, 3, 3);
  p.window.left = 1, p.window.out_w = 3, p.window.w = 3;
  const Resources wide = cost(p);
  p.window.w = 1;
  CHECK(wide.lut - cost(p).lut >= 2 * lut_ram({8, 64}).lut);
}

TEST_CASE("a window that lies outside the map has no store") {
  WindowStoreShape p{
      .window = {.channels = 150, .kh = 2, .kw = 2, .top = 1, .left = 1, .s = 7, .bits = 2, .capacity = 2},
      .tile_cycles = 88,
      .credits = 3,
      .style = MemoryStyle::distributed};
  const Resources inside = cost(p);  // its last tap
  p.window.top = p.window.left = 2;
  CHECK(cost(p).ff < inside.ff - 14 - 14);  // lane and read port
  CHECK(cost(p).lut < inside.lut - lut_ram({14, 44}).lut);
}

TEST_CASE("products that are cut below nine bits take no slice") {
  LaneReduceParams p{
      .op = LaneOp::multiply, .bits = 2, .weight = WeightCode::integer, .weight_bits = 7, .acc_bits = 8};
  CHECK(cost(p) == Resources{.lut = 14, .ff = 9});  // as yosys has it
  p.acc_bits = 9;
  CHECK(cost(p).dsp == 1);
}

TEST_CASE("weights of one word are constants, and zeros behind the last channel make bits of a word equal") {
  CHECK(cost(WeightMemoryShape{.width = 2, .depth = 1}) == Resources{});
  WeightMemoryShape p{.width = 80, .depth = 8, .style = MemoryStyle::logic};
  const Resources dense = cost(p);
  p.ragged = 64;
  CHECK(cost(p).ff < dense.ff - 30);
  // Three of four kernels have nothing in the last tile: 123 LUTs with the counter, as yosys has it.
  const WeightMemoryShape tiles{
      .width = 96, .depth = 96, .style = MemoryStyle::logic, .absent = 72, .absent_words = 32};
  CHECK(cost(tiles) == Resources{.lut = 128, .ff = 104});
}

TEST_CASE("accumulators that leave as they are take a register for what bits T and the offsets have") {
  ActivationParams p{.kind = ActivationKind::raw, .in_bits = 4, .out_bits = 16};
  p.constants.push_back({.offset = -5});
  CHECK(cost(p).ff == 6 + 1);  // as yosys has it: the other ten are copies of the sign
  p.constants[0].offset = 0;
  CHECK(cost(p).ff == 4 + 1);
}

TEST_CASE("costs grow with parallelism") {
  const ComputeParams one{.weight = WeightCode::ternary, .weight_bits = 2, .act_bits = 4, .s = 8, .folds = 9};
  ComputeParams wide = one;
  wide.p = 4;
  wide.m = 2;
  CHECK(cost(wide).lut > 7 * cost(one).lut);
  CHECK(cost(wide).ff > 7 * cost(one).ff);
  CHECK(cost(fifo(8, 16)).lut < cost(fifo(64, 16)).lut);
  CHECK(cost(fifo(64, 1024)).bram18 == 4);
}

TEST_CASE("thresholds that all channels share cost less than thresholds of their own") {
  ActivationParams p{.p = 1, .tiles = 16, .in_bits = 12, .out_bits = 2, .steps = 3};
  for (int t = 0; t < 16; ++t) p.constants.push_back({.points = {100, 200, 300}});
  const Resources shared = cost(p);
  for (int t = 0; t < 16; ++t)
    p.constants[static_cast<size_t>(t)].points = {100 + 37 * t, 900 + 71 * t, 2000 + 53 * t * t};
  CHECK(cost(p).lut > shared.lut);
  CHECK(cost(p).ff > shared.ff);  // the tile's number
}

TEST_CASE("a level of a threshold search reads its points where they are more than 32") {
  ActivationParams p{.technology = Technology::xc7, .tiles = 4, .in_bits = 18, .out_bits = 4, .steps = 15};
  CHECK(point_source(p, 3) == PointSource::logic);
  CHECK(latency(p) == 4);
  p.tiles = 5;
  CHECK(point_source(p, 3) == PointSource::read);
  CHECK(latency(p) == 5);
  p.tiles = 96;
  CHECK(point_source(p, 0) == PointSource::ahead);
  CHECK(latency(p) == 7);
  p.tiles = 20;
  CHECK(point_source(p, 0) == PointSource::logic);
  p.m = 3;
  CHECK(point_source(p, 0) == PointSource::ahead);  // one table for three pixels
}

TEST_CASE("tables of points leave out what no T tells apart") {
  ActivationParams p{.technology = Technology::xc7, .tiles = 3, .in_bits = 8, .out_bits = 2, .steps = 3};
  p.t_lo = 10, p.t_hi = 200;
  for (int t = 0; t < 3; ++t) p.constants.push_back({.points = {-5, 40, 250 + t}});
  const PointTables tables(p);
  CHECK(tables.table(0, 0).values == std::vector<int64_t>{40});
  const PointTable last = tables.table(0, 1);
  CHECK(last.address == std::vector<int>{0});  // the code so far, not the tile
  CHECK(last.values == std::vector<int64_t>{10, 201});
  CHECK(last.width == 8);
  p.t_hi = {};
  CHECK(PointTables(p).table(0, 1).width == 8);  // 250 .. 252
  p.constants[1].points[2] = 256;
  CHECK(PointTables(p).table(0, 1).width == 9);
}

TEST_CASE("products of one DSP slice, of two, of more") {
  CHECK(affine_product(25, 18)->slices == 1);
  CHECK(affine_product(18, 25)->slices == 1);
  CHECK(affine_product(25, 19)->split == AffineProduct::Split::alpha);
  CHECK(affine_product(25, 35)->slices == 2);
  CHECK(affine_product(26, 25)->split == AffineProduct::Split::t);
  CHECK_FALSE(affine_product(26, 26));
}

TEST_CASE("affine takes five cycles, one more where slices do not hold beta or T is cut by much") {
  ActivationParams p{.kind = ActivationKind::affine, .in_bits = 24, .in_signed = true, .steps = 15};
  CHECK(latency(p) == 7);  // not known: the longest
  p.constants = {{.alpha = 1000, .beta = int64_t{1} << 50}};
  CHECK(latency(p) == 5);  // one slice
  p.constants = {{.alpha = 1 << 20, .beta = (int64_t{1} << 47) - (int64_t{1} << 40) - 1}};
  CHECK(beta_in_first_slice(p));
  CHECK(latency(p) == 5);
  p.constants[0].beta += 1;
  CHECK_FALSE(beta_in_first_slice(p));
  CHECK(latency(p) == 6);
  p.factor_bits = 19;
  CHECK(latency(p) == 5);
  p.factor_bits = 18;
  CHECK(latency(p) == 6);  // one slice, seven bits to look at
}

TEST_CASE("every stage of the variant has a cost") {
  const Link link{.h = 4, .w = 4, .c = 8, .channels = 2, .bits = 4};
  ConvertStage wider;
  wider.in = link;
  wider.out = link;
  wider.out.channels = 8;
  const StageSpec spec = wider;
  CHECK(cost(spec) == cost(wider));
  CHECK(cost(spec).ff > 2 * 32);  // the output FIFO's two beats
}

TEST_CASE("a reorder queue holds places in block RAM, and costs more than an output queue") {
  const Link link{.h = 1, .w = 1, .c = 4096, .channels = 1, .bits = 4};
  const OutputQueueParams queue{.link = link, .depth = 3};
  const Resources r =
      cost(ReorderQueueParams{.tile = {.kernels = 4096}, .link = link, .depth = queue.depth, .places = 8});
  CHECK(r.bram18 == 8);  // 32K words of 4 bits
  CHECK(r.lut > cost(queue).lut);
  CHECK(r.ff > cost(queue).ff);
}

TEST_CASE("sweeps cost a window store the places to go back to") {
  WindowStoreShape store{
      .window = {.h = 8, .w = 8, .channels = 8, .kh = 3, .kw = 3, .out_h = 6, .out_w = 6, .s = 4},
      .kernel_folds = 4,
      .tile_cycles = 18};
  store.window.capacity = 48;
  const Resources without = cost(store);
  store.sweep = SweepParams{.rows = 2, .places = 2};
  const Resources rows = cost(store);
  CHECK(rows.ff > without.ff + 5);
  store.sweep->rows = 6;
  CHECK(cost(store).ff < rows.ff);  // no row of the band to count
}
