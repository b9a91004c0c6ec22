#include "cli/check_timing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "arch/make_plan.hpp"
#include "arch/model.hpp"
#include "arch/names.hpp"
#include "arch/plan_json.hpp"
#include "arch/stage_specs.hpp"
#include "nn/fold.hpp"
#include "nn/read_network.hpp"

namespace elb::cli {
namespace {

namespace fs = std::filesystem;

arch::ModelResult predict_run(const std::string& dir, const harness::RunOptions& options, int64_t frames) {
  nn::Network net = nn::read_network((fs::path(dir) / "network" / "network.json").string());
  nn::fold(net);
  arch::PlanOptions plan_options;
  plan_options.overrides = arch::read_plan((fs::path(dir) / "plan.json").string());
  const arch::Plan plan = arch::make_plan(net, plan_options);
  const std::vector<spec::StageSpec> specs =
      arch::stage_specs(net, plan, arch::top_name(net.name), arch::WeightImages::left_out);
  return arch::run_model(specs, plan, {.frames = static_cast<int>(frames), .timing = options.dram.timing});
}

struct Difference {
  int64_t cycle = INT64_MAX;  // the earlier one of prediction and simulation
  std::string text;
};

// The first frame of a stream that passes at another time.
Difference difference(const harness::StreamTimes& seen, const arch::FrameTimes& expected) {
  for (size_t i = 0; i < seen.frames.size(); ++i) {
    const auto& [first, last] = seen.frames[i];
    const int64_t begin = expected.first.at(i), end = expected.last.at(i);
    if (first == begin && last == end) continue;
    return {.cycle = first != begin ? std::min(first, begin) : std::min(last, end),
            .text = fmt::format("frame {} passes '{}' in cycles {} to {}, predicted {} to {}", i, seen.name,
                                first, last, begin, end)};
  }
  return {};
}

}  // namespace

void check_timing(const std::string& dir, const harness::RunOptions& options, harness::RunReport& report) {
  const bool stalled = options.stall.percent > 0 || options.stall.of_sink() > 0;
  if (stalled || options.dram.random || options.dram.error_beat || !report.complete) return;
  const arch::ModelResult model = predict_run(dir, options, report.images);
  report.predicted = {.cycles_per_frame = model.cycles_per_frame, .latency_cycles = model.latency_cycles};
  report.timing = {
      .streams = static_cast<int64_t>(report.times.size()), .frames = report.images, .first_difference = {}};
  if (!model.deadlock.empty()) {
    report.timing->first_difference = "the model says that the design locks up: " + model.deadlock;
  } else {
    Difference earliest;
    std::vector<const arch::FrameTimes*> expected{&model.in};
    for (const arch::StageActivity& stage : model.stages) expected.push_back(&stage.out);
    expected.push_back(&model.stages.back().out);  // m_axis
    for (size_t i = 0; i < report.times.size(); ++i) {
      Difference d = difference(report.times[i], *expected.at(i));
      if (d.cycle < earliest.cycle) earliest = std::move(d);
    }
    if (!earliest.text.empty()) report.timing->first_difference = earliest.text;
  }
  if (const auto& d = report.timing->first_difference) report.failures.push_back("timing: " + *d);
}

}  // namespace elb::cli
