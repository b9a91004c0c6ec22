// A convolution or fully connected layer prepared for byte-wise dot products.
//
// A value v of the input's activation enters as the unsigned byte v - lo, so that one kernel serves unsigned,
// signed, bipolar and ternary activations; acc = dot + lo * (sum of the kernel's weights).
#pragma once
#include <optional>
#include <vector>

#include "sim/golden/fast/dot.hpp"
#include "sim/golden/tensor.hpp"

namespace elb::golden::fast {

class Layer {
 public:
  // Nothing where a sum of bytes could leave 32 bits; such a layer stays with the plain operators.
  // The weights of `layer` are used in place where their rows need no padding: it must outlive this object.
  static std::optional<Layer> prepare(const nn::Layer& layer, const DotKernel& kernel);
  static std::optional<Layer> prepare(const nn::Layer& layer);  // with the fastest exact kernel

  // The accumulators: what ops::conv or ops::fc give for the same map.
  Tensor run(const Tensor& in) const;

  // Largest byte and weight magnitude of a layer, as choose_dot() wants them.
  static int max_byte(const nn::Layer& layer) { return layer.in_act.hi() - layer.in_act.lo(); }
  static int max_weight(const nn::Layer& layer);

 private:
  explicit Layer(const nn::Layer& layer, const DotKernel& kernel);

  const int8_t* rows() const { return padded_.empty() ? layer_->weights.data() : padded_.data(); }
  std::vector<uint8_t> padded_map(const Tensor& in, int height, int width) const;
  void dot(const uint8_t* x, int pixels, int group, int32_t* out) const;
  Tensor run_fc(const Tensor& in) const;
  Tensor run_conv(const Tensor& in) const;

  const nn::Layer* layer_;
  DotKernel kernel_;
  int k_ = 0;        // weights of one kernel
  int k_bytes_ = 0;  // the same, padded to whole vectors
  std::vector<int8_t> padded_;
  std::vector<int32_t> offset_;  // [out] lo * sum of weights
};

}  // namespace elb::golden::fast
