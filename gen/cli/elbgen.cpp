// elbgen: from a network to a complete streaming accelerator in Verilog.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/text.hpp"
#include "base/version.hpp"
#include "cli/common.hpp"
#include "cli/generate_options.hpp"
#include "report/activity.hpp"
#include "report/plan_report.hpp"
#include "report/timing.hpp"
#include "top/manifest.hpp"

namespace {

constexpr const char* kDescription =
    "Turns a quantised neural network into a streaming accelerator: plain Verilog-2005, weight images, a "
    "bench,\n"
    "Vivado scripts.\n\n"
    "  elbgen net.json -o rtl/                                    the smallest hardware for 100,000 cycles "
    "per frame\n"
    "  elbgen fmnist-4-8218 -o rtl/ --max-cycles 5000 --clock-mhz 200\n"
    "  elbgen net.json -o rtl/ --plan rtl/plan.json --force       the plan as edited\n"
    "  elbgen net.json --device zc706 --plan-only                 what it would take of that board\n\n"
    "NET.json is a network (docs/network-format.md) or the name of a shipped one.";

constexpr const char* kFooter =
    "\nDIR appears whole or not at all. Exit codes: 0 done; 1 the target is out of reach; 2 bad input; 3 a "
    "bug of elbgen.";

int explain(const std::string& code) {
  const char* text = elb::explain_code(code);
  if (!text) {
    elb::Diag d{.code = "cli-usage",
                .place = "--explain",
                .text = fmt::format("no diagnostic has the code \"{}\"", code)};
    if (const std::string near = elb::nearest(code, elb::all_codes()); !near.empty())
      d.help = "did you mean " + near + "?";
    throw elb::UserError(d);
  }
  fmt::print("{}: {}\n", code, text);
  return elb::cli::kDone;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{kDescription, "elbgen"};
  app.footer(kFooter);
  elb::cli::GenerateOptions options;
  std::string dir, code, timing, activity;
  int frames = 4;
  bool force = false, json = false;
  app.add_option("network", options.network, "NET.json, or a shipped network's name")->type_name("NET.json");
  app.add_option("-o,--output", dir, "where everything goes; must not exist, or be of elbgen")
      ->type_name("DIR");
  elb::cli::add_generate_options(app, options);
  app.add_option(
         "--timing", timing,
         "cycle of the first and last beat of every frame at every boundary, as predicted (without -o: "
         "only that)")
      ->type_name("F.json");
  app.add_option(
         "--activity", activity,
         "what every stage waits for, fill of FIFOs, bytes from memory, as predicted (without -o: only that)")
      ->type_name("F.json");
  app.add_option("--frames", frames, "of --timing and --activity")
      ->check(CLI::Range(1, 1000))
      ->type_name("N")
      ->capture_default_str();
  app.add_flag("--force", force, "replace DIR even if elbgen did not write it");
  app.add_flag("--plan-only", options.plan_only, "print the plan, write nothing");
  app.add_flag("--json", json, "print one JSON object");
  app.add_option("--explain", code, "explain a diagnostic's code, and stop")->type_name("CODE");
  app.set_version_flag("--version", fmt::format("elbgen {}", elb::version()));

  return elb::cli::run_program(argc, argv, app, json, [&] {
    if (!code.empty()) return explain(code);
    if (options.network.empty()) elb::cli::refuse("elbgen", "which network?", "elbgen NET.json -o DIR");
    if (dir.empty() && timing.empty() && activity.empty() && !options.plan_only)
      elb::cli::refuse("elbgen", "where shall it go?", "-o DIR");
    for (const std::string& file : {timing, activity}) elb::cli::check_folder_of(file);
    elb::cli::check_generate_options(options);
    options.plan_only = options.plan_only || dir.empty();
    if (!timing.empty() || !activity.empty()) options.model_frames = frames;
    try {
      const elb::cli::Generated g = elb::cli::generate(options);
      if (!timing.empty()) elb::write_file(timing, elb::report::timing_json(g.network, g.plan, *g.model));
      if (!activity.empty()) elb::write_file(activity, elb::report::activity_json(g.plan, *g.model));
      if (!options.plan_only) elb::write_directory(dir, g.files, elb::top::kManifest, force);
      fmt::print("{}", json ? elb::report::plan_object(g.plan, g.cost, g.fit, g.choice)
                            : elb::report::plan_text(g.plan, g.cost, g.fit, g.choice));
      return elb::cli::kDone;
    } catch (const elb::arch::TargetMissed& e) {
      return elb::cli::report_errors({e.diag}, elb::cli::kAnswerIsNo, json);
    }
  });
}
