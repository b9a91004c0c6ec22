// The window store against a direct enumeration of its taps, and cycle by cycle against the rules of
// spec/window.hpp: when a tile may issue, and when the writer may write.
#include "hw/window_store.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <random>

#include "hdl/eval/stream_bench.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace elb;

namespace {

struct Case {
  hw::WindowStoreParams p;
  int frames = 2;
  hdl::Stall stall = hdl::Stall::free;
  int pop_chance = 16;  // of 16
};

int64_t tiles_per_frame(const hw::WindowStoreParams& p) {
  return int64_t{p.window.out_h} * spec::output_groups_per_row(p.window) * p.window.groups * p.kernel_folds;
}
int channel_folds(const spec::WindowParams& w) {
  return spec::folds(w) / spec::taps(w);
}

std::string describe(const Case& c) {
  const spec::WindowParams& w = c.p.window;
  return fmt::format(
      "map {}x{}x{}x{} kernel {}x{} stride {}x{} dilation {}x{} pad {},{} out {}x{} m={} s={} bits={} v={} "
      "capacity={} "
      "(min {}) kernel_folds={} D={} credits={} beats={},{} frames={} stall={} pop={}/16",
      w.h, w.w, w.groups, w.channels, w.kh, w.kw, w.sh, w.sw, w.dh, w.dw, w.top, w.left, w.out_h, w.out_w,
      w.m, w.s, w.bits, w.in_columns, w.capacity, spec::min_capacity(w), c.p.kernel_folds, c.p.tile_cycles,
      c.p.credits, c.p.beats, c.p.beats_last, c.frames, hdl::stall_name(c.stall), c.pop_chance);
}

Case random_case(std::mt19937_64& random) {
  const auto pick = [&](int lo, int hi) {
    return lo + static_cast<int>(random() % static_cast<uint64_t>(hi - lo + 1));
  };
  for (;;) {
    Case c;
    spec::WindowParams& w = c.p.window;
    w.h = pick(1, 8);
    w.w = pick(1, 9);
    w.kh = pick(1, 3);
    w.kw = pick(1, 4);
    w.sh = pick(1, 3);
    w.sw = pick(1, 4);
    w.dh = pick(1, 2);
    w.dw = pick(1, 2);
    w.top = pick(0, w.kh - 1);
    w.left = pick(0, w.kw - 1);
    w.channels = pick(1, 6);
    w.groups = pick(1, 3) == 1 ? 2 : 1;
    w.s = pick(1, w.channels);
    w.bits = pick(1, 8);
    w.m = pick(1, 4);
    w.in_columns = pick(1, 4);
    const int ho = w.h + w.top + pick(0, w.kh - 1) - (w.kh - 1) * w.dh - 1;
    const int wo = w.w + w.left + pick(0, w.kw - 1) - (w.kw - 1) * w.dw - 1;
    if (ho < 0 || wo < 0) continue;
    w.out_h = ho / w.sh + 1;
    w.out_w = wo / w.sw + 1;
    const int64_t least = spec::min_capacity(w);
    w.capacity = static_cast<int>(least) + (pick(0, 1) == 0 ? 0 : pick(1, 10));
    c.p.module = "elb_window";
    c.p.title = "window store under test";
    c.p.kernel_folds = pick(1, 3);
    c.p.tile_cycles = spec::folds(w) + (pick(0, 1) == 0 ? 0 : pick(1, 5));
    c.p.pad_code = pick(0, (1 << w.bits) - 1);
    c.p.beats = pick(1, 3);
    c.p.beats_last = pick(1, c.p.beats);
    c.p.credits = c.p.beats + pick(0, 6);
    c.p.style = pick(0, 1) == 0 ? spec::MemoryStyle::block : spec::MemoryStyle::distributed;
    c.p.early = pick(0, 1) == 0;
    c.p.padded_flags = pick(0, 1) == 0;
    c.frames = pick(2, 3);
    c.stall = hdl::kAllStalls[pick(0, 3)];
    c.pop_chance = pick(0, 1) == 0 ? 16 : pick(1, 15);
    return c;
  }
}

// Codes of all frames, [frame][y][x][channel over all groups].
class Maps {
 public:
  Maps(const Case& c, uint64_t seed) : w_(c.p.window) {
    std::mt19937_64 random(seed);
    codes_.resize(static_cast<size_t>(c.frames) * w_.h * w_.w * w_.channels * w_.groups);
    for (uint64_t& v : codes_) v = random() & ((uint64_t{1} << w_.bits) - 1);
  }
  uint64_t code(int frame, int y, int x, int channel) const {
    return codes_[((static_cast<size_t>(frame) * w_.h + y) * w_.w + x) * w_.channels * w_.groups + channel];
  }
  // Word `word` of a column: S codes, the channel tail 0; columns behind the map hold anything.
  void put(int frame, int y, int x, int word, Bits& to, int low, std::mt19937_64& junk) const {
    const int folds = channel_folds(w_), group = word / folds, fold = word % folds;
    for (int s = 0; s < w_.s; ++s) {
      const int channel = fold * w_.s + s;
      const uint64_t v = x >= w_.w                ? junk() & ((uint64_t{1} << w_.bits) - 1)
                         : channel >= w_.channels ? 0
                                                  : code(frame, y, x, group * w_.channels + channel);
      to.set(low + s * w_.bits, w_.bits, v);
    }
  }

 private:
  const spec::WindowParams& w_;
  std::vector<uint64_t> codes_;
};

// The beats that fill the store, and how many column groups are complete after each.
struct Filling {
  std::vector<hdl::Beat> beats;
  std::vector<int64_t> group;     // that the beat writes to; -1: dropped
  std::vector<int64_t> complete;  // groups complete with this beat
};
Filling filling(const Case& c, const Maps& maps) {
  const spec::WindowParams& w = c.p.window;
  const int vw = spec::sub_columns(w), words = spec::words_per_group(w), nb = spec::banks(w),
            gi = spec::groups_per_row(w);
  std::mt19937_64 junk(99);
  Filling f;
  for (int64_t row = 0; row < int64_t{c.frames} * w.h; ++row) {
    const int row_beats = static_cast<int>(ceil_div(w.w, w.in_columns));
    for (int b = 0; b < row_beats; ++b) {
      for (int word = 0; word < words; ++word) {
        for (int sub = 0; sub < spec::sub_beats(w); ++sub) {
          const int x0 = b * w.in_columns + sub * vw, g = x0 / nb;
          Bits data(vw * w.s * w.bits);
          for (int i = 0; i < vw; ++i)
            maps.put(static_cast<int>(row / w.h), static_cast<int>(row % w.h), x0 + i, word, data,
                     i * w.s * w.bits, junk);
          f.beats.push_back({data});
          f.group.push_back(g < gi ? row * gi + g : -1);
          // Complete with the last column that arrives of it, in its last word.
          const int last_x0 = row_beats * w.in_columns - vw;
          const bool ends = g < gi && word == words - 1 && (x0 + vw == (g + 1) * nb || x0 == last_x0);
          f.complete.push_back((f.complete.empty() ? 0 : f.complete.back()) + (ends ? 1 : 0));
        }
      }
    }
  }
  return f;
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

Seen run(const Case& c, const Filling& f, uint64_t seed) {
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
void check_taps(const Case& c, const Maps& maps, const Seen& seen) {
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
                const int y = oy * w.sh - w.top + ky * w.dh, x = (g * w.m + lane) * w.sw - w.left + kx * w.dw;
                const bool inside = y >= 0 && y < w.h && x >= 0 && x < w.w;
                CAPTURE(lane, y, x);
                if (c.p.padded_flags) REQUIRE(t.padded.bit(lane) == !inside);
                for (int s = 0; s < w.s; ++s) {
                  const int channel = fold * w.s + s;
                  CAPTURE(channel);
                  const uint64_t want = channel >= w.channels ? 0
                                        : inside ? maps.code(frame, y, x, group * w.channels + channel)
                                                 : static_cast<uint64_t>(c.p.pad_code);
                  REQUIRE(t.act.get(lane * word_bits + s * w.bits, w.bits) == want);
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
void check_cycles(const Case& c, const Filling& f, const Seen& seen) {
  using spec::WindowTiming;
  const spec::WindowParams& w = c.p.window;
  const int folds = spec::folds(w), columns = spec::output_groups_per_row(w);
  const int64_t frame_groups = spec::groups_per_frame(w);
  std::vector<int64_t> stored_at;  // cycle in which the n-th group became complete
  for (size_t i = 0; i < seen.accept.size(); ++i) {
    if (f.complete[i] > static_cast<int64_t>(stored_at.size())) stored_at.push_back(seen.accept[i]);
  }
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
  size_t beat = 0, release = 0;
  int64_t released = 0;
  for (size_t t = 0; t < seen.ready.size() && beat < f.group.size(); ++t) {
    const int64_t now = static_cast<int64_t>(t);
    while (release < releases.size() && releases[release].first <= now) released = releases[release++].second;
    CAPTURE(t, beat, released);
    const bool room = f.group[beat] < 0 || f.group[beat] < released + w.capacity;
    REQUIRE((seen.ready[t] != 0) == room);
    if (seen.accept[beat] == now) ++beat;
  }
}

void check(const Case& c, uint64_t seed) {
  INFO(describe(c));
  const Maps maps(c, seed);
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
    check(random_case(random), seed);
  }
}

TEST_CASE("with room and credits, tiles follow each other every D cycles, across frames too") {
  std::mt19937_64 random(8);
  for (int trial = 0; trial < 40; ++trial) {
    Case c = random_case(random);
    spec::WindowParams& w = c.p.window;
    w.capacity = static_cast<int>(3 * spec::groups_per_frame(w));
    c.p.credits = 40 * c.p.beats;
    c.stall = hdl::Stall::free;
    c.pop_chance = 16;
    c.frames = 3;
    // A tile takes at least as long as its share of the beats that fill a frame.
    const Maps maps(c, 5);
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
