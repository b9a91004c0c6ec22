#include "cli/generate_options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "cli/common.hpp"

namespace elb::cli {

void add_lut_share(CLI::App& app, std::optional<double>& share) {
  app.add_option("--lut-share", share,
                 "of the device's LUTs that can be used and routed, the shell's included (default: as the "
                 "device's file says)")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("F");
}

void add_generate_options(CLI::App& app, GenerateOptions& options) {
  app.add_option("--device", options.device, "the FPGA: a name among configs/devices, or a file")
      ->type_name("NAME|FILE");
  add_lut_share(app, options.lut_share);
  app.add_option("--clock-mhz", options.clock_mhz, "for frames per second and the timing constraint")
      ->type_name("F");
  app.add_option_function<std::string>(
         "--technology",
         [&options](const std::string& name) {
           const std::vector<std::string>& names = arch::technology_names();
           options.technology =
               static_cast<spec::Technology>(std::find(names.begin(), names.end(), name) - names.begin());
         },
         "generic: plain Verilog; xc7, xcup: dot products in LUT6_2, carry chains and DSP slices "
         "of 7-series, or of UltraScale and UltraScale+ (default: that of the device)")
      ->check(CLI::IsMember(arch::technology_names()))
      ->type_name("generic|xc7|xcup");
  app.add_option("--plan", options.plan_file, "a plan.json: what it gives is obeyed, the rest is chosen")
      ->type_name("PLAN.json");
  app.add_option(
         "--max-cycles", options.max_cycles,
         fmt::format("cycles per frame that every stage shall meet (default with a device: as few as fit; "
                     "else {})",
                     kMaxCycles))
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 40))
      ->type_name("N");
  app.add_option("--target-fps", options.target_fps,
                 "frames per second on the device, at the least cost (instead of as many as fit)")
      ->type_name("F");
  CLI::Option* minimise = app.add_flag_callback(
      "--minimise", [&options] { options.minimise = true; },
      "the smallest FIFOs and stores that keep the rate, by the cycle model, however long it takes (default: "
      "where it takes a second or so)");
  app.add_flag_callback(
         "--no-minimise", [&options] { options.minimise = false; },
         "FIFOs and stores of simple formulas, which never limit the rate")
      ->excludes(minimise);
  app.add_flag("--no-fit", options.no_fit, "go on with a plan that the device cannot hold");
  app.add_option("--prefix", options.prefix, "module names begin with elb_NAME (default: the network's name)")
      ->type_name("NAME");
}

void check_generate_options(const GenerateOptions& options) {
  if (const auto& mhz = options.clock_mhz; mhz && !(*mhz > 0 && *mhz <= 10000)) {
    refuse("--clock-mhz", fmt::format("{} MHz is no clock", *mhz));
  }
  if (const auto& fps = options.target_fps) {
    if (!(*fps > 0)) refuse("--target-fps", fmt::format("{} frames per second are no target", *fps));
    if (options.max_cycles) refuse("--target-fps", "--max-cycles is a target too", "give one of them");
    if (options.device.empty())
      refuse("--target-fps", "it needs a device, whose clock and budget it is for", "--device NAME");
  }
  if (!options.prefix.empty() && !is_identifier("elb_" + options.prefix)) {
    refuse("--prefix", fmt::format("\"{}\" cannot be part of a Verilog name", options.prefix),
           "letters, digits and _");
  }
}

}  // namespace elb::cli
