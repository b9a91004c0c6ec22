#include "sim/harness/images.hpp"

#include <fmt/format.h>

#include <cctype>
#include <filesystem>

#include "base/text.hpp"
#include "sim/harness/idx.hpp"
#include "sim/harness/npy.hpp"
#include "sim/harness/picture.hpp"
#include "sim/harness/refuse.hpp"

namespace elb::harness {
namespace {

std::string extension_of(const std::string& file) {
  std::string e = std::filesystem::path(file).extension().string();
  for (char& c : e) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return e;
}

// Arrays: [n][h][w][c], [n][h][w] with c = 1, [n][features].
void refuse_other_shape(const std::vector<int64_t>& shape, const nn::Shape& want, const std::string& file) {
  const bool full = shape.size() == 4 && shape[1] == want.h && shape[2] == want.w && shape[3] == want.c;
  const bool gray = shape.size() == 3 && shape[1] == want.h && shape[2] == want.w && want.c == 1;
  const bool flat = shape.size() == 2 && shape[1] == want.size();
  if (!full && !gray && !flat) {
    refuse("image-size", file,
           fmt::format("holds an array {}, the network takes images {} behind a first dimension",
                       npy_shape_text(shape), nn::to_string(want)));
  }
}

void append_bytes(ImageSet& set, const std::string& bytes, size_t begin) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  set.data.insert(set.data.end(), data + begin, data + bytes.size());
}

void append_npy(ImageSet& set, const std::string& bytes, const std::string& file) {
  const Npy npy = parse_npy(bytes, file);
  if (npy.kind != 'u' || npy.item_bytes != 1) {
    refuse("image-format", file,
           fmt::format("holds items '{}{}', images are uint8 ('u1')", npy.kind, npy.item_bytes));
  }
  refuse_other_shape(npy.shape, set.shape, file);
  append_bytes(set, bytes, npy.data_begin);
}

void append_raw(ImageSet& set, const std::string& bytes, const std::string& file) {
  if (bytes.empty() || static_cast<int64_t>(bytes.size()) % set.shape.size() != 0) {
    refuse("image-size", file,
           fmt::format("holds {} bytes, that is no whole number of images of {} ({} bytes)", bytes.size(),
                       nn::to_string(set.shape), set.shape.size()));
  }
  append_bytes(set, bytes, 0);
}

}  // namespace

void append_images(ImageSet& set, std::string bytes, const std::string& file, const nn::ImagePrep& prep) {
  const std::string extension = extension_of(file);
  if (extension == ".bin") return append_raw(set, bytes, file);
  if (extension == ".npy") return append_npy(set, bytes, file);
  if (looks_like_png(bytes) || looks_like_jpeg(bytes)) {
    const std::vector<uint8_t> image = prepare_picture(decode_picture(bytes, file), set.shape, prep, file);
    set.data.insert(set.data.end(), image.begin(), image.end());
    return;
  }
  if (looks_like_gzip(bytes)) bytes = gunzip(bytes, file);
  if (!looks_like_idx(bytes)) {
    refuse("image-format", file,
           "is none of PNG, JPEG, IDX, gzipped IDX, and neither .npy nor .bin by its name");
  }
  const Idx idx = parse_idx(bytes, file);
  refuse_other_shape(idx.shape, set.shape, file);
  append_bytes(set, bytes, idx.data_begin);
}

ImageSet load_images(const std::vector<std::string>& files, const nn::Shape& shape,
                     const nn::ImagePrep& prep) {
  ImageSet set{.shape = shape, .data = {}};
  for (const std::string& file : files) append_images(set, read_file(file), file, prep);
  if (set.count() == 0) refuse("image-size", files.empty() ? "--input" : files.front(), "holds no image");
  return set;
}

}  // namespace elb::harness
