#include "sim/harness/picture.hpp"

#include <cstdlib>

#include "encode.hpp"
#include "refused.hpp"
#include "support/catch.hpp"

using namespace elb::harness;
using elb::nn::ImagePrep;
using elb::nn::Shape;

TEST_CASE("a PNG gives back the samples it was made of") {
  const std::vector<uint8_t> samples = encode::gradient(7, 5);
  const Picture p = decode_picture(encode::png(7, 5, false, samples), "a.png");
  CHECK(p.width == 7);
  CHECK(p.height == 5);
  CHECK(p.data == samples);
  const Picture gray = decode_picture(encode::png(2, 1, true, {10, 200}), "g.png");
  CHECK(gray.data == std::vector<uint8_t>{10, 10, 10, 200, 200, 200});
}

TEST_CASE("a JPEG gives back nearly the samples it was made of") {
  const std::vector<uint8_t> samples = encode::gradient(40, 24);
  const Picture p = decode_picture(encode::jpeg(40, 24, samples, 95), "a.jpg");
  REQUIRE(p.data.size() == samples.size());
  int worst = 0;
  for (size_t i = 0; i < samples.size(); ++i) worst = std::max(worst, std::abs(p.data[i] - samples[i]));
  CHECK(worst <= 12);
}

TEST_CASE("a cut JPEG is refused, not filled with gray") {
  const std::string whole = encode::jpeg(64, 64, encode::gradient(64, 64), 90);
  CHECK(refused([&] {
          decode_picture(whole.substr(0, whole.size() * 2 / 3), "a.jpg");
        }).find("a.jpg: error [image-format]: is not a readable JPEG") == 0);
  const std::string png = encode::png(64, 64, false, encode::gradient(64, 64));
  CHECK(refused([&] {
          decode_picture(png.substr(0, png.size() / 2), "a.png");
        }).find("a.png: error [image-format]: is not a readable PNG") == 0);
}

TEST_CASE("bilinear scaling keeps flat pictures, ends and means") {
  const Picture flat{.width = 9, .height = 7, .channels = 3, .data = std::vector<uint8_t>(9 * 7 * 3, 77)};
  CHECK(resize_bilinear(flat, 20, 3).data == std::vector<uint8_t>(20 * 3 * 3, 77));
  const Picture line{.width = 2, .height = 1, .channels = 1, .data = {0, 100}};
  // Centres of four samples lie at -1/4, 1/4, 3/4, 5/4 of the source's; the outer ones are clamped.
  CHECK(resize_bilinear(line, 4, 1).data == std::vector<uint8_t>{0, 25, 75, 100});
  const Picture square{.width = 2, .height = 2, .channels = 1, .data = {0, 100, 50, 150}};
  CHECK(resize_bilinear(square, 1, 1).data == std::vector<uint8_t>{75});
}

TEST_CASE("a picture is scaled to cover the shape, or to the size asked for, and cropped at its centre") {
  // Columns 0..7 hold 10 * x: nothing is scaled when the height fits.
  Picture p{.width = 8, .height = 4, .channels = 3, .data = {}};
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 8; ++x)
      p.data.insert(p.data.end(), {static_cast<uint8_t>(10 * x), static_cast<uint8_t>(y), 5});
  }
  const std::vector<uint8_t> cropped = prepare_picture(p, Shape{.h = 4, .w = 4, .c = 3}, ImagePrep{}, "p");
  CHECK(cropped[0] == 20);
  CHECK(cropped[9] == 50);
  const std::vector<uint8_t> bgr =
      prepare_picture(p, Shape{.h = 4, .w = 4, .c = 3}, ImagePrep{.resize = 4, .mode = "bgr"}, "p");
  CHECK(bgr[0] == 5);
  CHECK(bgr[2] == 20);
  const std::vector<uint8_t> gray =
      prepare_picture(p, Shape{.h = 2, .w = 2, .c = 1}, ImagePrep{.resize = 4, .mode = "gray"}, "p");
  CHECK(gray[0] == (299 * 30 + 587 * 1 + 114 * 5 + 500) / 1000);
  CHECK(prepare_picture(p, Shape{.h = 2, .w = 2, .c = 3}, ImagePrep{}, "p").size() == 12);
}

TEST_CASE("a picture that cannot become the shape is refused") {
  const Picture p{.width = 4, .height = 4, .channels = 3, .data = std::vector<uint8_t>(48, 1)};
  CHECK(refused([&] {
          prepare_picture(p, Shape{.h = 8, .w = 8, .c = 3}, ImagePrep{.resize = 6, .mode = "rgb"}, "p");
        }).find("does not cover") != std::string::npos);
  CHECK(refused([&] {
          prepare_picture(p, Shape{.h = 4, .w = 4, .c = 5}, ImagePrep{}, "p");
        }).find("the network takes 5") != std::string::npos);
}
