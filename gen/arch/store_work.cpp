#include "arch/store_work.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "nn/codes.hpp"

namespace elb::arch {

bool is_depthwise(const nn::Layer& layer) {
  return layer.op == nn::Op::conv && layer.groups > 1 && layer.groups == layer.in.c &&
         layer.out.c == layer.in.c;
}

StoreWork store_work(const nn::Layer& layer, const spec::Link& in, bool lanewise) {
  StoreWork work{.window = {}, .in = in, .lanewise = lanewise};
  spec::WindowParams& w = work.window;
  w.bits = layer.op == nn::Op::conv ? nn::hw_input_act(layer).bits : in.bits;
  w.in_columns = in.columns;
  if (layer.op == nn::Op::fc) {
    work.flatten = in.h > 1 || in.w > 1;
    const int64_t vector = work.flatten ? in.beats_per_frame() * in.lanes() : in.c;
    ELB_ASSERT(vector <= INT32_MAX, "a flattened map is too long");
    w.channels = static_cast<int>(vector);
    if (work.flatten) w.in_columns = 1;
    work.kernels = layer.out.c;
    return work;
  }
  const nn::Window& n = layer.window;
  w.h = layer.in.h;
  w.w = layer.in.w;
  w.kh = n.kh, w.kw = n.kw, w.sh = n.sh, w.sw = n.sw, w.dh = n.dh, w.dw = n.dw;
  w.top = n.top, w.left = n.left;
  w.out_h = layer.out.h;
  w.out_w = layer.out.w;
  w.groups = lanewise ? 1 : layer.groups;
  w.channels = layer.in.c / w.groups;
  work.kernels = lanewise ? 1 : layer.out.c / layer.groups;
  return work;
}

int link_turns(const nn::Network& net, int layer) {
  int turns = 1;
  for (const int reader : net.readers_of(layer)) {
    const nn::Layer& r = net.layers[static_cast<size_t>(reader)];
    if (r.op == nn::Op::concat) turns = std::max(turns, static_cast<int>(r.inputs.size()));
    if (r.op == nn::Op::add || r.op == nn::Op::quantize) turns = std::max(turns, link_turns(net, reader));
  }
  return turns;
}

bool keeps_map(const nn::Network& net, int flatten) {
  const std::vector<int> readers = net.readers_of(flatten);
  return !readers.empty() && std::all_of(readers.begin(), readers.end(), [&](int r) {
    return net.layers[static_cast<size_t>(r)].op == nn::Op::fc;
  });
}

int raw_bits(const nn::Layer& layer) {
  int64_t lo = 0, hi = 0;
  for (size_t c = 0; c < layer.acc_channel.size(); ++c) {
    const int64_t bias = layer.raw_bias.empty() ? 0 : layer.raw_bias[c];
    lo = std::min(lo, layer.acc_channel[c].lo + bias);
    hi = std::max(hi, layer.acc_channel[c].hi + bias);
  }
  return std::max(16, signed_bits_for(lo, hi));
}

}  // namespace elb::arch
