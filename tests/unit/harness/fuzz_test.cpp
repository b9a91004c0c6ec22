// Damaged files: cut at every length, bytes changed at random. Every reader gives a value or a UserError.
#include <functional>

#include "encode.hpp"
#include "refused.hpp"
#include "sim/harness/beats.hpp"
#include "sim/harness/images.hpp"
#include "sim/harness/labels.hpp"
#include "sim/harness/npy.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace elb::harness;

namespace {

uint64_t seed() {
  return elb::test::seed_of_run(20240521);
}

struct Sample {
  std::string file, bytes;
};

std::vector<Sample> samples() {
  const std::string data(24, 'p');
  return {{"a.npy", encode::npy_u8("(2, 3, 4, 1)", data)},
          {"idx", encode::idx({2, 3, 4}, data)},
          {"idx.gz", encode::gzip(encode::idx({2, 3, 4}, data))},
          {"a.png", encode::png(8, 6, false, encode::gradient(8, 6))},
          {"a.jpg", encode::jpeg(8, 6, encode::gradient(8, 6), 80)}};
}

// 1 when refused, 0 when read; anything else ends the test.
int refusals(const Sample& s) {
  const auto images = [&] {
    ImageSet set{.shape = {.h = 3, .w = 4, .c = 1}, .data = {}};
    append_images(set, s.bytes, s.file, elb::nn::ImagePrep{});
    if (set.data.empty()) return;
    CHECK(set.data.size() % 12 == 0);
  };
  refused([&] { parse_labels(s.bytes, s.file); });
  return refused(images) != "nothing";
}

}  // namespace

TEST_CASE("a file cut anywhere is refused") {
  for (const Sample& s : samples()) {
    INFO(s.file);
    CHECK(refusals(s) == 0);
    int refused_cuts = 0;
    for (size_t n = 0; n < s.bytes.size(); ++n) refused_cuts += refusals({s.file, s.bytes.substr(0, n)});
    // A JPEG may lack its end marker, a PNG its last chunk: all samples are there.
    const size_t harmless = s.file == "a.jpg" ? 2 : s.file == "a.png" ? 12 : 0;
    CHECK(static_cast<size_t>(refused_cuts) + harmless >= s.bytes.size());
  }
}

TEST_CASE("random changes of a file are read or refused, and never anything else") {
  INFO("ELB_SEED=" << seed());
  Random random(seed());
  int refused_files = 0, read_files = 0;
  for (const Sample& s : samples()) {
    for (int i = 0; i < 1500; ++i) {
      Sample changed = s;
      const int changes = 1 + static_cast<int>(random.next() % 4);
      for (int k = 0; k < changes; ++k) {
        changed.bytes[random.next() % changed.bytes.size()] = static_cast<char>(random.next());
      }
      (refusals(changed) ? refused_files : read_files) += 1;
    }
  }
  CHECK(refused_files > 1000);
  CHECK(read_files > 100);
}
