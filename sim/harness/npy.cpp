#include "sim/harness/npy.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/assert.hpp"
#include "sim/harness/refuse.hpp"

namespace elb::harness {
namespace {

constexpr int64_t kMaxItems = int64_t{1} << 40;

// The header is a Python dictionary of three known keys; this reads just that.
class HeaderParser {
 public:
  HeaderParser(const std::string& text, size_t offset, const std::string& place)
      : text_(text), offset_(offset), place_(place) {}

  Npy parse() {
    Npy out;
    bool descr = false, order = false, shape = false;
    expect('{');
    while (!accept('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr" && !descr) {
        descr = true;
        read_descr(out);
      } else if (key == "fortran_order" && !order) {
        order = true;
        read_order();
      } else if (key == "shape" && !shape) {
        shape = true;
        read_shape(out);
      } else {
        fail(fmt::format("unexpected key '{}' in the header", key));
      }
      if (!accept(',') && !peek('}')) fail("expected ',' or '}' in the header");
    }
    if (!descr || !order || !shape) fail("the header lacks one of 'descr', 'fortran_order', 'shape'");
    return out;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    refuse("image-format", place_, fmt::format("{} (byte {})", what, offset_ + at_));
  }
  void blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool peek(char c) {
    blanks();
    return at_ < text_.size() && text_[at_] == c;
  }
  bool accept(char c) {
    if (!peek(c)) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(fmt::format("expected '{}' in the header", c));
  }
  std::string quoted() {
    blanks();
    if (at_ >= text_.size() || (text_[at_] != '\'' && text_[at_] != '"'))
      fail("expected a string in the header");
    const size_t end = text_.find(text_[at_], at_ + 1);
    if (end == std::string::npos) fail("a string in the header does not end");
    std::string s = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return s;
  }
  void read_descr(Npy& out) {
    const std::string d = quoted();
    const bool shaped =
        d.size() == 3 && std::strchr("<|=>", d[0]) && std::strchr("uibf", d[1]) && std::strchr("1248", d[2]);
    if (!shaped) fail(fmt::format("items of type '{}' are not known", d));
    out.kind = d[1];
    out.item_bytes = d[2] - '0';
    if (d[0] == '>' && out.item_bytes > 1)
      fail(fmt::format("items are big-endian ('{}'), little-endian was expected", d));
  }
  void read_order() {
    blanks();
    if (text_.compare(at_, 5, "False") == 0) {
      at_ += 5;
    } else if (text_.compare(at_, 4, "True") == 0) {
      fail("the array is in Fortran order, C order was expected");
    } else {
      fail("'fortran_order' is neither True nor False");
    }
  }
  void read_shape(Npy& out) {
    expect('(');
    while (!accept(')')) {
      blanks();
      const size_t begin = at_;
      int64_t v = 0;
      while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9' && v < kMaxItems)
        v = v * 10 + (text_[at_++] - '0');
      if (at_ == begin) fail("expected a number in the shape");
      if (v > kMaxItems || (v > 0 && out.items > kMaxItems / v)) fail("the shape is too large");
      out.shape.push_back(v);
      out.items *= v;
      if (!accept(',') && !peek(')')) fail("expected ',' or ')' in the shape");
    }
  }

  const std::string& text_;
  size_t offset_, at_ = 0;
  const std::string& place_;
};

std::string header_of(const std::vector<int64_t>& shape) {
  std::string dims;
  for (int64_t d : shape) dims += fmt::format("{}, ", d);
  if (shape.size() > 1) dims.resize(dims.size() - 2);
  if (shape.size() == 1) dims.pop_back();
  std::string dict = "{'descr': '<i4', 'fortran_order': False, 'shape': (" + dims + "), }";
  while ((10 + dict.size() + 1) % 64 != 0) dict += ' ';
  dict += '\n';
  std::string out = "\x93NUMPY";
  out += '\x01';
  out += '\0';
  out += static_cast<char>(dict.size() & 255);
  out += static_cast<char>(dict.size() >> 8);
  return out + dict;
}

}  // namespace

Npy parse_npy(const std::string& bytes, const std::string& place) {
  if (bytes.size() < 10 || bytes.compare(0, 6, "\x93NUMPY") != 0)
    refuse("image-format", place, "is not an .npy file");
  const int version = static_cast<unsigned char>(bytes[6]);
  if (version < 1 || version > 3)
    refuse("image-format", place, fmt::format("version {} of .npy is not known (byte 6)", version));
  const size_t length_bytes = version == 1 ? 2 : 4;
  if (bytes.size() < 8 + length_bytes) refuse("image-format", place, "the file ends within the header");
  size_t length = 0;
  for (size_t i = 0; i < length_bytes; ++i)
    length |= size_t{static_cast<unsigned char>(bytes[8 + i])} << (8 * i);
  const size_t begin = 8 + length_bytes;
  if (length > bytes.size() - begin) {
    refuse("image-format", place,
           fmt::format("the header says {} bytes, the file ends after {}", length, bytes.size() - begin));
  }
  const std::string header = bytes.substr(begin, length);
  Npy out = HeaderParser(header, begin, place).parse();
  out.data_begin = begin + length;
  const int64_t there = static_cast<int64_t>(bytes.size() - out.data_begin);
  if (there != out.items * out.item_bytes) {
    refuse("image-format", place,
           fmt::format("the shape {} needs {} bytes of data, the file holds {}", npy_shape_text(out.shape),
                       out.items * out.item_bytes, there));
  }
  return out;
}

int64_t npy_int(const Npy& npy, const std::string& bytes, int64_t i) {
  ELB_ASSERT(npy.is_integer() && i >= 0 && i < npy.items, "no such integer");
  uint64_t v = 0;
  const size_t at = npy.data_begin + static_cast<size_t>(i) * static_cast<size_t>(npy.item_bytes);
  for (int b = 0; b < npy.item_bytes; ++b)
    v |= uint64_t{static_cast<unsigned char>(bytes[at + static_cast<size_t>(b)])} << (8 * b);
  const int unused = 64 - 8 * npy.item_bytes;
  return npy.kind == 'i' ? static_cast<int64_t>(v << unused) >> unused : static_cast<int64_t>(v);
}

std::string npy_shape_text(const std::vector<int64_t>& shape) {
  if (shape.empty()) return "()";
  std::string out;
  for (int64_t d : shape) out += (out.empty() ? "" : "x") + std::to_string(d);
  return out;
}

std::string npy_int32(const std::vector<int64_t>& shape, const std::vector<int32_t>& values) {
  std::string out = header_of(shape);
  const size_t begin = out.size();
  out.resize(begin + 4 * values.size());
  std::memcpy(out.data() + begin, values.data(), 4 * values.size());
  return out;
}

NpyWriter::NpyWriter(std::string path, std::vector<int64_t> shape)
    : path_(std::move(path)), temporary_(fmt::format("{}.part-{}", path_, ::getpid())) {
  for (int64_t d : shape) expected_ *= d;
  file_ = std::fopen(temporary_.c_str(), "wb");
  if (!file_) refuse("io-write", path_, fmt::format("cannot be written: {}", std::strerror(errno)));
  const std::string header = header_of(shape);
  std::fwrite(header.data(), 1, header.size(), file_);
}

NpyWriter::~NpyWriter() {
  if (file_) {
    std::fclose(file_);
    ::unlink(temporary_.c_str());
  }
}

void NpyWriter::append(const int32_t* values, size_t count) {
  std::fwrite(values, 4, count, file_);
  written_ += static_cast<int64_t>(count);
}

void NpyWriter::finish() {
  ELB_ASSERT(written_ == expected_,
             fmt::format("{} of {} items were written to '{}'", written_, expected_, path_));
  const bool failed = std::ferror(file_) != 0;
  const bool closed = std::fclose(file_) == 0;
  file_ = nullptr;
  if (failed || !closed || std::rename(temporary_.c_str(), path_.c_str()) != 0) {
    const std::string why = std::strerror(errno);
    ::unlink(temporary_.c_str());
    refuse("io-write", path_, fmt::format("cannot be written: {}", why));
  }
}

}  // namespace elb::harness
