#include "sim/harness/build.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "sim/harness/probe.hpp"
#include "sim/harness/process.hpp"
#include "sim/harness/progress.hpp"
#include "sim/harness/refuse.hpp"
#include "sim/harness/repeated.hpp"

namespace elb::harness {
namespace {

namespace fs = std::filesystem;

// Objects that end in the shared object: position independent, nothing visible but the glue's functions.
const std::vector<std::string> kCompile = {"g++",
                                           "-std=gnu++17",
                                           "-fPIC",
                                           "-fvisibility=hidden",
                                           "-w",
                                           "-DVL_USER_FINISH",
                                           "-DVL_USER_STOP",
                                           "-DVL_USER_FATAL",
                                           "-DVL_USER_WARN",
                                           "-DVM_COVERAGE=0",
                                           "-DVM_SC=0"};
// Of what runs every cycle. Measured on 2,048 ternary multiply-accumulates per cycle (g++ 12): -O1 compiles
// in 5.3 s and runs 389,000 cycles per second, -O2 in 8.1 s and 349,000, -O0 in 2.7 s and 23,000; clang 14
// lies between.
constexpr const char* kLevel = "-O1";
constexpr size_t kUnitBytes = 400'000;  // of generated C++ per compilation, at least

struct Tools {
  std::string version;   // of Verilator and the compiler, in full
  fs::path include_dir;  // Verilator's runtime sources
};

int jobs() {
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

std::string output_of(const std::vector<std::string>& argv, const fs::path& log) {
  const int status = run_command({.argv = argv, .log = log.string()});
  if (status != 0) {
    refuse("sim-tool", argv[0],
           status == 127 ? "cannot be started" : fmt::format("ends with status {}", status),
           "the engine rtl needs Verilator 5 and g++ (Debian: verilator, g++); the engine integer does not");
  }
  return read_file(log);
}

// A directory that takes the name it is built for when it is whole, and vanishes when it does not get there.
class Scratch {
 public:
  explicit Scratch(const fs::path& target)
      : target_(target), path_(fmt::format("{}.part-{}", target.string(), ::getpid())) {
    std::error_code ec;
    fs::remove_all(path_, ec);
    fs::create_directories(path_, ec);
    if (ec)
      refuse("io-write", path_.string(), "cannot be made: " + ec.message(),
             "name another directory by --work");
  }
  ~Scratch() {
    std::error_code ec;
    fs::remove_all(path_, ec);
  }
  const fs::path& path() const { return path_; }
  void keep() {
    std::error_code ec;
    fs::rename(path_, target_, ec);
    if (ec && !fs::exists(target_)) refuse("io-write", target_.string(), "cannot be made: " + ec.message());
  }

 private:
  fs::path target_, path_;
};

Tools find_tools(const fs::path& cache) {
  const Scratch scratch(cache / "tools");
  Tools t;
  t.version = output_of({"verilator", "--version"}, scratch.path() / "log");
  t.version += output_of({"g++", "--version"}, scratch.path() / "log");
  std::string root = output_of({"verilator", "--getenv", "VERILATOR_ROOT"}, scratch.path() / "log");
  root = split(root, '\n').front();
  t.include_dir = fs::path(root) / "include";
  if (!fs::exists(t.include_dir / "verilated.cpp")) {
    refuse("sim-tool", t.include_dir.string(), "holds no verilated.cpp, Verilator's runtime");
  }
  return t;
}

// The first line that tells of an error, and the log's path.
[[noreturn]] void refuse_build(const std::string& what, const std::string& place, const fs::path& log) {
  std::string first;
  for (const std::string& line : split(read_file(log), '\n')) {
    if (first.empty() &&
        (line.find("%Error") != std::string::npos || line.find("error:") != std::string::npos))
      first = line;
  }
  refuse("sim-build", place, what + (first.empty() ? "" : ": " + first));
}

int run_with_progress(const std::vector<Command>& commands, const std::string& what) {
  Progress progress(what, static_cast<int64_t>(commands.size()));
  return run_commands(commands, jobs(), [&](int ended) { progress.update(ended); });
}

// Runs Verilator; its ETA rests on the seconds per byte of Verilog that the run before took in this cache.
int run_verilator(const Command& command, int64_t bytes, const fs::path& cache) {
  using Clock = std::chrono::steady_clock;
  const fs::path kept = cache / "verilator-pace";
  std::error_code ec;
  const double pace = fs::exists(kept, ec) ? std::strtod(read_file(kept).c_str(), nullptr) : 0;
  const double expected = pace * static_cast<double>(bytes);
  const Clock::time_point start = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  Progress progress("runs of Verilator", 1);
  const int failed = run_commands(
      {command}, 1, [&](int) { progress.update(expected > 0 ? std::min(0.99, elapsed() / expected) : 0); });
  if (failed < 0) write_file(kept, fmt::format("{:.3e}\n", elapsed() / static_cast<double>(bytes)));
  return failed;
}

// Models are small and quickly made again, but tests make many: the oldest go.
void forget_old_models(const fs::path& cache) {
  constexpr size_t kKept = 256;
  std::vector<std::pair<fs::file_time_type, fs::path>> models;
  std::error_code ec;
  for (const fs::directory_entry& e : fs::directory_iterator(cache, ec)) {
    const fs::file_time_type time = e.last_write_time(ec);
    if (!ec && e.path().filename().string().compare(0, 6, "model-") == 0) models.emplace_back(time, e.path());
  }
  if (models.size() <= kKept) return;
  std::sort(models.begin(), models.end());
  for (size_t i = 0; i + kKept < models.size(); ++i) fs::remove_all(models[i].second, ec);
}

std::vector<std::string> compile_flags(const Tools& tools, bool trace) {
  std::vector<std::string> flags = kCompile;
  flags.push_back(trace ? "-DVM_TRACE=1" : "-DVM_TRACE=0");
  flags.push_back(trace ? "-DVM_TRACE_FST=1" : "-DVM_TRACE_FST=0");
  for (const fs::path& dir : {tools.include_dir, tools.include_dir / "vltstd"})
    flags.push_back("-I" + dir.string());
  return flags;
}

std::vector<std::string> with(std::vector<std::string> flags, const std::vector<std::string>& more) {
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& w : words) out += w + '\n';
  return out;
}

// Runtime objects and a precompiled verilated.h, which would otherwise be half of a small design's
// compilation.
fs::path build_runtime(const fs::path& cache, const Tools& tools, bool trace) {
  const std::vector<std::string> flags = compile_flags(tools, trace);
  const fs::path target =
      cache / ("runtime-" + sha256_hex(tools.version + joined(flags) + "1").substr(0, 16));
  if (fs::exists(target)) return target;
  Scratch scratch(target);
  const fs::path& dir = scratch.path();
  std::vector<Command> commands;
  std::vector<std::string> sources = {"verilated", "verilated_threads"};
  if (trace) sources.push_back("verilated_fst_c");
  for (const std::string& s : sources) {
    commands.push_back({.argv = with(flags, {"-O2", "-c", (tools.include_dir / (s + ".cpp")).string(), "-o",
                                             (dir / (s + ".o")).string()}),
                        .log = (dir / (s + ".log")).string()});
  }
  write_file(dir / "pre.h", "#include \"verilated.h\"\n");
  fs::create_directories(dir / "pre.h.gch");
  for (const char* level : {"-O0", kLevel}) {
    commands.push_back({.argv = with(flags, {level, "-x", "c++-header", (dir / "pre.h").string(), "-o",
                                             (dir / "pre.h.gch" / level).string()}),
                        .log = (dir / (std::string("pre") + level + ".log")).string()});
  }
  const int failed = run_with_progress(commands, "parts of Verilator's runtime");
  if (failed >= 0)
    refuse_build("Verilator's runtime does not compile", tools.include_dir.string(),
                 commands[static_cast<size_t>(failed)].log);
  scratch.keep();
  return target;
}

// Verilator writes many files; compiled one by one, each would read all headers again.
std::vector<Command> compilations(const fs::path& dir, const fs::path& runtime,
                                  const std::vector<std::string>& flags, std::vector<std::string>& objects) {
  std::vector<fs::path> files[2];  // run every cycle, run once
  for (const fs::directory_entry& e : fs::directory_iterator(dir / "obj")) {
    if (e.path().extension() != ".cpp") continue;
    const bool once = e.path().filename().string().find("__Slow") != std::string::npos ||
                      e.path().filename() == "Velb__Syms.cpp";
    files[once].push_back(e.path());
  }
  std::vector<Command> out;
  for (int once = 0; once < 2; ++once) {
    std::sort(files[once].begin(), files[once].end());
    uintmax_t total = 0;
    for (const fs::path& f : files[once]) total += fs::file_size(f);
    const size_t unit_bytes =
        std::max(kUnitBytes, static_cast<size_t>(total) / static_cast<size_t>(4 * jobs()));
    std::string text;
    size_t bytes = 0;
    const auto flush = [&] {
      if (text.empty()) return;
      const std::string name = fmt::format("unit{}", out.size());
      write_file(dir / (name + ".cpp"), text);
      objects.push_back((dir / (name + ".o")).string());
      out.push_back({.argv = with(flags, {once ? "-O0" : kLevel, "-include", (runtime / "pre.h").string(),
                                          "-I" + (dir / "obj").string(), "-c",
                                          (dir / (name + ".cpp")).string(), "-o", objects.back()}),
                     .log = (dir / (name + ".log")).string()});
      text.clear();
      bytes = 0;
    };
    for (const fs::path& f : files[once]) {
      text += fmt::format("#include \"{}\"\n", f.filename().string());
      bytes += fs::file_size(f);
      if (bytes >= unit_bytes) flush();
    }
    if (once == 0) text += "#include \"glue.cpp\"\n";
    flush();
  }
  return out;
}

}  // namespace

std::string default_cache_dir() {
  const auto variable = [](const char* name) -> std::string {
    const char* v = std::getenv(name);
    return v ? v : "";
  };
  if (const std::string v = variable("XDG_CACHE_HOME"); !v.empty()) return v + "/elbgen";
  if (const std::string v = variable("HOME"); !v.empty()) return v + "/.cache/elbgen";
  return fmt::format("/tmp/elbgen-{}", ::getuid());
}

std::string build_model(const Manifest& manifest, const BuildOptions& options) {
  const fs::path cache = fs::absolute(options.cache_dir.empty() ? default_cache_dir() : options.cache_dir);
  const Tools tools = find_tools(cache);
  const fs::path runtime = build_runtime(cache, tools, options.trace);

  const std::string probe = probe_verilog(manifest), glue = probe_glue(manifest, options.trace);
  std::vector<std::string> verilate = {
      "verilator", "--cc", "--prefix", "Velb", "--top-module", "elb_probe", "--no-timing", "-Wno-lint",
      "-Wno-style", "-Wno-MULTITOP", "--x-initial", "unique", "--x-assign", "unique", "-O3", "--output-split",
      "20000",
      // Verilator 5.006 folds some reduction XORs wrongly (tests/property found designs where Icarus and the
      // interpreter disagree with it); the pass is not worth its risk.
      "-fno-const-bit-op-tree",
      // The graph of combinational logic chains long concatenations: each lane of a bus then copies all lanes
      // before it.
      "-fno-dfg"};
  if (options.trace) verilate.push_back("--trace-fst");
  if (options.threads > 1) verilate = with(verilate, {"--threads", std::to_string(options.threads)});
  const std::vector<std::string> flags = compile_flags(tools, options.trace);

  std::vector<std::string> sources;
  int64_t source_bytes = 0;
  for (const std::string& s : manifest.sources) {
    sources.push_back(read_file(fs::path(manifest.dir) / s));
    source_bytes += static_cast<int64_t>(sources.back().size());
  }
  const std::string config = keep_repeated_modules(sources, manifest.top);
  std::string key = runtime.string() + joined(verilate) + joined(flags) + probe + glue + config;
  for (size_t i = 0; i < sources.size(); ++i)
    key += manifest.sources[i] + '\n' + sha256_hex(sources[i]) + '\n';
  key += read_file(fs::path(manifest.dir) / manifest.filelist);
  const fs::path target = cache / ("model-" + sha256_hex(key).substr(0, 24));
  if (fs::exists(target / "model.so")) {
    std::error_code ignored;
    fs::last_write_time(target, fs::file_time_type::clock::now(), ignored);  // used last
    return (target / "model.so").string();
  }

  Scratch scratch(target);
  const fs::path& dir = scratch.path();
  write_file(dir / "elb_probe.v", probe);
  write_file(dir / "elb_probe.vlt", config);
  write_file(dir / "glue.cpp", glue);
  const Command verilator = {
      .argv = with(verilate, {"--Mdir", (dir / "obj").string(), "-F",
                              (fs::path(manifest.dir) / manifest.filelist).string(),
                              (dir / "elb_probe.v").string(), (dir / "elb_probe.vlt").string()}),
      .log = (dir / "verilator.log").string()};
  if (run_verilator(verilator, source_bytes, cache) >= 0)
    refuse_build("Verilator refuses the design", manifest.dir, verilator.log);
  std::vector<std::string> objects;
  const std::vector<Command> commands = compilations(dir, runtime, flags, objects);
  const int failed = run_with_progress(commands, "parts of the simulated model");
  if (failed >= 0)
    refuse_build("the simulated model does not compile", manifest.dir,
                 commands[static_cast<size_t>(failed)].log);
  std::vector<std::string> link =
      with({"g++", "-shared", "-Wl,-Bsymbolic", "-o", (dir / "model.so").string()}, objects);
  for (const char* o : {"verilated.o", "verilated_threads.o"}) link.push_back((runtime / o).string());
  if (options.trace) link = with(link, {(runtime / "verilated_fst_c.o").string(), "-lz"});
  link.push_back("-pthread");
  const Command linker = {.argv = link, .log = (dir / "link.log").string()};
  if (run_command(linker) != 0) refuse_build("the simulated model does not link", manifest.dir, linker.log);
  for (const fs::directory_entry& e : fs::directory_iterator(dir)) {
    if (e.path().filename() != "model.so") fs::remove_all(e.path());
  }
  scratch.keep();
  forget_old_models(cache);
  return (target / "model.so").string();
}

}  // namespace elb::harness
