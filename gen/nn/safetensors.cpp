#include "nn/safetensors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/assert.hpp"
#include "base/json.hpp"

namespace elb::nn {
namespace {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensors are copied as they lie in the file");

constexpr const char* kCode = "safetensors-format";
constexpr int64_t kMaxElements = int64_t{1} << 32;

template <class T>
std::vector<T> copy_out(const TensorFile& f, const TensorView& t, Dtype wanted) {
  ELB_ASSERT(t.dtype == wanted, "tensor read as another type");
  std::vector<T> out((t.end - t.begin) / sizeof(T));
  if (!out.empty()) std::memcpy(out.data(), f.bytes.data() + t.begin, t.end - t.begin);
  return out;
}

template <class T>
Tensor make(std::string name, Dtype dtype, std::vector<int64_t> shape, const std::vector<T>& values) {
  int64_t size = 1;
  for (int64_t d : shape) size *= d;
  ELB_ASSERT(size == static_cast<int64_t>(values.size()), "tensor's values do not fill its shape");
  std::string data(values.size() * sizeof(T), '\0');
  if (!values.empty()) std::memcpy(data.data(), values.data(), data.size());
  return {.name = std::move(name), .dtype = dtype, .shape = std::move(shape), .data = std::move(data)};
}

// Product of the shape, or -1 where it is beyond any file.
int64_t elements(const std::vector<int64_t>& shape) {
  int64_t n = 1;
  for (int64_t d : shape) {
    if (d != 0 && n > kMaxElements / d) return -1;
    n *= d;
  }
  return n;
}

void read_entry(const Json& entry, const std::string& name, size_t data_begin, TensorFile& out,
                Diags& diags) {
  const size_t before = diags.all().size();
  TensorView t;
  t.name = name;
  const int dtype = entry.at("dtype").as_choice({"F32", "I8", "I32"});
  t.shape = entry.at("shape").as_ints({.min = 0, .max = kMaxElements});
  const Json offsets_json = entry.at("data_offsets");
  const std::vector<int64_t> offsets = offsets_json.as_ints({.min = 0});
  entry.refuse_unknown();
  if (diags.all().size() != before) return;
  t.dtype = static_cast<Dtype>(dtype);
  const int64_t data_size = static_cast<int64_t>(out.bytes.size() - data_begin);
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data_size) {
    offsets_json.error(
        kCode, fmt::format("data_offsets are [{}], expected are [begin, end] within the {} bytes of data",
                           fmt::join(offsets, ", "), data_size));
    return;
  }
  const int64_t n = elements(t.shape);
  if (n < 0 || n * bytes_of(t.dtype) != offsets[1] - offsets[0]) {
    offsets_json.error(kCode, fmt::format("{} {} does not fill the {} bytes of its data_offsets",
                                          to_string(t.dtype), shape_text(t.shape), offsets[1] - offsets[0]));
    return;
  }
  t.begin = data_begin + static_cast<size_t>(offsets[0]);
  t.end = data_begin + static_cast<size_t>(offsets[1]);
  out.tensors.push_back(std::move(t));
}

void check_cover(const TensorFile& f, size_t data_begin, Diags& diags) {
  std::vector<const TensorView*> order;
  for (const TensorView& t : f.tensors) order.push_back(&t);
  std::sort(order.begin(), order.end(), [](const TensorView* a, const TensorView* b) {
    return a->begin != b->begin ? a->begin < b->begin : a->end < b->end;
  });
  size_t at = data_begin;
  for (const TensorView* t : order) {
    if (t->begin != at) {
      diags.error({.code = kCode,
                   .place = f.place(t->name),
                   .text = fmt::format("begins at byte {} of the data, the tensor before it ends at byte {}",
                                       t->begin - data_begin, at - data_begin),
                   .notes = {},
                   .help = ""});
      return;
    }
    at = t->end;
  }
  if (at != f.bytes.size()) {
    diags.error({.code = kCode,
                 .place = f.file,
                 .text = fmt::format("{} bytes follow the last tensor", f.bytes.size() - at),
                 .notes = {},
                 .help = ""});
  }
}

}  // namespace

const char* to_string(Dtype t) {
  switch (t) {
    case Dtype::f32:
      return "F32";
    case Dtype::i8:
      return "I8";
    case Dtype::i32:
      return "I32";
  }
  return "";
}

int bytes_of(Dtype t) {
  return t == Dtype::i8 ? 1 : 4;
}

Tensor make_f32(std::string name, std::vector<int64_t> shape, const std::vector<float>& values) {
  return make(std::move(name), Dtype::f32, std::move(shape), values);
}
Tensor make_i8(std::string name, std::vector<int64_t> shape, const std::vector<int8_t>& values) {
  return make(std::move(name), Dtype::i8, std::move(shape), values);
}
Tensor make_i32(std::string name, std::vector<int64_t> shape, const std::vector<int32_t>& values) {
  return make(std::move(name), Dtype::i32, std::move(shape), values);
}

const TensorView* TensorFile::find(const std::string& name) const {
  for (const TensorView& t : tensors) {
    if (t.name == name) return &t;
  }
  return nullptr;
}
std::vector<float> TensorFile::f32(const TensorView& t) const {
  return copy_out<float>(*this, t, Dtype::f32);
}
std::vector<int8_t> TensorFile::i8(const TensorView& t) const {
  return copy_out<int8_t>(*this, t, Dtype::i8);
}
std::vector<int32_t> TensorFile::i32(const TensorView& t) const {
  return copy_out<int32_t>(*this, t, Dtype::i32);
}
std::string TensorFile::place(const std::string& tensor) const {
  return fmt::format("{}: tensor '{}'", file, tensor);
}

TensorFile parse_safetensors(std::string bytes, const std::string& file_name, Diags& diags) {
  TensorFile out;
  out.file = file_name;
  out.bytes = std::move(bytes);
  const auto fail = [&](const std::string& text) {
    diags.error({.code = kCode, .place = file_name, .text = text, .notes = {}, .help = ""});
  };
  if (out.bytes.size() < 8) {
    fail(fmt::format("the file has {} bytes, a header length of 8 bytes was expected", out.bytes.size()));
    return out;
  }
  uint64_t header_size = 0;
  std::memcpy(&header_size, out.bytes.data(), 8);
  if (header_size > out.bytes.size() - 8) {
    fail(fmt::format("the header is said to have {} bytes, {} bytes follow", header_size,
                     out.bytes.size() - 8));
    return out;
  }
  const size_t before = diags.all().size();
  const Json header = Json::parse_text(out.bytes.substr(8, header_size), file_name, diags);
  if (diags.all().size() != before) return out;
  if (!header.is_object()) {
    fail("the header is not a JSON object");
    return out;
  }
  const size_t data_begin = 8 + static_cast<size_t>(header_size);
  for (const std::string& name : header.keys()) {
    if (name != "__metadata__") read_entry(header.at(name), name, data_begin, out, diags);
  }
  if (diags.all().size() == before) check_cover(out, data_begin, diags);
  return out;
}

std::string write_safetensors(const std::vector<Tensor>& tensors) {
  std::string header = "{";
  size_t at = 0;
  for (const Tensor& t : tensors) {
    header += fmt::format("{}{}:{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[{},{}]}}",
                          at || header.size() > 1 ? "," : "", JsonWriter::quote(t.name), to_string(t.dtype),
                          fmt::join(t.shape, ","), at, at + t.data.size());
    at += t.data.size();
  }
  header += "}";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  const uint64_t header_size = header.size();
  std::string out(8, '\0');
  std::memcpy(out.data(), &header_size, 8);
  out += header;
  for (const Tensor& t : tensors) out += t.data;
  return out;
}

std::string shape_text(const std::vector<int64_t>& shape) {
  if (shape.empty()) return "[]";
  std::string out;
  for (int64_t d : shape) out += fmt::format("[{}]", d);
  return out;
}

}  // namespace elb::nn
