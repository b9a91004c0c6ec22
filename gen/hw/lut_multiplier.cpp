#include "hw/lut_multiplier.hpp"

#include <fmt/format.h>

#include <vector>

namespace elb::hw {

using namespace hdl;
using spec::LutRow;

namespace {

Sig keep(Module& m, const std::string& name, Sig value, RegOptions options = {.reset = std::nullopt}) {
  const Reg r = m.reg(name, value.shape(), options);
  r.next(value);
  return r;
}

// Bits that only wait have a reset: without one, synthesis makes shift registers of three in a row, which
// take LUTs.
constexpr RegOptions kWaits{.reset = 0};

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
  return fmt::format("elb_lut_multiplier_l{}_a{}_w{}", p.lanes, p.act_bits, p.weight_bits);
}

LutMultiplier::Out LutMultiplier::build(Module& m, const Params& p, const In& in) {
  m.doc(
      {.purpose = fmt::format("{} in {} LUT sites, as bits to be added",
                              p.lanes == 2 ? "wgt[0] * act[0] + wgt[1] * act[1]" : "wgt * act", cost(p).lut),
       .params = fmt::format("lanes={} act_bits={} weight_bits={}", p.lanes, p.act_bits, p.weight_bits),
       .latency = spec::latency(p),
       .interval = 1});
  Builder builder(m, p, in);
  const std::vector<LutRow> rows = lut_rows(p);
  std::vector<Sig> product;  // of the chains that are done
  std::vector<Sig> finished, sum;
  for (size_t i = 0; i < rows.size(); ++i) {
    const LutRow& row = rows[i];
    Sig before;
    if (!row.first) {
      const int done = rows[i - 1].planes, left = sum.front().width() - done;
      finished.push_back(sum.front().slice(0, done));
      before = left > 0 ? sum.front().slice(done, left) : m.lit(0, u(1));
    }
    if (!finished.empty())
      finished = {keep(m, fmt::format("finished_{}", row.plane), pack(finished), kWaits)};
    sum = {keep(m, fmt::format("sum_{}", row.plane), builder.row(row, before))};
    if (i + 1 < rows.size() && !rows[i + 1].first) continue;
    product.insert(product.end(), finished.begin(), finished.end());
    product.push_back(sum.front());
    finished.clear();
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
  std::vector<Sig> bits;
  for (int l = 0; l < p.lanes; ++l) {
    for (int j = 0; j < p.weight_bits; ++j)
      bits.push_back(
          m.delay(fmt::format("{}_{}_plane{}", name, l, j), wgt[l * p.weight_bits + j], steps[j], kWaits));
  }
  return pack(bits);
}

}  // namespace elb::hw
