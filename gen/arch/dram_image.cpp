#include "arch/dram_image.hpp"

#include <algorithm>
#include <cstring>

#include "base/assert.hpp"
#include "base/bits.hpp"

namespace elb::arch {
namespace {

constexpr int64_t kRegionAlign = 4096;
constexpr size_t kSlack = 9;  // bytes that put_bits touches from the byte of the lowest bit on

// ORs `value`, whose upper bits are 0, into memory from bit `at` on.
void put_bits(char* memory, int64_t at, uint64_t value) {
  char* byte = memory + (at >> 3);
  const int shift = static_cast<int>(at & 7);
  uint64_t held;
  std::memcpy(&held, byte, 8);
  held |= value << shift;
  std::memcpy(byte, &held, 8);
  if (shift > 0) byte[8] = static_cast<char>(byte[8] | static_cast<char>(value >> (64 - shift)));
}

// Bit of word `word` in its tile.
int64_t place_in_tile(const spec::FetchParams& p, int64_t word) {
  if (p.word_bits > p.data_bits) return word * spec::beats_per_word(p) * p.data_bits;
  const int k = spec::words_per_beat(p);
  return word / k * p.data_bits + word % k * p.word_bits;
}

DramRegion region_of(const spec::FetchParams& p, size_t stage) {
  const int64_t beat_bytes = p.data_bits / 8;
  const DramRegion r{.stage = stage,
                     .offset = p.first_beat * beat_bytes,
                     .bytes = spec::region_beats(p) * beat_bytes,
                     .tile_bytes = spec::beats_per_tile(p) * beat_bytes,
                     .tiles = p.tiles,
                     .word_bits = p.word_bits,
                     .words_per_tile = p.tile_words};
  ELB_ASSERT(r.offset % kRegionAlign == 0, "regions begin with a multiple of 4096 bytes");
  return r;
}

void fill_region(char* region, const spec::FetchParams& p, const MemImage& weights) {
  ELB_ASSERT(weights.width() == p.word_bits && weights.depth() == p.tiles * p.tile_words,
             "fetch and weights disagree");
  const int64_t tile_bits = spec::beats_per_tile(p) * p.data_bits;
  for (int64_t word = 0; word < weights.depth(); ++word) {
    const int64_t at = word / p.tile_words * tile_bits + place_in_tile(p, word % p.tile_words);
    for (int low = 0; low < p.word_bits; low += 64)
      put_bits(region, at + low, weights.get(word, low, std::min(64, p.word_bits - low)));
  }
}

const spec::ComputeStage* fetching(const spec::StageSpec& spec) {
  const auto* stage = std::get_if<spec::ComputeStage>(&spec);
  return stage && stage->fetch ? stage : nullptr;
}

}  // namespace

DramImage dram_image(const std::vector<spec::StageSpec>& specs) {
  DramImage image;
  int64_t end = 0;
  for (size_t i = 0; i < specs.size(); ++i) {
    const spec::ComputeStage* stage = fetching(specs[i]);
    if (!stage) continue;
    const DramRegion r = region_of(*stage->fetch, i);
    for (const DramRegion& other : image.map) {
      ELB_ASSERT(r.offset >= other.offset + other.bytes || other.offset >= r.offset + r.bytes,
                 "regions do not overlap");
    }
    end = std::max(end, r.offset + r.bytes);
    image.map.push_back(r);
  }
  if (image.map.empty()) return image;
  image.bytes.assign(static_cast<size_t>(end) + kSlack, '\0');
  for (const DramRegion& r : image.map) {
    const spec::ComputeStage& stage = *fetching(specs[r.stage]);
    fill_region(image.bytes.data() + r.offset, *stage.fetch, *stage.weights);
  }
  image.bytes.resize(static_cast<size_t>(end));
  return image;
}

}  // namespace elb::arch
