// The safetensors format as published: 8 bytes header length (little endian), a JSON header, then the
// tensors' bytes.
//
//   {"conv1.weight": {"dtype": "I8", "shape": [16, 3, 3, 1], "data_offsets": [0, 144]}, "__metadata__":
//   {...}}
//
// F32, I8 and I32 are known here. The tensors cover the data without holes and overlaps, as the format
// demands.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diag.hpp"

namespace elb::nn {

enum class Dtype { f32, i8, i32 };
const char* to_string(Dtype t);  // "F32", "I8", "I32"
int bytes_of(Dtype t);

// A tensor on its way into a file. `data` is little endian, row major.
struct Tensor {
  std::string name;
  Dtype dtype = Dtype::f32;
  std::vector<int64_t> shape;
  std::string data;
};
Tensor make_f32(std::string name, std::vector<int64_t> shape, const std::vector<float>& values);
Tensor make_i8(std::string name, std::vector<int64_t> shape, const std::vector<int8_t>& values);
Tensor make_i32(std::string name, std::vector<int64_t> shape, const std::vector<int32_t>& values);

// A tensor in a file: its bytes belong to the TensorFile.
struct TensorView {
  std::string name;
  Dtype dtype = Dtype::f32;
  std::vector<int64_t> shape;
  size_t begin = 0, end = 0;  // bytes of TensorFile::bytes

  int64_t size() const { return static_cast<int64_t>(end - begin) / bytes_of(dtype); }
};

struct TensorFile {
  std::string file;  // name, for messages
  std::string bytes;
  std::vector<TensorView> tensors;  // in file order

  const TensorView* find(const std::string& name) const;
  std::vector<float> f32(const TensorView& t) const;
  std::vector<int8_t> i8(const TensorView& t) const;
  std::vector<int32_t> i32(const TensorView& t) const;
  std::string place(const std::string& tensor) const;  // "net.safetensors: tensor 'conv1.weight'"
};

// Mistakes go into `diags` with code safetensors-format; tensors that are whole are still returned.
TensorFile parse_safetensors(std::string bytes, const std::string& file_name, Diags& diags);

// The bytes of a file with these tensors, in the given order, header padded with blanks to a multiple of 8.
std::string write_safetensors(const std::vector<Tensor>& tensors);

std::string shape_text(const std::vector<int64_t>& shape);  // "[16][3][3][1]"

}  // namespace elb::nn
