#include "hw/select_dot.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "hw/bit_matrix.hpp"
#include "hw/plain_dot.hpp"

namespace elb::hw {

using namespace hdl;
using spec::WeightCode;

namespace {

class Builder {
 public:
  Builder(Module& m, const spec::DotParams& p, const Dot::In& in) : m_(m), p_(p), in_(in) {}

  BitMatrix select(int group_lanes, size_t columns) {
    select_single_lanes(group_lanes);
    BitMatrix out(columns);
    for (int lane = 0; lane < p_.s; lane += group_lanes) {
      const int lanes = std::min(group_lanes, p_.s - lane);
      const std::string name = fmt::format("select_{}", lane / group_lanes);
      std::vector<Sig> alone = lanes == 2 ? std::vector<Sig>{} : selected_[lane + lanes - 1];
      if (lanes > 1) {
        out.add_all(0, keep(name, add_two(lane, lanes == 3 ? alone[0] : m_.lit(0, u(1)))));
        if (lanes == 3) alone.erase(alone.begin());
      }
      if (!alone.empty()) out.add_all(lanes == 3 ? 1 : 0, keep(name + "_alone", pack(alone)));
    }
    return out;
  }

 private:
  Sig keep(const std::string& name, Sig value) {
    const Reg r = m_.reg(name, value.shape(), {.reset = std::nullopt});
    r.next(value);
    return r;
  }
  const Leaf& leaf(const std::string& name) { return m_.design().leaf(ELB_PRIM_DIR, name); }
  LeafParams ternary() const { return {{"TERNARY", int64_t{p_.weight == WeightCode::ternary ? 1 : 0}}}; }
  Sig act(int lane) const { return in_.act.lane(lane, p_.act_bits); }
  Sig wgt(int lane) const { return in_.wgt.lane(lane, p_.weight_bits); }

  // t of every lane that is third or alone in its group, two bits per leaf.
  void select_single_lanes(int group_lanes) {
    std::vector<std::pair<int, int>> waiting;  // lane, bit
    const auto flush = [&] {
      if (waiting.empty()) return;
      const auto [lane, bit] = waiting.front();
      const auto [other, other_bit] = waiting.back();
      const bool two = waiting.size() == 2;
      const Sig zero = m_.lit(0, u(1));
      const Sig x = cat({two ? act(other)[other_bit] : zero, act(lane)[bit]});
      const Sig w = p_.weight == WeightCode::ternary ? wgt(lane) : cat({two ? wgt(other) : zero, wgt(lane)});
      const Instance i =
          m_.instance(leaf("elb_select_two"), fmt::format("u_select_two_{}", pairs_++), ternary());
      i.in("x", x).in("w", w);
      const Sig y = i.out("y");
      selected_[lane].push_back(y[0]);
      if (two) selected_[other].push_back(y[1]);
      waiting.clear();
    };
    selected_.assign(p_.s, {});
    for (int first = 0; first < p_.s; first += group_lanes) {
      const int lanes = std::min(group_lanes, p_.s - first);
      if (lanes == 2) continue;
      for (int bit = 0; bit < p_.act_bits; ++bit) {
        waiting.emplace_back(first + lanes - 1, bit);
        if (waiting.size() == 2) flush();
      }
      if (p_.weight == WeightCode::ternary) flush();  // a pair of bits shares its weight
    }
    flush();
  }

  Sig add_two(int lane, Sig carry_in) {
    LeafParams params = ternary();
    params.emplace_back("BITS", int64_t{p_.act_bits});
    const Instance i = m_.instance(leaf("elb_select_add"), fmt::format("u_select_{}", lane), params);
    i.in("x0", act(lane)).in("x1", act(lane + 1)).in("w0", wgt(lane)).in("w1", wgt(lane + 1));
    return i.in("carry_in", carry_in).out("y");
  }

  Module& m_;
  const spec::DotParams& p_;
  const Dot::In& in_;
  std::vector<std::vector<Sig>> selected_;
  int pairs_ = 0;
};

}  // namespace

SelectDot::Out SelectDot::build(Module& m, const Params& p, const In& in) {
  const spec::SelectDot& plan = spec::plan_select_dot(p);
  m.doc({.purpose = fmt::format("sum of t(act[i], wgt[i]) over all lanes, t = {}, in {} LUT sites",
                                term_text(p.weight), lut_sites(plan)),
         .params = fmt::format("s={} act_bits={} weight_bits={}", p.s, p.act_bits, p.weight_bits),
         .latency = spec::latency(plan),
         .interval = 1});
  Builder builder(m, p, in);
  return {add_tree(m, "", plan.tree, {builder.select(plan.group_lanes, plan.tree.columns())}).sum};
}

SelectDot::Out SelectDot::behaviour(Module& m, const Params& p, const In& in) {
  return PlainDot::build(m, {.dot = p, .latency = spec::latency(spec::plan_select_dot(p))}, in);
}

}  // namespace elb::hw
