#include "sim/golden/fast/layer.hpp"

#include <algorithm>
#include <cstring>

#include "sim/golden/ops/ops.hpp"

namespace elb::golden::fast {

namespace {
constexpr int tile_pixels = 32;  // im2col rows at a time: with 1,200 weights a kernel they fill the L1 cache

int weights_of_kernel(const nn::Layer& layer) {
  const int64_t all = static_cast<int64_t>(layer.weights.size());
  ELB_ASSERT(layer.out.c > 0 && all % layer.out.c == 0,
             "layer '" + layer.name + "' has a wrong number of weights");
  return static_cast<int>(all / layer.out.c);
}

int padded_row(int k) {
  return (k + row_align - 1) / row_align * row_align;
}
}  // namespace

int Layer::max_weight(const nn::Layer& layer) {
  return layer.weight->kind == nn::WeightKind::integer ? 1 << (layer.weight->bits - 1) : 1;
}

std::optional<Layer> Layer::prepare(const nn::Layer& layer) {
  return prepare(layer, choose_dot(max_byte(layer), max_weight(layer)));
}

std::optional<Layer> Layer::prepare(const nn::Layer& layer, const DotKernel& kernel) {
  ELB_ASSERT(layer.op == nn::Op::conv || layer.op == nn::Op::fc, "only layers with weights have a fast path");
  ELB_ASSERT(exact_for(kernel, max_byte(layer), max_weight(layer)), "an inexact dot product was chosen");
  const int64_t largest_byte = std::max(max_byte(layer), 1);
  if (largest_byte * max_weight(layer) * weights_of_kernel(layer) > INT32_MAX) return std::nullopt;
  return Layer(layer, kernel);
}

Layer::Layer(const nn::Layer& layer, const DotKernel& kernel)
    : layer_(&layer), kernel_(kernel), k_(weights_of_kernel(layer)), k_bytes_(padded_row(k_)) {
  const auto kernels = static_cast<size_t>(layer.out.c);
  const auto k = static_cast<size_t>(k_);
  const auto k_bytes = static_cast<size_t>(k_bytes_);
  if (k_ != k_bytes_) {
    padded_.resize(kernels * k_bytes);
    for (size_t n = 0; n < kernels; ++n) {
      std::memcpy(padded_.data() + n * k_bytes, layer.weights.data() + n * k, k);
    }
  }
  offset_.resize(kernels);
  const int lo = layer.in_act.lo();
  if (lo == 0) return;
  const std::vector<uint8_t> ones(k_bytes, 1);
  kernel_.run({.x = ones.data(),
               .w = rows(),
               .pixels = 1,
               .kernels = layer.out.c,
               .k_bytes = k_bytes_,
               .out = offset_.data(),
               .out_stride = layer.out.c});
  for (int32_t& sum : offset_) sum = stored(int64_t{lo} * sum);
}

Tensor Layer::run(const Tensor& in) const {
  Tensor acc = layer_->op == nn::Op::fc ? run_fc(in) : run_conv(in);
  if (layer_->in_act.lo() == 0) return acc;
  for (size_t i = 0; i < acc.data.size(); i += offset_.size()) {
    for (size_t o = 0; o < offset_.size(); ++o)
      acc.data[i + o] = stored(int64_t{acc.data[i + o]} + offset_[o]);
  }
  return acc;
}

void Layer::dot(const uint8_t* x, int pixels, int group, int32_t* out) const {
  const int kernels = layer_->out.c / layer_->groups;
  const std::ptrdiff_t first = std::ptrdiff_t{group} * kernels;
  kernel_.run({.x = x,
               .w = rows() + first * k_bytes_,
               .pixels = pixels,
               .kernels = kernels,
               .k_bytes = k_bytes_,
               .out = out + first,
               .out_stride = layer_->out.c});
}

Tensor Layer::run_fc(const Tensor& in) const {
  ELB_ASSERT(in.data.size() == static_cast<size_t>(k_),
             "a fully connected layer got a map of the wrong size");
  std::vector<uint8_t> x(static_cast<size_t>(k_bytes_));
  const int lo = layer_->in_act.lo();
  for (size_t i = 0; i < in.data.size(); ++i) x[i] = static_cast<uint8_t>(in.data[i] - lo);
  Tensor acc({1, 1, layer_->out.c});
  dot(x.data(), 1, 0, acc.data.data());
  return acc;
}

// The map as bytes with its border, so that no tap has to look where it is.
std::vector<uint8_t> Layer::padded_map(const Tensor& in, int height, int width) const {
  const nn::Window& win = layer_->window;
  const int lo = layer_->in_act.lo();
  const auto row = static_cast<size_t>(width) * static_cast<size_t>(in.shape.c);
  std::vector<uint8_t> map(static_cast<size_t>(height) * row, static_cast<uint8_t>(win.pad_value - lo));
  const size_t in_row = static_cast<size_t>(in.shape.w) * static_cast<size_t>(in.shape.c);
  for (int y = 0; y < in.shape.h; ++y) {
    const int32_t* from = in.data.data() + static_cast<size_t>(y) * in_row;
    uint8_t* to = map.data() + static_cast<size_t>(y + win.top) * row +
                  static_cast<size_t>(win.left) * static_cast<size_t>(in.shape.c);
    for (size_t i = 0; i < in_row; ++i) to[i] = static_cast<uint8_t>(from[i] - lo);
  }
  return map;
}

Tensor Layer::run_conv(const Tensor& in) const {
  const nn::Window& win = layer_->window;
  const int width = in.shape.w + win.left + win.right;
  const int height = in.shape.h + win.top + win.bottom;
  const std::vector<uint8_t> map = padded_map(in, height, width);
  const int group_in = in.shape.c / layer_->groups;
  ELB_ASSERT(k_ == win.kh * win.kw * group_in, "a convolution got a map with a wrong number of channels");

  Tensor acc(ops::window_output(in.shape, win, layer_->out.c));
  const int pixels = acc.shape.h * acc.shape.w;
  std::vector<uint8_t> x(static_cast<size_t>(tile_pixels) * static_cast<size_t>(k_bytes_));
  // Taps of one kernel row lie side by side in memory where nothing stands between them.
  const bool whole_rows = win.dw == 1 && layer_->groups == 1;
  const int run_taps = whole_rows ? win.kw : 1;
  const auto run_bytes = static_cast<size_t>(run_taps) * static_cast<size_t>(group_in);

  for (int first = 0; first < pixels; first += tile_pixels) {
    const int count = std::min(tile_pixels, pixels - first);
    for (int group = 0; group < layer_->groups; ++group) {
      for (int p = 0; p < count; ++p) {
        const int oy = (first + p) / acc.shape.w;
        const int ox = (first + p) % acc.shape.w;
        uint8_t* to = x.data() + static_cast<size_t>(p) * static_cast<size_t>(k_bytes_);
        for (int ky = 0; ky < win.kh; ++ky) {
          for (int kx = 0; kx < win.kw; kx += run_taps) {
            const std::ptrdiff_t y = oy * win.sh + ky * win.dh;
            const std::ptrdiff_t from =
                (y * width + ox * win.sw + kx * win.dw) * in.shape.c + group * group_in;
            std::memcpy(to, map.data() + from, run_bytes);
            to += run_bytes;
          }
        }
      }
      dot(x.data(), count, group, acc.data.data() + std::ptrdiff_t{first} * acc.shape.c);
    }
  }
  return acc;
}

}  // namespace elb::golden::fast
