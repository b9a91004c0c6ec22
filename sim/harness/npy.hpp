// NumPy's .npy: reading little-endian integer arrays, writing int32 ones frame by frame.
//
//   Npy a = parse_npy(bytes, "images.npy");   // a.shape = {100, 28, 28, 1}, a.kind = 'u', a.item_bytes = 1
//   NpyWriter w("out.npy", {100, 10});        // appears as a whole when finish() is called
//
// Versions 1 to 3 of the format, C order only. What does not fit the format is a UserError [image-format].
#pragma once
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace elb::harness {

struct Npy {
  char kind = 'u';     // 'u' unsigned, 'i' signed, 'b' bool, 'f' float
  int item_bytes = 1;  // 1, 2, 4 or 8
  std::vector<int64_t> shape;
  size_t data_begin = 0;  // offset of the first item in the file's bytes
  int64_t items = 1;      // product of the shape; the file holds exactly that many

  bool is_integer() const { return kind == 'u' || kind == 'i'; }
};

Npy parse_npy(const std::string& bytes, const std::string& place);
// Item i of an integer array.
int64_t npy_int(const Npy& npy, const std::string& bytes, int64_t i);
std::string npy_shape_text(const std::vector<int64_t>& shape);  // "100x28x28x1"

// The bytes of a whole int32 array.
std::string npy_int32(const std::vector<int64_t>& shape, const std::vector<int32_t>& values);

// An int32 array that is written as it is made. Nothing stands under `path` before finish(); without finish()
// nothing stays behind. UserError [io-write] when the file system refuses.
class NpyWriter {
 public:
  NpyWriter(std::string path, std::vector<int64_t> shape);
  ~NpyWriter();
  NpyWriter(const NpyWriter&) = delete;
  NpyWriter& operator=(const NpyWriter&) = delete;
  void append(const int32_t* values, size_t count);
  void finish();

 private:
  std::string path_, temporary_;
  std::FILE* file_ = nullptr;
  int64_t expected_ = 1, written_ = 0;
};

}  // namespace elb::harness
