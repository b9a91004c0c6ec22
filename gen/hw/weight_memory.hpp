// Resident weights: one word per fold of a tile, read in issue order, over and over.
//
//   logic   t        t+1
//           early    word: the weights of the tap that the window store shows in t+1
//
//   block   t        t+1      t+2
//           ahead    .        word, from the block RAM's output register
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

// Weights that become block RAM are read by the window store's `ahead` instead of `early`.
bool reads_ahead(const WeightMemory& memory);
// The word of this tap, of whose fold `read` says that it comes.
hdl::Sig read_weights(hdl::Module& m, const WeightMemory& memory, hdl::Sig read);

}  // namespace elb::hw
