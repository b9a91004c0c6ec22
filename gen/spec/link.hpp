// A link: the stream between two stages (valid never waits for ready, both come from registers).
//
// One beat carries V columns x L channels of one row; lane (v, l) = bits [(v*L + l)*bits +: bits], so lane 0 is lowest.
// Beats of a frame come in the order (y, x / V, c / L). Only the last beat of a pixel may be short (c beyond C),
// and only the last column group of a row (x beyond W); those lanes are don't-care. `last` marks a frame's last beat.
#pragma once
#include <cstdint>

#include "base/bits.hpp"

namespace elb::spec {

struct Link {
  int h = 1, w = 1, c = 1;  // the map
  int columns = 1;          // V
  int channels = 1;         // L
  int bits = 1;             // of one lane
  bool is_signed = false;   // raw accumulators are; activation codes are not

  int lanes() const { return columns * channels; }
  int data_bits() const { return lanes() * bits; }
  int column_groups() const { return static_cast<int>(ceil_div(w, columns)); }
  int channel_beats() const { return static_cast<int>(ceil_div(c, channels)); }
  int64_t beats_per_frame() const { return int64_t{h} * column_groups() * channel_beats(); }
  bool operator==(const Link&) const = default;
};

}  // namespace elb::spec
