#include "hw/lane_reduce.hpp"

#include <fmt/format.h>

#include <vector>

#include "hw/dot.hpp"

namespace elb::hw {

using namespace hdl;
using spec::LaneOp;
using spec::LaneReduceParams;

namespace {

std::string op_text(const LaneReduceParams& p) {
  switch (p.op) {
    case LaneOp::max:
      return "max";
    case LaneOp::sum:
      return "sum";
    case LaneOp::multiply:
      return weight_name(p.weight, p.weight_bits);
  }
  return "";
}

// What one tap contributes.
Sig tap_value(const LaneReduceParams& p, const LaneReduce::In& in, int pixel, int lane) {
  const Sig code = in.act.lane(pixel * p.s + lane, p.bits);
  if (p.op == LaneOp::multiply) return weighted(p.weight, code, in.wgt.lane(lane, p.weight_bits));
  const Sig scaled = p.op == LaneOp::max || p.step == 1 ? code : code * p.step;
  const Sig value = p.op == LaneOp::max || p.base == 0 ? scaled : scaled + p.base;
  if (!LaneReduce::has_padded(p)) return value;
  return mux(in.padded[pixel], p.op == LaneOp::max ? 0 : p.pad_value, value);
}

// Modulo 2^width: partial sums may wrap, the result fits.
Sig fit_to(Sig value, int width) {
  const Sig fitted = value.width() > width ? value.trunc(width) : value.ext({width, value.is_signed()});
  return fitted.as_unsigned();
}

}  // namespace

std::string LaneReduce::name(const Params& p) {
  std::string name = fmt::format("elb_lanes_{}_s{}_m{}_a{}_f{}", op_text(p), p.s, p.m, p.bits, p.folds);
  if (p.op != LaneOp::max) name += fmt::format("_acc{}{}", p.acc_bits, p.acc_signed ? "s" : "");
  const auto number = [](int v) { return v < 0 ? fmt::format("n{}", -v) : std::to_string(v); };
  if (p.op == LaneOp::sum) name += fmt::format("_v{}_{}", number(p.base), number(p.step));
  if (p.padded) name += "_pad";
  if (p.padded && p.op == LaneOp::sum) name += number(p.pad_value);
  return name;
}

LaneReduce::Out LaneReduce::build(Module& m, const Params& p, const In& in) {
  m.doc({.purpose = fmt::format("{} lane by lane, over the {} words of a tile", op_text(p), p.folds),
         .params = fmt::format("channels={} pixels={} act_bits={}", p.s, p.m, p.bits),
         .latency = spec::latency(p),
         .interval = 1});
  const int width = p.result_bits();
  const Sig first = p.folds > 1 ? m.delay("first", in.first, 1) : Sig{};
  std::vector<Sig> results;
  for (int x = 0; x < p.m; ++x) {
    for (int c = 0; c < p.s; ++c) {
      const std::string lane = fmt::format("m{}_s{}", x, c);
      Sig value = tap_value(p, in, x, c);
      if (p.folds == 1) {
        const Reg result = m.reg("result_" + lane, u(width), {.reset = std::nullopt});
        result.next(fit_to(value, width));
        results.push_back(result);
        continue;
      }
      if (value.width() > width) value = value.trunc(width);
      const Reg tap = m.reg("tap_" + lane, value.shape(), {.reset = std::nullopt});
      tap.next(value);
      // A maximum is compared with before it is written: nothing unknown must stand there.
      const RegOptions at_reset{.reset = p.op == LaneOp::max ? std::optional<int64_t>(0) : std::nullopt};
      const Reg acc = m.reg("acc_" + lane, u(width), at_reset);
      if (p.op == LaneOp::max) {
        // The first tap is above anything: one comparison, which enables the register.
        m.when(cat({first, tap}) >= acc.ext(u(width + 1)), [&] { acc.next(tap); });
      } else {
        acc.next((mux(first, 0, acc) + fit_to(tap, width)).trunc(width));
      }
      results.push_back(acc);
    }
  }
  if (p.folds == 1) return {.valid = m.delay("valid", in.valid, 1, {.reset = 0}), .result = pack(results)};
  const Reg valid = m.reg("valid_acc", u(1));
  const Sig tap_valid = m.delay("valid", in.valid, 1, {.reset = 0});
  valid.next(tap_valid & m.delay("last", in.last, 1));
  return {.valid = valid, .result = pack(results)};
}

}  // namespace elb::hw
