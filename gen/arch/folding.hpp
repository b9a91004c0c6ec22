// How a stage's work folds onto P kernels x S inputs x M pixels, and the smallest factors that meet a cycle
// target.
//
//   compute   Ho ceil(Wo/M) g ceil((Cout/g)/P) D,  F = Kh Kw ceil((Cin/g)/S),  D = max(F, beats per tile)
//   lanewise  Ho ceil(Wo/M) ceil(C/S) Kh Kw
//   writer    spec::feed_cycles: H ceil(W/V) max(ceil(C/L), g ceil((C/g)/S) V/gcd(V, Nb))
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "spec/link.hpp"
#include "spec/serializer.hpp"
#include "spec/window.hpp"

namespace elb::arch {

struct Factors {
  int p = 1, s = 1, m = 1;
  bool operator==(const Factors&) const = default;
};

// Factors that a user has settled.
struct FixedFactors {
  std::optional<int> p, s, m;
  bool all() const { return p && s && m; }
};

// The work of a stage with a window store; `window` has everything but m and s (and capacity).
struct StoreWork {
  spec::WindowParams window;
  spec::Link in;
  bool lanewise = false;      // channels are not summed: p has no meaning and stays equal to s
  bool flatten = false;       // the beats of a frame are one vector
  int kernels = 1;            // per channel group (Cout / g); lanewise: 1
  int turns = 1;              // of a concat that reads the output: as many operands take turns
  std::optional<int> l = {};  // channels of an output beat that a user has settled
};

// The factor given, or the smallest one for every different fold count of n, ascending.
std::vector<int> factor_candidates(const std::optional<int>& fixed, int n);

// L, the channels of an output beat: the user's, or the fewest that cost no cycle. They divide P, with groups
// Cout / g too, and there are at most F / turns beats of a tile, so that the link is as fast as the engine.
int beat_channels(const StoreWork& work, const Factors& f);
// The shape of the tiles and beats; whether they can be sent shows in spec::tile_beats_error.
spec::TileBeats tile_beats(const StoreWork& work, const Factors& f);
spec::WindowParams with_factors(const StoreWork& work, const Factors& f);
// D, the cycles between two tiles.
int tile_cycles(const StoreWork& work, const Factors& f);
int64_t engine_cycles(const StoreWork& work, const Factors& f);
// Cycles per frame in which the store's writer is busy, the input link's beats included.
int64_t writer_cycles(const StoreWork& work, const Factors& f);

// Cycles per frame of a concat: its operands take turns, pixel by pixel. Of an operand with narrower beats
// than the output's, only the first word of a pixel is gathered while others have their turn.
int64_t concat_cycles(const std::vector<spec::Link>& in, const spec::Link& out);
// The channels of its beats divide these, that all operands but the last have in common.
int common_channels(const std::vector<spec::Link>& in);
// `out`, its map, in beats of the fewest channels, then columns, that meet `cycles` per frame or come
// nearest; what is given stays.
spec::Link concat_link(const std::vector<spec::Link>& in, spec::Link out, std::optional<int> channels,
                       std::optional<int> columns, int64_t cycles);

// What factors cost, in inputs of a dot product: P S M of them; each of the P M accumulators with its
// activation is worth four, and each column more than the first 64, for its memory bank and multiplexers.
int64_t parallelism_cost(const StoreWork& work, const Factors& f);

// The cheapest factors that need at most `target` cycles in engine and writer; among equals the fewest M,
// then factors that divide. Nothing when no factors meet the target.
std::optional<Factors> smallest_factors(const StoreWork& work, const FixedFactors& fixed, int64_t target);
// The least cycles that any factors reach.
int64_t fewest_cycles(const StoreWork& work, const FixedFactors& fixed);

// The largest divisor of n that is at most `limit`.
int largest_divisor(int n, int limit);

}  // namespace elb::arch
