// Weights from memory: how they lie there, how a stage asks for them, and the one port that all stages share.
//
// In memory a stage has one region of whole tiles, in the order in which the stage takes them (channel group,
// kernel fold). A tile is the words of one kernel fold; a word is what the compute array takes in a cycle.
//   W <= D   k = floor(D / W) words in a beat of D bits, word i of a tile in beat i / k at bit (i mod k) W
//   W >  D   a word takes ceil(W / D) beats, lowest bits first
// Unused bits are 0. A tile begins with a beat, a region with a multiple of 4096 bytes.
//
// A stage keeps `slots` tiles. It asks for the bursts of a tile one by one as soon as one slot is free for
// all of it; so no beat ever has to wait, and rready is constant.
//
//   streamed   tiles follow each other round and round; a slot is free again after the last sweep over it
//   once       all words of the layer are one tile in one slot, fetched behind reset and kept
#pragma once
#include <cstdint>
#include <vector>

namespace elb::spec {

enum class MemoryProtocol { axi3, axi4 };

struct FetchParams {
  int data_bits = 64;      // D
  int word_bits = 1;       // W
  int64_t tile_words = 1;  // streamed: F; once: all words
  int64_t tiles = 1;       // of the region; once: 1
  int slots = 2;           // once: 1
  bool once = false;
  int burst_beats = 16;    // most of a burst, a power of two; no burst crosses a multiple of it
  int64_t first_beat = 0;  // of the region, from weights_base on
  bool operator==(const FetchParams&) const = default;
};
int words_per_beat(const FetchParams& p);  // 1 where W > D
int beats_per_word(const FetchParams& p);  // 1 where W <= D
// Whether a word is chosen from a row of several: the choice has a register of its own, so a word is read a
// cycle earlier.
bool chooses_words(const FetchParams& p);
int64_t beats_per_tile(const FetchParams& p);
int64_t region_beats(const FetchParams& p);
int beat_address_bits(const FetchParams& p);  // of a beat's number, from weights_base on
int burst_length_bits(const FetchParams& p);  // of the beats of its longest burst, less one

// Cycles of a stage's side. States are as registers show them.
//
//   asking     left > 0. In every such cycle it asks for a burst of min(burst_beats - address mod
//   burst_beats,
//              left) beats at `address`; granted in t, address and left have moved on in t + 1, wrapping
//              behind the region's last beat.
//   not asking left = 0. If a slot is free in t: left = beats_per_tile in t + 1, and one slot less.
// The first cycle after reset is one with left = 0 and all slots free. Behind a cycle with a grant there is
// one without.
//   soon       in t: unless it is granted in t, it asks in t + 1. So the port chooses a cycle ahead.
struct FetchTiming {
  // The port takes the last beat of a tile in cycle t: a tile of the stage may issue with it from
  // t + kBeatToIssue on.
  static constexpr int kBeatToIssue = 2;
  // The first word of a tile that issues at t is read in t + kIssueToRead; F words follow each other. Where
  // words are chosen they are read a cycle before; all else is the same.
  static constexpr int kIssueToRead = 3;
  // The last word of a sweep is read in t: its slot is free from t + kReadToFree on.
  static constexpr int kReadToFree = 1;
};

// The port: one AXI read master for all stages, round robin by burst.
//
//   t      no address waits (arvalid is 0), fewer than `outstanding` bursts are under way, a stage asks:
//          granted, the next one behind the last granted (the first stage to begin with)
//   t + 1  arvalid, until arready; so a grant follows another after two cycles at the earliest
//   r      a beat with rvalid (rready is 1): the stage that asked for it writes it in r + 1
// A burst is under way from t + 1 until the cycle of its last beat, that cycle included. A beat with rresp
// other than OKAY raises err_rresp in r + 1, for ever: it and all that follow are dropped, and nothing more
// is asked for.
struct MemoryPortParams {
  MemoryProtocol protocol = MemoryProtocol::axi4;
  int data_bits = 64;
  int address_bits = 32;
  int burst_beats = 16;  // what FetchParams of all stages have
  int outstanding = 8;   // bursts
  std::vector<FetchParams> clients = {};
  bool operator==(const MemoryPortParams&) const = default;
};

}  // namespace elb::spec
