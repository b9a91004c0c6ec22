// elbsim: images through a network, by its Verilog in Verilator (compared with golden at every boundary) or
// by golden alone.
#include <fmt/format.h>
#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "cli/check_timing.hpp"
#include "cli/common.hpp"
#include "cli/dram_options.hpp"
#include "cli/generate_options.hpp"
#include "nn/read_network.hpp"
#include "sim/harness/refuse.hpp"
#include "sim/harness/run.hpp"
#include "top/manifest.hpp"

namespace {

namespace harness = elb::harness;
namespace fs = std::filesystem;

// clang-format off
constexpr const char* kDescription =
    "Runs images through a network and says what came out.\n\n"
    "  elbsim rtl/ --input digits.npy --labels labels.npy      the Verilog in rtl/, every value compared\n"
    "  elbsim net.json --input photo.jpg --engine integer      golden alone, on integers\n\n"
    "NET.json is a network or the name of a shipped one: it goes through elbgen first, by the options that both\n"
    "programs know. DIR is a directory written by elbgen: exactly the files that lie there are run. The engine rtl\n"
    "simulates the Verilog cycle by cycle and compares the stream behind every stage with golden; integer and\n"
    "reference run golden alone and need no Verilator. Weights that the Verilog reads from memory come from\n"
    "DIR/dram.bin: --dram says how fast, --dram-random how unkindly. Without stalls, every frame's first and last\n"
    "beat at every boundary is compared with what the model says of DIR/plan.json. Where arithmetic is mapped to a\n"
    "technology, its plain Verilog is simulated (filelist.f); --mapped simulates the wiring that synthesis reads.";

constexpr const char* kFooter =
    "\nImages: PNG, JPEG (scaled and cropped as the network says), .npy (uint8 [n][h][w][c]), IDX (also gzipped),\n"
    ".bin. Exit codes: 0 done and every check held; 1 a mismatch, deadlock or other wrong answer; 2 bad input;\n"
    "3 a bug of elbsim.";
// clang-format on

harness::StallOptions parse_stall(const std::string& text) {
  const std::vector<std::string> parts = elb::split(text, ':');
  const auto is_number = [](const std::string& s) {
    return !s.empty() && s.size() <= 18 && s.find_first_not_of("0123456789") == std::string::npos;
  };
  if ((parts.size() == 2 || parts.size() == 3) && std::all_of(parts.begin(), parts.end(), is_number)) {
    const uint64_t source = std::stoull(parts[1]), sink = std::stoull(parts.back());
    if (source <= 99 && sink <= 99)
      return {.seed = std::stoull(parts[0]),
              .percent = static_cast<int>(source),
              .sink_percent = static_cast<int>(sink)};
  }
  elb::cli::refuse(
      "--stall",
      fmt::format("'{}' is not SEED:PERCENT or SEED:SOURCE:SINK with percentages of 0 to 99", text),
      "for example --stall 7:50");
}

// A directory that lives as long as the run.
class TempDir {
 public:
  TempDir() : path_((fs::temp_directory_path() / "elbsim-XXXXXX").string()) {
    if (!::mkdtemp(path_.data())) harness::refuse("io-write", path_, "cannot be made");
  }
  ~TempDir() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

harness::RunReport simulated(const std::string& dir, const harness::RunOptions& options) {
  harness::RunReport report = harness::run_rtl(dir, options);
  elb::cli::check_timing(dir, options, report);
  return report;
}

harness::RunReport run(elb::cli::GenerateOptions what, const harness::RunOptions& options) {
  const bool rtl = options.engine == harness::Engine::rtl;
  if (!rtl && options.bodies == harness::Bodies::mapped)
    elb::cli::refuse("--mapped", "only the engine rtl simulates Verilog", "leave --engine out");
  if (!rtl && !options.dram.as_predicted())
    elb::cli::refuse("--dram", "only the engine rtl has a memory", "leave --engine out");
  if (fs::is_directory(what.network)) {
    if (rtl) return simulated(what.network, options);
    return harness::run_golden(
        elb::nn::read_network((fs::path(what.network) / "network" / "network.json").string()), options);
  }
  if (!rtl) return harness::run_golden(elb::nn::read_network(elb::cli::find_network(what.network)), options);
  elb::cli::check_generate_options(what);
  const elb::cli::Generated design = elb::cli::generate(what);
  const TempDir scratch;
  const fs::path dir =
      fs::path(options.work_dir.empty() ? scratch.path() : options.work_dir) / ("rtl-" + design.network.name);
  elb::write_directory(dir, design.files, elb::top::kManifest, false);
  return simulated(dir.string(), options);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{kDescription, "elbsim"};
  app.footer(kFooter);
  elb::cli::GenerateOptions what;
  std::string engine = "rtl", stall;
  elb::cli::DramText dram;
  harness::RunOptions options;
  bool json = false, mapped = false;
  app.add_option("network", what.network, "NET.json, a shipped network's name, or DIR")->required();
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
  app.add_option("--stall", stall,
                 "source and sink each pause in PERCENT of the cycles, or by a percentage of its own each")
      ->type_name("SEED:PERCENT|SEED:SOURCE:SINK");
  elb::cli::add_dram_options(app, dram);
  app.add_option("--trace", options.trace, "waveforms of everything (20 times slower)")->type_name("F.fst");
  app.add_flag(
      "--mapped", mapped,
      "simulate dot products as wired for synthesis, of plain Verilog leaves (filelist_mapped.f): slow");
  app.add_option("--timing", options.timing,
                 "cycle of the first and last beat of every frame at every boundary")
      ->type_name("F.json");
  app.add_option("--work", options.work_dir,
                 "where simulated models are built and kept (default: the user's cache)")
      ->type_name("BUILDDIR");
  app.add_option("--seed", options.seed, "of the power-up values and of where the weights lie in memory")
      ->check(CLI::Range(uint64_t{1}, uint64_t{0x7fffffff}))
      ->capture_default_str();
  app.add_option("--threads", options.threads,
                 "threads of the simulated model (large models on idle processors only) or of golden")
      ->capture_default_str()
      ->check(CLI::Range(1, 64))
      ->type_name("N");
  elb::cli::add_generate_options(app, what);
  app.add_flag("--json", json, "print one JSON object");
  return elb::cli::run_program(argc, argv, app, json, [&] {
    options.engine = engine == "rtl"       ? harness::Engine::rtl
                     : engine == "integer" ? harness::Engine::integer
                                           : harness::Engine::reference;
    options.bodies = mapped ? harness::Bodies::mapped : harness::Bodies::plain;
    for (const std::string& file : {options.output, options.timing, options.trace})
      elb::cli::check_folder_of(file);
    if (!stall.empty()) options.stall = parse_stall(stall);
    options.dram = elb::cli::parse_dram(dram);
    try {
      const harness::RunReport report = run(what, options);
      fmt::print("{}", json ? harness::report_json(report) : harness::report_text(report));
      return report.ok() ? elb::cli::kDone : elb::cli::kAnswerIsNo;
    } catch (const elb::arch::TargetMissed& e) {
      return elb::cli::report_errors({e.diag}, elb::cli::kAnswerIsNo, json);
    }
  });
}
