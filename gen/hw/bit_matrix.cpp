#include "hw/bit_matrix.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"
#include "hdl/design.hpp"

namespace elb::hw {

using namespace hdl;

namespace {

class Builder {
 public:
  Builder(Module& m, const std::string& stem) : m_(m), stem_(stem) {}

  BitMatrix level(int number, const std::vector<spec::Chain>& chains, BitMatrix before) {
    BitMatrix behind(before.columns().size());
    std::vector<Sig> sums, seconds;
    for (const spec::Chain& chain : chains) {
      const Instance leaf = compress(fmt::format("u_{}add{}_{}", stem_, number, sums.size()), chain, before);
      sums.push_back(leaf.out("y"));
      seconds.push_back(leaf.out("z"));
    }
    wait(number, before, behind);
    for (size_t i = 0; i < chains.size(); ++i)
      add_sum(fmt::format("{}add{}_{}", stem_, number, i), chains[i], sums[i], seconds[i], behind);
    return behind;
  }

 private:
  Sig keep(const std::string& name, Sig value, std::optional<int64_t> reset = std::nullopt) {
    const Reg r = m_.reg(name, value.shape(), {.reset = reset});
    r.next(value);
    return r;
  }

  Instance compress(const std::string& name, const spec::Chain& chain, BitMatrix& from) {
    std::string kinds = chain.kinds;
    std::reverse(kinds.begin(), kinds.end());
    const LeafParams params{{"POSITIONS", int64_t{chain.positions()}}, {"KINDS", kinds}};
    const Instance i = m_.instance(m_.design().leaf(ELB_PRIM_DIR, "elb_compress"), name, params);
    i.in("carry_in", chain.carry_in ? from.take(chain.column) : m_.lit(0, u(1)));
    std::vector<Sig> slots;
    for (int k = 0; k < chain.positions(); ++k) {
      for (int b = 0; b < chain.taken[k]; ++b) slots.push_back(from.take(chain.column + k));
      if (chain.taken[k] < 6) slots.push_back(m_.lit(0, u(6 - chain.taken[k])));
    }
    return i.in("bits", pack(slots));
  }

  void wait(int number, const BitMatrix& before, BitMatrix& behind) {
    std::vector<Sig> bits;
    for (const std::deque<Sig>& column : before.columns())
      bits.insert(bits.end(), column.begin(), column.end());
    if (bits.empty()) return;
    // With a reset, or synthesis makes a shift register of three in a row, which takes a LUT per bit.
    const Sig kept = keep(fmt::format("{}wait{}", stem_, number), pack(bits), 0);
    int at = 0;
    for (size_t c = 0; c < before.columns().size(); ++c) {
      for (size_t i = 0; i < before.columns()[c].size(); ++i) behind.add(c, kept[at++]);
    }
  }

  void add_sum(const std::string& name, const spec::Chain& chain, Sig sum, Sig second, BitMatrix& behind) {
    const int columns = static_cast<int>(behind.columns().size());
    const int bits = std::min(sum.width(), columns - chain.column);
    behind.add_all(chain.column, keep(name, bits < sum.width() ? sum.trunc(bits) : sum));
    std::vector<Sig> carries;
    std::vector<int> weights;
    for (int k = 0; k < chain.positions(); ++k) {
      if (chain.kinds[k] != 'c') continue;
      carries.push_back(second[k]);
      weights.push_back(chain.column + k + 1);
    }
    if (carries.empty()) return;
    const Sig kept = keep(name + "_second", pack(carries));
    for (size_t k = 0; k < weights.size(); ++k) behind.add(weights[k], kept[k]);
  }

  Module& m_;
  std::string stem_;
};

}  // namespace

Sig BitMatrix::take(size_t column) {
  ELB_ASSERT(!columns_[column].empty(), "a plan takes bits that are there");
  const Sig bit = columns_[column].front();
  columns_[column].pop_front();
  return bit;
}

TreeSum add_tree(Module& m, const std::string& stem, const spec::AdderTree& tree,
                 std::vector<BitMatrix> arrivals) {
  ELB_ASSERT(arrivals.size() == tree.later.size() + 1, "bits come as the tree was planned");
  Builder builder(m, stem);
  BitMatrix bits = std::move(arrivals.front());
  size_t number = 0;
  for (const std::vector<spec::Chain>& level : tree.levels) {
    bits = builder.level(static_cast<int>(++number), level, std::move(bits));
    if (number >= arrivals.size()) continue;
    for (size_t c = 0; c < bits.columns().size(); ++c) {
      for (const Sig bit : arrivals[number].columns()[c]) bits.add(c, bit);
    }
  }
  std::vector<Sig> sum;
  Sig spare;
  if (tree.spare_bit) {
    ELB_ASSERT(bits.columns().front().size() == 2, "the spare bit is beside the lowest");
    spare = bits.take(0);
  }
  for (const std::deque<Sig>& column : bits.columns()) {
    ELB_ASSERT(column.size() <= 1, "a tree ends with one bit per weight");
    sum.push_back(column.empty() ? m.lit(0, u(1)) : column.front());
  }
  return {pack(sum), spare};
}

}  // namespace elb::hw
