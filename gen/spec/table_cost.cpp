#include "spec/table_cost.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/bits.hpp"
#include "spec/logic_cost.hpp"

namespace elb::spec {
namespace {

constexpr size_t kBlock = size_t{1} << kLutInputs;

int64_t chosen(const int* values, int count, int size) {
  if (count <= 0 || distinct_values(values, count) == 1) return 0;
  const bool constant = std::find(values, values + count, kNoSource) != values + count;
  const int data = distinct_values(values, count) - (constant ? 1 : 0);
  if (data + bits_for(size - 1) <= kLutInputs) return 1;
  const int half = size / 2;
  return chosen(values, std::min(count, half), half) + chosen(values + half, count - half, half) + 1;
}

// Without the address bits that it does not depend on; words that are not there do not tell.
std::vector<bool> needed(std::vector<bool> f) {
  for (size_t bit = 1; bit < f.size();) {
    bool matters = false;
    for (size_t i = 0; i < f.size() && !matters; ++i)
      matters = (i & bit) == 0 && (i | bit) < f.size() && f[i] != f[i | bit];
    if (matters) {
      bit <<= 1;
      continue;
    }
    size_t kept = 0;
    for (size_t i = 0; i < f.size(); ++i) {
      if ((i & bit) == 0) f[kept++] = f[i];
    }
    f.resize(kept);
  }
  return f;
}

int support(const std::vector<bool>& f) {
  const size_t words = needed(f).size();
  return words <= 1 ? 0 : bits_for(static_cast<int64_t>(words) - 1);
}

bool is_constant(std::vector<bool>::const_iterator begin, std::vector<bool>::const_iterator end) {
  return std::find(begin, end, !*begin) == end;
}

}  // namespace

int distinct_values(const int* values, int count) {
  std::array<int, kManyValues> seen;
  int n = 0;
  for (int i = 0; i < count && n < kManyValues; ++i) {
    if (std::find(seen.begin(), seen.begin() + n, values[i]) == seen.begin() + n) seen[n++] = values[i];
  }
  return n;
}

int64_t chosen_luts(const std::vector<int>& values) {
  int size = 1;
  while (size < static_cast<int>(values.size())) size *= 2;
  return chosen(values.data(), static_cast<int>(values.size()), size);
}

int64_t column_luts(const std::vector<bool>& whole) {
  const std::vector<bool> column = needed(whole);
  if (column.size() <= 2) return 0;
  if (column.size() <= kBlock) return 1;
  std::map<std::vector<bool>, int> blocks;
  std::vector<int> order;
  int64_t luts = 0;
  for (size_t at = 0; at < column.size(); at += kBlock) {
    std::vector<bool> block(column.begin() + static_cast<int64_t>(at),
                            column.begin() + static_cast<int64_t>(std::min(at + kBlock, column.size())));
    const int inputs = support(block);
    if (inputs == 0) {
      // Constants need no input of the choice.
      order.push_back(kNoSource);
      blocks.emplace(std::move(block), kNoSource);
      continue;
    }
    const auto [found, fresh] = blocks.emplace(std::move(block), static_cast<int>(blocks.size()));
    if (fresh && inputs > 1) ++luts;
    order.push_back(found->second);
  }
  // Two constants that differ are a choice too.
  bool zero = false, one = false;
  for (const auto& [block, id] : blocks) {
    if (id == kNoSource) (block.front() ? one : zero) = true;
  }
  const int64_t choice = chosen_luts(order);
  luts += choice == 0 && zero && one ? 1 : choice;
  // MUXF7 and MUXF8 join the LUTs of four blocks.
  const auto parts = static_cast<int64_t>(order.size()), joined = parts == 3 ? 4 : parts;
  return std::min(luts, joined + (joined > 4 ? mux_luts(ceil_div(joined, 4)) : 0));
}

int64_t registered_column_luts(const std::vector<bool>& whole) {
  const std::vector<bool> column = needed(whole);
  size_t half = 1;
  while (2 * half < column.size()) half *= 2;
  const auto begin = column.begin(), middle = begin + static_cast<int64_t>(std::min(half, column.size())),
             end = column.end();
  if (column.size() <= 2) return 0;
  if (is_constant(begin, middle)) return column_luts({middle, end});
  if (is_constant(middle, end)) return column_luts({begin, middle});
  return column_luts(column);
}

std::vector<std::vector<bool>> distinct_columns(const std::vector<int64_t>& values, int width) {
  std::set<std::vector<bool>> seen;
  for (int bit = 0; bit < width; ++bit) {
    std::vector<bool> column;
    for (const int64_t v : values) column.push_back(((v >> bit) & 1) != 0);
    if (std::find(column.begin(), column.end(), !column.front()) != column.end()) seen.insert(column);
  }
  return {seen.begin(), seen.end()};
}

}  // namespace elb::spec
