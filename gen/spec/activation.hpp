// The activation stage: accumulators T of a tile become codes, per channel.
//
//   threshold  count = #{k : T >= points[k]}, code = reversed ? n - count : count
//   affine     code = clamp((alpha T + beta) >> shift, 0, n), arithmetic shift
//   raw        acc = kappa T + offset, two's complement
//
// A tile is what arrives at once: M pixels x P kernels; behind a serialiser (spec/serializer.hpp) a beat of
// it. Constants are indexed [tile][p]: tile = (channel group, kernel fold, beat) in issue order, p = kernel
// lane. The M pixels of a tile share them. Lanes of kernels that do not exist may hold anything.
//
// Where the accumulators were preset (spec/presets.hpp), T comes less the channel's first point of the
// search, or with the offset in it, and the constants are relative to that.
#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bits.hpp"
#include "spec/compute.hpp"

namespace elb::spec {

enum class ActivationKind { threshold, affine, raw };

struct ChannelConstants {
  std::vector<int64_t> points = {};  // threshold: n of them, not descending, in the domain of T
  bool reversed = false;
  int64_t alpha = 0, beta = 0;  // affine
  int64_t offset = 0;           // raw
  bool operator==(const ChannelConstants&) const = default;
};

struct ActivationParams {
  Technology technology = Technology::generic;
  ActivationKind kind = ActivationKind::threshold;
  int p = 1, m = 1;
  int tiles = 1;
  // Under sweeps (spec/sweep.hpp) each place takes the same tiles, up to so many, and behind a sweep's last
  // place come the next ones; 0: no sweeps.
  int sweep_tiles = 0;
  int in_bits = 1;  // of T
  bool in_signed = false;
  bool preset = false;                          // T has begun with its channel's preset
  std::optional<int64_t> t_lo = {}, t_hi = {};  // what T is proven to be within; else all that its bits hold
  int out_bits = 1;                             // of a code; raw: of the accumulator
  int steps = 1;                                // n = codes - 1
  int shift = 0;                                // affine
  // affine: T is saturated to what so many bits hold in two's complement, since beyond no code changes; 0:
  // not.
  int factor_bits = 0;
  int kappa = 1;  // raw
  std::string mem_file =
      {};  // "conv1_act.mem": stem of the files that hold the constants where they are many
  std::vector<ChannelConstants> constants = {};  // [tiles * p], tile-major
  std::string module = {};                       // "elb_tiny_conv1_act"; empty: a name made from the contents
  bool operator==(const ActivationParams&) const = default;
};

// The product of an affine stage in DSP slices (25 x 18 bits, signed). Two are a cascade: the low kSplitBits
// of one operand, unsigned, in the first, and above them the rest in the second.
struct AffineProduct {
  enum class Split { none, alpha, t };
  int slices = 1;
  Split split = Split::none;
};
inline constexpr int kSplitBits = 17;
inline constexpr int kSumBits = 48;  // that a DSP48 holds, signed
// Operands of so many bits, two's complement; nothing where two slices are not enough.
std::optional<AffineProduct> affine_product(int t_bits, int alpha_bits);
// Two's complement bits of T as the product sees it, and of the factors: where these are not known, as many
// as codes of this many steps take at most.
int affine_t_bits(const ActivationParams& p);
int affine_alpha_bits(const ActivationParams& p);
// Of two slices, the first takes all of beta where its 48 bits hold the sum; else a slice takes only beta's
// low bits, and an adder behind both the others, in a cycle of its own.
bool beta_in_first_slice(const ActivationParams& p);
// Whether T is so much wider than what it is saturated to that the decision takes a cycle of its own.
bool saturates_in_two_cycles(const ActivationParams& p);

// How many flags say whether any of so many bits above a code is set: a LUT each while they are few, and
// never more than the clamp's LUT takes beside sign, bit and the flag of codes beyond.
constexpr int clamp_flags(int above) {
  return above <= 0 ? 0 : static_cast<int>(std::min<int64_t>(3, ceil_div(above, 6)));
}

// From T to codes: threshold one cycle per bit of the count, one per point that is read and one where that
// is chosen (spec/threshold.hpp); affine 5, and one for each of the two above; raw 1. Affine whose constants
// are not known: the longest.
int latency(const ActivationParams& p);
// Cycles between tiles.
constexpr int interval(const ActivationParams&) {
  return 1;
}
// Constants of more tiles are read from a ROM by tile; fewer are a function of it in LUTs.
constexpr bool tile_table_in_rom(int tiles) {
  return tiles > 8;
}
// Of more, blocks of a ROM in LUTs are chosen from, and the end of a count that does not wrap by itself is a
// register beside it.
constexpr int kManyTiles = 64;
constexpr bool tile_count_wraps(int tiles) {
  return (tiles & (tiles - 1)) == 0;
}
constexpr bool keeps_tile_end(int tiles) {
  return tiles > kManyTiles && !tile_count_wraps(tiles);
}
// T may come in the second cycle after reset at the earliest: the first constants are read in the first.
constexpr int kActivationWarmUp = 1;

}  // namespace elb::spec
