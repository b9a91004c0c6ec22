#include "arch/roofline.hpp"

#include <algorithm>
#include <array>

#include "arch/store_work.hpp"
#include "spec/cost.hpp"

namespace elb::arch {
namespace {

constexpr int kKernels = 2;       // side by side: a DSP slice makes two products with an operand in common
constexpr int kMostInputs = 512;  // of a dot product of selectors; larger ones are no cheaper per product

}  // namespace

// What a layer's products can be made of.
std::vector<Rooflines::Work> Rooflines::work_of(const nn::Layer& layer, const LayerShape& shape) const {
  const auto share = [&](int64_t amount, int kind) {
    const auto most = static_cast<double>(budget_.most[static_cast<size_t>(kind)]);
    return amount == 0 ? 0 : most > 0 ? double(amount) / most : 1e9;
  };
  const spec::WindowParams& w = shape.work.window;
  const double arrays = double(layer.out.h) * layer.out.w * layer.out.c * double(layer.fan_in()) / kKernels;
  const int most = shape.code == spec::WeightCode::integer ? kMostIntegerInputs : kMostInputs;
  std::vector<Work> all;
  for (int s = 1;; s = std::min(2 * s, w.channels)) {
    spec::ComputeParams array{.technology = shape.technology,
                              .weight = shape.code,
                              .weight_bits = shape.weight_bits,
                              .act_bits = w.bits,
                              .s = s,
                              .p = kKernels,
                              .acc_bits = shape.acc_bits,
                              .acc_signed = shape.acc_signed};
    for (const int dsp : {spec::kAllDsp, 0}) {
      array.dsp = dsp;
      const spec::Resources r = spec::cost(array);
      all.push_back({.lut = share(r.lut, kLut) * arrays / s, .dsp = share(r.dsp, kDsp) * arrays / s});
    }
    if (s == w.channels || s >= most) break;
  }
  return all;
}

Roofline Rooflines::of(const nn::Network& net, spec::Technology technology) {
  std::vector<const std::vector<Work>*> layers;
  for (const nn::Layer& layer : net.layers) {
    if ((layer.op != nn::Op::conv && layer.op != nn::Op::fc) || is_depthwise(layer)) continue;
    const LayerShape shape = layer_shape(layer, net.act_of(layer.inputs[0]), false, false, technology);
    const auto [at, is_new] = work_.try_emplace(shape.key());
    if (is_new) at->second = work_of(layer, shape);
    layers.push_back(&at->second);
  }
  // For any weights of LUTs and DSP slices, no mix of choices takes fewer cycles than the least weighted sum.
  constexpr int kSteps = 200;
  Roofline best;
  for (int i = 0; i <= kSteps; ++i) {
    const double lut = double(i) / kSteps, dsp = 1 - lut;
    double cycles = 0;
    for (const std::vector<Work>* work : layers) {
      double least = -1;
      for (const Work& w : *work) {
        const double value = lut * w.lut + dsp * w.dsp;
        if (least < 0 || value < least) least = value;
      }
      cycles += least;
    }
    if (cycles > best.cycles) best = {.cycles = cycles, .binds = lut >= dsp ? "lut" : "dsp"};
  }
  return best;
}

}  // namespace elb::arch
