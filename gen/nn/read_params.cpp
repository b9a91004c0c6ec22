#include "nn/read_params.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "nn/quantize.hpp"
#include "nn/synthetic.hpp"

namespace elb::nn {
namespace {

constexpr const char* kTensor = "nn-tensor";
constexpr int64_t kMaxRawBias = int64_t{1} << 30;

std::string join_shapes(const std::vector<Dtype>& dtypes, const std::vector<std::vector<int64_t>>& shapes) {
  std::string out;
  for (Dtype d : dtypes) out += (out.empty() ? "" : " or ") + std::string(to_string(d));
  std::string s;
  for (const auto& shape : shapes) s += (s.empty() ? "" : " or ") + shape_text(shape);
  return out + " " + s;
}

struct LayerParams {
  Network& net;
  Layer& layer;
  const LayerKeys& keys;
  ParamFile& params;
  int64_t channels = layer.out.c;
  bool weights_real = false;  // were F32
  double scale = 1;           // E

  std::string name(const char* what) const { return layer.name + "." + what; }
  std::vector<double> per_channel(const char* what);
  void read_weights();
  std::vector<double> read_weight_scale(bool one_only);
  void read_real_weights(const TensorView& t);
  void read_integer_weights(const TensorView& t);
  std::vector<int64_t> read_integer_bias();
  void read_thresholds();
  void fold_bias_into_thresholds();
  void read_real_tail();
};

std::vector<double> LayerParams::per_channel(const char* what) {
  const TensorView* t = params.get(name(what), {Dtype::f32}, {{channels}});
  return t ? params.finite(*t) : std::vector<double>(channels, 1);
}

// E of the format, from the tensor; empty when there is none.
std::vector<double> LayerParams::read_weight_scale(bool one_only) {
  if (!params.has(name("weight_scale"))) return {};
  std::vector<std::vector<int64_t>> shapes{{1}};
  if (!one_only && channels != 1) shapes.push_back({channels});
  const TensorView* t = params.get(name("weight_scale"), {Dtype::f32}, shapes);
  if (!t) return {};
  std::vector<double> scale = params.finite(*t);
  for (double& s : scale) {
    if (s > 0) continue;
    params.error(t->name, fmt::format("{} is no scale, a number above 0 was expected", s));
    s = 1;
    break;
  }
  return scale;
}

void LayerParams::read_real_weights(const TensorView& t) {
  const size_t n = static_cast<size_t>(t.size());
  const std::vector<float> real = params.file().f32(t);
  for (size_t i = 0; i < n; ++i) {
    if (std::isfinite(real[i])) continue;
    params.error(t.name, fmt::format("element {} is {}", i, real[i]));
    return;
  }
  // The scale is of use to a real tail, and to the rounding of int kinds; else it is a tensor that nothing
  // names.
  const bool tail = layer.act && !keys.thresholds;
  std::vector<double> given;
  if (tail || layer.weight->kind == WeightKind::integer) given = read_weight_scale(!layer.act);
  QuantizedWeights q = quantize_weights(real, *layer.weight, given);
  layer.weights = std::move(q.weights);
  if (tail) layer.real = RealTail{.scale = given.empty() ? std::vector<double>{q.scale} : given};
}

void LayerParams::read_integer_weights(const TensorView& t) {
  layer.weights = params.file().i8(t);
  for (size_t i = 0; i < layer.weights.size(); ++i) {
    if (layer.weight->holds(layer.weights[i])) continue;
    params.error(
        t.name, fmt::format("element {} is {}, no {} weight", i, layer.weights[i], to_string(*layer.weight)));
    break;
  }
  if (layer.act && !keys.thresholds) {
    const std::vector<double> given = read_weight_scale(false);
    layer.real = RealTail{.scale = given.empty() ? std::vector<double>{1} : given};
  }
}

void LayerParams::read_weights() {
  std::vector<int64_t> shape{channels, layer.window.kh, layer.window.kw, layer.in.c / layer.groups};
  if (layer.op == Op::fc) shape = {channels, layer.in.c};
  const TensorView* t = params.get(name("weight"), {Dtype::i8, Dtype::f32}, {shape});
  if (!t) {
    params.has(name("weight_scale")) ? (void)read_weight_scale(false) : (void)0;
    return;
  }
  t->dtype == Dtype::f32 ? read_real_weights(*t) : read_integer_weights(*t);
}

std::vector<int64_t> LayerParams::read_integer_bias() {
  const TensorView* t = params.get(name("bias"), {Dtype::i32}, {{channels}});
  if (!t) return {};
  std::vector<int64_t> bias;
  for (int32_t b : params.file().i32(*t)) {
    bias.push_back(b);
    if (std::abs(int64_t{b}) <= kMaxRawBias) continue;
    params.error(t->name, fmt::format("element {} is {}, an integer of {}..{} was expected", bias.size() - 1,
                                      b, -kMaxRawBias, kMaxRawBias));
    return {};
  }
  return bias;
}

// sum + bias >= t is sum >= t - bias: the points need no bias any more, and it is kept for those who show
// accumulators.
void LayerParams::fold_bias_into_thresholds() {
  layer.folded_bias = read_integer_bias();
  if (layer.folded_bias.empty() || layer.steps.empty()) return;
  if (layer.steps.size() == 1) layer.steps.assign(channels, Steps(layer.steps[0]));
  for (int64_t c = 0; c < channels; ++c) {
    for (int64_t& point : layer.steps[c].points) point -= layer.folded_bias[c];
  }
}

void LayerParams::read_thresholds() {
  const int64_t n = layer.act->codes() - 1;
  std::vector<std::vector<int64_t>> shapes{{channels, n}};
  if (channels != 1) shapes.push_back({1, n});
  const TensorView* t = params.get(name("thresholds"), {Dtype::i32}, shapes);
  if (!t) return;
  const std::vector<int32_t> values = params.file().i32(*t);
  for (int64_t c = 0; c < t->shape[0]; ++c) {
    Steps steps{.points = {values.begin() + c * n, values.begin() + (c + 1) * n}};
    const auto bad = std::adjacent_find(steps.points.begin(), steps.points.end(), std::greater<>());
    if (bad != steps.points.end()) {
      params.error(t->name, fmt::format("channel {} descends from {} to {} at index {}", c, *bad, *(bad + 1),
                                        bad - steps.points.begin() + 1));
      return;
    }
    layer.steps.push_back(std::move(steps));
  }
}

void LayerParams::read_real_tail() {
  if (!layer.real) layer.real = RealTail{.scale = {1}};
  RealTail& tail = *layer.real;
  if (tail.scale.size() == 1) tail.scale.assign(channels, tail.scale[0]);
  for (double& s : tail.scale) s *= layer.in_act.scale;
  if (keys.bias) tail.bias = per_channel("bias");
  if (!keys.epsilon) return;
  tail.bn = true;
  tail.epsilon = *keys.epsilon;
  tail.gamma = per_channel("bn.gamma");
  tail.beta = per_channel("bn.beta");
  tail.mean = per_channel("bn.mean");
  tail.variance = per_channel("bn.variance");
  for (int64_t c = 0; c < channels; ++c) {
    if (tail.variance[c] >= 0 && tail.variance[c] + tail.epsilon > 0) continue;
    params.error(
        name("bn.variance"),
        fmt::format(
            "element {} is {} and epsilon {}, a positive sum and a variance of at least 0 were expected", c,
            tail.variance[c], tail.epsilon));
    return;
  }
}

}  // namespace

const TensorView* ParamFile::get(const std::string& name, const std::vector<Dtype>& dtypes,
                                 const std::vector<std::vector<int64_t>>& shapes) {
  asked_.insert(name);
  const TensorView* t = file_.find(name);
  if (!t) {
    error(name, fmt::format("is missing, {} was expected", join_shapes(dtypes, shapes)));
    return nullptr;
  }
  const bool good = std::find(dtypes.begin(), dtypes.end(), t->dtype) != dtypes.end() &&
                    std::find(shapes.begin(), shapes.end(), t->shape) != shapes.end();
  if (good) return t;
  error(name, fmt::format("is {} {}, {} was expected", to_string(t->dtype), shape_text(t->shape),
                          join_shapes(dtypes, shapes)));
  return nullptr;
}

std::vector<double> ParamFile::finite(const TensorView& t) {
  const std::vector<float> values = file_.f32(t);
  std::vector<double> out(values.begin(), values.end());
  for (size_t i = 0; i < out.size(); ++i) {
    if (std::isfinite(out[i])) continue;
    error(t.name, fmt::format("element {} is {}", i, out[i]));
    return std::vector<double>(out.size(), 1);
  }
  return out;
}

void ParamFile::error(const std::string& tensor, const std::string& text, const std::string& help) {
  diags_.error({.code = kTensor, .place = file_.place(tensor), .text = text, .notes = {}, .help = help});
}

void ParamFile::refuse_unnamed() {
  const std::vector<std::string> known(asked_.begin(), asked_.end());
  for (const TensorView& t : file_.tensors) {
    if (asked_.count(t.name)) continue;
    const std::string near = nearest(t.name, known);
    error(t.name, "is not asked for by any layer",
          near.empty() ? "" : fmt::format("did you mean '{}'?", near));
  }
}

void read_params(Network& net, int index, const LayerKeys& keys, ParamFile& params) {
  Layer& layer = net.layers[index];
  LayerParams p{.net = net, .layer = layer, .keys = keys, .params = params};
  if (layer.has_weights()) p.read_weights();
  if (!layer.has_tail()) return;
  if (keys.thresholds) {
    p.read_thresholds();
    if (keys.bias) p.fold_bias_into_thresholds();
    return;
  }
  if (layer.act) return p.read_real_tail();
  if (keys.bias) layer.raw_bias = p.read_integer_bias();
}

void synthesise_params(Network& net, int index, uint64_t seed) {
  Layer& layer = net.layers[index];
  if (layer.has_weights()) layer.weights = synthetic_weights(layer, seed);
  if (!layer.has_tail() || !layer.act) return;
  std::vector<ActType> inputs;
  for (int source : layer.inputs) inputs.push_back(net.act_of(source));
  layer.steps = synthetic_steps(layer, inputs, seed);
}

}  // namespace elb::nn
