// Window stores in sweeps: every tap in sweep order against a direct enumeration, and every cycle against the
// conditions of spec/sweep.hpp.
#include "hw/sweep_reader.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <deque>

#include "support/catch.hpp"
#include "support/seed.hpp"
#include "window_case.hpp"

using namespace elb;
using namespace elb::test;

namespace {

struct SweepCase : WindowCase {
  int weight_chance = 16;  // of 16: a weight tile arrives in a cycle
  int free_chance = 16;    // of 16: the oldest place that is done leaves the reorder ring
};

std::string describe(const SweepCase& c) {
  return fmt::format("{} rows={} band_frames={} places={} patience={} weights={}/16 free={}/16",
                     describe(static_cast<const WindowCase&>(c)), c.p.sweep->rows, c.p.sweep->frames,
                     c.p.sweep->places, c.p.sweep->patience, c.weight_chance, c.free_chance);
}

SweepCase random_case(std::mt19937_64& random) {
  const auto pick = [&](int lo, int hi) {
    return lo + static_cast<int>(random() % static_cast<uint64_t>(hi - lo + 1));
  };
  SweepCase c{random_window_case(random)};
  spec::WindowParams& w = c.p.window;
  c.p.early = true;
  c.p.sweep = spec::SweepParams{};
  spec::SweepParams& sweep = *c.p.sweep;
  if (pick(0, 2) == 0) {
    w = {.channels = pick(1, 9), .s = 1, .bits = pick(1, 4), .capacity = pick(1, 5)};
    w.s = pick(0, 1) == 0 ? w.channels : pick(1, w.channels);
    sweep.frames = pick(1, 5);
    sweep.patience = pick(0, 1) == 0 ? pick(0, 3) : pick(4, 60);
    c.frames = pick(3, 12);
    c.p.pad_code = 0;
    c.p.tile_cycles = spec::folds(w) + pick(0, 1) * pick(0, 3);
  } else {
    sweep.rows = pick(0, 2) == 0 ? w.out_h : pick(1, w.out_h);
    w.capacity = static_cast<int>(spec::min_capacity(w, sweep)) + pick(0, 1) * pick(0, 9);
    if (pick(0, 2) == 0) c.p.tile_cycles = spec::folds(w);
  }
  sweep.places = spec::places_per_band(w, sweep) + pick(0, 1) * pick(0, 6);
  const int chances[] = {16, 16, 8, 2};
  c.weight_chance = chances[pick(0, 3)];
  c.free_chance = chances[pick(0, 3)];
  return c;
}

// A tile as it came out.
struct Tile {
  int64_t issued = 0;
  bool take = false, sweep_end = false;
  std::vector<Bits> act;
};

struct Seen {
  std::vector<Tile> tiles;
  std::vector<int64_t> taken_before;  // places freed in the cycles before each cycle
  std::vector<char> weights_ok, ready;
  std::vector<int64_t> accept;
  std::string wrong;
};

int sweeps_per_band(const SweepCase& c) {
  return c.p.window.groups * c.p.kernel_folds;
}

// Places leave in order, each at a random time behind its last tile.
Seen run(const SweepCase& c, const Filling& f, uint64_t seed) {
  hdl::Design d;
  hw::build_window_store(d, c.p);
  hdl::Simulator sim(d, c.p.module, {.power_up = seed});
  const int folds = spec::folds(c.p.window);
  Seen seen;
  std::mt19937_64 random(seed);
  const int64_t tiles =
      int64_t{c.frames} * c.p.window.out_h * spec::output_groups_per_row(c.p.window) * sweeps_per_band(c);
  int64_t arrived = 0, complete = 0, freed = 0;
  int sweep = 0;
  size_t taps = 0;
  std::deque<bool> takes;  // of the last cycles: the tap that comes now was issued kIssueToTap ago
  bool early = false, early_end = false;
  const hdl::BenchResult r = hdl::run_streams(
      sim, {.in = {{"in", f.beats}},
            .expect = {},
            .stall = c.stall,
            .seed = seed,
            .max_cycles = 400'000,
            .more_cycles = tiles * (c.p.tile_cycles + 20) + 100,
            .take_all_inputs = true,
            .before_edge = [&](hdl::Simulator& s, int64_t cycle) {
              const bool frees = complete > freed && static_cast<int>(random() % 16) < c.free_chance;
              s.set("freed", int64_t{frees});
              s.set("weights_ok", int64_t{arrived > 0});
              seen.taken_before.push_back(freed);
              seen.weights_ok.push_back(arrived > 0);
              seen.ready.push_back(s.get("in_tready") != 0);
              freed += frees;
              const bool take = s.get("take") != 0;
              if (take && arrived == 0) seen.wrong = "a tile was taken that is not there";
              arrived += (static_cast<int>(random() % 16) < c.weight_chance) - take;
              arrived = std::min<int64_t>(arrived, 2);
              takes.push_back(take);
              const bool tap = s.get("tap") != 0;
              if (cycle > 0 && tap != early) seen.wrong = "early is not tap of the next cycle";
              if (tap) {
                const bool first = taps % folds == 0, last = taps % folds == static_cast<size_t>(folds) - 1;
                if (folds > 1 && (first != (s.get("first") != 0) || last != (s.get("last") != 0)))
                  seen.wrong = "first or last of a tile";
                if (first) {
                  seen.tiles.push_back({.issued = cycle - spec::WindowTiming::kIssueToTap,
                                        .take = takes.size() > 4 && takes[takes.size() - 5],
                                        .sweep_end = false,
                                        .act = {}});
                } else if (takes.size() > 4 && takes[takes.size() - 5]) {
                  seen.wrong = "a tile is taken inside a tile";
                }
                seen.tiles.back().act.push_back(s.get_bits("act"));
                if (last) {
                  seen.tiles.back().sweep_end = early_end;
                  complete += sweep == sweeps_per_band(c) - 1;
                  if (early_end) sweep = (sweep + 1) % sweeps_per_band(c);
                } else if (early_end) {
                  seen.wrong = "a sweep ends inside a tile";
                }
                ++taps;
              } else if (takes.size() > 4 && takes[takes.size() - 5]) {
                seen.wrong = "a tile is taken that does not come";
              }
              early = s.get("early") != 0;
              early_end = s.get("sweep_end") != 0;
            }});
  INFO(r.text());
  CHECK(r.ok());
  for (const hdl::Transfer& t : r.in.at("in")) seen.accept.push_back(t.cycle);
  return seen;
}

// A tile of the plain loop nest.
struct Want {
  int frame = 0, oy = 0, g = 0, group = 0, kernel = 0;
  int place = 0, sweep = 0;  // in its band or pass
  bool sweep_end = false, last_sweep = false;
};

void add_band(const SweepCase& c, std::vector<Want>& tiles, const std::vector<Want>& places) {
  const int sweeps = sweeps_per_band(c);
  for (int s = 0; s < sweeps; ++s) {
    for (size_t i = 0; i < places.size(); ++i) {
      Want t = places[i];
      t.group = s / c.p.kernel_folds;
      t.kernel = s % c.p.kernel_folds;
      t.place = static_cast<int>(i);
      t.sweep = s;
      t.sweep_end = i + 1 == places.size();
      t.last_sweep = s + 1 == sweeps;
      tiles.push_back(t);
    }
  }
}

std::vector<Want> conv_tiles(const SweepCase& c) {
  const spec::WindowParams& w = c.p.window;
  std::vector<Want> tiles;
  for (int frame = 0; frame < c.frames; ++frame) {
    for (int band = 0; band < spec::bands(w, *c.p.sweep); ++band) {
      std::vector<Want> places;
      for (int y = 0; y < spec::rows_of_band(w, *c.p.sweep, band); ++y) {
        for (int g = 0; g < spec::output_groups_per_row(w); ++g)
          places.push_back({.frame = frame, .oy = band * c.p.sweep->rows + y, .g = g});
      }
      add_band(c, tiles, places);
    }
  }
  return tiles;
}

// Passes as the taps show them: frames go on until a sweep ends.
std::vector<Want> fc_tiles(const SweepCase& c, const Seen& seen) {
  std::vector<Want> tiles;
  for (int frame = 0; frame < c.frames;) {
    std::vector<Want> places;
    while (frame < c.frames) {
      places.push_back({.frame = frame++});
      const size_t at = tiles.size() + places.size() - 1;
      if (at >= seen.tiles.size() || seen.tiles[at].sweep_end) break;
    }
    add_band(c, tiles, places);
  }
  return tiles;
}

void check_taps(const SweepCase& c, const WindowMaps& maps, const std::vector<Want>& want, const Seen& seen) {
  const spec::WindowParams& w = c.p.window;
  REQUIRE(seen.tiles.size() == want.size());
  for (size_t i = 0; i < want.size(); ++i) {
    const Want& t = want[i];
    CAPTURE(i, t.frame, t.oy, t.g, t.group, t.kernel);
    REQUIRE(seen.tiles[i].take == (t.place == 0));
    REQUIRE(seen.tiles[i].sweep_end == t.sweep_end);
    for (int k = 0; k < spec::folds(w); ++k) {
      const int fold = k / spec::taps(w), ky = k % spec::taps(w) / w.kw, kx = k % w.kw;
      for (int lane = 0; lane < w.m && t.g * w.m + lane < w.out_w; ++lane) {
        for (int s = 0; s < w.s; ++s) {
          CAPTURE(k, lane, s);
          REQUIRE(seen.tiles[i].act[static_cast<size_t>(k)].get((lane * w.s + s) * w.bits, w.bits) ==
                  tap_code(c, maps, t.frame, t.oy, t.g, lane, t.group, fold * w.s + s, ky, kx).code);
        }
      }
    }
  }
}

void check_cycles(const SweepCase& c, const Filling& f, const std::vector<Want>& want, const Seen& seen) {
  using spec::WindowTiming;
  const spec::WindowParams& w = c.p.window;
  const std::vector<int64_t> stored_at = stored_cycles(f, seen.accept);
  std::vector<std::pair<int64_t, int64_t>> releases;
  int64_t before = -1000, taken = 0;
  for (size_t i = 0; i < want.size(); ++i) {
    const Want& t = want[i];
    const int64_t base = t.frame * spec::groups_per_frame(w), need = base + spec::need(w, t.oy, t.g);
    // Of a pass that begins at `at`: all frames that it can take are there, or it has waited for them.
    const auto patient = [&](int64_t at) {
      const int64_t most = std::min(c.p.sweep->frames, w.capacity);
      int64_t frame = t.frame;
      while (frame < c.frames && stored_at[static_cast<size_t>(frame)] + WindowTiming::kStoredToIssue <= at)
        ++frame;
      if (frame == t.frame) return false;
      return frame - t.frame >= most || at >= stored_at[static_cast<size_t>(frame - 1)] +
                                                  WindowTiming::kStoredToIssue + c.p.sweep->patience;
    };
    const auto may_issue = [&](int64_t at) {
      const auto cycle = static_cast<size_t>(at);
      return (t.place > 0 || seen.weights_ok.at(cycle)) &&
             (c.p.sweep->frames == 0 || t.sweep > 0 || t.place > 0 || patient(at)) &&
             (t.sweep > 0 ||
              (stored_at.at(static_cast<size_t>(need - 1)) + WindowTiming::kStoredToIssue <= at &&
               c.p.sweep->places - taken + seen.taken_before.at(cycle) > 0));
    };
    int64_t at = std::max<int64_t>(before + c.p.tile_cycles, 1);
    while (!may_issue(at)) ++at;
    CAPTURE(i, t.frame, t.oy, t.g, t.sweep, t.place);
    REQUIRE(seen.tiles[i].issued == at);
    if (c.p.sweep->frames > 0 && t.sweep == 0 && t.place == 0) {
      int64_t frames = 0;
      while (t.frame + frames < c.frames && frames < c.p.sweep->frames &&
             stored_at[static_cast<size_t>(t.frame + frames)] + WindowTiming::kStoredToIssue <= at)
        ++frames;
      REQUIRE(want[i + static_cast<size_t>(frames) - 1].sweep_end);
      REQUIRE(want[i + static_cast<size_t>(frames) - 1].sweep == 0);
    }
    taken += t.sweep == 0;
    if (t.last_sweep)
      releases.emplace_back(at + spec::folds(w) + WindowTiming::kReleaseDelay,
                            base + spec::release(w, t.oy, t.g));
    before = at;
  }
  CHECK(check_room(c, f, releases, seen.ready, seen.accept) == "");
}

void check(const SweepCase& c, uint64_t seed) {
  INFO(describe(c));
  const WindowMaps maps(c, seed);
  const Filling f = filling(c, maps);
  const Seen seen = run(c, f, seed);
  REQUIRE(seen.wrong == "");
  const std::vector<Want> want = c.p.sweep->frames > 0 ? fc_tiles(c, seen) : conv_tiles(c);
  check_taps(c, maps, want, seen);
  check_cycles(c, f, want, seen);
}

}  // namespace

TEST_CASE("sweeps over random bands and passes give every tap in order, in the promised cycle") {
  const uint64_t first = test::seed_of_run(5200);
  const int count = std::getenv("ELB_SEED") ? 1 : std::getenv("ELB_ALL") ? 3000 : 300;
  for (uint64_t seed = first; seed < first + static_cast<uint64_t>(count); ++seed) {
    INFO("ELB_SEED=" << seed);
    std::mt19937_64 random(seed);
    check(random_case(random), seed);
  }
}

TEST_CASE("sweeps of one place with tiles of one cycle follow each other every cycle") {
  for (const bool fc : {false, true}) {
    for (const int kernel_folds : {1, 2, 3}) {
      SweepCase c;
      c.p.window = {.h = fc ? 1 : 3, .channels = 2, .out_h = fc ? 1 : 3, .s = 2, .bits = 3, .capacity = 8};
      c.p.module = "elb_window";
      c.p.kernel_folds = kernel_folds;
      c.p.sweep = spec::SweepParams{.rows = fc ? 0 : 1, .frames = fc ? 1 : 0, .places = 8};
      c.frames = 6;
      INFO(describe(c));
      const WindowMaps maps(c, 3);
      const Filling f = filling(c, maps);
      const Seen seen = run(c, f, 3);
      const std::vector<Want> want = fc ? fc_tiles(c, seen) : conv_tiles(c);
      check_taps(c, maps, want, seen);
      check_cycles(c, f, want, seen);
      for (size_t i = 1; i < seen.tiles.size(); ++i)
        REQUIRE(seen.tiles[i].issued == seen.tiles[i - 1].issued + 1);
    }
  }
}
