// A dot product with binary or ternary weights, mapped to LUT6_2 and carry chains: selection inside the first
// level, then a tree of counters (adder_tree.hpp). The same sum as DotParams promises, in other cells and
// with another latency.
//
// The first level has groups of neighbouring lanes:
//   two lanes    elb_select_add: act_bits sites, a sum of act_bits + 1 bits
//   three lanes  a third, selected lane beside it, whose bit 0 is the adder's carry_in: one bit of weight 1
//   fewer one lane     selected, what is left
// A selected lane takes a site per two bits (elb_select_two), those of one lane where weights are ternary.
// Three lanes per group pay for one and two bits; the planner takes what costs least.
//
// In LUT sites per multiply-accumulate at S = 64, for 1 / 2 / 3 / 4 / 8 activation bits: ternary 1.02 / 1.69
// / 2.55 / 3.27 / 6.28, binary 0.88 / 1.69 / 2.55 / 3.27 / 6.28.
//
//   latency   1 + levels of the tree       interval 1
#pragma once
#include <vector>

#include "spec/adder_tree.hpp"
#include "spec/compute.hpp"
#include "spec/resources.hpp"

namespace elb::spec {

struct SelectDot {
  int group_lanes = 2;   // 2 or 3; a smaller group holds what is left
  AdderTree tree;        // over what the first level leaves
  int select_sites = 0;  // of the first level
  int select_carry4 = 0;
};
// Made once per sum and kept: planners ask for cost and latency over and over. Any thread may ask.
const SelectDot& plan_select_dot(const DotParams& p);

int latency(const SelectDot& plan);
int lut_sites(const SelectDot& plan);
int carry4_cells(const SelectDot& plan);
// LUT sites and registers. CARRY4 cells are no resource of their own: a slice has one per four sites, and a
// chain of n positions takes n sites and ceil(n / 4) cells, so cells bind only where most chains are short.
Resources cost(const SelectDot& plan);

}  // namespace elb::spec
