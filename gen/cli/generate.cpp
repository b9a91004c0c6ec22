#include "cli/generate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>

#include "arch/depths.hpp"
#include "arch/device.hpp"
#include "arch/memory_choice.hpp"
#include "arch/model.hpp"
#include "arch/names.hpp"
#include "arch/plan_json.hpp"
#include "arch/stage_specs.hpp"
#include "cli/common.hpp"
#include "nn/fold.hpp"
#include "nn/read_network.hpp"
#include "sim/golden/engine.hpp"
#include "top/assemble.hpp"
#include "top/write_outputs.hpp"

namespace elb::cli {
namespace {

constexpr int kTestFrames = 2;
constexpr int kModelFrames = 3;

// What the bench that goes with the design shall see.
top::TestFrames test_frames(const nn::Network& net) {
  top::TestFrames frames{.pixels = top::test_pixels(net.input, kTestFrames), .outputs = {}};
  const golden::Engine engine(net, golden::Kind::fast, {.only_output = true});
  for (const std::vector<uint8_t>& pixels : frames.pixels)
    frames.outputs.push_back(engine.run(pixels.data()).output().data);
  return frames;
}

// The model's exact times, where running it costs seconds at most. Behind streamed weights it runs until the
// rate shows, for some passes of the frames that share one; such a run counts threefold, since it is for a
// rate alone, which the plan has nearly right without.
std::optional<arch::ModelResult> run_model(const arch::Plan& plan,
                                           const std::vector<spec::StageSpec>& specs) {
  constexpr int64_t kAffordable = 450'000'000;  // stages x cycles
  constexpr int kSteadyRunCounts = 3;
  const auto affordable = [&](int frames) {
    int64_t cycles = plan.cycles_per_frame * frames;
    for (const arch::Stage& s : plan.stages) cycles += s.cycles();
    return cycles <= kAffordable / static_cast<int64_t>(plan.stages.size());
  };
  const int passes = 4 * (arch::images_per_pass(plan) + 1);
  if (plan.memory && affordable(kSteadyRunCounts * passes))
    return arch::run_model(specs, plan, {.frames = passes, .until_steady = true});
  if (!affordable(kModelFrames)) return {};
  return arch::run_model(specs, plan, {.frames = kModelFrames});
}

[[noreturn]] void refuse_deadlock(const arch::Plan& plan, const arch::ModelResult& model) {
  throw arch::TargetMissed(
      {.code = "arch-deadlock", .place = plan.network, .text = "the plan locks up: " + model.deadlock});
}

// A plan with FIFOs of its own sizes may lock up, or be slower than its stages. What the user asked to see of
// so many frames comes from the same run where that has as many.
void settle_times(Generated& g, std::optional<arch::ModelResult> model,
                  const std::vector<spec::StageSpec>& specs, int frames) {
  if (frames > 0) {
    const bool same = model && !g.plan.memory && frames == kModelFrames;
    g.model = same ? model : arch::run_model(specs, g.plan, {.frames = frames});
    if (!model) model = g.model;
  }
  if (!model) return;
  if (!model->deadlock.empty()) refuse_deadlock(g.plan, *model);
  g.plan.latency_cycles = model->latency_cycles;
  if (model->cycles_per_frame)
    g.plan.cycles_per_frame = std::max(g.plan.cycles_per_frame, model->cycles_per_frame->rounded_up());
}

// Everything that stands before the hardware.
struct Planned {
  nn::Network network;
  arch::Plan plan;
  arch::PlanCost cost;
  std::optional<arch::Fit> fit;
  std::optional<arch::Choice> choice;
  top::OutputOptions output;
  std::vector<spec::StageSpec> specs;  // without images of the weights
};

double clock_of(const arch::PlanOptions& options) {
  return options.clock_mhz.value_or(options.overrides.clock_mhz.value_or(0));
}

int64_t cycles_for(double frames_per_second, double clock_mhz) {
  const double cycles = clock_mhz * 1e6 / frames_per_second;
  if (cycles < 1) {
    refuse("--target-fps", fmt::format("{:g} frames per second are more than {:g} MHz have cycles",
                                       frames_per_second, clock_mhz));
  }
  return static_cast<int64_t>(cycles);
}

// The best plan within the device; false where none fits and the caller's plan shall show why: it has rows of
// its own, or fitting was not asked for.
bool plan_for_budget(Planned& p, const arch::PlanOptions& plan_options, const arch::Device& device,
                     const GenerateOptions& options, arch::Explorer* explorer) {
  arch::Goal goal;
  if (options.max_cycles || options.target_fps) goal.max_cycles = plan_options.max_cycles;
  std::optional<arch::Explorer> own;
  if (!explorer) explorer = &own.emplace(device, clock_of(plan_options));
  try {
    arch::FittedPlan best = arch::plan_within(*explorer, p.network, device, plan_options, goal, p.output.top);
    p.plan = std::move(best.plan);
    p.specs = std::move(best.specs);
    p.choice = std::move(best.choice);
    return true;
  } catch (const UserError& e) {
    const bool misfit = e.diags().front().code == "arch-fit";
    if (!misfit || (!options.no_fit && plan_options.overrides.stages.empty())) throw;
    return false;
  }
}

void add_cost(Planned& p, const std::optional<arch::Device>& device) {
  p.cost = arch::plan_cost(p.plan, p.specs);
  if (!device) return;
  p.fit = arch::fit(p.cost, *device);
  arch::add_memory(*p.fit, p.plan, p.cost);
}

bool streams_weights(const arch::Plan& plan) {
  return std::any_of(plan.stages.begin(), plan.stages.end(),
                     [](const arch::Stage& s) { return s.weights == arch::Residence::stream; });
}

// Where nobody asks for the smallest depths, they are not worth more than a second or so, and no plan is
// given up for them: small memories are made of LUTs.
void minimise(Planned& p, const arch::PlanOverrides& given, const std::optional<arch::Device>& device,
              std::optional<bool> asked) {
  constexpr int64_t kAffordable = 27'500'000;  // slots x stages x cycles: the CNV of FINN at 100,000 cycles
  const int64_t work = arch::minimise_work(p.plan, given);
  if (work == 0) p.plan.depths = arch::Depths::given;
  if (work == 0 || !asked.value_or(true)) return;
  if (streams_weights(p.plan)) {
    if (!asked) return;
    refuse(
        "--minimise",
        "the smallest depths are found for weights on chip: behind streamed ones, a FIFO that is smaller can "
        "make a beat earlier",
        "leave it out, or give depths by --plan");
  }
  if (!asked && work > kAffordable) return;
  Planned small;
  small.plan = p.plan;
  small.specs = p.specs;
  if (!arch::minimise_depths(small.plan, small.specs, given)) return;
  small.specs = arch::stage_specs(p.network, small.plan, p.output.top, arch::WeightImages::left_out);
  add_cost(small, device);
  if (!asked && device && p.fit->fits && !small.fit->fits) return;
  p.plan = std::move(small.plan);
  p.specs = std::move(small.specs);
  p.cost = std::move(small.cost);
  p.fit = std::move(small.fit);
}

Planned make_planned(nn::Network network, const GenerateOptions& options, arch::Explorer* explorer) {
  arch::PlanOptions plan_options;
  plan_options.max_cycles = options.max_cycles.value_or(kMaxCycles);
  plan_options.clock_mhz = options.clock_mhz;
  plan_options.technology = options.technology;
  if (!options.plan_file.empty()) plan_options.overrides = arch::read_plan(options.plan_file);
  Planned p;
  const std::string device_name =
      options.device.empty() ? plan_options.overrides.device.value_or("") : options.device;
  std::optional<arch::Device> device;
  if (!device_name.empty()) {
    device = arch::read_device(find_device(device_name));
    limit_luts(*device, options.lut_share);
    if (!plan_options.technology && !plan_options.overrides.technology)
      plan_options.technology = arch::technology_of(*device);
    plan_options.device = device->name;
    p.output.part = device->part;
    if (!plan_options.clock_mhz && !plan_options.overrides.clock_mhz)
      plan_options.clock_mhz = device->clock_mhz;
    const double clock = clock_of(plan_options);
    plan_options.memory = arch::best_port(*device, clock);
    if (options.target_fps) plan_options.max_cycles = cycles_for(*options.target_fps, clock);
  }
  p.network = std::move(network);
  nn::fold(p.network);
  p.output.top = arch::top_name(options.prefix.empty() ? p.network.name : options.prefix);
  if (!device || !plan_for_budget(p, plan_options, *device, options, explorer)) {
    p.plan = arch::make_plan(p.network, plan_options);
    p.specs = arch::stage_specs(p.network, p.plan, p.output.top, arch::WeightImages::left_out);
  }
  add_cost(p, device);
  minimise(p, plan_options.overrides, device, options.minimise);
  if (p.fit && !p.fit->fits && !options.no_fit) throw UserError(arch::misfit(p.plan, p.cost, *p.fit));
  return p;
}

}  // namespace

void limit_luts(arch::Device& device, const std::optional<double>& share) {
  if (!share) return;
  if (*share <= device.shell_lut)
    refuse("--lut-share", fmt::format("the shell of {} alone keeps {}", device.name, device.shell_lut));
  device.most_lut = *share;
}

Generated generate(const GenerateOptions& options) {
  return generate(nn::read_network(find_network(options.network)), options);
}

Generated generate(nn::Network network, const GenerateOptions& options, arch::Explorer* explorer) {
  Planned p = make_planned(std::move(network), options, explorer);
  Generated g{.network = std::move(p.network),
              .plan = std::move(p.plan),
              .cost = std::move(p.cost),
              .fit = std::move(p.fit),
              .choice = std::move(p.choice),
              .top = p.output.top,
              .model = {},
              .files = {}};
  if (options.plan_only) {
    settle_times(g, run_model(g.plan, p.specs), p.specs, options.model_frames);
    return g;
  }
  // Golden and the model run beside the hardware's construction: each takes as long for large networks.
  std::future<top::TestFrames> frames =
      std::async(std::launch::async, [&] { return test_frames(g.network); });
  std::future<std::optional<arch::ModelResult>> model =
      std::async(std::launch::async, [&g, specs = p.specs] { return run_model(g.plan, specs); });
  arch::add_weight_images(p.specs, g.network, g.plan);
  hdl::Design design;
  top::assemble(design, g.network, g.plan, p.specs, g.top);
  top::HardwareFiles hardware = top::hardware_files(design, g.plan, p.specs);
  settle_times(g, model.get(), p.specs, options.model_frames);
  g.files =
      top::output_files(std::move(hardware), design, g.network, g.plan, p.specs, frames.get(), p.output);
  return g;
}

}  // namespace elb::cli
