#include "spec/block_ram.hpp"

#include <algorithm>
#include <array>

#include "base/bits.hpp"

namespace elb::spec {
namespace {

// A kind of primitive with its word widths: 2^address_bits words of one bit, each wider shape half as deep.
// Those that begin at a width need both ports for one word.
struct Primitive {
  int address_bits, bram18, cost, first_width, widths;
};
constexpr std::array<int, 7> kWidths{1, 2, 4, 9, 18, 36, 72};
constexpr std::array<Primitive, 5> kPrimitives{
    {{14, 1, 129, 0, 5}, {15, 2, 257, 0, 6}, {16, 4, 513, 0, 1}, {14, 1, 129, 5, 6}, {15, 2, 257, 6, 7}}};
constexpr int kByte = 9;

constexpr int kMostParts = 6;
constexpr int kLeastPartBits = 9, kMostPartBits = 16;

struct Parts {
  int64_t bram18 = 0;
  std::vector<int64_t> depths;
};
bool better(const Parts& a, const Parts& b) {
  return b.depths.empty() || a.bram18 < b.bram18 ||
         (a.bram18 == b.bram18 && a.depths.size() < b.depths.size());
}

// Choices for parts of 2^kLeastPartBits words and on.
using Whole = std::array<BlockRamChoice, kMostPartBits - kLeastPartBits + 1>;

// Cuts what is left of a memory into parts of at most 2^part_bits words.
void cut(int width, const Whole& whole, int64_t left, int part_bits, Parts& taken, Parts& best) {
  if (best.depths.size() > 0 && taken.bram18 >= best.bram18) return;
  if (static_cast<int>(taken.depths.size()) == kMostParts) return;
  for (int bits = part_bits; bits >= kLeastPartBits; --bits) {
    const int64_t depth = std::min(left, int64_t{1} << bits);
    const BlockRamChoice choice = (depth >> bits) > 0 ? whole[static_cast<size_t>(bits - kLeastPartBits)]
                                                      : block_ram_choice({width, depth});
    if (choice.words > 1) continue;
    taken.bram18 += choice.bram18;
    taken.depths.push_back(depth);
    if (depth < left)
      cut(width, whole, left - depth, bits, taken, best);
    else if (better(taken, best))
      best = taken;
    taken.depths.pop_back();
    taken.bram18 -= choice.bram18;
  }
}

}  // namespace

BlockRamChoice block_ram_choice(MemoryShape m, bool rom, int reads) {
  BlockRamChoice best;
  int64_t best_cost = -1;  // in halves of a LUT
  for (const Primitive& p : kPrimitives) {
    if (reads > 1 && p.first_width > 0) continue;
    for (int i = p.first_width; i < p.widths; ++i) {
      const int unit = kWidths[static_cast<size_t>(i)], byte = rom ? 1 : std::min(kByte, unit);
      const int shift = p.address_bits - i;
      const int64_t words = ((m.depth - 1) >> shift) + 1;
      const int64_t units = ceil_div(words * ceil_div(m.width, byte) * byte, unit);
      const int64_t choice = reads * (words - 1) * m.width + (words > 1 && !rom ? words : 0);
      const int64_t cost = 2 * units * p.cost + choice;
      if (best_cost >= 0 && cost >= best_cost) continue;
      best_cost = cost;
      best = {.unit_width = unit, .words = words, .bram18 = units * p.bram18};
    }
  }
  return best;
}

std::vector<int64_t> block_ram_parts(MemoryShape m) {
  const BlockRamChoice one = block_ram_choice(m);
  if (one.words <= 4) return {m.depth};
  Whole whole;
  for (int bits = kLeastPartBits; bits <= kMostPartBits; ++bits)
    whole[static_cast<size_t>(bits - kLeastPartBits)] = block_ram_choice({m.width, int64_t{1} << bits});
  Parts taken, best;
  cut(m.width, whole, m.depth, kMostPartBits, taken, best);
  if (best.depths.empty() || best.bram18 > one.bram18) return {m.depth};
  return best.depths;
}

}  // namespace elb::spec
