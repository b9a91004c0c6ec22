#include "unit/hdl/tools.hpp"

#include <fmt/format.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "base/text.hpp"
#include "support/seed.hpp"

namespace elb::hdl::test {
namespace fs = std::filesystem;

void Scratch::write(const std::map<std::string, std::string>& files) const {
  for (const auto& [name, text] : files) {
    const fs::path file = path() / name;
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
}

std::string Scratch::run(const std::string& command) const {
  FILE* pipe = popen(("cd " + path().string() + " && (" + command + ") 2>&1").c_str(), "r");
  if (!pipe) return "popen failed";
  std::string out;
  char buffer[4096];
  while (const size_t n = fread(buffer, 1, sizeof buffer, pipe)) out.append(buffer, n);
  const int status = pclose(pipe);
  if (status != 0) out += fmt::format("exit status {}\n", WEXITSTATUS(status));
  return out;
}

std::string lint(Design& d, const std::string& top) {
  const Scratch dir;
  dir.write(d.emit());
  for (const auto& [name, text] : d.mem_files()) dir.write({{"mem/" + name, text}});
  std::string out = dir.run("verilator --lint-only -Wall --top-module " + top + " *.v");
  out += dir.run("iverilog -g2005 -Wall -s " + top + " -o x.vvp *.v");
  out += dir.run("yosys -q -p 'read_verilog *.v; hierarchy -check -top " + top +
                 "; proc; flatten; check -assert'");
  out +=
      dir.run("awk 'length($0) > 100 {print FILENAME \": line \" FNR \" is longer than 100 columns\"}' *.v");
  return out;
}

std::string simulate(Design& d, const std::string& bench) {
  const Scratch dir;
  dir.write(d.emit());
  for (const auto& [name, text] : d.mem_files()) dir.write({{"mem/" + name, text}});
  dir.write({{"tb.v", bench}});
  return dir.run("iverilog -g2005 -s tb -o x.vvp *.v && vvp -n x.vvp");
}

std::string mistakes(Design& d) {
  std::string out;
  for (const Diag& m : d.check().all()) {
    out += (out.empty() ? "" : " ") + m.code + m.place.substr(m.place.find(':'));
  }
  return out;
}

bool matches_expectation(const std::string& name, const std::string& text) {
  const fs::path file = fs::path(ELB_SOURCE_ROOT) / "tests/expect/hdl" / name;
  if (getenv("ELB_UPDATE_EXPECT")) {
    write_file(file, text);
    return true;
  }
  const std::string expected = fs::exists(file) ? read_file(file) : "";
  if (text == expected) return true;
  std::cout << "---- " << name << " is now\n" << text;
  return false;
}

unsigned seed() {
  const auto s = static_cast<unsigned>(elb::test::seed_of_run(20260721));
  std::cout << "ELB_SEED=" << s << "\n";
  return s;
}

}  // namespace elb::hdl::test
