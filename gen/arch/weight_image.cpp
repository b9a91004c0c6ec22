#include "arch/weight_image.hpp"

#include <algorithm>
#include <cstring>

#include "base/assert.hpp"

namespace elb::arch {
namespace {

// Sign bits of n weights, n <= 64.
uint64_t encode_binary(const int8_t* w, int n) {
  uint64_t out = 0;
  int i = 0;
  for (; i + 8 <= n; i += 8) {
    uint64_t eight = 0;
    for (int b = 0; b < 8; ++b) eight |= uint64_t{static_cast<uint8_t>(w[i + b])} << (8 * b);
    // The product gathers bit 8k into bit 56 + k.
    out |= ((((eight >> 7) & 0x0101010101010101u) * 0x0102040810204080u) >> 56) << i;
  }
  for (; i < n; ++i) out |= uint64_t{w[i] < 0} << i;
  return out;
}

uint64_t encode_ternary(const int8_t* w, int n) {
  uint64_t out = 0;
  for (int i = 0; i < n; ++i) out |= uint64_t(((w[i] & 1) << 1) | (w[i] < 0)) << (2 * i);
  return out;
}

uint64_t encode_integer(const int8_t* w, int n, int bits) {
  const uint64_t mask = (uint64_t{1} << bits) - 1;
  uint64_t out = 0;
  for (int i = 0; i < n; ++i) out |= (static_cast<uint64_t>(w[i]) & mask) << (bits * i);
  return out;
}

class Packer {
 public:
  Packer(nn::WeightType type, MemImage& image) : type_(type), image_(image), chunk_(64 / type.bits) {}

  // n weights into a word, from bit `low` upwards.
  void put(int64_t word, int low, const int8_t* w, int n) {
    for (int i = 0; i < n; i += chunk_) {
      const int count = std::min(chunk_, n - i);
      image_.set(word, low + i * type_.bits, count * type_.bits, encode(w + i, count));
    }
  }

 private:
  uint64_t encode(const int8_t* w, int n) const {
    switch (type_.kind) {
      case nn::WeightKind::binary:
        return encode_binary(w, n);
      case nn::WeightKind::ternary:
        return encode_ternary(w, n);
      case nn::WeightKind::integer:
        return encode_integer(w, n, type_.bits);
    }
    return 0;
  }
  nn::WeightType type_;
  MemImage& image_;
  int chunk_;
};

// One kernel as [tap][channel fold][S], tails filled with 0.
void spread(const int8_t* kernel, int taps, int channels, const std::vector<int>& order, int padded,
            int8_t* out) {
  if (!order.empty()) {
    for (size_t i = 0; i < order.size(); ++i) out[i] = order[i] < 0 ? 0 : kernel[order[i]];
    return;
  }
  for (int t = 0; t < taps; ++t)
    std::memcpy(out + int64_t{t} * padded, kernel + int64_t{t} * channels, channels);
}

MemImage compute_image(const nn::Layer& layer, const Stage& stage) {
  const spec::WindowParams& w = *stage.window;
  const int taps = spec::taps(w), s = stage.s, p = stage.p, bits = layer.weight->bits;
  const int channel_folds = static_cast<int>(ceil_div(w.channels, s));
  const int kernels = layer.out.c / w.groups;
  const int kernel_folds = static_cast<int>(ceil_div(kernels, p));
  const int64_t fan_in = layer.fan_in();

  const spec::Link& in = stage.inputs[0].link;
  std::vector<int> order;
  if (layer.op == nn::Op::fc && (in.h > 1 || in.w > 1)) {
    order = arrival_order(in);
    ELB_ASSERT(int64_t(order.size()) == w.channels, "store and link disagree about a flattened map");
    if (std::is_sorted(order.begin(), order.end()) && order.front() == 0) order.clear();  // HWC as it is
  }

  MemImage image(int64_t{w.groups} * kernel_folds * channel_folds * taps, p * s * bits);
  Packer packer(*layer.weight, image);
  const int padded = channel_folds * s;
  std::vector<int8_t> row(static_cast<size_t>(taps) * padded, 0);
  const bool as_is = order.empty() && padded == w.channels;
  for (int k = 0; k < layer.out.c; ++k) {
    const int8_t* kernel = layer.weights.data() + k * fan_in;
    if (!as_is) spread(kernel, taps, w.channels, order, padded, row.data());
    const int8_t* lanes = as_is ? kernel : row.data();
    const int64_t tile = int64_t{k / kernels} * kernel_folds + k % kernels / p;
    const int low = k % kernels % p * s * bits;
    for (int fold = 0; fold < channel_folds; ++fold) {
      for (int t = 0; t < taps; ++t) {
        packer.put((tile * channel_folds + fold) * taps + t, low,
                   lanes + (int64_t{t} * channel_folds + fold) * s, s);
      }
    }
  }
  return image;
}

MemImage lanewise_image(const nn::Layer& layer, const Stage& stage) {
  const int taps = spec::taps(*stage.window), s = stage.s, bits = layer.weight->bits;
  MemImage image(ceil_div(layer.out.c, s) * taps, s * bits);
  Packer packer(*layer.weight, image);
  for (int c = 0; c < layer.out.c; ++c) {
    for (int t = 0; t < taps; ++t) {
      packer.put(int64_t{c / s} * taps + t, c % s * bits, layer.weights.data() + int64_t{c} * taps + t, 1);
    }
  }
  return image;
}

}  // namespace

std::vector<int> arrival_order(const spec::Link& link) {
  std::vector<int> order;
  order.reserve(static_cast<size_t>(link.beats_per_frame()) * link.lanes());
  for (int y = 0; y < link.h; ++y) {
    for (int group = 0; group < link.column_groups(); ++group) {
      for (int beat = 0; beat < link.channel_beats(); ++beat) {
        for (int v = 0; v < link.columns; ++v) {
          for (int l = 0; l < link.channels; ++l) {
            const int x = group * link.columns + v, c = beat * link.channels + l;
            order.push_back(x < link.w && c < link.c ? (y * link.w + x) * link.c + c : -1);
          }
        }
      }
    }
  }
  return order;
}

MemImage weight_image(const nn::Layer& layer, const Stage& stage) {
  ELB_ASSERT(layer.has_weights(), "a weight image of a layer without weights");
  return stage.engine == Engine::lanewise ? lanewise_image(layer, stage) : compute_image(layer, stage);
}

}  // namespace elb::arch
