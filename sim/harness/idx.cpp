#include "sim/harness/idx.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "sim/harness/npy.hpp"
#include "sim/harness/refuse.hpp"

namespace elb::harness {
namespace {

uint8_t byte_at(const std::string& bytes, size_t i) {
  return static_cast<uint8_t>(bytes[i]);
}

}  // namespace

bool looks_like_idx(const std::string& bytes) {
  return bytes.size() >= 8 && bytes[0] == 0 && bytes[1] == 0 && byte_at(bytes, 2) >= 8 &&
         byte_at(bytes, 2) <= 14 && byte_at(bytes, 3) >= 1 && byte_at(bytes, 3) <= 4;
}

Idx parse_idx(const std::string& bytes, const std::string& place) {
  if (bytes.size() < 4 || bytes[0] != 0 || bytes[1] != 0) refuse("image-format", place, "is not an IDX file");
  if (byte_at(bytes, 2) != 8) {
    refuse("image-format", place,
           fmt::format("IDX items of type {} are not known, unsigned bytes (8) were expected (byte 2)",
                       byte_at(bytes, 2)));
  }
  const size_t rank = byte_at(bytes, 3);
  if (rank < 1 || rank > 4)
    refuse("image-format", place, fmt::format("IDX of {} dimensions, 1 to 4 were expected (byte 3)", rank));
  Idx out;
  out.data_begin = 4 + 4 * rank;
  if (bytes.size() < out.data_begin) refuse("image-format", place, "the file ends within the IDX header");
  const uint64_t there = bytes.size() - out.data_begin;
  uint64_t items = 1;
  for (size_t d = 0; d < rank; ++d) {
    uint64_t size = 0;
    for (size_t b = 0; b < 4; ++b) size = size << 8 | byte_at(bytes, 4 + 4 * d + b);
    out.shape.push_back(static_cast<int64_t>(size));
    // Saturates: a product beyond the file's size is wrong whatever it is.
    items = size != 0 && items > (uint64_t{1} << 62) / size ? uint64_t{1} << 62 : items * size;
  }
  if (items != there) {
    refuse("image-format", place,
           fmt::format("the IDX header says {} bytes, the file holds {}", npy_shape_text(out.shape), there));
  }
  return out;
}

bool looks_like_gzip(const std::string& bytes) {
  return bytes.size() >= 2 && byte_at(bytes, 0) == 0x1f && byte_at(bytes, 1) == 0x8b;
}

std::string gunzip(const std::string& bytes, const std::string& place) {
  constexpr size_t kMax = size_t{8} << 30;
  z_stream z{};
  if (inflateInit2(&z, 15 + 16) != Z_OK) refuse("image-format", place, "zlib cannot start");
  std::string out;
  std::string buffer(size_t{1} << 18, '\0');
  size_t read = 0;
  int status = Z_OK;
  std::string why;
  while (why.empty()) {
    if (z.avail_in == 0 && read < bytes.size()) {
      const size_t n = std::min(bytes.size() - read, size_t{1} << 30);
      z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data() + read));
      z.avail_in = static_cast<uInt>(n);
      read += n;
    }
    z.next_out = reinterpret_cast<Bytef*>(buffer.data());
    z.avail_out = static_cast<uInt>(buffer.size());
    status = inflate(&z, Z_NO_FLUSH);
    out.append(buffer.data(), buffer.size() - z.avail_out);
    if (out.size() > kMax) why = "the gzip stream holds more than 8 GiB";
    if (status == Z_STREAM_END) {
      if (z.avail_in == 0 && read == bytes.size()) break;
      if (inflateReset(&z) != Z_OK) why = "zlib cannot go on";  // a further member follows
    } else if (status == Z_BUF_ERROR && z.avail_in == 0 && read == bytes.size()) {
      why = "the gzip stream is cut off";
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      why = fmt::format("the gzip stream is damaged ({})", z.msg ? z.msg : "zlib error");
    }
  }
  inflateEnd(&z);
  if (!why.empty()) refuse("image-format", place, why);
  return out;
}

}  // namespace elb::harness
