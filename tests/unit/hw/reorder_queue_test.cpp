// The reorder queue against spec/sweep.hpp, cycle by cycle, in the interpreter and in Icarus.
#include "hw/reorder_queue.hpp"

#include <fmt/format.h>

#include <deque>

#include "hw/serializer.hpp"
#include "stream_bench.hpp"
#include "support/catch.hpp"

namespace {

using namespace elb;
using namespace elb::test;

// The tile of kernel fold `fold` of `group` at a place, lanes that do not exist random.
Bits tile_of(const spec::ReorderQueueParams& p, const Map& map, int64_t place, int group, int fold,
             std::mt19937& rng) {
  const spec::TileBeats& q = p.tile;
  const int64_t y = place / p.link.column_groups(), x = place % p.link.column_groups() * q.m;
  Bits data(q.m * q.p * p.link.bits);
  for (int c = 0; c < q.m; ++c) {
    for (int k = 0; k < q.p; ++k) {
      const int64_t kernel = fold * q.p + k, channel = int64_t{group} * q.kernels + kernel;
      const bool exists = kernel < q.kernels && x + c < p.link.w;
      const auto value = exists ? static_cast<uint64_t>(map[(y * p.link.w + x + c) * p.link.c + channel])
                                : uint64_t{rng() & ((1u << p.link.bits) - 1)};
      data.set((c * q.p + k) * p.link.bits, p.link.bits, value);
    }
  }
  return data;
}

// Tiles through the serialiser, where they have several beats, into the queue.
const hdl::Module& tiles_to_queue(hdl::Design& d, const spec::ReorderQueueParams& p) {
  hdl::Module& m = d.module("tiles");
  hdl::Sig valid = m.input("valid", hdl::u(1)), end = m.input("sweep_end", hdl::u(1)),
           beat = m.input("tile", hdl::u(p.tile.m * p.tile.p * p.link.bits));
  if (spec::beats_per_tile(p.tile) > 1) {
    const auto beats = hdl::instantiate<hw::Serializer>(m, "u_serialize",
                                                        {.tile = p.tile, .bits = p.link.bits, .swept = true},
                                                        {.valid = valid, .sweep_end = end, .tile = beat});
    valid = beats.valid, end = beats.sweep_end, beat = beats.beat;
  }
  const auto queue =
      hdl::instantiate<hw::ReorderQueue>(m, "u_queue", p, {.valid = valid, .sweep_end = end, .beat = beat});
  m.stream_out("out", hw::link_shape(p.link)).connect(queue.out);
  m.output("freed", queue.freed);
  return m;
}

// Bands of `band` places (0: of a random number up to that of the ring) follow each other without regard to
// frames, tiles as close as they may be or at random distances.
std::string run_queue(const spec::ReorderQueueParams& p, int band, double sink, bool tight,
                      std::mt19937& rng) {
  const spec::TileBeats& q = p.tile;
  const spec::Link& link = p.link;
  hdl::Design d;
  const hdl::Module& m = tiles_to_queue(d, p);
  VectorBench bench;
  const int valid = bench.input("valid", 1), end = bench.input("sweep_end", 1),
            tile = bench.input("tile", q.m * q.p * link.bits), ready = bench.input("out_tready", 1);
  const int out_valid = bench.output("out_tvalid", 1), out_data = bench.output("out_tdata", link.data_bits()),
            out_last = bench.output("out_tlast", 1), freed = bench.output("freed", 1);
  const auto one = [](bool v) { return Bits::from_int(1, v); };

  const int64_t frame_places = int64_t{link.h} * link.column_groups();
  const int64_t frames = std::max<int64_t>(2, ceil_div(3 * p.places, frame_places));
  std::vector<Map> maps;
  std::vector<Beat> beats;
  for (int64_t f = 0; f < frames; ++f) {
    maps.push_back(random_map(link, rng));
    for (const Beat& b : beats_of(link, maps.back(), rng)) beats.push_back(b);
  }
  const int sweeps = q.groups * spec::kernel_folds(q);
  int64_t first_place = 0, in_band = 0, next_tile = 0;
  int sweep = 0, place = 0, free = p.places;
  std::deque<int64_t> complete;     // when the places still to be fetched are written
  int fetched_beats = 0, held = 0;  // of the place under way; fetched and not popped
  bool pushing = false;             // fetched in the cycle before
  int count = 0;                    // in the output FIFO
  size_t sent = 0;
  std::uniform_real_distribution<double> chance(0, 1);
  while (sent < beats.size()) {
    const int64_t t = bench.cycles();
    if (t > 100000) return "the bench does not finish";
    if (in_band == 0)
      in_band =
          std::min<int64_t>(band > 0 ? band : 1 + rng() % p.places, frames * frame_places - first_place);
    const bool arrives =
        in_band > 0 && t >= next_tile && (sweep > 0 || free > 0) && (tight || rng() % 3 == 0);
    const bool sweep_ends = place + 1 == in_band;
    bench.set(valid, one(arrives));
    bench.set(end, one(arrives ? sweep_ends : rng() % 2 != 0));
    if (arrives) {
      const int fold = sweep % spec::kernel_folds(q);
      const int64_t at = first_place + place;
      bench.set(tile, tile_of(p, maps[at / frame_places], at % frame_places, sweep / spec::kernel_folds(q),
                              fold, rng));
      if (sweep == 0) --free;
      if (sweep == sweeps - 1)
        complete.push_back(t + spec::serializer_latency(q) + spec::beats_of_tile(q, fold) - 1);
      next_tile = t + spec::beats_per_tile(q);
      ++place;
      if (sweep_ends) {
        place = 0;
        if (++sweep == sweeps) {
          sweep = 0;
          first_place += in_band;
          in_band = 0;
        }
      }
    }
    const bool fetches =
        !complete.empty() && t >= complete.front() + spec::SweepTiming::kWriteToFetch && held < p.depth;
    const bool frees = fetches && fetched_beats + 1 == link.channel_beats();
    const bool take = chance(rng) < sink, pops = take && count > 0;
    bench.set(ready, one(take));
    bench.expect(freed, one(frees));
    bench.expect(out_valid, one(count > 0));
    if (count > 0) {
      bench.expect(out_data, beats[sent].data, beats[sent].care);
      bench.expect(out_last, one(beats[sent].last));
    }
    count += (pushing ? 1 : 0) - (pops ? 1 : 0);
    held += (fetches ? 1 : 0) - (pops ? 1 : 0);
    sent += pops ? 1 : 0;
    pushing = fetches;
    fetched_beats = frees ? 0 : fetched_beats + (fetches ? 1 : 0);
    free += frees ? 1 : 0;
    if (frees) complete.pop_front();
    bench.end_cycle();
  }
  return bench.run(d, m.name());
}

TEST_CASE("the reorder queue turns sweeps into places, each beat in the promised cycle") {
  std::mt19937 rng(815);
  struct Shape {
    int h, w, m, p, l, kernels, groups, places, band, depth;
  };
  for (const Shape& s : std::vector<Shape>{{1, 1, 1, 1, 1, 1, 1, 1, 1, 1},   // smallest
                                           {1, 1, 1, 2, 2, 6, 1, 1, 1, 3},   // one place, a beat per tile
                                           {2, 3, 1, 8, 4, 24, 1, 6, 6, 3},  // whole folds
                                           {2, 5, 2, 8, 4, 20, 1, 5, 3, 5},  // ragged P and W
                                           {2, 3, 1, 8, 2, 17, 1, 3, 3, 2},  // one kernel in the last fold
                                           {1, 4, 2, 6, 3, 9, 2, 4, 2, 4},   // groups
                                           {3, 2, 1, 5, 2, 5, 1, 7, 2, 3},   // one fold, short last beat
                                           {2, 2, 1, 4, 4, 12, 3, 5, 4, 2},  // a beat per tile, groups
                                           {1, 1, 1, 4, 4, 22, 1, 7, 0, 3},  // passes of any length
                                           {1, 1, 1, 6, 3, 20, 1, 4, 0, 3},  // the same, several beats
                                           {1, 1, 1, 10, 1, 10, 1, 20, 0, 3},
                                           {4, 4, 4, 16, 16, 64, 1, 20, 4, 3}}) {
    const spec::Link link{s.h, s.w, s.kernels * s.groups, s.m, s.l, 3, false};
    const spec::ReorderQueueParams p{
        .tile = {.m = s.m, .p = s.p, .l = s.l, .kernels = s.kernels, .groups = s.groups},
        .link = link,
        .depth = s.depth,
        .places = s.places};
    INFO(hw::ReorderQueue::name(p));
    CHECK(run_queue(p, s.band, 1, true, rng) == "");
    CHECK(run_queue(p, s.band, 1, false, rng) == "");
    CHECK(run_queue(p, s.band, 0.4, true, rng) == "");
    CHECK(run_queue(p, s.band, 0.7, false, rng) == "");
  }
}

}  // namespace
