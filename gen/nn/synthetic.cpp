#include "nn/synthetic.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "base/splitmix.hpp"
#include "nn/weight_sums.hpp"

namespace elb::nn {
namespace {

// Mean and variance of an activation whose values are all equally likely.
struct Moments {
  double mean = 0;
  double variance = 0;
};
Moments moments(const ActType& a) {
  const double n = a.codes();
  return {.mean = 0.5 * (a.lo() + a.hi()), .variance = double(a.step()) * a.step() * (n * n - 1) / 12};
}

// Of the accumulator of `channel`, its operands taken as independent.
Moments accumulator(const Layer& layer, const std::vector<ActType>& inputs, int channel) {
  const Moments x = moments(inputs[0]);
  if (layer.has_weights()) {
    const int64_t n = layer.fan_in();
    const WeightSums w = sum_weights(layer.weights.data() + n * channel, n);
    return {.mean = x.mean * static_cast<double>(w.sum),
            .variance = x.variance * static_cast<double>(w.squares)};
  }
  if (layer.op == Op::average_pool) {
    // Neighbours in a map are alike: the spread of a sum lies between that of independent and of equal terms.
    const double area = double(layer.window.kh) * layer.window.kw;
    return {.mean = x.mean * area, .variance = x.variance * std::max(area, area * area / 4)};
  }
  Moments sum;
  for (const ActType& a : inputs) {
    sum.mean += moments(a).mean;
    sum.variance += moments(a).variance;
  }
  return sum;
}

// A bit each, the lowest first: 1 is +1, 0 is -1. Eight at a time, from a table.
void fill_binary(std::vector<int8_t>& out, SplitMix& random) {
  std::array<std::array<int8_t, 8>, 256> eight{};
  for (int byte = 0; byte < 256; ++byte) {
    for (int bit = 0; bit < 8; ++bit) eight[byte][bit] = (byte >> bit & 1) != 0 ? 1 : -1;
  }
  for (size_t i = 0; i < out.size();) {
    uint64_t word = random.next();
    for (int byte = 0; byte < 8 && i < out.size(); ++byte, word >>= 8, i += 8) {
      std::memcpy(out.data() + i, eight[word & 0xff].data(), std::min<size_t>(8, out.size() - i));
    }
  }
}

// 16 bits each, the lowest first: floor(3 u / 2^16) - 1.
void fill_ternary(std::vector<int8_t>& out, SplitMix& random) {
  for (size_t i = 0; i < out.size();) {
    uint64_t word = random.next();
    const size_t end = std::min(out.size(), i + 4);
    for (; i < end; ++i, word >>= 16)
      out[i] = static_cast<int8_t>(static_cast<int>((word & 0xffff) * 3 >> 16) - 1);
  }
}

// A byte each, the lowest first: its upper bits, as two's complement.
void fill_integer(std::vector<int8_t>& out, SplitMix& random, int bits) {
  for (size_t i = 0; i < out.size();) {
    uint64_t word = random.next();
    const size_t end = std::min(out.size(), i + 8);
    for (; i < end; ++i, word >>= 8)
      out[i] = static_cast<int8_t>(static_cast<int8_t>(word & 0xff) >> (8 - bits));
  }
}

}  // namespace

SplitMix::SplitMix(uint64_t seed, const std::string& stream) {
  uint64_t hash = 0xcbf29ce484222325;
  for (unsigned char c : stream) hash = (hash ^ c) * 0x100000001b3;
  state_ = seed ^ hash;
}

uint64_t SplitMix::next() {
  return splitmix64(state_);
}

std::vector<int8_t> synthetic_weights(const Layer& layer, uint64_t seed) {
  const WeightType type = *layer.weight;
  SplitMix random(seed, layer.name + ".weight");
  std::vector<int8_t> out(static_cast<size_t>(layer.fan_in() * layer.out.c));
  switch (type.kind) {
    case WeightKind::binary:
      fill_binary(out, random);
      break;
    case WeightKind::ternary:
      fill_ternary(out, random);
      break;
    case WeightKind::integer:
      fill_integer(out, random, type.bits);
      break;
  }
  return out;
}

std::vector<Steps> synthetic_steps(const Layer& layer, const std::vector<ActType>& inputs, uint64_t seed) {
  SplitMix random(seed, layer.name + ".thresholds");
  const int n = layer.act->codes() - 1;
  std::vector<Steps> out(layer.out.c);
  for (int c = 0; c < layer.out.c; ++c) {
    const Moments acc = accumulator(layer, inputs, c);
    const double deviation = std::sqrt(acc.variance);
    const double shift = static_cast<double>(random.next() >> 11) * 0x1p-53 - 0.5;
    for (int k = 1; k <= n; ++k) {
      const double q = 4.0 * k / (n + 1) - 2 + 0.5 * shift;
      out[c].points.push_back(static_cast<int64_t>(std::floor(acc.mean + deviation * q + 0.5)));
    }
  }
  return out;
}

}  // namespace elb::nn
