#include "sim/harness/npy.hpp"

#include <filesystem>

#include "base/diag.hpp"
#include "base/text.hpp"
#include "refused.hpp"
#include "support/catch.hpp"
#include "toy.hpp"

using namespace elb::harness;

namespace {

std::string npy_bytes(const std::string& dict, const std::string& data, char version = 1) {
  std::string out = "\x93NUMPY";
  out += version;
  out += '\0';
  out += static_cast<char>(dict.size() & 255);
  out += static_cast<char>(dict.size() >> 8);
  if (version > 1) out += std::string(2, '\0');
  return out + dict + data;
}

std::string dict_of(const std::string& descr, const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }";
}

}  // namespace

TEST_CASE("an .npy array of each integer type is read as written") {
  const std::string u1 = npy_bytes(dict_of("|u1", "(2, 2)"), "\x01\x7f\x80\xff");
  CHECK(parse_npy(u1, "a").shape == std::vector<int64_t>{2, 2});
  CHECK(npy_int(parse_npy(u1, "a"), u1, 3) == 255);
  const std::string i1 = npy_bytes(dict_of("|i1", "(4,)"), "\x01\x7f\x80\xff", 2);
  CHECK(npy_int(parse_npy(i1, "a"), i1, 2) == -128);
  const std::string i4 = npy_bytes(dict_of("<i4", "(1, )"), "\xfe\xff\xff\xff", 3);
  CHECK(npy_int(parse_npy(i4, "a"), i4, 0) == -2);
  const std::string i8 = npy_bytes(dict_of("<i8", "()"), std::string("\x00\x01\x00\x00\x00\x00\x00\x00", 8));
  CHECK(npy_int(parse_npy(i8, "a"), i8, 0) == 256);
}

TEST_CASE("what is no .npy file, or not whole, is refused with its place") {
  CHECK(refused([] { parse_npy("PK\x03\x04 something else", "a.npy"); }) ==
        "a.npy: error [image-format]: is not an .npy file");
  const std::string good = npy_bytes(dict_of("|u1", "(2, 2)"), "abcd");
  CHECK(refused([&] { parse_npy(good.substr(0, good.size() - 1), "a.npy"); }) ==
        "a.npy: error [image-format]: the shape 2x2 needs 4 bytes of data, the file holds 3");
  CHECK(refused([&] { parse_npy(good + "x", "a.npy"); }).find("the file holds 5") != std::string::npos);
  CHECK(refused([&] { parse_npy(good.substr(0, 40), "a.npy"); }).find("the file ends after 30") !=
        std::string::npos);
  const auto of = [](const std::string& dict) {
    return refused([&] { parse_npy(npy_bytes(dict, ""), "a"); });
  };
  CHECK(of(dict_of(">i4", "(0,)")).find("big-endian") != std::string::npos);
  CHECK(of(dict_of("<c8", "(0,)")).find("items of type '<c8' are not known") != std::string::npos);
  CHECK(of(dict_of("|u1", "(99999999999, 99999999999)")).find("too large") != std::string::npos);
  CHECK(of("{'descr': '|u1', 'fortran_order': True, 'shape': (0,)}").find("Fortran order") !=
        std::string::npos);
  CHECK(of("{'descr': '|u1', 'shape': (0,)}").find("lacks one of") != std::string::npos);
  CHECK(of("{'descr': '|u1', 'descr': '|u1'}").find("unexpected key 'descr'") != std::string::npos);
}

TEST_CASE("a written array reads back, in one piece or frame by frame") {
  const toy::TempDir dir;
  const std::vector<int32_t> values = {1, -2, 3, 2147483647, -2147483647 - 1, 0};
  const std::string bytes = npy_int32({3, 2}, values);
  CHECK(bytes.size() % 64 == 24);
  const Npy npy = parse_npy(bytes, "out.npy");
  CHECK(npy.shape == std::vector<int64_t>{3, 2});
  for (size_t i = 0; i < values.size(); ++i) CHECK(npy_int(npy, bytes, static_cast<int64_t>(i)) == values[i]);
  NpyWriter writer(dir / "w.npy", {3, 2});
  for (size_t i = 0; i < 3; ++i) writer.append(&values[2 * i], 2);
  CHECK_FALSE(std::filesystem::exists(dir / "w.npy"));
  writer.finish();
  CHECK(elb::read_file(dir / "w.npy") == bytes);
}

TEST_CASE("an array that was not finished leaves nothing behind") {
  const toy::TempDir dir;
  {
    NpyWriter writer(dir / "w.npy", {1000});
    const int32_t value = 7;
    writer.append(&value, 1);
  }
  CHECK(std::filesystem::is_empty(dir.path()));
  CHECK(refused([&] { NpyWriter(dir / "absent/w.npy", {1}); }).find("[io-write]") != std::string::npos);
}
