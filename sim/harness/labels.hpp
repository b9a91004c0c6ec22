// Labels, one class number an image: .npy (any integers, [n] or [n][1]), IDX (also gzipped), raw uint8 (.bin,
// or any other file). A number outside 0..classes−1 means that the image has no label.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace elb::harness {

std::vector<int64_t> parse_labels(std::string bytes, const std::string& file);
// UserError [label-format] when the file does not hold exactly `images` labels.
std::vector<int64_t> load_labels(const std::string& file, int64_t images);

}  // namespace elb::harness
