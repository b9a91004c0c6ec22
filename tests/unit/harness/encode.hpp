// Makes the files that the reading tests read.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace encode {

std::string png(int width, int height, bool gray, const std::vector<uint8_t>& samples);
std::string jpeg(int width, int height, const std::vector<uint8_t>& rgb, int quality);
std::string idx(const std::vector<int>& shape, const std::string& data);
std::string gzip(const std::string& bytes);
std::string npy_u8(const std::string& shape, const std::string& data);
// A smooth picture of `width` x `height` RGB samples.
std::vector<uint8_t> gradient(int width, int height);

}  // namespace encode
