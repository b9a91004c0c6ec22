// elbsweep: a grid of hybrid precisions of one network, each planned for a device.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <thread>

#include "base/text.hpp"
#include "base/version.hpp"
#include "cli/common.hpp"
#include "cli/generate_options.hpp"
#include "cli/run_sweep.hpp"
#include "report/sweep_report.hpp"

namespace {

// clang-format off
constexpr const char* kDescription =
    "Plans a network on a device in every combination of activation bits and weight kinds that SWEEP.json lists,\n"
    "and says which of them no other one beats.\n\n"
    "  elbsweep alexnet-zc706 -o out/                                   a shipped sweep (configs/sweeps)\n"
    "  elbsweep alexnet-zc706 --point alexnet-4-8218                    one of its points, stage by stage\n"
    "  cd out && elbgen pareto/alexnet-4-8218/network.json --device device.json \\\n"
    "      --plan pareto/alexnet-4-8218/plan.json -o rtl/               a point becomes hardware, as predicted\n\n"
    "SWEEP.json has a network, a device, and lists of values: {\"format\": \"elbgen.sweep/1\", \"name\": \"mine\",\n"
    "\"network\": \"alexnet-4-8218\", \"device\": \"zc706\", \"activation_bits\": [8, 4, 2], \"weights\": {\"first\":\n"
    "[\"int8\"], \"middle_conv\": [\"ternary\", \"binary\"], \"middle_fc\": [\"binary\"], \"last\": [\"int8\"]}}. A point is\n"
    "called by its digits: alexnet-4-8218 has 4-bit activations, an int8 first layer, ternary middle CONV, binary\n"
    "middle FC, an int8 last layer. \"objectives\", if others than speed, lut and bits count: frames_per_second, lut, ff,\n"
    "bram36, dsp, uram, ddr_gbytes_per_s, weight_bits, activation_bits.";

constexpr const char* kFooter =
    "\nDIR gets points.csv (all points), pareto.csv, sweep.svg, results.json, README.md, and for every point of the\n"
    "Pareto list pareto/NAME/{network,plan}.json. It appears whole or not at all; the same input gives the same bytes.\n"
    "Exit codes: 0 done; 1 no point fits the device; 2 bad input; 3 a bug of elbsweep.";
// clang-format on

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{kDescription, "elbsweep"};
  app.footer(kFooter);
  elb::cli::SweepOptions options;
  options.threads = std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, 64);
  std::string dir, point;
  bool force = false, json = false;
  app.add_option("sweep", options.file, "SWEEP.json, or a shipped sweep's name")
      ->type_name("SWEEP.json")
      ->required();
  app.add_option("-o,--output", dir, "where everything goes; must not exist, or be of elbsweep")
      ->type_name("DIR");
  app.add_option("--point", point, "show the plan of this point, and write nothing")->type_name("NAME");
  app.add_option("--threads", options.threads, "that plan points at the same time")
      ->check(CLI::Range(1, 64))
      ->capture_default_str()
      ->type_name("N");
  elb::cli::add_lut_share(app, options.lut_share);
  app.add_flag("--force", force, "replace DIR even if elbsweep did not write it");
  app.add_flag("--json", json, "print one JSON object");
  app.set_version_flag("--version", fmt::format("elbsweep {}", elb::version()));

  return elb::cli::run_program(argc, argv, app, json, [&] {
    if (dir.empty() == point.empty()) {
      elb::cli::refuse("elbsweep", dir.empty() ? "where shall it go?" : "-o and --point exclude each other",
                       "-o DIR for all points, --point NAME to see one");
    }
    if (!point.empty()) {
      fmt::print("{}", elb::cli::show_point(options, point, json));
      return elb::cli::kDone;
    }
    elb::check_directory(dir, elb::cli::kSweepMarker, elb::cli::kSweepMarkerBegin, force);
    const elb::cli::Swept swept = elb::cli::run_sweep(options);
    elb::write_directory(dir, swept.files, elb::cli::kSweepMarker, force);
    fmt::print("{}", json ? elb::report::sweep_object(swept.result) : elb::report::sweep_text(swept.result));
    return swept.result.pareto.empty() ? elb::cli::kAnswerIsNo : elb::cli::kDone;
  });
}
