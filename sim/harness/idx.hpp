// IDX, the format of the MNIST family: 00 00 type rank, rank big-endian 32-bit sizes, then the items; only
// unsigned bytes (type 8) are known here. And gzip, in which these files mostly travel.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace elb::harness {

struct Idx {
  std::vector<int64_t> shape;
  size_t data_begin = 0;  // the bytes after it are exactly the product of the shape
};

bool looks_like_idx(const std::string& bytes);
Idx parse_idx(const std::string& bytes, const std::string& place);  // UserError [image-format]

bool looks_like_gzip(const std::string& bytes);
// The uncompressed bytes, at most 8 GiB of them; UserError [image-format] when the stream is damaged or cut.
std::string gunzip(const std::string& bytes, const std::string& place);

}  // namespace elb::harness
