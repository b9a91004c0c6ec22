#include "spec_eval.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <functional>

namespace elb::top::test {
namespace {

int64_t activate(const spec::ActivationParams& p, int tile, int lane, int64_t t) {
  const spec::ChannelConstants& c = p.constants[static_cast<size_t>(tile) * p.p + lane];
  const int64_t lo = p.in_signed ? -(int64_t{1} << (p.in_bits - 1)) : 0;
  REQUIRE_FALSE((t < lo || t - lo >= int64_t{1} << p.in_bits));
  switch (p.kind) {
    case spec::ActivationKind::threshold: {
      int64_t count = 0;
      for (const int64_t point : c.points) count += t >= point;
      return c.reversed ? p.steps - count : count;
    }
    case spec::ActivationKind::affine:
      return std::clamp<int64_t>((c.alpha * t + c.beta) >> p.shift, 0, p.steps);
    case spec::ActivationKind::raw:
      return p.kappa * t + c.offset;
  }
  return 0;
}

int64_t term(spec::WeightCode kind, int bits, int act_bits, uint64_t w, int64_t e) {
  const int64_t all = (int64_t{1} << act_bits) - 1;
  switch (kind) {
    case spec::WeightCode::binary:
      return w & 1 ? e ^ all : e;
    case spec::WeightCode::ternary:
      return !(w & 2) ? 0 : w & 1 ? e ^ all : e;
    case spec::WeightCode::integer:
      return (static_cast<int64_t>(w << (64 - bits)) >> (64 - bits)) * e;
  }
  return 0;
}

struct Tap {
  int y, x;
  bool padded;
};

Tap tap_of(const spec::WindowParams& w, int oy, int ox, int ky, int kx) {
  const int y = oy * w.sh - w.top + ky * w.dh, x = ox * w.sw - w.left + kx * w.dw;
  return {y, x, y < 0 || y >= w.h || x < 0 || x >= w.w};
}

// The vector that an fc over a map sees: lanes in order of arrival, don't-care ones 0.
Tensor flatten(const spec::Link& link, const Tensor& in) {
  std::vector<int32_t> lanes;
  for (int y = 0; y < link.h; ++y) {
    for (int x0 = 0; x0 < link.w; x0 += link.columns) {
      for (int c0 = 0; c0 < link.c; c0 += link.channels) {
        for (int lane = 0; lane < link.lanes(); ++lane) {
          const int x = x0 + lane / link.channels, c = c0 + lane % link.channels;
          lanes.push_back(x < link.w && c < link.c ? in.at(y, x, c) : 0);
        }
      }
    }
  }
  Tensor out({.h = 1, .w = 1, .c = static_cast<int>(lanes.size())});
  out.data = lanes;
  return out;
}

int widen(bool bipolar, int code) {
  return bipolar ? 2 * code : code;
}

}  // namespace

Tensor evaluate(const spec::ComputeStage& s, const Tensor& arrived) {
  const spec::WindowParams& w = s.window;
  const Tensor in = s.flatten ? flatten(s.in, arrived) : arrived;
  Tensor out({.h = s.out.h, .w = s.out.w, .c = s.out.c});
  const int channel_folds = static_cast<int>(ceil_div(w.channels, w.s));
  for (int oy = 0; oy < w.out_h; ++oy) {
    for (int ox = 0; ox < w.out_w; ++ox) {
      for (int tile = 0; tile < s.tiles(); ++tile) {
        const int g = tile / s.kernel_folds();
        for (int p = 0; p < s.compute.p; ++p) {
          const int k = tile % s.kernel_folds() * s.compute.p + p;
          if (k >= s.kernels) continue;
          int64_t t = 0;
          int64_t word = int64_t{tile} * s.compute.folds;
          for (int fold = 0; fold < channel_folds; ++fold) {
            for (int ky = 0; ky < w.kh; ++ky) {
              for (int kx = 0; kx < w.kw; ++kx, ++word) {
                const Tap at = tap_of(w, oy, ox, ky, kx);
                for (int lane = 0; lane < w.s; ++lane) {
                  const int c = fold * w.s + lane;
                  // Ragged lanes hold code 0, also at padded taps.
                  int e = 0;
                  if (c < w.channels)
                    e = at.padded ? s.pad_code
                                  : widen(s.widen_bipolar, in.at(at.y, at.x, g * w.channels + c));
                  const int bits = s.compute.weight_bits;
                  t += term(s.compute.weight, bits, s.compute.act_bits,
                            s.weights->get(word, (p * w.s + lane) * bits, bits), e);
                }
              }
            }
          }
          // Its beat among those of the pixel, and the lane there.
          const spec::TileBeats beats = spec::tile_beats(s);
          const int beat = g * spec::beats_of_group(beats) + k / beats.l;
          out.at(oy, ox, g * s.kernels + k) =
              static_cast<int32_t>(activate(s.activation, beat, k % beats.l, t));
        }
      }
    }
  }
  return out;
}

Tensor evaluate(const spec::LanewiseStage& s, const Tensor& in) {
  const spec::WindowParams& w = s.window;
  Tensor out({.h = s.out.h, .w = s.out.w, .c = s.out.c});
  for (int oy = 0; oy < w.out_h; ++oy) {
    for (int ox = 0; ox < w.out_w; ++ox) {
      for (int c = 0; c < w.channels; ++c) {
        int64_t t = 0;
        for (int ky = 0; ky < w.kh; ++ky) {
          for (int kx = 0; kx < w.kw; ++kx) {
            const Tap at = tap_of(w, oy, ox, ky, kx);
            const int code = at.padded ? 0 : in.at(at.y, at.x, c);
            switch (s.op) {
              case spec::LaneOp::max:
                t = std::max<int64_t>(t, code);
                break;
              case spec::LaneOp::sum:
                t += at.padded ? s.pad_value : s.base + s.step * code;
                break;
              case spec::LaneOp::multiply: {
                const int64_t word = (int64_t{c / w.s} * w.kh + ky) * w.kw + kx;
                const uint64_t weight = s.weights->get(word, c % w.s * s.weight_bits, s.weight_bits);
                t += term(s.weight, s.weight_bits, w.bits, weight,
                          at.padded ? s.pad_code : widen(s.widen_bipolar, code));
                break;
              }
            }
          }
        }
        out.at(oy, ox, c) =
            static_cast<int32_t>(s.activation ? activate(*s.activation, c / w.s, c % w.s, t) : t);
      }
    }
  }
  return out;
}

Tensor evaluate(const spec::ElementwiseStage& s, const std::vector<const Tensor*>& in) {
  Tensor out({.h = s.out.h, .w = s.out.w, .c = s.out.c});
  for (size_t i = 0; i < out.data.size(); ++i) {
    int64_t t = 0;
    for (size_t o = 0; o < in.size(); ++o) t += s.in[o].base + s.in[o].step * in[o]->data[i];
    const int c = static_cast<int>(i) % s.out.c;
    out.data[i] = static_cast<int32_t>(activate(s.activation, c / s.out.channels, c % s.out.channels, t));
  }
  return out;
}

}  // namespace elb::top::test
