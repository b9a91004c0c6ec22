// The operators of a network on plain integers: one source file each, plain loops, no tricks.
//
// They give accumulators (conv, fc, average_pool, add) or values (the rest); what turns an accumulator into
// an activation stands in golden/tail.hpp. All of them take and give values in [h][w][c] order. A map of the
// wrong shape is a mistake of ours (ELB_ASSERT): networks are checked when they are read.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "sim/golden/tensor.hpp"

namespace elb::golden::ops {

// Height and width of the output of a window that moves over `in`; `channels` channels.
nn::Shape window_output(nn::Shape in, const nn::Window& w, int channels);

// acc[oy][ox][o] = sum over ky, kx, i of weights[o][ky][kx][i] * in[oy*sh + ky*dh - top][ox*sw + kx*dw -
// left][g*n + i] with n = in.c / groups channels in group g = o / (out_channels / groups). A tap outside the
// map is window.pad_value.
Tensor conv(const Tensor& in, std::span<const int8_t> weights, const nn::Window& window, int groups,
            int out_channels);

// acc[o] = sum over i of weights[o][i] * in[i], the map taken in its stored order; gives {1, 1,
// out_channels}.
Tensor fc(const Tensor& in, std::span<const int8_t> weights, int out_channels);

// The largest value under the window; taps outside the map do not count. A window that lies wholly outside is
// refused by the reader.
Tensor max_pool(const Tensor& in, const nn::Window& window);

// The sum under the window, undivided. A tap outside the map counts as window.pad_value with
// `count_include_pad`, as nothing without.
Tensor average_pool(const Tensor& in, const nn::Window& window, bool count_include_pad);

// The sum of maps of one shape, element by element.
Tensor add(const std::vector<const Tensor*>& inputs);

// The maps side by side along the channels, in the order given.
Tensor concat(const std::vector<const Tensor*>& inputs);

// [h, w, c] as [1, 1, h*w*c]: the order does not change.
Tensor flatten(const Tensor& in);

// Index (in stored order) of the largest element, the lowest index among equals; gives {1, 1, 1}.
Tensor argmax(const Tensor& in);

// Indices of the k largest elements, largest first, the lower index first among equals; gives {1, 1, k}.
Tensor top_k(const Tensor& in, int k);

}  // namespace elb::golden::ops
