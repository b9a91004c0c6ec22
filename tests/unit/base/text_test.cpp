#include "base/text.hpp"

#include "base/diag.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace elb;
namespace fs = std::filesystem;

namespace {

const std::string kManifest = R"({"format": "elbgen.manifest/1"})";

size_t entries(const elb::TempDir& dir) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(dir.path()), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("a directory that elbgen did not write is not replaced without force") {
  const elb::TempDir scratch;
  const fs::path dir = scratch.path() / "rtl";
  fs::create_directory(dir);
  write_file(dir / "thesis.txt", "three years of work");
  CHECK_THROWS_AS(write_directory(dir, {{"manifest.json", kManifest}}, "manifest.json", false), UserError);
  CHECK(read_file(dir / "thesis.txt") == "three years of work");
  CHECK(entries(scratch) == 1);
  write_directory(dir, {{"manifest.json", kManifest}}, "manifest.json", true);
  CHECK_FALSE(fs::exists(dir / "thesis.txt"));
}

TEST_CASE("a directory is replaced as a whole, and nothing is left beside it") {
  const elb::TempDir scratch;
  const fs::path dir = scratch.path() / "rtl";
  write_directory(dir, {{"manifest.json", kManifest}, {"mem/old.mem", "0\n"}}, "manifest.json", false);
  write_directory(dir, {{"manifest.json", kManifest}, {"tb/new.v", "x"}}, "manifest.json", false);
  CHECK(read_file(dir / "tb" / "new.v") == "x");
  CHECK_FALSE(fs::exists(dir / "mem"));
  CHECK(entries(scratch) == 1);
}

TEST_CASE("a file that cannot be written leaves the directory as it was") {
  const elb::TempDir scratch;
  const fs::path dir = scratch.path() / "rtl";
  write_directory(dir, {{"manifest.json", kManifest}}, "manifest.json", false);
  // "a" would have to be a file and a directory.
  CHECK_THROWS_AS(
      write_directory(dir, {{"a", ""}, {"a/b", ""}, {"manifest.json", kManifest}}, "manifest.json", false),
      UserError);
  CHECK(read_file(dir / "manifest.json") == kManifest);
  CHECK(entries(scratch) == 1);
}

TEST_CASE("reading what is no file is refused with its name") {
  const elb::TempDir scratch;
  for (const fs::path& path : {scratch.path(), scratch.path() / "missing"}) {
    try {
      read_file(path);
      FAIL("it was read");
    } catch (const UserError& e) {
      CHECK(e.diags()[0].code == "io-read");
      CHECK(e.diags()[0].place == path.string());
    }
  }
}

TEST_CASE("every code is explained, and the nearest word is offered") {
  for (const std::string& code : all_codes()) CHECK(std::string(explain_code(code)).size() > 40);
  CHECK(explain_code("json-valu") == nullptr);
  CHECK(nearest("json-valu", all_codes()) == "json-value");
  CHECK(nearest("quite another thing", all_codes()).empty());
}

TEST_CASE("text is split at every separator") {
  CHECK(split("7:50:", ':') == std::vector<std::string>{"7", "50", ""});
  CHECK(is_identifier("_a9"));
  CHECK_FALSE(is_identifier("9a"));
  CHECK_FALSE(is_identifier(""));
  CHECK(human_bytes(10'900'000) == "10.9 MB");
}
