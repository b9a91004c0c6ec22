#include "nn/fold.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "nn/affine.hpp"
#include "nn/codes.hpp"
#include "nn/tail.hpp"
#include "nn/weight_sums.hpp"

namespace elb::nn {
namespace {

bool has_padding(const Window& w) {
  return w.top || w.left || w.bottom || w.right;
}

// The values of one operand of a window.
Interval term_range(const Layer& layer, const ActType& act) {
  Interval r{.lo = act.lo(), .hi = act.hi()};
  if (!has_padding(layer.window)) return r;
  const int64_t pad = layer.op == Op::average_pool && !layer.count_include_pad ? 0 : layer.window.pad_value;
  return {.lo = std::min(r.lo, pad), .hi = std::max(r.hi, pad)};
}

std::vector<Interval> bound_weighted(const Layer& layer, Interval x) {
  std::vector<Interval> out(layer.out.c);
  const int64_t n = layer.fan_in();
  for (int c = 0; c < layer.out.c; ++c) {
    const WeightSums w = sum_weights(layer.weights.data() + n * c, n);
    const int64_t positive = w.positive_part(), negative = w.negative_part();
    out[c] = {.lo = positive * x.lo + negative * x.hi, .hi = positive * x.hi + negative * x.lo};
  }
  return out;
}

Interval bound_sum(const std::vector<ActType>& inputs) {
  Interval sum;
  for (const ActType& a : inputs) {
    sum.lo += a.lo();
    sum.hi += a.hi();
  }
  return sum;
}

// First accumulator in [lo, hi] that `reached` holds for, hi + 1 if none does; it holds for all behind the
// first.
template <class Predicate>
int64_t first_reached(int64_t lo, int64_t hi, Predicate reached) {
  int64_t end = hi + 1;
  while (lo < end) {
    const int64_t middle = lo + (end - lo) / 2;
    if (reached(middle)) {
      end = middle;
    } else {
      lo = middle + 1;
    }
  }
  return lo;
}

Steps steps_of_channel(const Layer& layer, int channel) {
  const Interval range = layer.acc_channel[channel];
  const int n = layer.act->codes() - 1;
  const auto code = [&](int64_t acc) { return layer.act->code_of(real_tail_eval(layer, channel, acc)); };
  Steps steps;
  const int first = code(range.lo), last = code(range.hi);
  steps.reversed = last < first;
  const auto count = [&](int64_t acc) { return steps.reversed ? n - code(acc) : code(acc); };
  const int always = steps.reversed ? n - first : first;
  const int at_most = steps.reversed ? n - last : last;
  steps.points.assign(n, range.hi + 1);
  int64_t from = range.lo;
  for (int k = 0; k < at_most; ++k) {
    if (k >= always) from = first_reached(from, range.hi, [&](int64_t acc) { return count(acc) > k; });
    steps.points[k] = from;
  }
  return steps;
}

}  // namespace

std::vector<Interval> bound_accumulators(const Layer& layer, const std::vector<ActType>& inputs) {
  Interval all;
  switch (layer.op) {
    case Op::conv:
    case Op::fc:
      return bound_weighted(layer, term_range(layer, inputs[0]));
    case Op::average_pool: {
      const int64_t area = int64_t{layer.window.kh} * layer.window.kw;
      const Interval x = term_range(layer, inputs[0]);
      all = {.lo = area * x.lo, .hi = area * x.hi};
      break;
    }
    case Op::add:
    case Op::quantize:
      all = bound_sum(inputs);
      break;
    case Op::max_pool:
    case Op::concat:
    case Op::flatten:
      all = {.lo = layer.act->lo(), .hi = layer.act->hi()};
      break;
    case Op::argmax:
    case Op::top_k:
      all = {.lo = 0, .hi = layer.in.size() - 1};
      break;
  }
  return std::vector<Interval>(layer.out.c, all);
}

std::vector<Steps> switching_points(const Layer& layer) {
  ELB_ASSERT(layer.real && layer.act, "layer '" + layer.name + "' has no real tail");
  std::vector<Steps> out;
  for (int c = 0; c < layer.out.c; ++c) out.push_back(steps_of_channel(layer, c));
  return out;
}

void settle_codes(Layer& layer) {
  layer.codes = std::make_shared<const CodeDomain>(code_domain(layer));
  layer.affine = std::make_shared<AffineMemo>();
}

void fold(Network& net) {
  for (Layer& layer : net.layers) {
    std::vector<ActType> inputs;
    const bool ranks = layer.op == Op::argmax || layer.op == Op::top_k;  // may read raw accumulators
    for (int source : layer.inputs) inputs.push_back(ranks ? layer.in_act : net.act_of(source));
    layer.acc_channel = bound_accumulators(layer, inputs);
    layer.acc = layer.acc_channel[0];
    for (const Interval& i : layer.acc_channel) {
      layer.acc.lo = std::min(layer.acc.lo, i.lo);
      layer.acc.hi = std::max(layer.acc.hi, i.hi);
    }
    if (layer.real) layer.steps = switching_points(layer);
    if (layer.has_tail()) settle_codes(layer);
  }
}

}  // namespace elb::nn
