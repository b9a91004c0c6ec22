// The images that a run works on, from any of the formats a user has them in:
//
//   .png .jpg .jpeg     scaled and cropped as the network's "image" says (sim/harness/picture.hpp)
//   .npy                uint8 [n][h][w][c]; also [n][h][w] with one channel, and [n][features]
//   IDX, also gzipped   unsigned bytes, the same shapes
//   .bin                [n][h][w][c] bytes, nothing else
//
// .npy and .bin are known by their names, all others by their first bytes. What cannot be read or has another
// size is a UserError (image-format, image-size) that names the file.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "nn/network.hpp"

namespace elb::harness {

struct ImageSet {
  nn::Shape shape;
  std::vector<uint8_t> data;  // [count][h][w][c]

  int64_t count() const { return static_cast<int64_t>(data.size()) / shape.size(); }
  const uint8_t* image(int64_t i) const { return data.data() + i * shape.size(); }
};

// All images of all files, in order. At least one.
ImageSet load_images(const std::vector<std::string>& files, const nn::Shape& shape,
                     const nn::ImagePrep& prep);

// One file's content, as load_images reads it.
void append_images(ImageSet& set, std::string bytes, const std::string& file, const nn::ImagePrep& prep);

}  // namespace elb::harness
