#include "cli/generate.hpp"

#include <future>

#include "arch/device.hpp"
#include "arch/plan_json.hpp"
#include "cli/common.hpp"
#include "nn/fold.hpp"
#include "nn/read_network.hpp"
#include "sim/golden/engine.hpp"
#include "top/assemble.hpp"
#include "top/names.hpp"
#include "top/stage_specs.hpp"
#include "top/write_outputs.hpp"

namespace elb::cli {
namespace {

constexpr int kTestFrames = 2;

// What the bench that goes with the design shall see.
top::TestFrames test_frames(const nn::Network& net) {
  top::TestFrames frames{.pixels = top::test_pixels(net.input, kTestFrames), .outputs = {}};
  const golden::Engine engine(net, golden::Kind::fast, {.only_output = true});
  for (const std::vector<uint8_t>& pixels : frames.pixels)
    frames.outputs.push_back(engine.run(pixels.data()).output().data);
  return frames;
}

}  // namespace

Generated generate(const GenerateOptions& options) {
  arch::PlanOptions plan_options;
  plan_options.max_cycles = options.max_cycles;
  plan_options.clock_mhz = options.clock_mhz;
  if (!options.plan_file.empty()) plan_options.overrides = arch::read_plan(options.plan_file);
  top::OutputOptions output;
  const std::string device_name =
      options.device.empty() ? plan_options.overrides.device.value_or("") : options.device;
  if (!device_name.empty()) {
    const arch::Device device = arch::read_device(find_device(device_name));
    plan_options.device = device.name;
    output.part = device.part;
  }

  Generated g;
  g.network = nn::read_network(find_network(options.network));
  nn::fold(g.network);
  g.plan = arch::make_plan(g.network, plan_options);
  g.top = output.top = top::top_name(options.prefix.empty() ? g.network.name : options.prefix);
  // Golden runs beside the hardware's construction: both take as long for large networks.
  std::future<top::TestFrames> frames =
      std::async(std::launch::async, [&] { return test_frames(g.network); });
  const std::vector<spec::StageSpec> specs = top::stage_specs(g.network, g.plan, g.top);
  hdl::Design design;
  top::assemble(design, g.network, g.plan, specs, g.top);
  g.files = top::output_files(design, g.network, g.plan, frames.get(), output);
  return g;
}

}  // namespace elb::cli
