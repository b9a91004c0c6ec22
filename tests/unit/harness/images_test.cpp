#include "sim/harness/images.hpp"

#include "base/text.hpp"
#include "encode.hpp"
#include "refused.hpp"
#include "sim/harness/idx.hpp"
#include "sim/harness/labels.hpp"
#include "sim/harness/npy.hpp"
#include "support/catch.hpp"
#include "toy.hpp"

using namespace elb::harness;
using elb::nn::ImagePrep;
using elb::nn::Shape;

namespace {

const std::string kPixels = "abcdefghijklmnopqrstuvwx";  // 24 bytes

ImageSet read(const std::string& bytes, const std::string& file, const Shape& shape) {
  ImageSet set{.shape = shape, .data = {}};
  append_images(set, bytes, file, ImagePrep{});
  return set;
}

std::string text(const ImageSet& set) {
  return std::string(set.data.begin(), set.data.end());
}

}  // namespace

TEST_CASE("images are the same from .npy, IDX, gzipped IDX and .bin") {
  const Shape rgb{.h = 2, .w = 2, .c = 3}, gray{.h = 3, .w = 4, .c = 1};
  CHECK(text(read(kPixels, "a.bin", rgb)) == kPixels);
  CHECK(text(read(encode::npy_u8("(2, 2, 2, 3)", kPixels), "a.npy", rgb)) == kPixels);
  CHECK(text(read(encode::npy_u8("(2, 12)", kPixels), "a.NPY", rgb)) == kPixels);
  CHECK(text(read(encode::npy_u8("(2, 3, 4)", kPixels), "a.npy", gray)) == kPixels);
  CHECK(text(read(encode::npy_u8("(2, 3, 4, 1)", kPixels), "a.npy", gray)) == kPixels);
  CHECK(text(read(encode::idx({2, 3, 4}, kPixels), "train-images-idx3-ubyte", gray)) == kPixels);
  CHECK(text(read(encode::gzip(encode::idx({2, 3, 4}, kPixels)), "images.gz", gray)) == kPixels);
  CHECK(text(read(encode::gzip(encode::idx({2, 2, 2, 3}, kPixels)), "images", rgb)) == kPixels);
  CHECK(read(kPixels, "a.bin", rgb).count() == 2);
}

TEST_CASE("images of another size are refused with both sizes") {
  const Shape gray{.h = 3, .w = 4, .c = 1};
  CHECK(refused([&] { read(encode::npy_u8("(2, 4, 3)", kPixels), "a.npy", gray); }) ==
        "a.npy: error [image-size]: holds an array 2x4x3, the network takes images 3x4x1 behind a first "
        "dimension");
  CHECK(refused([&] { read(encode::idx({24}, kPixels), "i", gray); }).find("holds an array 24") !=
        std::string::npos);
  CHECK(refused([&] {
          read(kPixels + "y", "a.bin", gray);
        }).find("holds 25 bytes, that is no whole number of images of 3x4x1 (12 bytes)") !=
        std::string::npos);
  CHECK(refused([&] { read("", "a.bin", gray); }).find("[image-size]") != std::string::npos);
  CHECK(refused([&] {
          read("hello", "a.txt", gray);
        }).find("a.txt: error [image-format]: is none of PNG, JPEG") != std::string::npos);
  CHECK(refused([&] {
          read(npy_int32({2, 3, 4}, std::vector<int32_t>(24)), "a.npy", gray);
        }).find("holds items 'i4', images are uint8") != std::string::npos);
}

TEST_CASE("several files make one list of images") {
  const toy::TempDir dir;
  elb::write_file(dir / "a.bin", kPixels);
  elb::write_file(dir / "b.png", encode::png(4, 3, true, std::vector<uint8_t>(12, 9)));
  const ImageSet set =
      load_images({dir / "a.bin", dir / "b.png"}, Shape{.h = 3, .w = 4, .c = 1}, ImagePrep{});
  CHECK(set.count() == 3);
  CHECK(set.image(2)[11] == 9);
  CHECK(refused([&] { load_images({dir / "c.bin"}, Shape{}, ImagePrep{}); }).find("no such file") !=
        std::string::npos);
}

TEST_CASE("IDX files of other types, or not whole, are refused") {
  std::string floats = encode::idx({2, 3}, "abcdef");
  floats[2] = 0x0d;
  CHECK(refused([&] { parse_idx(floats, "i"); }).find("items of type 13 are not known") != std::string::npos);
  CHECK(refused([&] {
          parse_idx(encode::idx({2, 3}, "abcde"), "i");
        }) == "i: error [image-format]: the IDX header says 2x3 bytes, the file holds 5");
  CHECK(refused([&] {
          parse_idx(encode::idx({2147483647, 2147483647, 2147483647, 2147483647}, ""), "i");
        }).find("the file holds 0") != std::string::npos);
  CHECK(refused([&] {
          parse_idx(encode::idx({1, 1}, "").substr(0, 9), "i");
        }).find("ends within the IDX header") != std::string::npos);
}

TEST_CASE("gzip streams may have several members, and must be whole") {
  const std::string a = encode::gzip("first "), b = encode::gzip("second");
  CHECK(gunzip(a + b, "g") == "first second");
  CHECK(refused([&] { gunzip(a.substr(0, a.size() - 3), "g"); }) ==
        "g: error [image-format]: the gzip stream is cut off");
  std::string bad = encode::gzip(std::string(5000, 'x'));
  bad[bad.size() - 6] = static_cast<char>(bad[bad.size() - 6] ^ 1);  // its checksum
  CHECK(refused([&] { gunzip(bad, "g"); }).find("the gzip stream is damaged") != std::string::npos);
}

TEST_CASE("labels are read from .npy, IDX and raw bytes") {
  const std::vector<int64_t> expected = {3, 0, 255};
  const std::string raw("\x03\x00\xff", 3);
  CHECK(parse_labels(raw, "labels.bin") == expected);
  CHECK(parse_labels(raw, "labels") == expected);
  CHECK(parse_labels(encode::npy_u8("(3,)", raw), "labels.npy") == expected);
  CHECK(parse_labels(encode::idx({3}, raw), "labels-idx1-ubyte") == expected);
  CHECK(parse_labels(encode::gzip(encode::idx({3}, raw)), "labels.gz") == expected);
  CHECK(parse_labels(npy_int32({2, 1}, {-1, 1000}), "l.npy") == std::vector<int64_t>{-1, 1000});
  CHECK(refused([] {
          parse_labels(npy_int32({2, 2}, {1, 2, 3, 4}), "l.npy");
        }) == "l.npy: error [label-format]: holds an array 2x2, labels are a list");
  const toy::TempDir dir;
  elb::write_file(dir / "l.bin", raw);
  CHECK(refused([&] { load_labels(dir / "l.bin", 4); }).find("holds 3 labels, there are 4 images") !=
        std::string::npos);
}
