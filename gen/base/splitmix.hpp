// splitmix64 of Steele, Lea and Flood: reproducible random words, the same on every machine. Synthetic
// weights are made of it (docs/network-format.md), so it never changes.
#pragma once
#include <cstdint>

namespace elb {

// The next word; `state` is the seed at first.
inline uint64_t splitmix64(uint64_t& state) {
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace elb
