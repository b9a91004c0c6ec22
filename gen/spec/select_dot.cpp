#include "spec/select_dot.hpp"

#include <map>
#include <mutex>
#include <numeric>
#include <tuple>

#include "base/assert.hpp"

namespace elb::spec {
namespace {

SelectDot with_groups(const DotParams& p, int group_lanes) {
  std::vector<int> heights(partial_sum_bits(p, p.s), 0);
  const auto add = [&](int low,
                       int bits) {  // a bit of each of these weights; those above the sum are never needed
    for (int i = low; i < low + bits && i < static_cast<int>(heights.size()); ++i) ++heights[i];
  };
  int pairs = 0, singles = 0;
  for (int left = p.s; left > 0;) {
    const int lanes = std::min(left, group_lanes);
    left -= lanes;
    if (lanes > 1) ++pairs;
    if (lanes != 2) ++singles;
    if (lanes > 1) add(0, p.act_bits + 1);
    if (lanes == 1) add(0, p.act_bits);
    if (lanes == 3) add(1, p.act_bits - 1);
  }
  const int64_t selected = p.weight == WeightCode::ternary ? singles * ceil_div(p.act_bits, 2)
                                                           : ceil_div(int64_t{singles} * p.act_bits, 2);
  return {.group_lanes = group_lanes,
          .tree = plan_adder_tree(heights),
          .select_sites = pairs * p.act_bits + static_cast<int>(selected),
          .select_carry4 = pairs * static_cast<int>(ceil_div(p.act_bits, 4))};
}

SelectDot make_select_dot(const DotParams& p) {
  SelectDot pairs = with_groups(p, 2);
  SelectDot triples = with_groups(p, 3);
  const auto weight = [](const SelectDot& d) {
    const Resources r = cost(d);
    return tree_weight(r.lut, carry4_cells(d), r.ff);
  };
  return weight(triples) < weight(pairs) ? triples : pairs;
}

}  // namespace

const SelectDot& plan_select_dot(const DotParams& p) {
  ELB_ASSERT(p.weight != WeightCode::integer && p.s >= 1 && p.act_bits >= 1, "weights that select");
  static std::mutex mutex;
  static std::map<std::tuple<WeightCode, int, int, int>, SelectDot> plans;
  const auto key = std::make_tuple(p.weight, p.act_bits, p.s, partial_sum_bits(p, p.s));
  {
    const std::lock_guard lock(mutex);
    if (const auto found = plans.find(key); found != plans.end()) return found->second;
  }
  SelectDot plan = make_select_dot(p);
  const std::lock_guard lock(mutex);
  return plans.try_emplace(key, std::move(plan)).first->second;
}

int latency(const SelectDot& plan) {
  return 1 + static_cast<int>(plan.tree.levels.size());
}

int lut_sites(const SelectDot& plan) {
  return plan.select_sites + lut_sites(plan.tree);
}

int carry4_cells(const SelectDot& plan) {
  int cells = plan.select_carry4;
  for (const std::vector<Chain>& level : plan.tree.levels) cells += carry4_cells(level);
  return cells;
}

Resources cost(const SelectDot& plan) {
  const int64_t first = std::accumulate(plan.tree.heights.begin(), plan.tree.heights.end(), int64_t{0});
  return {.lut = lut_sites(plan), .ff = first + registers(plan.tree), .bram18 = 0, .dsp = 0};
}

}  // namespace elb::spec
