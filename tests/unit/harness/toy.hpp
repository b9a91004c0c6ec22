// A design made by hand, small enough to read: 2x2x1 pixels, a pixel table to 2 bits, fc1 (3 outputs,
// thresholds to 2 bits), fc2 (2 raw outputs). One pixel per cycle, 4 cycles per frame, 5 cycles of latency.
#pragma once
#include <string>
#include <vector>

#include "support/temp_dir.hpp"

namespace toy {

using elb::TempDir;

// Replaces the first occurrence of a text; the text must be there.
struct Edit {
  std::string from, to;
};
using Edits = std::vector<Edit>;

// The image of fc1's weights, a word of three in the low bytes of a beat of four.
std::string weights_in_memory();

// Writes the design into `dir`, with edits of its Verilog and of its manifest.
void write_design(const std::string& dir, const Edits& verilog = {}, const Edits& manifest = {});
// `count` images of 4 pixels as .npy; values from a fixed sequence.
void write_images(const std::string& file, int count);
// The two outputs of an image, computed here once more.
std::vector<int> expected_outputs(const std::vector<unsigned char>& pixels);
std::vector<unsigned char> pixels_of(int image);

// Where models are built: one cache for the whole test run.
std::string work_dir();

}  // namespace toy
