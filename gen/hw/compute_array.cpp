#include "hw/compute_array.hpp"

#include <fmt/format.h>

#include <vector>

#include "hw/dot.hpp"
#include "hw/select_dot.hpp"

namespace elb::hw {

using namespace hdl;

namespace {

// The low bits of T hold it: partial sums may wrap.
Sig fit_to(Sig value, int width) {
  if (value.width() == width) return value;
  return value.width() > width ? value.trunc(width) : value.ext({width, value.is_signed()});
}

}  // namespace

std::string ComputeArray::name(const Params& p) {
  return fmt::format("elb_array_{}_p{}_s{}_m{}_a{}_f{}_acc{}{}{}", weight_name(p.weight, p.weight_bits), p.p,
                     p.s, p.m, p.act_bits, p.folds, p.acc_bits, p.acc_signed ? "s" : "",
                     spec::is_mapped(spec::dot_of(p)) ? "_xc7" : "");
}

ComputeArray::Out ComputeArray::build(Module& m, const Params& p, const In& in) {
  m.doc({.purpose = fmt::format("{} kernels x {} pixels, dot products of {} inputs{}", p.p, p.m, p.s,
                                p.folds > 1 ? ", summed over a tile's words" : ""),
         .params = fmt::format("weights={} act_bits={} acc_bits={}", weight_name(p.weight, p.weight_bits),
                               p.act_bits, p.acc_bits),
         .latency = spec::latency(p),
         .interval = 1});
  const spec::DotParams dot = spec::dot_of(p);
  const int depth = spec::latency(dot);
  const Sig valid = m.delay("valid", in.valid, depth, {.reset = 0});
  const Sig first = p.folds > 1 ? m.delay("first", in.first, depth) : Sig{};
  std::vector<Sig> t;
  for (int x = 0; x < p.m; ++x) {
    for (int k = 0; k < p.p; ++k) {
      const std::string lane = fmt::format("m{}_p{}", x, k);
      const Dot::In operands{.act = in.act.lane(x, p.s * p.act_bits),
                             .wgt = in.wgt.lane(k, p.s * p.weight_bits)};
      const std::string instance = "u_dot_" + lane;
      const Sig sum = spec::is_mapped(dot) ? instantiate<SelectDot>(m, instance, dot, operands).sum
                                           : instantiate<Dot>(m, instance, dot, operands).sum;
      const Sig word = fit_to(sum, p.acc_bits).as_unsigned();
      if (p.folds == 1) {
        t.push_back(word);
        continue;
      }
      const Reg acc = m.reg("acc_" + lane, u(p.acc_bits), {.reset = std::nullopt});
      acc.next((mux(first, 0, acc) + word).trunc(p.acc_bits));
      t.push_back(acc);
    }
  }
  if (p.folds == 1) return {.valid = valid, .t = pack(t)};
  const Reg out_valid = m.reg("valid_acc", u(1));
  out_valid.next(valid & m.delay("last", in.last, depth));
  return {.valid = out_valid, .t = pack(t)};
}

}  // namespace elb::hw
