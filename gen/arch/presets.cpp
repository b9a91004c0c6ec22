#include "arch/presets.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "arch/activation_params.hpp"
#include "base/int_math.hpp"
#include "spec/cost.hpp"
#include "spec/threshold.hpp"

namespace elb::arch {
namespace {

using spec::ActivationKind;
using spec::ActivationParams;
using spec::ComputeStage;

// What a channel's accumulators are to begin with; nothing where no such values exist.
std::optional<std::vector<int64_t>> beginnings(const ActivationParams& a) {
  std::vector<int64_t> begin;
  if (a.kind == ActivationKind::threshold) {
    const spec::PointTables points(a);
    for (int tile = 0; tile < a.tiles; ++tile) {
      for (int lane = 0; lane < a.p; ++lane) begin.push_back(-points.at(tile, lane, 0, 0));
    }
    return begin;
  }
  if (a.kind != ActivationKind::raw) return std::nullopt;
  for (const spec::ChannelConstants& c : a.constants) {
    if (c.offset % a.kappa != 0) return std::nullopt;
    begin.push_back(c.offset / a.kappa);
  }
  return begin;
}

std::optional<ComputeStage> preset(const ComputeStage& stage) {
  const std::optional<std::vector<int64_t>> begin = beginnings(stage.activation);
  if (!begin) return std::nullopt;
  ComputeStage s = stage;
  ActivationParams& a = s.activation;
  const int groups = s.window.groups;
  spec::PresetParams preset{
      .p = s.compute.p, .tiles = s.tiles(), .mem_file = a.mem_file, .module = s.module + "_preset"};
  preset.values.assign(static_cast<size_t>(preset.tiles) * preset.p, 0);
  int64_t least = INT64_MAX, most = INT64_MIN;
  for (int g = 0; g < groups; ++g) {
    for (int k = 0; k < s.kernels; ++k) {
      const int tile = g * s.kernel_folds() + k / preset.p;
      const size_t channel = constants_of(a, groups, g, k);
      const int64_t value = (*begin)[channel];
      preset.values[static_cast<size_t>(tile) * preset.p + k % preset.p] = value;
      least = std::min(least, value), most = std::max(most, value);
      spec::ChannelConstants& c = a.constants[channel];
      for (int64_t& point : c.points) point += value;
      c.offset = 0;
    }
  }
  const spec::Range t = spec::range_of(stage.activation);
  a.preset = true;
  a.in_signed = true;
  if (a.kind == ActivationKind::threshold) {
    a.t_lo = t.lo + least, a.t_hi = t.hi + most;
    a.in_bits = signed_bits_for(std::min<int64_t>(*a.t_lo, -1), *a.t_hi);
  } else {
    a.in_bits = a.out_bits;
  }
  s.compute.acc_bits = preset.bits = a.in_bits;
  // Modulo 2^bits, as sums are: where T is never small, a beginning alone may lie outside what its sums
  // reach.
  const int64_t all = int64_t{1} << preset.bits;
  for (int64_t& value : preset.values) value = floor_mod(value + all / 2, all) - all / 2;
  s.compute.acc_signed = s.compute.preset = true;
  s.preset = std::move(preset);
  return s;
}

// Of what presets change.
spec::Resources arithmetic(const ComputeStage& s) {
  spec::Resources r = spec::cost(s.compute) + spec::cost(s.activation);
  if (spec::beats_per_tile(spec::tile_beats(s)) > 1) r += spec::cost(spec::serializer(s));
  if (s.preset) r += spec::cost(*s.preset);
  return r;
}

}  // namespace

void choose_presets(ComputeStage& stage) {
  const spec::ComputeParams& array = stage.compute;
  const bool selects = spec::has_primitives(array.technology) && !spec::is_product_array(array);
  if (!selects || array.folds == 1 || stage.activation.constants.empty()) return;
  std::optional<ComputeStage> other = preset(stage);
  if (!other || spec::datapath_latency(*other) != spec::datapath_latency(stage)) return;
  const spec::Resources without = arithmetic(stage), with = arithmetic(*other);
  if (with.lut < without.lut && with.bram18 <= without.bram18 && with.dsp <= without.dsp)
    stage = std::move(*other);
}

}  // namespace elb::arch
