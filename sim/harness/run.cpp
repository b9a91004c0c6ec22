#include "sim/harness/run.hpp"

#include <fmt/format.h>

#include <chrono>
#include <deque>
#include <filesystem>
#include <future>
#include <memory>

#include "base/json.hpp"
#include "base/text.hpp"
#include "nn/fold.hpp"
#include "nn/read_network.hpp"
#include "sim/harness/build.hpp"
#include "sim/harness/labels.hpp"
#include "sim/harness/npy.hpp"
#include "sim/harness/progress.hpp"
#include "sim/harness/refuse.hpp"

namespace elb::harness {
namespace {

namespace fs = std::filesystem;

// Collects outputs, classes and hits.
class Outputs {
 public:
  Outputs(const nn::Network& network, const RunOptions& options, const ImageSet& images)
      : network_(&network), options_(&options), images_(images.count()) {
    if (!options.labels.empty()) labels_ = load_labels(options.labels, images_);
    const nn::Layer& out = network.out();
    const bool indices = out.op == nn::Op::argmax || out.op == nn::Op::top_k;
    classes_ = indices ? out.in.size() : out.out.size();
  }
  void add(int64_t frame, const golden::Tensor& output, RunReport& report) {
    const int got = golden::classify(*network_, output);
    report.classes.push_back(got);
    if (!labels_.empty()) {
      const int64_t label = labels_[static_cast<size_t>(frame % images_)];
      if (label >= 0 && label < classes_) {
        ++report.labelled;
        report.right += label == got;
      }
    }
    if (!options_->output.empty()) rows_.insert(rows_.end(), output.data.begin(), output.data.end());
  }
  void write() const {
    if (options_->output.empty()) return;
    const int64_t width = network_->out().out.size();
    write_file(options_->output, npy_int32({static_cast<int64_t>(rows_.size()) / width, width}, rows_));
  }

 private:
  const nn::Network* network_;
  const RunOptions* options_;
  int64_t images_, classes_ = 0;
  std::vector<int64_t> labels_;
  std::vector<int32_t> rows_;
};

// <layer>.npy files that grow frame by frame.
class Dump {
 public:
  Dump(std::string dir, int64_t images) : dir_(std::move(dir)), images_(images) {
    if (dir_.empty()) return;
    std::error_code ec;
    fs::create_directories(dir_, ec);
    if (ec) refuse("io-write", dir_, "cannot be made: " + ec.message());
  }
  void add(const std::string& name, const golden::Tensor& map) {
    if (dir_.empty()) return;
    auto& writer = writers_[name];
    if (!writer) {
      const nn::Shape& s = map.shape;
      writer = std::make_unique<NpyWriter>((fs::path(dir_) / (name + ".npy")).string(),
                                           std::vector<int64_t>{images_, s.h, s.w, s.c});
    }
    writer->append(map.data.data(), map.data.size());
  }
  void add_accumulators(const nn::Network& network, const golden::Result& r) {
    for (size_t i = 0; i < network.layers.size(); ++i) {
      if (r.acc[i]) add(network.layers[i].name + ".acc", *r.acc[i]);
    }
  }
  void finish() {
    for (auto& [name, writer] : writers_) writer->finish();
  }

 private:
  std::string dir_;
  int64_t images_;
  std::map<std::string, std::unique_ptr<NpyWriter>> writers_;
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

int64_t frame_count(const RunOptions& options, const ImageSet& images) {
  return options.count.value_or(images.count());
}

Traffic traffic_of(const MemoryTraffic& m, int64_t cycles, std::optional<double> clock_mhz) {
  Traffic t{.bursts = m.bursts, .beats = m.beats, .bytes = m.bytes, .gbytes_per_s = {}};
  t.bytes_per_cycle = static_cast<double>(m.bytes) / static_cast<double>(std::max<int64_t>(cycles, 1));
  if (clock_mhz) t.gbytes_per_s = t.bytes_per_cycle * *clock_mhz / 1000;
  return t;
}

// A read error is what was asked for, and still no is the answer.
std::string read_error_text(const AxiMemory::ReadError& e, const SimulateResult& r, int64_t images) {
  const bool clean = r.mismatches == 0 && r.failures.empty();
  return fmt::format(
      "read error at address {:#x}, cycle {}: {} after {} of {} images", e.address, e.cycle,
      clean ? "err_rresp rose and the design stopped, no wrong beat left it," : "the run ended",
      r.frames_done, images);
}

std::string timing_json(const Manifest& manifest, const SimulateResult& result) {
  JsonWriter w;
  w.begin_object().key("streams").begin_array();
  for (size_t i = 0; i < result.spans.size(); ++i) {
    const bool boundary = i < manifest.boundaries.size();
    w.begin_object()
        .field("layer", boundary ? manifest.boundaries[i].layer : manifest.output.layer)
        .field("port", !boundary);
    w.key("frames").begin_array();
    for (const StreamCheck::Span& s : result.spans[i]) {
      w.begin_array(true).value(s.first);
      (s.last < 0 ? w.null() : w.value(s.last)).end_array();
    }
    w.end_array().end_object();
  }
  w.end_array().end_object();
  return w.text();
}

}  // namespace

const char* to_string(Engine e) {
  switch (e) {
    case Engine::rtl:
      return "rtl";
    case Engine::integer:
      return "integer";
    case Engine::reference:
      return "reference";
  }
  return "";
}

std::optional<double> RunReport::accuracy() const {
  if (labelled == 0) return {};
  return static_cast<double>(right) / static_cast<double>(labelled);
}

RunReport run_golden(const nn::Network& network, const RunOptions& options) {
  const ImageSet images = load_images(options.inputs, network.input, network.image);
  nn::Network folded = network;
  if (options.engine == Engine::integer) nn::fold(folded);
  const bool dumping = !options.dump_dir.empty();
  const golden::Engine engine(
      folded, options.engine == Engine::reference ? golden::Kind::reference : golden::Kind::fast,
      {.keep_acc = dumping, .only_output = !dumping});
  RunReport report;
  report.network = network.name;
  report.engine = options.engine;
  report.images = frame_count(options, images);
  Outputs outputs(folded, options, images);
  Dump dump(options.dump_dir, report.images);
  Progress progress("images", report.images);

  const int threads = std::max(1, options.threads);
  const auto start = std::chrono::steady_clock::now();
  std::deque<std::future<golden::Result>> running;
  int64_t begun = 0;
  for (int64_t frame = 0; frame < report.images; ++frame) {
    for (; begun < report.images && begun < frame + threads; ++begun) {
      const uint8_t* pixels = images.image(begun % images.count());
      running.push_back(std::async(threads == 1 ? std::launch::deferred : std::launch::async,
                                   [&engine, pixels] { return engine.run(pixels); }));
    }
    const golden::Result r = running.front().get();
    running.pop_front();
    outputs.add(frame, r.output(), report);
    if (dumping) {
      dump.add("input", r.input);
      for (size_t i = 0; i < r.values.size(); ++i) dump.add(network.layers[i].name, r.values[i]);
      dump.add_accumulators(network, r);
    }
    progress.update(static_cast<double>(frame + 1));
  }
  report.gmac_per_second =
      static_cast<double>(network.macs()) * static_cast<double>(report.images) / seconds_since(start) / 1e9;
  outputs.write();
  dump.finish();
  return report;
}

RunReport run_rtl(const std::string& dir, const RunOptions& options) {
  const Manifest manifest = read_manifest(dir, options.bodies);
  nn::Network network = nn::read_network((fs::path(dir) / "network" / "network.json").string());
  check_against(manifest, network);
  nn::fold(network);
  if (!manifest.memory && !options.dram.as_predicted()) {
    refuse("cli-usage", "--dram", fmt::format("the design in '{}' reads no memory", dir),
           "all of its weights are on chip; leave --dram, --dram-random and --dram-error out");
  }
  const ImageSet images = load_images(options.inputs, network.input, network.image);
  const bool dumping = !options.dump_dir.empty();
  const golden::Engine engine(network, golden::Kind::fast, {.keep_acc = dumping, .only_output = false});

  RunReport report;
  report.network = network.name;
  report.images = frame_count(options, images);
  report.boundaries_compared = static_cast<int64_t>(manifest.boundaries.size());
  if (manifest.cycles_per_frame) report.predicted.cycles_per_frame = spec::Rate(*manifest.cycles_per_frame);
  report.predicted.latency_cycles = manifest.latency_cycles;
  Outputs outputs(network, options, images);
  Dump dump(options.dump_dir, report.images);

  const int threads = std::max(1, options.threads);
  const std::string model = build_model(
      manifest, {.cache_dir = options.work_dir, .trace = !options.trace.empty(), .threads = threads});
  Progress progress("images", report.images);
  Frames frames(engine, images, report.images);
  SimulateOptions simulation;
  simulation.stall = options.stall;
  simulation.dram = options.dram;
  simulation.seed = options.seed;
  simulation.threads = threads;
  simulation.trace = options.trace;
  simulation.keep_maps = dumping;
  simulation.on_output = [&](int64_t frame, const golden::Tensor& map) { outputs.add(frame, map, report); };
  simulation.on_progress = [&](double done, int64_t cycle) {
    progress.update(done, fmt::format(", cycle {}", cycle));
  };
  if (dumping) {
    simulation.on_map = [&](size_t boundary, int64_t, const golden::Tensor& map) {
      dump.add(manifest.boundaries[boundary].layer, map);
    };
    simulation.on_golden = [&](int64_t, const golden::Result& r) { dump.add_accumulators(network, r); };
  }
  const SimulateResult result = simulate(manifest, network, model, frames, simulation);

  report.mismatches = result.mismatches;
  report.first_mismatch = result.first_mismatch;
  report.values_compared = result.values_compared;
  report.simulated = {.cycles_per_frame = result.cycles_per_frame, .latency_cycles = result.latency_cycles};
  report.failures = result.failures;
  if (result.memory) {
    report.memory = traffic_of(*result.memory, result.cycles, manifest.clock_mhz);
    if (const auto& e = result.memory->read_error)
      report.failures.push_back(read_error_text(*e, result, report.images));
  }
  report.times.push_back({.name = "s_axis", .frames = result.input_spans});
  for (size_t i = 0; i < result.spans.size(); ++i) {
    report.times.push_back({.name = i < manifest.boundaries.size() ? manifest.boundaries[i].wires : "m_axis",
                            .frames = result.spans[i]});
  }
  report.complete = result.frames_done == report.images;
  report.cycles_per_second = static_cast<double>(result.cycles) / result.seconds;
  report.gmac_per_second =
      static_cast<double>(network.macs()) * static_cast<double>(result.frames_done) / result.seconds / 1e9;
  if (!options.timing.empty()) write_file(options.timing, timing_json(manifest, result));
  outputs.write();
  if (report.complete) dump.finish();
  return report;
}

}  // namespace elb::harness
