#include "encode.hpp"

#include <jpeglib.h>
#include <png.h>
#include <zlib.h>

#include <cstdlib>

#include "base/assert.hpp"

namespace encode {

std::string png(int width, int height, bool gray, const std::vector<uint8_t>& samples) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(height);
  image.format = gray ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  std::string out(samples.size() * 2 + 4096, '\0');
  png_alloc_size_t size = out.size();
  ELB_ASSERT(png_image_write_to_memory(&image, out.data(), &size, 0, samples.data(), 0, nullptr),
             image.message);
  out.resize(size);
  return out;
}

std::string jpeg(int width, int height, const std::vector<uint8_t>& rgb, int quality) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &bytes, &size);
  info.image_width = static_cast<JDIMENSION>(width);
  info.image_height = static_cast<JDIMENSION>(height);
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    auto* row = const_cast<uint8_t*>(&rgb[size_t{3} * info.image_width * info.next_scanline]);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  std::string out(reinterpret_cast<char*>(bytes), size);
  std::free(bytes);
  return out;
}

std::string idx(const std::vector<int>& shape, const std::string& data) {
  std::string out("\0\0\x08", 3);
  out += static_cast<char>(shape.size());
  for (int d : shape) {
    for (int b = 24; b >= 0; b -= 8) out += static_cast<char>(d >> b);
  }
  return out + data;
}

std::string gzip(const std::string& bytes) {
  z_stream z{};
  ELB_ASSERT(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK, "deflateInit2");
  std::string out(bytes.size() + 1024, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  z.avail_in = static_cast<uInt>(bytes.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  ELB_ASSERT(deflate(&z, Z_FINISH) == Z_STREAM_END, "deflate");
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

std::string npy_u8(const std::string& shape, const std::string& data) {
  const std::string dict = "{'descr': '|u1', 'fortran_order': False, 'shape': " + shape + ", }\n";
  std::string out("\x93NUMPY\x01\0", 8);
  out += static_cast<char>(dict.size());
  out += '\0';
  return out + dict + data;
}

std::vector<uint8_t> gradient(int width, int height) {
  std::vector<uint8_t> out;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      out.push_back(static_cast<uint8_t>(255 * x / width));
      out.push_back(static_cast<uint8_t>(255 * y / height));
      out.push_back(static_cast<uint8_t>(128 + 64 * (x + y) / (width + height)));
    }
  }
  return out;
}

}  // namespace encode
