// elbsim: images through a network, by its Verilog in Verilator (compared with golden at every boundary) or
// by golden alone.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "base/text.hpp"
#include "cli/common.hpp"
#include "nn/read_network.hpp"
#include "sim/harness/refuse.hpp"
#include "sim/harness/run.hpp"

namespace {

namespace harness = elb::harness;
namespace fs = std::filesystem;

constexpr const char* kDescription =
    "Runs images through a network and says what came out.\n\n"
    "  elbsim rtl/ --input digits.npy --labels labels.npy      the Verilog in rtl/, every value compared\n"
    "  elbsim net.json --input photo.jpg --engine integer      golden alone, on integers\n\n"
    "NET.json is a network (or the name of a shipped one), DIR a directory written by elbgen: then exactly "
    "the files\n"
    "that lie there are run. The engine rtl simulates the Verilog cycle by cycle and compares the stream "
    "behind every\n"
    "stage with golden; integer and reference run golden alone and need no Verilator.";

constexpr const char* kFooter =
    "\nImages: PNG, JPEG (scaled and cropped as the network says), .npy (uint8 [n][h][w][c]), IDX (also "
    "gzipped), .bin.\n"
    "Exit codes: 0 done and every check held; 1 a mismatch, deadlock or other wrong answer; 2 bad input; 3 a "
    "bug of elbsim.";

harness::StallOptions parse_stall(const std::string& text) {
  const size_t colon = text.find(':');
  harness::StallOptions s;
  try {
    size_t used_seed = 0, used_percent = 0;
    s.seed = std::stoull(text.substr(0, colon), &used_seed);
    const std::string percent = colon == std::string::npos ? "" : text.substr(colon + 1);
    s.percent = std::stoi(percent, &used_percent);
    if (used_seed == colon && used_percent == percent.size() && s.percent >= 0 && s.percent <= 99 &&
        text[0] != '-')
      return s;
  } catch (const std::logic_error&) {
  }
  harness::refuse("cli-usage", "--stall",
                  fmt::format("'{}' is not SEED:PERCENT with a percentage of 0 to 99", text),
                  "for example --stall 7:50");
}

std::string design_of(const std::string& what) {
  if (!fs::is_directory(what)) {
    harness::refuse("cli-usage", what, "is a network; the engine rtl needs the directory that elbgen writes",
                    "elbgen " + what + " -o DIR && elbsim DIR ...");
  }
  return what;
}

harness::RunReport run(const std::string& what, const harness::RunOptions& options) {
  if (options.engine == harness::Engine::rtl) return harness::run_rtl(design_of(what), options);
  const std::string file = fs::is_directory(what) ? (fs::path(what) / "network" / "network.json").string()
                                                  : elb::cli::find_network(what);
  return harness::run_golden(elb::nn::read_network(file), options);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{kDescription, "elbsim"};
  app.footer(kFooter);
  std::string what, engine = "rtl", stall;
  harness::RunOptions options;
  bool json = false;
  app.add_option("network", what, "NET.json, a shipped network's name, or DIR")->required();
  app.add_option("--input", options.inputs, "image files, in order")->required()->type_name("FILE");
  app.add_option("--labels", options.labels,
                 "one class per image: .npy, IDX or raw bytes; outside the classes means none")
      ->type_name("FILE");
  app.add_option("--count", options.count, "run N images, beginning again when they are used up")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 40))
      ->type_name("N");
  app.add_option("--engine", engine,
                 "rtl, integer (golden on switching points), reference (golden on the real tail)")
      ->check(CLI::IsMember({"rtl", "integer", "reference"}))
      ->capture_default_str();
  app.add_option("--output", options.output, "the network's output, int32 [images][outputs]")
      ->type_name("OUT.npy");
  app.add_option("--dump", options.dump_dir, "<layer>.npy and <layer>.acc.npy, int32 [images][h][w][c]")
      ->type_name("DUMPDIR");
  app.add_option("--stall", stall, "source and sink each pause in PERCENT of the cycles")
      ->type_name("SEED:PERCENT");
  app.add_option("--trace", options.trace, "waveforms of everything (20 times slower)")->type_name("F.fst");
  app.add_option("--timing", options.timing,
                 "cycle of the first and last beat of every frame at every boundary")
      ->type_name("F.json");
  app.add_option("--work", options.work_dir,
                 "where simulated models are built and kept (default: the user's cache)")
      ->type_name("BUILDDIR");
  app.add_option("--seed", options.seed, "of the power-up values")
      ->check(CLI::Range(uint64_t{1}, uint64_t{0x7fffffff}))
      ->capture_default_str();
  app.add_option("--threads", options.threads,
                 "threads of the simulated model (large models on idle processors only) or of golden")
      ->capture_default_str()
      ->check(CLI::Range(1, 64))
      ->type_name("N");
  app.add_flag("--json", json, "print one JSON object");
  return elb::cli::run_program(argc, argv, app, json, [&] {
    options.engine = engine == "rtl"       ? harness::Engine::rtl
                     : engine == "integer" ? harness::Engine::integer
                                           : harness::Engine::reference;
    if (!stall.empty()) options.stall = parse_stall(stall);
    const harness::RunReport report = run(what, options);
    fmt::print("{}", json ? harness::report_json(report) : harness::report_text(report));
    return report.ok() ? elb::cli::kDone : elb::cli::kAnswerIsNo;
  });
}
