// The edge of a program: exit codes, errors as text and as JSON.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "cli/common.hpp"
#include "refused.hpp"
#include "support/catch.hpp"
#include "toy.hpp"

namespace {

struct Outcome {
  int code = -1;
  std::string out, err;
};

// Runs a program with one required option --n and a flag --json, its streams caught in files.
Outcome run(std::vector<std::string> words, const std::function<int()>& body) {
  const toy::TempDir dir;
  words.insert(words.begin(), "prog");
  std::vector<char*> argv;
  for (std::string& w : words) argv.push_back(w.data());
  CLI::App app{"a program", "prog"};
  int n = 0;
  bool json = false;
  app.add_option("--n", n)->required();
  app.add_flag("--json", json);
  std::fflush(stdout);
  std::fflush(stderr);
  const int kept_out = ::dup(1), kept_err = ::dup(2);
  const int out = ::open((dir / "out").c_str(), O_WRONLY | O_CREAT, 0600),
            err = ::open((dir / "err").c_str(), O_WRONLY | O_CREAT, 0600);
  ::dup2(out, 1);
  ::dup2(err, 2);
  Outcome o;
  o.code = elb::cli::run_program(static_cast<int>(argv.size()), argv.data(), app, json, body);
  std::fflush(stdout);
  std::fflush(stderr);
  ::dup2(kept_out, 1);
  ::dup2(kept_err, 2);
  for (int fd : {out, err, kept_out, kept_err}) ::close(fd);
  o.out = elb::read_file(dir / "out");
  o.err = elb::read_file(dir / "err");
  return o;
}

}  // namespace

TEST_CASE("a program ends with what its body says") {
  CHECK(run({"--n", "1"}, [] { return 0; }).code == 0);
  CHECK(run({"--n", "1"}, [] { return 1; }).code == 1);
  CHECK(run({"--help"}, [] { return 1; }).code == 0);
}

TEST_CASE("bad usage and bad input end with 2, bugs with 3") {
  CHECK(run({}, [] { return 0; }).code == 2);
  const Outcome usage = run({"--n", "1", "--m"}, [] { return 0; });
  CHECK(usage.code == 2);
  CHECK(usage.err.find("prog: error [cli-usage]") == 0);
  const auto bad = []() -> int {
    throw elb::UserError(
        {.code = "io-read", .place = "x.json", .text = "no such file", .notes = {}, .help = ""});
  };
  const Outcome input = run({"--n", "1"}, bad);
  CHECK(input.code == 2);
  CHECK(input.err == "x.json: error [io-read]: no such file\n");
  CHECK(input.out.empty());
  const Outcome bug = run({"--n", "1"}, []() -> int { throw elb::InternalError("broken"); });
  CHECK(bug.code == 3);
  CHECK(bug.err.find("broken") != std::string::npos);
}

TEST_CASE("with --json errors are one object on stdout and nothing else") {
  const auto bad = []() -> int {
    throw elb::UserError(
        {.code = "io-read", .place = "x.json", .text = "no \"such\" file", .notes = {}, .help = ""});
  };
  const Outcome input = run({"--n", "1", "--json"}, bad);
  CHECK(input.code == 2);
  CHECK(input.err.empty());
  CHECK(input.out.find("\"text\": \"no \\\"such\\\" file\"") != std::string::npos);
  const Outcome usage = run({"--json"}, [] { return 0; });
  CHECK(usage.code == 2);
  CHECK(usage.err.empty());
  CHECK(usage.out.find("\"code\": \"cli-usage\"") != std::string::npos);
}

TEST_CASE("a network is a file, or the name of a shipped one") {
  CHECK(std::filesystem::path(elb::cli::find_network("fmnist-4-8218")).filename() == "fmnist-4-8218.json");
  const std::string file = elb::cli::find_network("fmnist-4-8218.json");
  CHECK(elb::cli::find_network(file) == file);
  CHECK(refused([] { elb::cli::find_network("fmnist-4-8318"); }).find("did you mean fmnist-4-8218?") !=
        std::string::npos);
  CHECK(refused([] {
          elb::cli::find_network("absent/fmnist-4-8218.json");
        }).find("[io-read]: no such file") != std::string::npos);
}
