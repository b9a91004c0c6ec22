// FIFOs: any depth from 1, ready and valid from registers.
//
//   cycle      t      t+1
//   push       yes
//   valid             1      a beat pushed at t can be popped from t+1 on
//
//   cycle      t      t+1
//   full       1      0
//   pop        yes           a place freed at t can be filled from t+1 on
//
// So a FIFO of depth 1 passes a beat every second cycle, one of depth 2 or more a beat per cycle. The
// contract is the same for all styles: block RAM carries a bypass for the word that is written when it is the
// next to be read.
#pragma once
#include "spec/stage.hpp"

namespace elb::spec {

struct FifoParams {
  int data_bits = 1;  // `last` is one bit more
  int depth = 2;
  MemoryStyle style = MemoryStyle::logic;
  bool operator==(const FifoParams&) const = default;
};

// Registers up to two beats, LUT RAM until that takes more LUTs than a block RAM is worth, then block RAM.
MemoryStyle fifo_style(int data_bits, int depth);
inline FifoParams fifo(int data_bits, int depth) {
  return {data_bits, depth, fifo_style(data_bits, depth)};
}

// Words of a ring of three beats or more: an even number outside block RAM, where the lowest bit of the place
// that is read is counted apart.
constexpr int64_t ring_places(const FifoParams& p) {
  return p.style == MemoryStyle::block ? p.depth : p.depth + p.depth % 2;
}

struct FifoTiming {
  static constexpr int kPushToPop = 1;
  static constexpr int kPopToPush = 1;
};

}  // namespace elb::spec
