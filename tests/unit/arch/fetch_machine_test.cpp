// The fetch and the port against the cycles that spec/fetch.hpp and spec/dram_timing.hpp tell.
#include "arch/fetch_machine.hpp"

#include "support/catch.hpp"

using namespace elb;
using namespace elb::arch;

namespace {

// Cycles from which on the tiles of each client may issue; a tile begins and ends its only sweep as soon as
// it can, or never.
std::vector<std::vector<int64_t>> tiles(const std::vector<spec::FetchParams>& params, int outstanding,
                                        const spec::DramTiming& timing, int64_t cycles, bool sweep) {
  std::vector<FetchClient> clients(params.begin(), params.end());
  PortMachine port(outstanding, timing);
  for (FetchClient& c : clients) port.add(&c);
  std::vector<std::vector<int64_t>> from(params.size());
  for (int64_t cycle = 0; cycle < cycles; ++cycle) {
    bool ends = false;
    for (size_t i = 0; i < clients.size(); ++i) {
      if (!clients[i].tile_ready(cycle)) continue;
      if (from[i].empty() || sweep) from[i].push_back(cycle);
      if (!sweep) continue;
      clients[i].begin_sweep();
      clients[i].end_sweep(cycle);
      ends = true;
    }
    // Cycles in which nothing can happen are left out.
    if (!ends && cycle < port.wake()) continue;
    port.clock(cycle);
    if (const auto i = port.completed())
      CHECK(clients[*i].tile_from() == cycle + spec::FetchTiming::kBeatToIssue);
  }
  return from;
}

constexpr spec::DramTiming kIdeal{};

}  // namespace

TEST_CASE("a stage asks for a tile burst by burst, and none crosses a multiple of the longest") {
  // Tiles of 3 beats; region 0 .. 5. Asked: 3 beats at 0 | 1 at 3, 2 at 4 | 3 at 0 ...
  //   0 a slot   1 granted 0..2   2 address; second slot   3 first beat, granted 3   5 last beat,
  //   granted 4..5 6 beat 3   7, 8 beats 4, 5
  const spec::FetchParams p{
      .data_bits = 64, .word_bits = 32, .tile_words = 6, .tiles = 2, .slots = 2, .burst_beats = 4};
  // The first sweep's words are read in 7 + 3 .. 7 + 8, the slot is free in 16: the third tile is asked for
  // in 17.
  CHECK(tiles({p}, 8, kIdeal, 24, true)[0] == std::vector<int64_t>{7, 10, 23});
}

TEST_CASE("stages take turns, and a burst is under way until its last beat") {
  const spec::FetchParams p{.data_bits = 64,
                            .word_bits = 64,
                            .tile_words = 2,
                            .tiles = 1,
                            .slots = 1,
                            .once = true,
                            .burst_beats = 2};
  spec::FetchParams q = p;
  q.first_beat = 2;
  // Granted 1, address 2, beats 3 and 4. With one burst under way the next grant is in 5, else in 3.
  CHECK(tiles({p, q}, 1, kIdeal, 20, false) == std::vector<std::vector<int64_t>>{{6}, {10}});
  CHECK(tiles({p, q}, 2, kIdeal, 20, false) == std::vector<std::vector<int64_t>>{{6}, {8}});
}

TEST_CASE("latency and bandwidth of the memory delay tiles") {
  const spec::FetchParams p{.data_bits = 64,
                            .word_bits = 128,
                            .tile_words = 2,
                            .tiles = 1,
                            .slots = 1,
                            .once = true,
                            .burst_beats = 16};
  // 4 beats: address taken in 2, first beat 1 + latency later.
  CHECK(tiles({p}, 1, kIdeal, 50, false)[0] == std::vector<int64_t>{8});
  CHECK(tiles({p}, 1, {.latency = 7}, 50, false)[0] == std::vector<int64_t>{15});
  CHECK(tiles({p}, 1, {.beats = 1, .cycles = 3}, 50, false)[0] == std::vector<int64_t>{3 + 9 + 2});
}
