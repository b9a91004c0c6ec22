// The activation stage: accumulators T of a tile become codes, per channel.
//
//   threshold  count = #{k : T >= points[k]}, code = reversed ? n - count : count
//   affine     code = clamp((alpha T + beta) >> shift, 0, n), arithmetic shift
//   raw        acc = kappa T + offset, two's complement
//
// Constants are indexed [tile][p]: tile = (channel group, kernel fold) in issue order, p = kernel lane. The M
// pixels of a tile share them. Lanes of kernels that do not exist may hold anything.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/bits.hpp"

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
  ActivationKind kind = ActivationKind::threshold;
  int p = 1, m = 1;
  int tiles = 1;
  bool swept = false;  // the tile goes on behind the last place of a sweep (spec/sweep.hpp)
  int in_bits = 1;     // of T
  bool in_signed = false;
  int out_bits = 1;  // of a code; raw: of the accumulator
  int steps = 1;     // n = codes - 1
  int shift = 0;     // affine
  int kappa = 1;     // raw
  std::string mem_file =
      {};  // "conv1_act.mem": stem of the files that hold the constants where they are many
  std::vector<ChannelConstants> constants = {};  // [tiles * p], tile-major
  std::string module = {};                       // "elb_tiny_conv1_act"; empty: a name made from the contents
  bool operator==(const ActivationParams&) const = default;
};

// From T to codes: threshold one cycle per bit of the count, affine 3, raw 1.
int latency(const ActivationParams& p);
// Cycles between tiles.
constexpr int interval(const ActivationParams&) {
  return 1;
}
// T may come in the second cycle after reset at the earliest: the first constants are read in the first.
constexpr int kActivationWarmUp = 1;

}  // namespace elb::spec
