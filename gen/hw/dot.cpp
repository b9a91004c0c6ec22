#include "hw/dot.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"

namespace elb::hw {

using namespace hdl;
using spec::WeightCode;

namespace {

// A register level of the tree: neighbours added, an odd one passed on. `terms` counts what each operand
// sums.
struct Node {
  Sig sum;
  int terms;
};

std::vector<Node> add_pairs(Module& m, const spec::DotParams& p, const std::vector<Node>& operands,
                            int level) {
  std::vector<Node> sums;
  for (size_t i = 0; i < operands.size(); i += 2) {
    const bool pair = i + 1 < operands.size();
    const int terms = operands[i].terms + (pair ? operands[i + 1].terms : 0);
    const Shape shape{spec::partial_sum_bits(p, terms), p.weight == WeightCode::integer};
    const Reg r = m.reg(fmt::format("add{}_{}", level, i / 2), shape, {.reset = std::nullopt});
    const Sig value = pair ? operands[i].sum + operands[i + 1].sum : operands[i].sum;
    r.next(value.width() > shape.width ? value.trunc(shape) : value);
    sums.push_back({r, terms});
  }
  return sums;
}

}  // namespace

std::string weight_name(WeightCode code, int weight_bits) {
  switch (code) {
    case WeightCode::binary:
      return "binary";
    case WeightCode::ternary:
      return "ternary";
    case WeightCode::integer:
      return fmt::format("int{}", weight_bits);
  }
  return "";
}

std::string term_text(WeightCode code) {
  switch (code) {
    case WeightCode::binary:
      return "act ^ wgt";
    case WeightCode::ternary:
      return "(act ^ wgt[0]) & wgt[1]";
    case WeightCode::integer:
      return "wgt * act";
  }
  return "";
}

Sig weighted(WeightCode code, Sig act, Sig wgt) {
  switch (code) {
    case WeightCode::binary:
      return act ^ replicate(wgt, act.width());
    case WeightCode::ternary:
      return (act ^ replicate(wgt[0], act.width())) & replicate(wgt[1], act.width());
    case WeightCode::integer:
      return act.width() == 1 ? mux(act, wgt.as_signed(), 0) : wgt.as_signed() * act;
  }
  return {};
}

std::string dot_name(const std::string& stem, const spec::DotParams& p) {
  spec::DotParams exact = p;
  exact.sum_bits = 63;
  const bool cut = p.sum_bits < spec::partial_sum_bits(exact, p.s);
  return fmt::format("{}_{}_s{}_a{}{}", stem, weight_name(p.weight, p.weight_bits), p.s, p.act_bits,
                     cut ? fmt::format("_w{}", p.sum_bits) : "");
}

Shape Dot::sum_shape(const Params& p) {
  return {spec::partial_sum_bits(p, p.s), p.weight == WeightCode::integer};
}

Dot::Out Dot::build(Module& m, const Params& p, const In& in) {
  ELB_ASSERT(p.s >= 1 && p.act_bits >= 1 && p.weight_bits >= 1, "a dot product has lanes");
  m.doc({.purpose = "sum of t(act[i], wgt[i]) over all lanes, t = " + term_text(p.weight),
         .params = fmt::format("s={} act_bits={} weight_bits={}", p.s, p.act_bits, p.weight_bits),
         .latency = spec::latency(p),
         .interval = 1});
  const bool integer = p.weight == WeightCode::integer;
  std::vector<Node> level;
  for (int i = 0; i < p.s; ++i) {
    const Sig t = weighted(p.weight, in.act.lane(i, p.act_bits), in.wgt.lane(i, p.weight_bits));
    if (integer) {
      const Shape shape{spec::partial_sum_bits(p, 1), true};
      const Reg product = m.reg(fmt::format("product_{}", i), shape, {.reset = std::nullopt});
      product.next(t.width() > shape.width ? t.trunc(shape) : t);
      level.push_back({product, 1});
    } else {
      level.push_back({t, 1});
    }
  }
  // A single selected lane takes its register here: one "level" without addition.
  const int levels = integer ? spec::tree_levels(p.s) : std::max(1, spec::tree_levels(p.s));
  for (int n = 1; n <= levels; ++n) level = add_pairs(m, p, level, n);
  return {level.front().sum};
}

std::string Dot::name(const Params& p) {
  return dot_name("elb_dot", p);
}

}  // namespace elb::hw
