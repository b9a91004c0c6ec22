// The window store against a direct enumeration of its taps, and cycle by cycle against the rules of
// spec/window.hpp: when a tile may issue, and when the writer may write.
#include "hw/window_store.hpp"

#include <cstdlib>
#include <random>

#include "support/catch.hpp"
#include "support/seed.hpp"
#include "window_case.hpp"

using namespace elb;
using namespace elb::test;

namespace {

int64_t tiles_per_frame(const hw::WindowStoreParams& p) {
  return int64_t{p.window.out_h} * spec::output_groups_per_row(p.window) * p.window.groups * p.kernel_folds;
}
struct Tap {
  int64_t cycle = 0;
  Bits act, padded;
  int64_t first = 1, last = 1;
};

struct Seen {
  std::vector<Tap> taps;
  std::vector<int64_t> pops;    // cycles
  std::vector<char> ready;      // per cycle
  std::vector<int64_t> accept;  // cycle of each input beat
  int early_wrong = 0;
};

Seen run(const WindowCase& c, const Filling& f, uint64_t seed) {
  hdl::Design d;
  hw::build_window_store(d, c.p);
  hdl::Simulator sim(d, c.p.module, {.power_up = seed});
  const spec::WindowParams& w = c.p.window;
  const int folds = spec::folds(w);
  const int64_t tiles = tiles_per_frame(c.p) * c.frames;
  Seen seen;
  std::mt19937_64 random(seed);
  int64_t available = 0, taps = 0;
  bool early = false;
  const hdl::BenchResult r = hdl::run_streams(
      sim, {.in = {{"in", f.beats}},
            .expect = {},
            .stall = c.stall,
            .seed = seed,
            .max_cycles = 200'000,
            .more_cycles = tiles * (c.p.tile_cycles + (c.pop_chance == 16 ? 8 : 100) * c.p.beats) + 100,
            .take_all_inputs = true,
            .before_edge = [&](hdl::Simulator& s, int64_t cycle) {
              const bool pop = available > 0 && static_cast<int>(random() % 16) < c.pop_chance;
              s.set("pop", int64_t{pop});
              if (pop) {
                --available;
                seen.pops.push_back(cycle);
              }
              seen.ready.push_back(s.get("in_tready") != 0);
              const bool tap = s.get("tap") != 0;
              if (c.p.early) {
                seen.early_wrong += cycle > 0 && tap != early;
                early = s.get("early") != 0;
              }
              if (!tap) return;
              Tap t{cycle, s.get_bits("act"), c.p.padded_flags ? s.get_bits("padded") : Bits(w.m), 1, 1};
              if (folds > 1) {
                t.first = s.get("first");
                t.last = s.get("last");
              }
              seen.taps.push_back(t);
              if (++taps % folds == 0) {
                const int64_t tile = taps / folds - 1;
                available += tile % c.p.kernel_folds == c.p.kernel_folds - 1 ? c.p.beats_last : c.p.beats;
              }
            }});
  INFO(r.text());
  CHECK(r.ok());
  for (const hdl::Transfer& t : r.in.at("in")) seen.accept.push_back(t.cycle);
  return seen;
}

// Every tap that comes out, in order.
void check_taps(const WindowCase& c, const WindowMaps& maps, const Seen& seen) {
  const spec::WindowParams& w = c.p.window;
  const int folds = channel_folds(w), word_bits = w.s * w.bits;
  REQUIRE(seen.taps.size() == static_cast<size_t>(tiles_per_frame(c.p) * c.frames * spec::folds(w)));
  CHECK(seen.early_wrong == 0);
  size_t at = 0;
  for (int frame = 0; frame < c.frames; ++frame) {
    for (int oy = 0; oy < w.out_h; ++oy) {
      for (int g = 0; g < spec::output_groups_per_row(w); ++g) {
        for (int group = 0; group < w.groups; ++group) {
          for (int kernel = 0; kernel < c.p.kernel_folds; ++kernel) {
            for (int k = 0; k < spec::folds(w); ++k) {
              const int fold = k / spec::taps(w), ky = k % spec::taps(w) / w.kw, kx = k % w.kw;
              const Tap& t = seen.taps[at++];
              CAPTURE(frame, oy, g, group, kernel, fold, ky, kx);
              REQUIRE(t.first == (k == 0));
              REQUIRE(t.last == (k == spec::folds(w) - 1));
              if (k > 0) REQUIRE(t.cycle == seen.taps[at - 2].cycle + 1);
              for (int lane = 0; lane < w.m && g * w.m + lane < w.out_w; ++lane) {
                for (int s = 0; s < w.s; ++s) {
                  const int channel = fold * w.s + s;
                  CAPTURE(lane, channel);
                  const TapCode want = tap_code(c, maps, frame, oy, g, lane, group, channel, ky, kx);
                  if (c.p.padded_flags) REQUIRE(t.padded.bit(lane) == !want.inside);
                  REQUIRE(t.act.get(lane * word_bits + s * w.bits, w.bits) == want.code);
                }
              }
            }
          }
        }
      }
    }
  }
  REQUIRE(folds * spec::taps(w) == spec::folds(w));
}

// Tiles issue in the first cycle in which D has passed, their column groups are stored and credits are there;
// the writer is ready when its next sub-beat has room.
void check_cycles(const WindowCase& c, const Filling& f, const Seen& seen) {
  using spec::WindowTiming;
  const spec::WindowParams& w = c.p.window;
  const int folds = spec::folds(w), columns = spec::output_groups_per_row(w);
  const int64_t frame_groups = spec::groups_per_frame(w);
  const std::vector<int64_t> stored_at = stored_cycles(f, seen.accept);
  std::vector<std::pair<int64_t, int64_t>> releases;  // cycle from which that many groups are free
  const int64_t tiles = tiles_per_frame(c.p) * c.frames, per_place = int64_t{w.groups} * c.p.kernel_folds;
  int64_t before = -1000, credits = c.p.credits;
  size_t pops = 0;
  for (int64_t tile = 0; tile < tiles; ++tile) {
    const int64_t place = tile / per_place, frame = place / (int64_t{w.out_h} * columns);
    const int oy = static_cast<int>(place / columns % w.out_h), g = static_cast<int>(place % columns);
    int64_t at = std::max<int64_t>(before + c.p.tile_cycles, 1);
    if (tile % per_place == 0) {
      const int64_t need = frame * frame_groups + spec::need(w, oy, g);
      at = std::max(at, stored_at.at(static_cast<size_t>(need - 1)) + WindowTiming::kStoredToIssue);
    }
    // Pops before `at` count; later ones until there are enough.
    while (pops < seen.pops.size() && (seen.pops[pops] < at || credits < c.p.beats)) {
      at = std::max(at, seen.pops[pops] + 1);
      ++pops;
      ++credits;
    }
    const int64_t issued = seen.taps[static_cast<size_t>(tile * folds)].cycle - WindowTiming::kIssueToTap;
    CAPTURE(tile, oy, g);
    REQUIRE(issued == at);
    credits -= tile % c.p.kernel_folds == c.p.kernel_folds - 1 ? c.p.beats_last : c.p.beats;
    REQUIRE(credits >= 0);
    if (tile % per_place == per_place - 1)
      releases.emplace_back(at + folds + WindowTiming::kReleaseDelay,
                            frame * frame_groups + spec::release(w, oy, g));
    before = at;
  }
  CHECK(check_room(c, f, releases, seen.ready, seen.accept) == "");
}

void check(const WindowCase& c, uint64_t seed) {
  INFO(describe(c));
  const WindowMaps maps(c, seed);
  const Filling f = filling(c, maps);
  const Seen seen = run(c, f, seed);
  check_taps(c, maps, seen);
  check_cycles(c, f, seen);
}

}  // namespace

TEST_CASE("random window stores give every tap in order, in the promised cycle") {
  const uint64_t first = test::seed_of_run(4100);
  const int count = std::getenv("ELB_SEED") ? 1 : std::getenv("ELB_ALL") ? 2000 : 250;
  for (uint64_t seed = first; seed < first + static_cast<uint64_t>(count); ++seed) {
    INFO("ELB_SEED=" << seed);
    std::mt19937_64 random(seed);
    check(random_window_case(random), seed);
  }
}

TEST_CASE("with room and credits, tiles follow each other every D cycles, across frames too") {
  std::mt19937_64 random(8);
  for (int trial = 0; trial < 40; ++trial) {
    WindowCase c = random_window_case(random);
    spec::WindowParams& w = c.p.window;
    w.capacity = static_cast<int>(3 * spec::groups_per_frame(w));
    c.p.credits = 40 * c.p.beats;
    c.stall = hdl::Stall::free;
    c.pop_chance = 16;
    c.frames = 3;
    // A tile takes at least as long as its share of the beats that fill a frame.
    const WindowMaps maps(c, 5);
    const Filling f = filling(c, maps);
    const int64_t beats = static_cast<int64_t>(f.beats.size()) / c.frames, tiles = tiles_per_frame(c.p);
    c.p.tile_cycles = std::max(c.p.tile_cycles, static_cast<int>(ceil_div(beats, tiles)));
    c.p.tile_cycles = std::max(c.p.tile_cycles, c.p.beats);  // a beat leaves per cycle
    INFO(describe(c));
    const Seen seen = run(c, f, 5);
    check_taps(c, maps, seen);
    const size_t folds = static_cast<size_t>(spec::folds(w));
    for (size_t tile = static_cast<size_t>(tiles) + 1; tile < seen.taps.size() / folds; ++tile) {
      CAPTURE(tile);
      REQUIRE(seen.taps[tile * folds].cycle - seen.taps[(tile - 1) * folds].cycle == c.p.tile_cycles);
    }
  }
}
