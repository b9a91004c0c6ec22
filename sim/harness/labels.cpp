#include "sim/harness/labels.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "sim/harness/idx.hpp"
#include "sim/harness/npy.hpp"
#include "sim/harness/refuse.hpp"

namespace elb::harness {
namespace {

bool ends_with(const std::string& s, const std::string& tail) {
  return s.size() >= tail.size() && s.compare(s.size() - tail.size(), tail.size(), tail) == 0;
}

void refuse_other_shape(const std::vector<int64_t>& shape, const std::string& file) {
  if (shape.size() != 1 && !(shape.size() == 2 && shape[1] == 1)) {
    refuse("label-format", file, fmt::format("holds an array {}, labels are a list", npy_shape_text(shape)));
  }
}

}  // namespace

std::vector<int64_t> parse_labels(std::string bytes, const std::string& file) {
  std::vector<int64_t> out;
  const auto bytes_from = [&](size_t begin) {
    for (size_t i = begin; i < bytes.size(); ++i) out.push_back(static_cast<unsigned char>(bytes[i]));
    return out;
  };
  if (ends_with(file, ".bin")) return bytes_from(0);
  if (ends_with(file, ".npy") || bytes.compare(0, 6, "\x93NUMPY") == 0) {
    const Npy npy = parse_npy(bytes, file);
    if (!npy.is_integer())
      refuse("label-format", file,
             fmt::format("holds items '{}{}', labels are integers", npy.kind, npy.item_bytes));
    refuse_other_shape(npy.shape, file);
    for (int64_t i = 0; i < npy.items; ++i) out.push_back(npy_int(npy, bytes, i));
    return out;
  }
  if (looks_like_gzip(bytes)) bytes = gunzip(bytes, file);
  if (looks_like_idx(bytes)) {
    const Idx idx = parse_idx(bytes, file);
    refuse_other_shape(idx.shape, file);
    return bytes_from(idx.data_begin);
  }
  return bytes_from(0);
}

std::vector<int64_t> load_labels(const std::string& file, int64_t images) {
  std::vector<int64_t> labels = parse_labels(read_file(file), file);
  if (static_cast<int64_t>(labels.size()) != images) {
    refuse("label-format", file, fmt::format("holds {} labels, there are {} images", labels.size(), images));
  }
  return labels;
}

}  // namespace elb::harness
