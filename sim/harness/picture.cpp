#include "sim/harness/picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/assert.hpp"
#include "sim/harness/refuse.hpp"

namespace elb::harness {
namespace {

// Where one destination sample reads: (1 − part)·at[low] + part·at[high].
struct Tap {
  int low, high;
  double part;
};

std::vector<Tap> taps(int from, int to) {
  std::vector<Tap> out;
  for (int i = 0; i < to; ++i) {
    const double at = std::clamp((i + 0.5) * from / to - 0.5, 0.0, static_cast<double>(from - 1));
    const int low = static_cast<int>(at);
    out.push_back({.low = low, .high = std::min(low + 1, from - 1), .part = at - low});
  }
  return out;
}

size_t at(const Picture& p, int y, int x, int c) {
  return (static_cast<size_t>(y) * static_cast<size_t>(p.width) + static_cast<size_t>(x)) *
             static_cast<size_t>(p.channels) +
         static_cast<size_t>(c);
}

Picture scaled(const Picture& rgb, const nn::Shape& shape, int shorter) {
  const int64_t w = rgb.width, h = rgb.height;
  int width = shape.w, height = shape.h;
  if (shorter > 0) {
    // The longer side is rounded to the nearest, so that the ratio is kept as well as pixels allow.
    width = static_cast<int>(w <= h ? shorter : (w * shorter + h / 2) / h);
    height = static_cast<int>(h <= w ? shorter : (h * shorter + w / 2) / w);
  } else if (w * shape.h > h * shape.w) {
    width =
        static_cast<int>((w * shape.h + h / 2) / h);  // relatively wider than the shape: the height decides
  } else {
    height = static_cast<int>((h * shape.w + w / 2) / w);
  }
  return resize_bilinear(rgb, width, height);
}

}  // namespace

Picture resize_bilinear(const Picture& from, int width, int height) {
  ELB_ASSERT(from.width > 0 && from.height > 0 && width > 0 && height > 0, "an empty picture");
  if (from.width == width && from.height == height) return from;
  const std::vector<Tap> xs = taps(from.width, width), ys = taps(from.height, height);
  Picture out{.width = width, .height = height, .channels = from.channels, .data = {}};
  out.data.resize(static_cast<size_t>(width) * static_cast<size_t>(height) *
                  static_cast<size_t>(from.channels));
  for (int y = 0; y < height; ++y) {
    const Tap& ty = ys[static_cast<size_t>(y)];
    for (int x = 0; x < width; ++x) {
      const Tap& tx = xs[static_cast<size_t>(x)];
      for (int c = 0; c < from.channels; ++c) {
        const auto row = [&](int sy) {
          return (1 - tx.part) * from.data[at(from, sy, tx.low, c)] +
                 tx.part * from.data[at(from, sy, tx.high, c)];
        };
        const double v = (1 - ty.part) * row(ty.low) + ty.part * row(ty.high);
        out.data[at(out, y, x, c)] = static_cast<uint8_t>(std::floor(v + 0.5));
      }
    }
  }
  return out;
}

std::vector<uint8_t> prepare_picture(const Picture& rgb, const nn::Shape& shape, const nn::ImagePrep& prep,
                                     const std::string& place) {
  ELB_ASSERT(rgb.channels == 3, "pictures are decoded to three channels");
  if (shape.c != 1 && (shape.c != 3 || prep.mode == "gray")) {
    refuse("image-size", place,
           fmt::format("a picture gives {} channels, the network takes {}", prep.mode == "gray" ? 1 : 3,
                       shape.c),
           "give the images as .npy or .bin");
  }
  const Picture p = scaled(rgb, shape, prep.resize);
  if (p.width < shape.w || p.height < shape.h) {
    refuse("image-size", place,
           fmt::format("scaled to {}x{} (wide, high) the picture does not cover the network's {}x{}", p.width,
                       p.height, shape.w, shape.h),
           "raise \"resize\" of the network's \"image\"");
  }
  const int left = (p.width - shape.w) / 2, top = (p.height - shape.h) / 2;
  std::vector<uint8_t> out;
  out.reserve(static_cast<size_t>(shape.size()));
  for (int y = 0; y < shape.h; ++y) {
    for (int x = 0; x < shape.w; ++x) {
      const uint8_t* s = &p.data[at(p, top + y, left + x, 0)];
      if (shape.c == 1) {
        out.push_back(static_cast<uint8_t>((299 * s[0] + 587 * s[1] + 114 * s[2] + 500) / 1000));
      } else if (prep.mode == "bgr") {
        out.insert(out.end(), {s[2], s[1], s[0]});
      } else {
        out.insert(out.end(), {s[0], s[1], s[2]});
      }
    }
  }
  return out;
}

}  // namespace elb::harness
