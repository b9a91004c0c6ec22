#include "hw/plain_dot.hpp"

#include <fmt/format.h>

#include <vector>

#include "base/assert.hpp"

namespace elb::hw {

using namespace hdl;

std::string PlainDot::name(const Params& p) {
  return fmt::format("{}_l{}", dot_name("elb_dot", p.dot), p.latency);
}

PlainDot::Out PlainDot::build(Module& m, const Params& p, const In& in) {
  m.doc({.purpose = "sum of t(act[i], wgt[i]) over all lanes, t = " + term_text(p.dot.weight),
         .params = fmt::format("s={} act_bits={} weight_bits={}", p.dot.s, p.dot.act_bits, p.dot.weight_bits),
         .latency = p.latency,
         .interval = 1});
  return {plain_sum(m, p, in)};
}

Sig plain_sum(Module& m, const PlainDot::Params& p, const Dot::In& in) {
  const spec::DotParams& dot = p.dot;
  ELB_ASSERT(p.latency >= 1, "a sum is registered");
  std::vector<Sig> sums;
  for (int i = 0; i < dot.s; ++i) {
    const Sig t = weighted(dot.weight, in.act.lane(i, dot.act_bits), in.wgt.lane(i, dot.weight_bits));
    sums.push_back(t.named(fmt::format("t_{}", i)));
  }
  while (sums.size() > 1) {
    std::vector<Sig> next;
    for (size_t i = 0; i + 1 < sums.size(); i += 2) next.push_back(sums[i] + sums[i + 1]);
    if (sums.size() % 2 == 1) next.push_back(sums.back());
    sums = std::move(next);
  }
  const Shape shape = Dot::sum_shape(dot);
  const Sig sum = sums.front();
  return m.delay("sum", sum.width() > shape.width ? sum.trunc(shape) : sum.ext(shape), p.latency);
}

}  // namespace elb::hw
