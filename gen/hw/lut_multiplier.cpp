#include "hw/lut_multiplier.hpp"

#include <fmt/format.h>

#include <vector>

namespace elb::hw {

using namespace hdl;
using spec::LutRow;

namespace {

Sig keep(Module& m, const std::string& name, Sig value) {
  const Reg r = m.reg(name, value.shape(), {.reset = std::nullopt});
  r.next(value);
  return r;
}

// x * 2^low in `width` bits, cut above.
Sig placed(Module& m, Sig x, int low, int width) {
  std::vector<Sig> parts;
  if (low > 0) parts.push_back(m.lit(0, u(low)));
  parts.push_back(low + x.width() > width ? x.trunc(width - low) : x);
  if (low + x.width() < width) parts.push_back(m.lit(0, u(width - low - x.width())));
  return pack(parts);
}

class Builder {
 public:
  Builder(Module& m, const LutMultiplier::Params& p, const LutMultiplier::In& in) : m_(m), p_(p), in_(in) {}

  // The running sum behind a row, which adds to what is left of the one before.
  Sig row(const LutRow& row, Sig before) {
    const Sig act = in_.act.slice(step_offset(p_, row.step), step_bits(p_, row.step));
    const bool pair = p_.lanes == 2;
    const Sig e0 = act.lane(0, p_.act_bits);
    const Sig x0 = placed(m_, e0, 0, row.bits);
    const Sig x1 = pair              ? placed(m_, act.lane(1, p_.act_bits), 0, row.bits)
                   : row.planes == 2 ? placed(m_, e0, 1, row.bits)
                                     : m_.lit(0, u(row.bits));
    const Sig w0 = in_.wgt[row.plane];
    const Sig w1 = pair              ? in_.wgt[p_.weight_bits + row.plane]
                   : row.planes == 2 ? in_.wgt[row.plane + 1]
                                     : m_.lit(0, u(1));
    const std::string name = fmt::format("u_row_{}", row.plane);
    if (row.first) {
      const Sig zero = m_.lit(0, u(1));
      const Instance i = m_.instance(m_.design().leaf(ELB_PRIM_DIR, "elb_select_add"), name,
                                     {{"TERNARY", int64_t{1}}, {"BITS", int64_t{row.bits}}});
      i.in("x0", x0).in("x1", x1).in("carry_in", zero);
      i.in("w0", cat({w0, zero})).in("w1", cat({w1, zero}));
      return fit(i.out("y"), row.out_bits);
    }
    const bool read = pair || row.planes == 2;
    const Sig sum = read ? placed(m_, act.slice(p_.lanes * p_.act_bits, sum_bits(p_)), 0, row.bits)
                         : m_.lit(0, u(row.bits));
    const Instance i = m_.instance(m_.design().leaf(ELB_PRIM_DIR, "elb_select_row"), name,
                                   {{"SUBTRACT", int64_t{row.subtract}}, {"BITS", int64_t{row.bits}}});
    i.in("addend", placed(m_, before, 0, row.bits)).in("x0", x0).in("x1", x1).in("sum", sum);
    return fit(i.in("w", cat({w1, w0})).out("y"), row.out_bits);
  }

 private:
  static Sig fit(Sig y, int bits) { return y.width() > bits ? y.trunc(bits) : y; }

  Module& m_;
  const LutMultiplier::Params& p_;
  const LutMultiplier::In& in_;
};

}  // namespace

std::string LutMultiplier::name(const Params& p) {
  return fmt::format("elb_lut_multiplier_l{}_a{}_w{}_r{}", p.lanes, p.act_bits, p.weight_bits, p.most_steps);
}

LutMultiplier::Out LutMultiplier::build(Module& m, const Params& p, const In& in) {
  m.doc(
      {.purpose = fmt::format("{} in {} LUT sites, as bits to be added",
                              p.lanes == 2 ? "wgt[0] * act[0] + wgt[1] * act[1]" : "wgt * act", cost(p).lut),
       .params = fmt::format("lanes={} act_bits={} weight_bits={} most_steps={}", p.lanes, p.act_bits,
                             p.weight_bits, p.most_steps),
       .latency = spec::latency(p),
       .interval = 1});
  Builder builder(m, p, in);
  const std::vector<LutRow> rows = lut_rows(p);
  std::vector<Sig> product;
  Sig sum;
  for (size_t i = 0; i < rows.size(); ++i) {
    sum = keep(m, fmt::format("sum_{}", rows[i].plane), builder.row(rows[i], sum));
    if (i + 1 == rows.size() || rows[i + 1].first) {
      product.push_back(sum);
      continue;
    }
    const int done = rows[i].planes, left = sum.width() - done;
    product.push_back(sum.slice(0, done));
    sum = left > 0 ? sum.slice(done, left) : m.lit(0, u(1));
  }
  return {pack(product)};
}

Sig prepare_activations(Module& m, const std::string& name, const LutMultiplier::Params& p, Sig act) {
  std::vector<Sig> steps{act};
  for (int t = 1; t < spec::latency(p); ++t) {
    Sig word = steps.back();
    if (t == 1 && needs_sum(p)) {
      const Sig e0 = act.lane(0, p.act_bits);
      const Sig sum = e0 + (p.lanes == 2 ? act.lane(1, p.act_bits) : e0.shl(1));
      word = pack({act, sum.width() > sum_bits(p) ? sum.trunc(sum_bits(p)) : sum});
    }
    steps.push_back(keep(m, fmt::format("{}_step{}", name, t), word));
  }
  return pack(steps);
}

Sig skew_weights(Module& m, const std::string& name, const LutMultiplier::Params& p, Sig wgt) {
  std::vector<int> steps(p.weight_bits, 0);
  for (const LutRow& row : lut_rows(p)) {
    for (int k = 0; k < row.planes; ++k) steps[row.plane + k] = row.step;
  }
  // Without a reset, synthesis makes shift registers of three registers in a row, and those take LUTs.
  constexpr RegOptions kWaits{.reset = 0};
  std::vector<Sig> bits;
  for (int l = 0; l < p.lanes; ++l) {
    for (int j = 0; j < p.weight_bits; ++j)
      bits.push_back(
          m.delay(fmt::format("{}_{}_plane{}", name, l, j), wgt[l * p.weight_bits + j], steps[j], kWaits));
  }
  return pack(bits);
}

}  // namespace elb::hw
