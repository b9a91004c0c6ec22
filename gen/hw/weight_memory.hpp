// Resident weights: one word per fold of a tile, read in issue order, over and over.
//
//   cycle   t        t+1
//           early    word: the weights of the tap that the window store shows in t+1
#pragma once
#include <memory>
#include <string>

#include "base/mem_image.hpp"
#include "hdl/module.hpp"
#include "spec/stage.hpp"

namespace elb::hw {

struct WeightMemory {
  std::string file;  // "conv1_w.mem"
  std::shared_ptr<const MemImage> image;
  spec::MemoryStyle style = spec::MemoryStyle::block;
};

// The word of this tap; its address counts with `early`.
hdl::Sig read_weights(hdl::Module& m, const WeightMemory& memory, hdl::Sig early);

}  // namespace elb::hw
