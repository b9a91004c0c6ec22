// PNG and JPEG: decoding to RGB, scaling and cropping to a network's input.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "nn/network.hpp"

namespace elb::harness {

// Interleaved 8-bit samples, [height][width][channels].
struct Picture {
  int width = 0, height = 0, channels = 3;
  std::vector<uint8_t> data;
};

bool looks_like_png(const std::string& bytes);
bool looks_like_jpeg(const std::string& bytes);
// RGB, at most 2^26 pixels; alpha is laid on black. A damaged or cut file is a UserError [image-format].
Picture decode_picture(const std::string& bytes, const std::string& place);

// Bilinear, sample centres aligned (source = (destination + 1/2)·ratio − 1/2, clamped to the border), rounded
// half up.
Picture resize_bilinear(const Picture& from, int width, int height);

// A picture as a network's input, [h][w][c]: scaled so that its shorter side is prep.resize (0: so that the
// shape is just covered), cropped at the centre, channels in the order of prep.mode. A network with one
// channel gets the luminance (299 R + 587 G + 114 B)/1000. UserError [image-size] when the shape cannot be
// had.
std::vector<uint8_t> prepare_picture(const Picture& rgb, const nn::Shape& shape, const nn::ImagePrep& prep,
                                     const std::string& place);

}  // namespace elb::harness
