// What a window reader's steps from place to place depend on: counts of which its cost is made
// (window_cost.cpp).
#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <set>
#include <vector>

#include "base/bits.hpp"
#include "base/int_math.hpp"
#include "spec/resources.hpp"
#include "spec/window.hpp"

namespace elb::spec {

// The steps of a sum modulo 2^n, or modulo a ring.
class Steps {
 public:
  explicit Steps(int64_t modulus) : modulus_(modulus) {}
  void add(int64_t step) {
    const auto v = static_cast<uint64_t>(floor_mod(step, modulus_));
    if (std::find(values_.begin(), values_.end(), v) == values_.end()) values_.push_back(v);
  }
  int ever_one() const {
    uint64_t any = 0;
    for (const uint64_t v : values_) any |= v;
    return std::popcount(any);
  }
  int varying() const {
    uint64_t any = 0, all = ~uint64_t{0};
    for (const uint64_t v : values_) any |= v, all &= v;
    return std::popcount(any & ~all);
  }
  // Bits that are neither always 0 nor copies of others.
  int distinct() const {
    std::set<std::vector<bool>> seen;
    for (int bit = 0; (modulus_ - 1) >> bit > 0; ++bit) {
      std::vector<bool> column;
      for (const uint64_t v : values_) column.push_back(((v >> bit) & 1) != 0);
      if (std::find(column.begin(), column.end(), true) != column.end()) seen.insert(column);
    }
    return static_cast<int>(seen.size());
  }
  // Of bits that vary, how many are not copies of others.
  int patterns() const {
    std::set<std::vector<bool>> seen;
    for (int bit = 0; (modulus_ - 1) >> bit > 0; ++bit) {
      std::vector<bool> column;
      for (const uint64_t v : values_) column.push_back(((v >> bit) & 1) != 0);
      if (std::find(column.begin(), column.end(), !column.front()) != column.end()) seen.insert(column);
    }
    return static_cast<int>(seen.size());
  }
  bool one_value() const { return values_.size() <= 1; }
  // Bits that are 0 in all of them, from the lowest on; of no step but 0, all.
  int low_zeros() const {
    uint64_t any = 0;
    for (const uint64_t v : values_) any |= v;
    return any == 0 ? bits_for(modulus_ - 1) : std::countr_zero(any);
  }

 private:
  int64_t modulus_;
  std::vector<uint64_t> values_;
};

// The bits of a step as functions of the counters, each distinct one once.
struct StepLuts {
  int64_t luts = 0;
  int distinct = 0;  // bits
  bool by_row = false, by_column = false;
  bool wide = false;  // more inputs than a LUT has
};

struct ReaderFigures {
  Resources boundaries;
  int changes = 0;                         // of rows and columns
  int surplus_ones = 0;                    // ever one
  int release_ones = 0, release_bits = 0;  // ever one; distinct
  // Registers of the step of what is released, and of both steps: bits that vary, equal ones once.
  int release_registers = 0, step_registers = 0;
  int place_bits = 0, place_patterns = 0;  // varying
  int place_zeros = 0;                     // low bits that no step changes
  StepLuts needed, released;
  bool by_row = true, by_column = true;  // whether something depends on the place
};
ReaderFigures reader_figures(const WindowParams& w);

// Whether taps lie outside the map, above or below it, or beside it.
bool pads_rows(const WindowParams& w);
bool pads_columns(const WindowParams& w);

}  // namespace elb::spec
