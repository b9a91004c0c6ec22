// The bench that goes with a design: plain Verilog-2005, stimulus and expected beats as memory files.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "arch/plan.hpp"

namespace elb::top {

// Frames whose results are known.
struct TestFrames {
  std::vector<std::vector<uint8_t>> pixels;   // per frame [h][w][c]
  std::vector<std::vector<int32_t>> outputs;  // per frame: values of the network's output, [h][w][c]
};

// Reproducible pixels for `frames` frames: smooth shapes in noise, so that activations of all sizes occur.
std::vector<std::vector<uint8_t>> test_pixels(const nn::Shape& shape, int frames);

// tb/elb_tb.v, tb/input.mem, tb/expected.mem; `image_bytes` of dram.bin, where the plan has a memory.
std::map<std::string, std::string> testbench_files(const nn::Network& net, const arch::Plan& plan,
                                                   const std::string& top, const TestFrames& frames,
                                                   int64_t image_bytes);

}  // namespace elb::top
