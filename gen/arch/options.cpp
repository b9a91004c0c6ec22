#include "arch/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "arch/activation_choice.hpp"
#include "arch/buffers.hpp"
#include "arch/stage_specs.hpp"
#include "arch/store_work.hpp"
#include "arch/sweep_buffers.hpp"
#include "arch/undominated.hpp"
#include "base/assert.hpp"
#include "nn/codes.hpp"
#include "spec/cost.hpp"
#include "spec/elementwise.hpp"
#include "spec/lanewise.hpp"

namespace elb::arch {
namespace {

std::string text(const std::optional<int>& v) {
  return v ? std::to_string(*v) : "-";
}

}  // namespace

std::string LayerShape::key() const {
  const spec::WindowParams& w = work.window;
  return fmt::format(
      "{} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} | {} {} {} | {} {} {} {} {} {} {} {} {} {} | {} {} "
      "{} "
      "{} {} {} {} "
      "{} {} {} {} {} {} {} {} {}",
      static_cast<int>(technology), w.h, w.w, w.channels, w.groups, w.kh, w.kw, w.sh, w.sw, w.dh, w.dw, w.top,
      w.left, w.out_h, w.out_w, w.bits, work.flatten, work.lanewise, work.kernels, static_cast<int>(op),
      static_cast<int>(code), weight_bits, in_base, in_step, out_bits, steps, acc_bits, acc_signed, widens,
      affine, text(fixed.p), text(fixed.s), text(fixed.m), text(work.l), work.turns, text(b), text(band_rows),
      text(weight_slots), text(dsp), weights ? static_cast<int>(*weights) : -1,
      activation ? static_cast<int>(*activation) : -1,
      ultra ? ultra->store + 2 * ultra->weights + 4 * ultra->ring : -1, reader_words, read_as_vector, map_h,
      map_w);
}

LayerShape layer_shape(const nn::Layer& layer, const nn::ActType& in, bool lanewise, bool affine,
                       spec::Technology technology) {
  LayerShape s;
  s.technology = technology;
  s.op = layer.op;
  spec::Link link{.h = layer.in.h, .w = layer.in.w, .c = layer.in.c, .columns = 1, .channels = layer.in.c};
  link.bits = layer.op == nn::Op::conv ? nn::hw_input_act(layer).bits : in.bits;
  s.work = store_work(layer, link, lanewise);
  s.in_base = in.base(), s.in_step = in.step();
  s.widens = nn::widens_bipolar(layer);
  s.affine = affine;
  const int64_t codes = (int64_t{1} << s.work.window.bits) - 1;
  int64_t lo = 0, hi = 0;
  if (layer.weight) {
    s.weight_bits = layer.weight->bits;
    s.code = layer.weight->kind == nn::WeightKind::binary    ? spec::WeightCode::binary
             : layer.weight->kind == nn::WeightKind::ternary ? spec::WeightCode::ternary
                                                             : spec::WeightCode::integer;
    s.acc_signed = s.code == spec::WeightCode::integer;
    const int64_t n = layer.fan_in();
    hi = codes * n * (s.acc_signed ? layer.weight->hi() : 1);
    lo = s.acc_signed ? codes * n * layer.weight->lo() : 0;
  } else {
    const int64_t n = int64_t{layer.window.kh} * layer.window.kw;
    lo = std::min<int64_t>(0, n * in.lo()), hi = n * in.hi();
    s.acc_signed = lo < 0;
  }
  s.acc_bits = s.acc_signed ? signed_bits_for(lo, hi) : bits_for(hi);
  if (layer.act) {
    s.out_bits = layer.act->bits;
    s.steps = layer.has_tail() ? layer.act->codes() - 1 : 0;
  } else {
    s.out_bits = std::max(16, s.acc_bits + (s.acc_signed ? 0 : 1));
  }
  return s;
}

spec::Link link_of(const LayerShape& shape, const Option& o) {
  const spec::WindowParams& w = shape.work.window;
  spec::Link l{.h = w.out_h, .w = w.out_w, .columns = o.f.m, .bits = shape.out_bits};
  l.c = shape.work.lanewise ? w.channels : w.groups * shape.work.kernels;
  l.channels = beat_channels(shape.work, o.f);
  l.is_signed = shape.op != nn::Op::max_pool && shape.steps == 0;
  return l;
}

spec::ComputeParams array_params(const LayerShape& shape, const Factors& f, int dsp) {
  return {.technology = shape.technology,
          .weight = shape.code,
          .weight_bits = shape.weight_bits,
          .act_bits = shape.work.window.bits,
          .s = f.s,
          .p = f.p,
          .m = f.m,
          .folds = spec::folds(with_factors(shape.work, f)),
          .acc_bits = shape.acc_bits,
          .acc_signed = shape.acc_signed,
          .dsp = dsp};
}

Amounts array_cost(const LayerShape& shape, const Factors& f, int dsp) {
  return amounts(spec::cost(array_params(shape, f, dsp)));
}

int64_t most_dsp(const LayerShape& shape, const Factors& f) {
  if (shape.work.lanewise) return 0;
  return spec::most_dsp(array_params(shape, f, spec::kAllDsp));
}

FeedCost feed_of(const LayerShape& shape, const Option& o, const spec::Link& in) {
  StoreWork work = shape.work;
  work.in = in;
  work.flatten = shape.op == nn::Op::fc && (in.h > 1 || in.w > 1);
  work.window.in_columns = work.flatten ? 1 : in.columns;
  if (work.flatten) work.window.channels = static_cast<int>(in.beats_per_frame() * in.lanes());
  const spec::WindowParams w = with_factors(work, o.f);
  return {.cost = amounts(spec::feed_cost(in, work.flatten, w)),
          .cycles = std::max(writer_cycles(work, o.f), work.flatten ? engine_cycles(work, o.f) : 0)};
}

}  // namespace elb::arch
