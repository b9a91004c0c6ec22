#include "sim/harness/simulate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "sim/harness/deadlock.hpp"
#include "sim/harness/model.hpp"
#include "sim/harness/probe.hpp"

namespace elb::harness {
namespace {

constexpr int kResetCycles = 16;
constexpr int kDrainCycles = 64;  // watched after the last beat, for beats that should not come
constexpr int64_t kProgressCycles = 4096;
constexpr int64_t kQuietShare = 10;    // of the limit: without any beat at any boundary a design has stopped
constexpr int64_t kBusySilence = 100;  // reading memory counts as a sign of life, but not for ever

// Offers the pixels of frame after frame at s_axis; what is offered stays until it is taken.
class Source {
 public:
  Source(const Model& model, const Stream& stream, const Frames& frames, const SimulateOptions& options)
      : stream_(&stream),
        frames_(&frames),
        data_(model.port(port_s_data)),
        valid_(model.port(port_s_valid)),
        ready_(model.port(port_s_ready)),
        last_(model.port(port_s_last)),
        stalls_(options.stall.seed * 2 + 1),
        noise_(options.seed ^ 0x5eed),
        percent_(options.stall.percent) {}

  void drive() {
    if (*valid_ || frame_ == frames_->count() || stalls_.percent(percent_)) return;
    const uint8_t* pixels = frames_->pixels(frame_);
    const nn::Shape& shape = stream_->shape;
    uint8_t* out = data_;
    for (int v = 0; v < stream_->columns; ++v) {
      for (int l = 0; l < stream_->channels; ++l) {
        const int x = at_.xg * stream_->columns + v, c = at_.cg * stream_->channels + l;
        const bool inside = x < shape.w && c < shape.c;
        *out++ = inside ? pixels[(int64_t{at_.y} * shape.w + x) * shape.c + c]
                        : static_cast<uint8_t>(noise_.next());
      }
    }
    *last_ = at_.is_last(*stream_);
    *valid_ = 1;
  }
  // With settled wires, before the rising edge. True when a beat passes.
  bool passes() const { return *valid_ && *ready_; }
  void after_edge(bool passed, int64_t cycle) {
    if (!passed) return;
    *valid_ = 0;
    if (beat() == 0) spans_.push_back({.first = cycle, .last = -1});
    if (!at_.advance(*stream_)) return;
    spans_.back().last = cycle;
    ++frame_;
  }
  const std::vector<StreamCheck::Span>& spans() const { return spans_; }  // of frames begun
  int64_t frame() const { return frame_; }
  int64_t beat() const { return at_.index(*stream_); }
  bool offers() const { return *valid_ != 0; }

 private:
  const Stream* stream_;
  const Frames* frames_;
  uint8_t *data_, *valid_, *ready_, *last_;
  Random stalls_, noise_;
  int percent_;
  BeatPosition at_;
  int64_t frame_ = 0;
  std::vector<StreamCheck::Span> spans_;
};

struct Watch {
  std::vector<StreamCheck> boundaries;
  StreamCheck output;

  bool done() const {
    return output.done() &&
           std::all_of(boundaries.begin(), boundaries.end(), [](const StreamCheck& b) { return b.done(); });
  }
  bool moves() const {  // a beat passes somewhere
    return std::any_of(boundaries.begin(), boundaries.end(),
                       [](const StreamCheck& b) { return b.offers() && b.is_taken(); });
  }
  int64_t frames_done() const {
    int64_t n = output.frame();
    for (const StreamCheck& b : boundaries) n = std::min(n, b.frame());
    return n;
  }
};

Watch make_watch(const Manifest& manifest, const nn::Network& network, const Model& model, Frames& frames,
                 bool keep_maps) {
  const auto wires = [&](int first) {
    return Wires{model.port(first), model.port(first + 1), model.port(first + 2), model.port(first + 3)};
  };
  std::vector<StreamCheck> boundaries;
  for (size_t i = 0; i < manifest.boundaries.size(); ++i) {
    boundaries.emplace_back(manifest.boundaries[i], network,
                            wires(port_first_boundary + 4 * static_cast<int>(i)), frames, keep_maps);
  }
  return Watch{std::move(boundaries),
               StreamCheck(manifest.output, network, wires(port_m_data), frames, true)};
}

// The cycles that a burst may take, longest.
int64_t burst_cycles(const MemoryPort& port, const DramOptions& dram) {
  if (dram.random) return (dram.random->max_latency + port.burst_beats) * 100 / (100 - dram.random->percent);
  const spec::DramTiming t = dram.timing.value_or(port.timing);
  return t.latency + port.burst_beats * (t.cycles / t.beats + 1);
}

// How long the output may stay silent while the memory is, too: ten predicted latencies, longer by as much as
// stalls and memory slow the streams down.
int64_t silence_limit(const Manifest& manifest, const nn::Network& network, const SimulateOptions& options) {
  const int stall_percent = std::max(options.stall.percent, options.stall.of_sink());
  // A design that predicts nothing gets the time to do every multiplication one after the other; one that
  // knows its cycles only gets that many for each stage.
  const int64_t frame = manifest.cycles_per_frame.value_or(manifest.input.beats() + network.macs());
  const int64_t latency =
      manifest.latency_cycles.value_or(frame * static_cast<int64_t>(manifest.boundaries.size() + 1));
  const int64_t memory = manifest.memory ? burst_cycles(*manifest.memory, options.dram) : 0;
  const int64_t base = 10 * (std::max(latency, frame) + memory) + 1000;
  return stall_percent == 0 ? base : 3 * base * 100 / (100 - stall_percent);
}

std::optional<AxiMemory> make_memory(const Manifest& manifest, const Model& model,
                                     const SimulateOptions& options) {
  if (!manifest.memory) return {};
  const MemoryWires wires{.address = model.port(port_ar_address),
                          .length = model.port(port_ar_length),
                          .size = model.port(port_ar_size),
                          .burst = model.port(port_ar_burst),
                          .address_valid = model.port(port_ar_valid),
                          .address_ready = model.port(port_ar_ready),
                          .data = model.port(port_r_data),
                          .response = model.port(port_r_response),
                          .last = model.port(port_r_last),
                          .valid = model.port(port_r_valid),
                          .ready = model.port(port_r_ready),
                          .base = model.port(port_weights_base),
                          .error = model.port(port_read_error)};
  return AxiMemory(*manifest.memory, read_file(std::filesystem::path(manifest.dir) / manifest.memory->image),
                   wires, options.dram, options.seed);
}

void summarise(const AxiMemory& memory, const MemoryPort& port, const DramOptions& options,
               SimulateResult& result) {
  result.memory = MemoryTraffic{.bursts = memory.bursts(),
                                .beats = memory.beats(),
                                .bytes = memory.beats() * port.beat_bytes(),
                                .read_error = memory.read_error()};
  if (memory.first_violation()) result.failures.push_back(*memory.first_violation());
  if (options.error_beat && !memory.read_error())
    result.failures.push_back(
        fmt::format("beat {} was to fail, and only {} were read", *options.error_beat, memory.beats()));
}

void summarise(const Watch& watch, int images_per_pass, SimulateResult& result) {
  std::vector<const StreamCheck*> all;
  for (const StreamCheck& b : watch.boundaries) {
    all.push_back(&b);
    result.values_compared += b.values();
    result.mismatches += b.mismatches();
  }
  // The output port repeats the last layer's boundary: it counts where it is the only one to see that layer,
  // or adds errors.
  const StreamCheck* twin = nullptr;
  for (const StreamCheck& b : watch.boundaries) {
    if (b.stream().layer == watch.output.stream().layer) twin = &b;
  }
  if (!twin) result.values_compared += watch.output.values();
  result.mismatches +=
      twin ? std::max<int64_t>(0, watch.output.mismatches() - twin->mismatches()) : watch.output.mismatches();
  all.push_back(&watch.output);
  for (const StreamCheck* s : all) {
    const auto& m = s->first_mismatch();
    if (m && (!result.first_mismatch || m->image < result.first_mismatch->image)) result.first_mismatch = m;
    if (s->first_violation()) result.failures.push_back(*s->first_violation());
    result.spans.push_back(s->spans());
  }
  std::vector<int64_t> ends;
  for (const StreamCheck::Span& s : watch.output.spans()) {
    if (s.last >= 0) ends.push_back(s.last);
  }
  result.cycles_per_frame = spec::rate(ends, images_per_pass);
  result.frames_done = watch.frames_done();
}

}  // namespace

SimulateResult simulate(const Manifest& manifest, const nn::Network& network,
                        const std::string& shared_object, Frames& frames, const SimulateOptions& options) {
  ELB_ASSERT(options.stall.percent >= 0 && options.stall.percent < 100, "a stall percentage is 0..99");
  Model model(shared_object, manifest.dir,
              {.seed = static_cast<int>(options.seed), .threads = options.threads, .trace = options.trace});
  std::optional<AxiMemory> memory = make_memory(manifest, model, options);
  for (int i = 0; i < kResetCycles; ++i) {
    model.high();
    model.low();
  }
  model.high();  // the last edge under reset: its registers are what cycle 0 starts from
  *model.port(port_reset) = 1;

  Source source(model, manifest.input, frames, options);
  Watch watch = make_watch(manifest, network, model, frames, options.keep_maps);
  uint8_t* const sink_ready = model.port(port_m_ready);
  const uint8_t* const frame_error = model.port(port_frame_error);
  Random sink_stalls(options.stall.seed * 2 + 2);
  const int64_t limit = silence_limit(manifest, network, options);

  SimulateResult result;
  std::optional<int64_t> first_in, first_out;
  int64_t last_sign = 0, last_output = 0, released = 0, cycle = 0, drain = kDrainCycles;
  const auto start = std::chrono::steady_clock::now();
  for (; drain > 0; ++cycle) {
    source.drive();
    if (memory) memory->drive(cycle);
    *sink_ready = sink_stalls.percent(options.stall.of_sink()) ? 0 : 1;
    model.low();

    const bool passed = source.passes();
    if (passed && !first_in) first_in = cycle;
    if (memory && memory->watch(cycle)) last_sign = cycle;
    bool frame_ended = false;
    for (size_t i = 0; i < watch.boundaries.size(); ++i) {
      StreamCheck& b = watch.boundaries[i];
      if (!b.watch(cycle)) continue;
      frame_ended = true;
      if (options.on_map && options.keep_maps) options.on_map(i, b.frame() - 1, b.map());
    }
    if (watch.output.offers() && *sink_ready) {
      if (!first_out) first_out = cycle;
      last_sign = last_output = cycle;
    }
    if (watch.output.watch(cycle)) {
      frame_ended = true;
      if (options.on_output) options.on_output(watch.output.frame() - 1, watch.output.map());
    }
    if (frame_ended) {
      const int64_t done = watch.frames_done();
      for (; released < done; ++released) {
        if (options.on_golden) options.on_golden(released, *frames.get(released));
      }
      frames.release_below(released);
    }
    if (watch.done()) {
      --drain;
    } else if (memory && memory->read_error()) {
      if (watch.moves() || passed) last_sign = cycle;
      if (cycle - last_sign > limit / kQuietShare || cycle - last_output > kBusySilence * limit) break;
    } else if (cycle - last_sign > limit || cycle - last_output > kBusySilence * limit) {
      std::vector<const StreamCheck*> streams;
      for (const StreamCheck& b : watch.boundaries) streams.push_back(&b);
      result.failures.push_back(describe_deadlock(network, streams, watch.output,
                                                  {.cycle = cycle,
                                                   .silent = cycle - last_output,
                                                   .input_frame = source.frame(),
                                                   .input_beat = source.beat(),
                                                   .input_waits = source.offers()}));
      break;
    }
    if (options.on_progress && cycle % kProgressCycles == 0) options.on_progress(watch.output.frame(), cycle);
    model.high();
    source.after_edge(passed, cycle);
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.cycles = cycle;
  if (*frame_error)
    result.failures.push_back(
        "frame_error is set: the design counts other beats per frame than its manifest says");
  summarise(watch, manifest.images_per_pass, result);
  result.input_spans = source.spans();
  if (memory) summarise(*memory, *manifest.memory, options.dram, result);
  if (first_in && first_out) result.latency_cycles = *first_out - *first_in;
  return result;
}

}  // namespace elb::harness
