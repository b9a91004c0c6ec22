// dram.bin: the weights of every stage that fetches them, as they lie in memory (spec/fetch.hpp).
//
// Byte a of the image is read at weights_base + a; a beat's lowest bits are in its first byte. What no weight
// occupies is 0.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "spec/stage.hpp"

namespace elb::arch {

struct DramRegion {
  size_t stage = 0;    // index among the specs
  int64_t offset = 0;  // bytes from the image's begin, a multiple of 4096
  int64_t bytes = 0;   // tiles * tile_bytes
  int64_t tile_bytes = 0, tiles = 0;
  int word_bits = 0;
  int64_t words_per_tile = 0;
};

struct DramImage {
  std::string bytes;            // ends with the last region
  std::vector<DramRegion> map;  // in the order of the stages
};

// Empty where no stage fetches. Regions lie where FetchParams::first_beat says.
DramImage dram_image(const std::vector<spec::StageSpec>& specs);

}  // namespace elb::arch
