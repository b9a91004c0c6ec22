// What constant tables and choices take in LUTs, by what they hold.
#pragma once
#include <cstdint>
#include <vector>

namespace elb::spec {

inline constexpr int kLutInputs = 6;
inline constexpr int kNoSource = -1;  // a constant among the values of a choice

// How many values differ; of many, kManyValues, which are too many for one LUT whatever else it takes.
inline constexpr int kManyValues = kLutInputs + 2;
int distinct_values(const int* values, int count);

// One bit of values[selector], values being numbers of signals or kNoSource: a tree that halves; equal values
// are one, a LUT takes what has six inputs.
int64_t chosen_luts(const std::vector<int>& values);

// One bit of a ROM, by address: every 64 words that differ from others and are more than a wire take a LUT,
// and those are chosen from.
int64_t column_luts(const std::vector<bool>& column);
// The same into a register, which the highest address bit sets or resets where half of the words are equal.
int64_t registered_column_luts(const std::vector<bool>& column);
// The bits of a ROM's words that are neither constant nor copies of others.
std::vector<std::vector<bool>> distinct_columns(const std::vector<int64_t>& values, int width);

}  // namespace elb::spec
