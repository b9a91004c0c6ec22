// The serialiser: tiles of accumulators become beats, before they are activated.
//
// A tile (M columns x P kernels) leaves as beats of M columns x L kernels, one per cycle, so that the
// activation has M x L lanes and the constants of a beat. Tiles follow each other at a distance of at least
// beats_per_tile():
//
//   cycle      t     t+1   t+2   t+3   t+4         (P = 8, L = 4)
//   tile       A           B
//   beat             A0    A1    B0    B1
//
// Kernels count up inside a channel group in folds of P; the last fold of a group is short when P does not
// divide, and its surplus beats are not sent. Only the last beat of a pixel may be short, therefore L divides
// P where there are several folds, and the kernels of a group where there are several groups.
//
// Where a tile is one beat there is no serialiser.
#pragma once
#include "base/bits.hpp"
#include "spec/compute.hpp"

namespace elb::spec {

// The shapes of tiles and of the beats that they become.
struct TileBeats {
  int m = 1, p = 1;  // lanes of a tile: lane (m, p) at (m*P + p) * bits
  int l = 1;         // L: of a beat, lane (m, l) at (m*L + l) * bits
  int kernels = 1;   // of a channel group
  int groups = 1;    // channel groups of a pixel
  bool operator==(const TileBeats&) const = default;
};
int kernel_folds(const TileBeats& t);
int beats_of_tile(const TileBeats& t, int kernel_fold);
int beats_per_tile(const TileBeats& t);  // of the longest: the first of a group
int beats_of_last(const TileBeats& t);   // of a group's last tile
int beats_of_group(const TileBeats& t);  // in issue order: sets of constants
// Empty, or why this shape cannot be sent.
const char* tile_beats_error(const TileBeats& t);

struct SerializerParams {
  Technology technology = Technology::generic;
  TileBeats tile;  // of several beats
  int bits = 1;    // of a lane
  // Under sweeps (spec/sweep.hpp) the kernel fold goes on behind the last tile of a sweep; beats say which is
  // a tile's last, and a sweep's.
  bool swept = false;
  bool operator==(const SerializerParams&) const = default;
};
// From a tile to its first beat.
constexpr int latency(const SerializerParams&) {
  return 1;
}
// The same behind any array: 0 where a tile is one beat.
inline int serializer_latency(const TileBeats& t) {
  return beats_per_tile(t) > 1 ? latency(SerializerParams{}) : 0;
}
// Cycles between tiles.
inline int interval(const SerializerParams& p) {
  return beats_per_tile(p.tile);
}

}  // namespace elb::spec
