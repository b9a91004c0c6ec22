#include "hw/sum_operands.hpp"

#include <fmt/format.h>

#include <vector>

#include "base/assert.hpp"

namespace elb::hw {

using namespace hdl;

namespace {

std::string number(int v) {
  return v < 0 ? fmt::format("n{}", -v) : std::to_string(v);
}

// Modulo 2^acc_bits: the sum of all operands fits.
Sig fit_to(Sig value, Shape acc) {
  const Sig fitted =
      value.width() > acc.width ? value.trunc(acc.width) : value.ext({acc.width, value.is_signed()});
  return acc.is_signed ? fitted.as_signed() : fitted.as_unsigned();
}

}  // namespace

int SumOperands::codes_bits(const Params& p) {
  int bits = 0;
  for (const Params::Operand& o : p.operands) bits += p.lanes * o.bits;
  return bits;
}

std::string SumOperands::name(const Params& p) {
  std::string name = fmt::format("elb_sum_l{}", p.lanes);
  for (const Params::Operand& o : p.operands) {
    name += fmt::format("_{}{}v{}_{}", o.is_signed ? "s" : "u", o.bits, number(o.base), number(o.step));
  }
  return name + fmt::format("_acc{}{}", p.acc_bits, p.acc_signed ? "s" : "");
}

SumOperands::Out SumOperands::build(Module& m, const Params& p, const In& in) {
  ELB_ASSERT(!p.operands.empty(), "a sum has operands");
  m.doc({.purpose = "lane by lane, the sum of base + step * code over the operands",
         .params = fmt::format("operands={} lanes={} acc_bits={}", p.operands.size(), p.lanes, p.acc_bits),
         .latency = spec::latency(p),
         .interval = 1});
  const Shape acc{p.acc_bits, p.acc_signed};
  std::vector<Sig> sums;
  for (int lane = 0; lane < p.lanes; ++lane) {
    std::vector<Sig> level;
    int low = 0;
    for (size_t i = 0; i < p.operands.size(); ++i) {
      const Params::Operand& o = p.operands[i];
      const Sig bits = in.codes.slice(low + lane * o.bits, o.bits);
      low += p.lanes * o.bits;
      const Sig code = o.is_signed ? bits.as_signed() : bits;
      const Sig scaled = o.step == 1 ? code : code * o.step;
      const Reg value = m.reg(fmt::format("value{}_{}", i, lane), acc, {.reset = std::nullopt});
      value.next(fit_to(o.base == 0 ? scaled : scaled + o.base, acc));
      level.push_back(value);
    }
    for (int n = 1; level.size() > 1; ++n) {
      std::vector<Sig> next;
      for (size_t i = 0; i < level.size(); i += 2) {
        const Reg r = m.reg(fmt::format("add{}_{}_{}", n, i / 2, lane), acc, {.reset = std::nullopt});
        r.next(i + 1 < level.size() ? fit_to(level[i] + level[i + 1], acc) : level[i]);
        next.push_back(r);
      }
      level = next;
    }
    sums.push_back(level.front().as_unsigned());
  }
  return {.valid = m.delay("valid", in.valid, spec::latency(p), {.reset = 0}), .sums = pack(sums)};
}

}  // namespace elb::hw
