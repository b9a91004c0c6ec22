// The image decoded by the words of spec/fetch.hpp, bit by bit, against the weights it was made of.
#include "arch/dram_image.hpp"

#include <chrono>
#include <set>

#include "base/assert.hpp"
#include "base/bits.hpp"
#include "base/splitmix.hpp"
#include "support/catch.hpp"

using namespace elb;
using namespace elb::arch;

namespace {

std::shared_ptr<const MemImage> random_words(int64_t depth, int width, uint64_t seed) {
  auto image = std::make_shared<MemImage>(depth, width);
  for (int64_t word = 0; word < depth; ++word) {
    for (int low = 0; low < width; low += 64)
      image->set(word, low, std::min(64, width - low), splitmix64(seed));
  }
  return image;
}

spec::ComputeStage stage_of(const spec::FetchParams& p, uint64_t seed) {
  spec::ComputeStage s;
  s.fetch = p;
  s.weights = random_words(p.tiles * p.tile_words, p.word_bits, seed);
  return s;
}

bool bit_of(const std::string& bytes, int64_t bit) {
  return (static_cast<unsigned char>(bytes[static_cast<size_t>(bit / 8)]) >> (bit % 8)) & 1;
}

// Every bit of every word where the definition puts it, and nothing else in the region.
int64_t wrong_bits(const std::string& bytes, const DramRegion& r, const spec::FetchParams& p,
                   const MemImage& weights) {
  const int64_t first = r.offset * 8;
  std::set<int64_t> taken;
  int64_t wrong = 0;
  for (int64_t tile = 0; tile < p.tiles; ++tile) {
    for (int64_t word = 0; word < p.tile_words; ++word) {
      for (int bit = 0; bit < p.word_bits; ++bit) {
        int64_t beat, place;
        if (p.word_bits <= p.data_bits) {
          const int k = p.data_bits / p.word_bits;
          beat = word / k;
          place = word % k * p.word_bits + bit;
        } else {
          beat = word * ceil_div(p.word_bits, p.data_bits) + bit / p.data_bits;
          place = bit % p.data_bits;
        }
        const int64_t at = first + tile * r.tile_bytes * 8 + beat * p.data_bits + place;
        taken.insert(at);
        wrong += bit_of(bytes, at) != (weights.get(tile * p.tile_words + word, bit, 1) != 0);
      }
    }
  }
  for (int64_t at = first; at < first + r.bytes * 8; ++at) wrong += !taken.count(at) && bit_of(bytes, at);
  return wrong;
}

}  // namespace

TEST_CASE("every weight word lies where the fetch says, in words smaller and wider than a beat") {
  uint64_t seed = 1;
  for (const int data_bits : {32, 64, 128, 512}) {
    for (const int word_bits : {1, 3, 31, 64, 65, 128, 200, 512, 1000}) {
      const spec::FetchParams p{.data_bits = data_bits, .word_bits = word_bits, .tile_words = 7, .tiles = 3};
      INFO(data_bits << " " << word_bits);
      const std::vector<spec::StageSpec> specs = {spec::InputStage{}, stage_of(p, ++seed)};
      const DramImage image = dram_image(specs);
      REQUIRE(image.map.size() == 1);
      const DramRegion& r = image.map[0];
      CHECK(r.stage == 1);
      CHECK(r.tile_bytes == spec::beats_per_tile(p) * data_bits / 8);
      CHECK(r.bytes == 3 * r.tile_bytes);
      CHECK(static_cast<int64_t>(image.bytes.size()) == r.offset + r.bytes);
      CHECK(wrong_bits(image.bytes, r, p, *std::get<spec::ComputeStage>(specs[1]).weights) == 0);
    }
  }
}

TEST_CASE("regions lie one behind the other, and what is between them is zero") {
  const spec::FetchParams a{.data_bits = 64, .word_bits = 20, .tile_words = 9, .tiles = 2, .first_beat = 512};
  const spec::FetchParams b{
      .data_bits = 64, .word_bits = 90, .tile_words = 30, .slots = 1, .once = true, .first_beat = 0};
  const std::vector<spec::StageSpec> specs = {stage_of(a, 5), spec::ComputeStage{}, stage_of(b, 6)};
  const DramImage image = dram_image(specs);
  REQUIRE(image.map.size() == 2);
  CHECK(image.map[0].offset == 4096);
  CHECK(image.map[1].stage == 2);
  CHECK(image.map[1].offset == 0);
  CHECK(image.map[1].tiles == 1);
  CHECK(image.map[1].words_per_tile == 30);
  CHECK(wrong_bits(image.bytes, image.map[0], a, *std::get<spec::ComputeStage>(specs[0]).weights) == 0);
  CHECK(wrong_bits(image.bytes, image.map[1], b, *std::get<spec::ComputeStage>(specs[2]).weights) == 0);
  for (int64_t at = image.map[1].bytes; at < 4096; ++at) CHECK(image.bytes[static_cast<size_t>(at)] == 0);
}

TEST_CASE("an image of nothing is empty, and regions that overlap are a bug") {
  CHECK(dram_image({spec::InputStage{}, spec::ComputeStage{}}).bytes.empty());
  const spec::FetchParams p{.data_bits = 64, .word_bits = 64, .tile_words = 600, .tiles = 1};
  spec::FetchParams q = p;
  q.first_beat = 512;
  CHECK_THROWS_AS(dram_image({stage_of(p, 1), stage_of(q, 2)}), InternalError);
  q.first_beat = 1000;
  CHECK_THROWS_AS(dram_image({stage_of(p, 1), stage_of(q, 2)}), InternalError);
}

TEST_CASE("the image of VGG16's FC layers takes less than 0.3 s") {
  const spec::FetchParams p{.data_bits = 512, .word_bits = 480, .tile_words = 1024, .tiles = 310};
  const std::vector<spec::StageSpec> specs = {stage_of(p, 3)};
  const auto start = std::chrono::steady_clock::now();
  const DramImage image = dram_image(specs);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  INFO(seconds << " s for " << image.bytes.size() << " bytes");
  CHECK(image.bytes.size() > 19'000'000);
  CHECK(seconds < 0.3);
}
