#include "nn/window.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "nn/read_network.hpp"

namespace elb::nn {
namespace {

struct Pair {
  int vertical = 1, horizontal = 1;
};

Pair read_pair(const Json& json, IntRange range) {
  if (!json.is_array()) {
    const int both = static_cast<int>(json.as_int(range));
    return {both, both};
  }
  const std::vector<int64_t> v = json.as_ints(range);
  if (v.size() == 2) return {static_cast<int>(v[0]), static_cast<int>(v[1])};
  json.error(
      "json-value",
      fmt::format("{} numbers were given, an integer or [vertical, horizontal] was expected", v.size()));
  return {1, 1};
}

void read_padding(const Json& json, Window& w) {
  const IntRange range{.min = 0, .max = kMaxKernel};
  if (json.is_array() && json.size() == 4) {
    const std::vector<int64_t> v = json.as_ints(range);
    w.top = static_cast<int>(v[0]);
    w.left = static_cast<int>(v[1]);
    w.bottom = static_cast<int>(v[2]);
    w.right = static_cast<int>(v[3]);
    return;
  }
  if (json.is_array() && json.size() != 2) {
    json.error("json-value", fmt::format("{} numbers were given, an integer, [vertical, horizontal] or [top, "
                                         "left, bottom, right] was expected",
                                         json.size()));
    return;
  }
  const Pair p = read_pair(json, range);
  w.top = w.bottom = p.vertical;
  w.left = w.right = p.horizontal;
}

// One direction. `before` and `after` are the padding; `after` grows with ceil_mode.
std::optional<int> slide(const Json& layer, const char* direction, int size, int extent, int stride,
                         bool ceil_mode, int before, int& after) {
  if (std::max(before, after) >= extent) {
    layer.error("nn-shape",
                fmt::format("padding of {} {} would put a whole window of {} into the padding",
                            std::max(before, after), direction, extent),
                fmt::format("at most {} fit a window of {}", extent - 1, extent));
    return std::nullopt;
  }
  const int room = size + before + after - extent;
  if (room < 0) {
    layer.error("nn-shape", fmt::format("a window of {} does not fit {} into {} with padding {} and {}",
                                        extent, direction, size, before, after));
    return std::nullopt;
  }
  int out = room / stride + 1;
  if (ceil_mode) {
    out = (room + stride - 1) / stride + 1;
    // The last window begins in the map or in the padding before it, as in Caffe, ONNX and PyTorch.
    if ((out - 1) * stride >= size + before) --out;
    after = std::max(after, (out - 1) * stride + extent - size - before);
  }
  return out;
}

}  // namespace

Window read_window(const Json& layer, Op op) {
  const IntRange range{.min = 1, .max = kMaxKernel};
  Window w;
  const Pair kernel = read_pair(layer.at("kernel"), range);
  w.kh = kernel.vertical;
  w.kw = kernel.horizontal;
  Pair stride = op == Op::conv ? Pair{1, 1} : kernel;
  if (auto json = layer.find("stride")) stride = read_pair(*json, range);
  w.sh = stride.vertical;
  w.sw = stride.horizontal;
  if (auto json = layer.find("padding")) read_padding(*json, w);
  if (op != Op::conv) return w;
  if (auto json = layer.find("dilation")) {
    const Pair dilation = read_pair(*json, range);
    w.dh = dilation.vertical;
    w.dw = dilation.horizontal;
  }
  return w;
}

Shape slide_window(const Json& layer, Shape in, bool ceil_mode, Window& w) {
  const auto h = slide(layer, "vertically", in.h, (w.kh - 1) * w.dh + 1, w.sh, ceil_mode, w.top, w.bottom);
  if (!h) return {1, 1, in.c};  // a square window would only say the same again
  const auto w_out =
      slide(layer, "horizontally", in.w, (w.kw - 1) * w.dw + 1, w.sw, ceil_mode, w.left, w.right);
  if (!w_out) return {1, 1, in.c};
  return {*h, *w_out, in.c};
}

}  // namespace elb::nn
