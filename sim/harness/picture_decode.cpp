#include <fmt/format.h>
#include <jpeglib.h>
#include <png.h>
// jerror.h must follow jpeglib.h.
#include <jerror.h>

#include <csetjmp>
#include <cstdio>

#include "sim/harness/picture.hpp"
#include "sim/harness/refuse.hpp"

namespace elb::harness {
namespace {

constexpr int64_t kMaxPixels = int64_t{1} << 26;

void refuse_size(const std::string& place, int64_t width, int64_t height) {
  if (width < 1 || height < 1 || width * height > kMaxPixels) {
    refuse("image-size", place,
           fmt::format("a picture of {}x{} pixels; at most {} are read", width, height, kMaxPixels));
  }
}

Picture decode_png(const std::string& bytes, const std::string& place) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  const auto fail = [&] {
    const std::string why = image.message;
    png_image_free(&image);
    refuse("image-format", place, "is not a readable PNG: " + why);
  };
  if (!png_image_begin_read_from_memory(&image, bytes.data(), bytes.size())) fail();
  Picture out;
  if (int64_t{image.width} * image.height > kMaxPixels) {
    const int64_t w = image.width, h = image.height;
    png_image_free(&image);
    refuse_size(place, w, h);
  }
  out.width = static_cast<int>(image.width);
  out.height = static_cast<int>(image.height);
  image.format = PNG_FORMAT_RGB;
  out.data.resize(PNG_IMAGE_SIZE(image));
  const png_color black{0, 0, 0};
  if (!png_image_finish_read(&image, &black, out.data.data(), 0, nullptr)) fail();
  return out;
}

// libjpeg reports errors by a function that must not return: it jumps back into decode_rows, which holds no
// object with a destructor.
struct JpegErrors {
  jpeg_error_mgr base;
  std::jmp_buf back;
  char text[JMSG_LENGTH_MAX];
};

void jpeg_failed(j_common_ptr info) {
  auto* errors = reinterpret_cast<JpegErrors*>(info->err);
  info->err->format_message(info, errors->text);
  std::longjmp(errors->back, 1);
}

// Bytes between markers are harmless; every other warning says that samples were made up.
void jpeg_warned(j_common_ptr info, int level) {
  if (level < 0 && info->err->msg_code != JWRN_EXTRANEOUS_DATA) jpeg_failed(info);
}

// Reads the header, or with `rows` all samples. False with errors.text set when the file is damaged.
bool decode_rows(const std::string& bytes, JpegErrors& errors, int& width, int& height, uint8_t* rows) {
  jpeg_decompress_struct info{};
  info.err = jpeg_std_error(&errors.base);
  errors.base.error_exit = jpeg_failed;
  errors.base.emit_message = jpeg_warned;
  if (setjmp(errors.back)) {
    jpeg_destroy_decompress(&info);
    return false;
  }
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&info, TRUE);
  width = static_cast<int>(info.image_width);
  height = static_cast<int>(info.image_height);
  if (rows) {
    info.out_color_space = JCS_RGB;
    info.dct_method = JDCT_ISLOW;
    jpeg_start_decompress(&info);
    const size_t stride = size_t{3} * info.output_width;
    while (info.output_scanline < info.output_height) {
      JSAMPROW row = rows + stride * info.output_scanline;
      jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
  }
  jpeg_destroy_decompress(&info);
  return true;
}

Picture decode_jpeg(const std::string& bytes, const std::string& place) {
  JpegErrors errors{};
  Picture out;
  if (!decode_rows(bytes, errors, out.width, out.height, nullptr)) {
    refuse("image-format", place, fmt::format("is not a readable JPEG: {}", errors.text));
  }
  refuse_size(place, out.width, out.height);
  out.data.resize(size_t{3} * static_cast<size_t>(out.width) * static_cast<size_t>(out.height));
  if (!decode_rows(bytes, errors, out.width, out.height, out.data.data())) {
    refuse("image-format", place, fmt::format("is not a readable JPEG: {}", errors.text));
  }
  return out;
}

}  // namespace

bool looks_like_png(const std::string& bytes) {
  return bytes.compare(0, 4, "\x89PNG") == 0;
}

bool looks_like_jpeg(const std::string& bytes) {
  return bytes.compare(0, 3, "\xff\xd8\xff") == 0;
}

Picture decode_picture(const std::string& bytes, const std::string& place) {
  if (looks_like_png(bytes)) return decode_png(bytes, place);
  if (looks_like_jpeg(bytes)) return decode_jpeg(bytes, place);
  refuse("image-format", place, "is neither PNG nor JPEG");
}

}  // namespace elb::harness
