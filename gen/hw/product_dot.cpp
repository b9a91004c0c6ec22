#include "hw/product_dot.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"
#include "hw/bit_matrix.hpp"
#include "hw/lut_multiplier.hpp"

namespace elb::hw {

using namespace hdl;

namespace {

class Builder {
 public:
  Builder(Module& m, const spec::ProductDotParams& p, const ProductDot::In& in)
      : m_(m), p_(p), in_(in), plan_(spec::plan_product_dot(p)) {
    for (const spec::AdderTree& tree : plan_.trees) {
      matrices_.emplace_back();
      for (size_t i = 0; i <= tree.later.size(); ++i)
        matrices_.back().emplace_back(static_cast<size_t>(tree.columns()));
    }
  }

  void add_constants() {
    for (size_t d = 0; d < matrices_.size(); ++d) {
      for (const int column : plan_.constant_bits[d])
        matrices_[d].front().add(static_cast<size_t>(column), m_.lit(1, u(1)));
    }
  }

  void add_chains() {
    int number = 0;
    for (const spec::SliceChain& chain : plan_.chains) add_chain(number++, chain);
  }

  void add_multipliers() {
    int act_low = 0, wgt_low = 0;
    for (const spec::LutLanes& lanes : spec::lut_lanes(p_)) {
      const spec::LutMultiplierParams& multiplier = lanes.multiplier;
      const int act_bits = spec::prepared_bits(multiplier), wgt_bits = multiplier.lanes * p_.weight_bits;
      for (int d = 0; d < p_.dots; ++d) {
        const int act_of = p_.share_weights ? d * ProductDot::lut_act_bits(p_) : 0;
        const int wgt_of = p_.share_weights ? 0 : d * (p_.s - p_.slices) * p_.weight_bits;
        const LutMultiplier::In operands{.act = in_.prepared.slice(act_of + act_low, act_bits),
                                         .wgt = in_.skewed.slice(wgt_of + wgt_low, wgt_bits)};
        const std::string name = fmt::format("u_multiply{}_{}", d, lanes.first);
        const Sig bits = instantiate<LutMultiplier>(m_, name, multiplier, operands).product;
        int i = 0;
        for (const spec::ProductBit& bit : spec::product_bits(multiplier))
          at(d, bit.cycle).add(static_cast<size_t>(bit.weight), bits[i++]);
      }
      act_low += act_bits;
      wgt_low += wgt_bits;
    }
  }

  void add_rows() {
    int number = 0;
    for (const spec::GatedRows& rows : spec::gated_rows(p_)) {
      for (int d = 0; d < p_.dots; ++d)
        at(d, 1).add_all(static_cast<size_t>(rows.bit0),
                         row_sum(fmt::format("rows{}_{}", d, number), d, rows));
      ++number;
    }
  }

  ProductDot::Out sums() {
    std::vector<Sig> out, spares;
    const int end = spec::latency(p_);
    for (size_t d = 0; d < matrices_.size(); ++d) {
      const spec::AdderTree& tree = plan_.trees[d];
      const std::string stem = d == 0 ? "low_" : "high_";
      const TreeSum all = add_tree(m_, stem, tree, std::move(matrices_[d]));
      const int early = end - plan_.first_cycle - static_cast<int>(tree.levels.size());
      out.push_back(m_.delay(stem + "sum", all.sum, early, {.reset = 0}));
      spares.push_back(all.spare.is_set() ? m_.delay(stem + "spare", all.spare, early, {.reset = 0})
                                          : m_.lit(0, u(1)));
    }
    return {.sum = pack(out), .spare = plan_.spare_bits() > 0 ? pack(spares) : Sig{}};
  }

 private:
  BitMatrix& at(int dot, int cycle) {
    return matrices_[static_cast<size_t>(dot)][static_cast<size_t>(cycle - plan_.first_cycle)];
  }
  Sig act(int dot, int lane) const {
    return in_.act.lane((p_.share_weights ? dot : 0) * p_.raw_lanes() + lane, p_.act_bits);
  }
  Sig wgt(int dot, int lane) const {
    return in_.wgt.lane((p_.share_weights ? 0 : dot) * p_.raw_lanes() + lane, p_.weight_bits);
  }
  Sig x(int dot, int lane) const { return p_.share_weights ? act(dot, lane) : wgt(dot, lane); }
  Sig y(int lane) const { return p_.share_weights ? wgt(0, lane) : act(0, lane); }
  const Leaf& leaf(const std::string& name) { return m_.design().leaf(ELB_PRIM_DIR, name); }

  // Signed bits of a sum: the sign inverted.
  void add_signed(BitMatrix& to, size_t column, Sig bits) {
    const int sign = bits.width() - 1;
    if (sign > 0) to.add_all(column, bits.trunc(sign));
    to.add(column + static_cast<size_t>(sign), ~bits[sign]);
  }

  void add_chain(int number, const spec::SliceChain& chain) {
    std::vector<Sig> low, high, common;
    for (int i = chain.first; i < chain.first + chain.lanes; ++i) {
      low.push_back(x(0, i));
      high.push_back(p_.dots == 2 ? x(1, i) : m_.lit(0, u(p_.x_bits())));
      common.push_back(y(i));
    }
    const int bits = chain.sum_bits, shift = plan_.shift;
    const LeafParams params{
        {"LANES", int64_t{chain.lanes}},  {"X_SIGNED", int64_t{p_.share_weights ? 0 : 1}},
        {"X_BITS", int64_t{p_.x_bits()}}, {"Y_BITS", int64_t{p_.y_bits()}},
        {"SHIFT", int64_t{shift}},        {"P_BITS", int64_t{p_.dots == 2 ? shift + bits : bits}}};
    const Instance slices = m_.instance(leaf("elb_mul_pairs"), fmt::format("u_slices_{}", number), params);
    slices.in("x0", pack(low)).in("x1", pack(high)).in("y", pack(common));
    const Sig p = slices.out("p");
    const int here = chain.cycle();
    if (chain.over == 0) {
      add_signed(at(0, here), 0, p_.dots == 2 ? p.trunc(bits) : p);
      if (p_.dots == 1) return;
      add_signed(at(1, here), 0, p.slice(shift, bits));
      at(1, here).add(0, p[shift - 1]);
      return;
    }
    std::vector<Sig> high_ends, common_ends;
    for (int i = 0; i < chain.lanes; ++i) {
      high_ends.push_back(high[static_cast<size_t>(i)].trunc(chain.over));
      common_ends.push_back(common[static_cast<size_t>(i)].trunc(chain.over));
    }
    const Instance borrow = m_.instance(leaf("elb_field_borrow"), fmt::format("u_borrow_{}", number),
                                        {{"LANES", int64_t{chain.lanes}}, {"BITS", int64_t{chain.over}}});
    borrow.in("x", pack(high_ends)).in("y", pack(common_ends)).in("u", p.slice(shift, chain.over));
    const Sig q = borrow.out("q");
    at(0, here).add_all(0, p.trunc(shift));
    add_signed(at(0, here + 1), static_cast<size_t>(shift), q);
    add_signed(at(1, here), 0, p.slice(shift, bits));
    // Less q: where it has two bits, 2 q[1] - q[0], and -q[0] is ~q[0] less 1.
    at(1, here + 1).add(0, chain.over == 1 ? q[0] : ~q[0]);
    if (chain.over == 2) at(1, here + 1).add(1, q[1]);
  }

  Sig row_sum(const std::string& name, int dot, const spec::GatedRows& rows) {
    const int shift = rows.bit1 - rows.bit0;
    const Instance i = m_.instance(leaf("elb_gate_add"), "u_" + name,
                                   {{"BITS", int64_t{p_.weight_bits}}, {"SHIFT", int64_t{shift}}});
    const bool two = rows.lane1 >= 0;
    i.in("x0", wgt(dot, rows.lane0)).in("g0", act(dot, rows.lane0)[rows.bit0]);
    i.in("x1", two ? wgt(dot, rows.lane1) : m_.lit(0, u(p_.weight_bits)));
    i.in("g1", two ? act(dot, rows.lane1)[rows.bit1] : m_.lit(0, u(1)));
    i.in("carry_in", m_.lit(0, u(1)));
    const Sig sum = i.out("y");
    const Reg r = m_.reg(name, sum.shape(), {.reset = std::nullopt});
    r.next(sum);
    return r;
  }

  Module& m_;
  const spec::ProductDotParams& p_;
  const ProductDot::In& in_;
  const spec::ProductDot& plan_;
  std::vector<std::vector<BitMatrix>> matrices_;  // [dot][level of arrival]
};

}  // namespace

int ProductDot::lut_act_bits(const Params& p) {
  int bits = 0;
  for (const spec::LutLanes& lanes : spec::lut_lanes(p)) bits += spec::prepared_bits(lanes.multiplier);
  return bits;
}

std::string ProductDot::name(const Params& p) {
  const bool wide = p.slices > 0 && p.operand_bits > 24;
  return fmt::format("elb_product_dot_int{}_s{}_a{}{}_d{}{}_w{}{}", p.weight_bits, p.s, p.act_bits,
                     p.dots == 1       ? "_one"
                     : p.share_weights ? "_pixels"
                                       : "_kernels",
                     p.slices, wide ? "_wide" : "", p.sum_bits, p.add_constant ? "_exact" : "");
}

ProductDot::Out ProductDot::build(Module& m, const Params& p, const In& in) {
  m.doc({.purpose = fmt::format("{} of wgt[i] * act[i] over all lanes{}, in {} DSP slices and {} LUT sites",
                                p.dots == 1       ? "sum"
                                : p.share_weights ? "for two pixels, the sum"
                                                  : "for two kernels, the sum",
                                p.add_constant ? "" : ", less a constant", p.slices, spec::cost(p).lut),
         .params = fmt::format("s={} act_bits={} weight_bits={}", p.s, p.act_bits, p.weight_bits),
         .latency = spec::latency(p),
         .interval = 1});
  Builder builder(m, p, in);
  builder.add_constants();
  builder.add_chains();
  builder.add_multipliers();
  builder.add_rows();
  return builder.sums();
}

}  // namespace elb::hw
