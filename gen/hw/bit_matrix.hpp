// Bits of several weights and the tree that adds them: spec/adder_tree.hpp in leaves.
//
//   latency   levels of the tree     interval 1
//   cycle     0          1                     ..   levels
//             level 0    level 0's sums; level 1    sum
#pragma once
#include <deque>
#include <string>
#include <vector>

#include "hdl/module.hpp"
#include "spec/adder_tree.hpp"

namespace elb::hw {

// The bits that are still to be added, by weight; those above the sum are dropped.
class BitMatrix {
 public:
  explicit BitMatrix(size_t columns) : columns_(columns) {}
  void add(size_t column, hdl::Sig bit) {
    if (column < columns_.size()) columns_[column].push_back(bit);
  }
  void add_all(size_t column, hdl::Sig bits) {
    for (int i = 0; i < bits.width(); ++i) add(column + static_cast<size_t>(i), bits[i]);
  }
  hdl::Sig take(size_t column);
  const std::vector<std::deque<hdl::Sig>>& columns() const { return columns_; }

 private:
  std::vector<std::deque<hdl::Sig>> columns_;
};

struct TreeSum {
  hdl::Sig sum;
  hdl::Sig spare;  // of weight 1, where the tree leaves one
};
// The sum of all bits, modulo 2^columns. `arrivals` has the matrices of level 0 and of AdderTree::later, each
// in its level's cycle; names begin with `stem`.
TreeSum add_tree(hdl::Module& m, const std::string& stem, const spec::AdderTree& tree,
                 std::vector<BitMatrix> arrivals);

}  // namespace elb::hw
