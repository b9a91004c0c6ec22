#include "arch/model.hpp"

#include <algorithm>

#include "arch/pipeline.hpp"
#include "base/assert.hpp"

namespace elb::arch {
namespace {

// Counts a stream's transfers by frame.
struct FrameCount {
  int64_t beats = 1, beat = 0;
  // One passes in `cycle`; is it the last of a frame?
  bool pass(FrameTimes& times, int64_t cycle) {
    if (beat == 0) times.first.push_back(cycle);
    if (++beat < beats) return false;
    beat = 0;
    times.last.push_back(cycle);
    return true;
  }
};

std::string wait_chain(Pipeline& pipeline) {
  std::string text;
  for (const Pipeline::Node& n : pipeline.nodes()) {
    const std::string w = n.machine->waits();
    if (!w.empty()) text += (text.empty() ? "" : "; ") + w;
  }
  return text;
}

int largest_pass(Pipeline& pipeline) {
  int images = 1;
  for (const Pipeline::Node& n : pipeline.nodes()) images = std::max(images, n.machine->images);
  return images;
}

StageActivity activity(Pipeline::Node& n, int64_t end) {
  StageActivity a;
  Machine& m = *n.machine;
  a.queue_peak = static_cast<int>(m.out().peak);
  a.starved = m.waited(end, WaitCount::input);
  a.weightless = m.waited(end, WaitCount::weights);
  a.blocked = m.waited(end, WaitCount::room);
  if (const FetchClient* fetch = m.fetch()) a.weight_beats = fetch->beats_read();
  for (const Pipeline::Join& j : n.inputs) a.branch_peak.push_back(static_cast<int>(j.fifo.peak));
  return a;
}

}  // namespace

ModelResult run_model(const std::vector<spec::StageSpec>& stages, const Plan& plan,
                      const ModelOptions& options) {
  const spec::DramTiming timing = options.timing.value_or(plan.memory.value_or(MemoryPort{}).timing);
  Pipeline pipeline(stages, plan, timing, options.unbounded_branches);
  ModelResult result;
  std::vector<FrameTimes> outputs(stages.size());
  std::vector<FrameCount> counts;
  for (const Pipeline::Node& n : pipeline.nodes()) counts.push_back({.beats = n.beats_per_frame});
  const std::vector<int64_t>& ends = outputs.back().last;
  const int images = images_per_pass(plan);
  int64_t longest = plan.cycles_per_frame + pipeline.port().longest_wait();
  for (const Stage& s : plan.stages) longest += s.cycles();
  for (const spec::StageSpec& s : stages) {
    if (const auto* c = std::get_if<spec::ComputeStage>(&s); c && c->sweep) longest += c->sweep->patience;
  }
  const int64_t source_beats = counts[0].beats * options.frames;
  FrameCount source{.beats = counts[0].beats};

  int64_t cycle = 0, taken = 0, locked_at = longest + 1001;
  // Rows that no window needs pass behind the output's last beat.
  int64_t frames_left = static_cast<int64_t>(outputs.size()) * options.frames;
  while (frames_left > 0) {
    cycle = std::max(cycle, std::min(pipeline.next(), locked_at));
    if (cycle == locked_at) {
      result.deadlock = wait_chain(pipeline);
      break;
    }
    pipeline.step(cycle, taken < source_beats);
    if (pipeline.taken()) {
      source.pass(result.in, cycle);
      ++taken;
    }
    for (const int i : pipeline.popped()) frames_left -= counts[i].pass(outputs[i], cycle);
    if (pipeline.moved()) locked_at = cycle + longest + 1001;
    ++cycle;
    if (ends.size() > result.memory_beats.size()) {
      result.memory_beats.push_back(pipeline.port().beats_read());
      if (options.until_steady)
        result.cycles_per_frame = spec::steady_rate(ends, images, largest_pass(pipeline));
      if (result.cycles_per_frame) break;
    }
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    result.stages.push_back(activity(pipeline.nodes()[i], cycle));
    result.stages.back().out = std::move(outputs[i]);
  }
  result.cycles = cycle;
  result.steady = result.cycles_per_frame.has_value();
  const FrameTimes& out = result.stages.back().out;
  if (!out.first.empty() && !result.in.first.empty())
    result.latency_cycles = out.first[0] - result.in.first[0];
  if (!result.steady) result.cycles_per_frame = spec::rate(out.last, images);
  return result;
}

std::optional<double> memory_bytes_per_cycle(const ModelResult& run, const Plan& plan) {
  const std::vector<int64_t>& last = run.stages.back().out.last;
  if (!plan.memory || last.size() < 2) return {};
  const size_t end = last.size() - 1, half = end / 2;
  const auto bytes =
      static_cast<double>((run.memory_beats[end] - run.memory_beats[half]) * (plan.memory->data_bits / 8));
  return bytes / static_cast<double>(last[end] - last[half]);
}

}  // namespace elb::arch
