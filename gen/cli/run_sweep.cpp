#include "cli/run_sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

#include "arch/plan_json.hpp"
#include "base/text.hpp"
#include "cli/common.hpp"
#include "cli/generate.hpp"
#include "cli/progress.hpp"
#include "report/plan_report.hpp"
#include "report/sweep_plot.hpp"
#include "report/sweep_report.hpp"
#include "sweep/base_network.hpp"
#include "sweep/closed_form.hpp"
#include "sweep/parallel.hpp"

namespace elb::cli {
namespace {

namespace fs = std::filesystem;
using sweep::Point;
using sweep::Precision;

// What a sweep names under `key`: a file beside it, else a shipped one.
std::string resolve(const sweep::Sweep& s, const char* key, const std::string& name,
                    std::string (*find)(const std::string&)) {
  const fs::path beside = fs::path(s.file).parent_path() / name;
  std::error_code ec;
  if (fs::is_regular_file(beside, ec)) return beside.string();
  try {
    return find(name);
  } catch (const UserError& e) {
    Diag d = e.diags().front();
    d.text = fmt::format("\"{}\": {}", name, d.text);
    d.place = fmt::format("{}#/{}", s.file, key);
    throw UserError(d);
  }
}

struct Sources {
  sweep::Sweep sweep;
  std::string network_text, device_file, device_text;
  sweep::BaseNetwork base;
  arch::Device device;
  std::optional<double> lut_share;
  double clock_mhz = 0;
};

// Every value that the sweep lists, once each, in a network that the reader takes.
void check_values(const sweep::Sweep& s, const sweep::BaseNetwork& base) {
  Diags diags;
  const Precision first = sweep::grid(s).front();
  const auto check = [&](const Precision& p, const std::string& place) {
    try {
      base.shapes(p);
    } catch (const UserError& e) {
      for (Diag d : e.diags()) {
        d.notes.push_back("asked for by " + place);
        diags.error(d);
      }
    }
  };
  for (size_t i = 0; i < s.activation_bits.size(); ++i) {
    Precision p = first;
    p.activation_bits = s.activation_bits[i];
    check(p, fmt::format("{}#/activation_bits/{}", s.file, i));
  }
  for (size_t c = 0; c < sweep::kWeightClasses; ++c) {
    const std::string& name = sweep::weight_class_names()[c];
    if (!base.has(static_cast<sweep::WeightClass>(c)) && s.weights[c].size() > 1) {
      diags.error({.code = "json-value",
                   .place = fmt::format("{}#/weights/{}", s.file, name),
                   .text = fmt::format("\"{}\" has no such layer, more than one value makes equal points",
                                       base.shapes().name),
                   .notes = {},
                   .help = "one value, it only stands in the points' names"});
    }
    for (size_t i = 1; i < s.weights[c].size(); ++i) {
      Precision p = first;
      p.weights[c] = s.weights[c][i];
      check(p, fmt::format("{}#/weights/{}/{}", s.file, name, i));
    }
  }
  diags.throw_if_any();
}

Sources read_sources(const SweepOptions& options) {
  sweep::Sweep s = sweep::read_sweep(find_sweep(options.file));
  const std::string network = resolve(s, "network", s.network, find_network);
  const std::string device_file = resolve(s, "device", s.device, find_device);
  std::string text = read_file(network), device_text = read_file(device_file);
  sweep::BaseNetwork base(text, network);
  check_values(s, base);
  arch::Device device = arch::read_device_text(device_text, device_file);
  limit_luts(device, options.lut_share);
  const double clock_mhz = s.clock_mhz.value_or(device.clock_mhz);
  return {.sweep = std::move(s),
          .network_text = std::move(text),
          .device_file = device_file,
          .device_text = std::move(device_text),
          .base = std::move(base),
          .device = std::move(device),
          .lut_share = options.lut_share,
          .clock_mhz = clock_mhz};
}

GenerateOptions plan_options(const Sources& s) {
  return {.network = {},
          .device = s.device_file,
          .clock_mhz = s.clock_mhz,
          .lut_share = s.lut_share,
          .plan_only = true};
}

// As elbgen plans it. The bound is that of the search that chose the plan.
sweep::Figures figures_of(const Generated& g) {
  const double fps = report::frames_per_second(g.plan).value_or(0);
  return {.planned = true,
          .fits = g.fit->fits,
          .frames_per_second = fps,
          .cycles_per_frame = g.plan.cycles_per_frame,
          .latency_cycles = g.plan.latency_cycles,
          .resources = g.cost.total,
          .ddr_gbytes_per_s = arch::memory_gbytes_per_s(g.plan, g.cost),
          .binds = g.fit->binds,
          .bound_frames_per_second = *g.plan.clock_mhz * 1e6 / static_cast<double>(g.choice->bound_cycles)};
}

// All points by closed forms. A thread has an explorer of its own and takes all points of as many activation
// bits: tables of options are for layers of equal bits.
void explore(sweep::Result& r, const Sources& s, int threads) {
  std::vector<std::unique_ptr<arch::Explorer>> explorers(static_cast<size_t>(threads));
  for (auto& e : explorers)
    e = std::make_unique<arch::Explorer>(s.device, s.clock_mhz, arch::Effort::quick, 1);
  Progress progress("planning", r.points.size());
  const size_t block = r.points.size() / s.sweep.activation_bits.size();
  sweep::for_each_point(
      r.points.size(), {.count = threads, .block = block},
      [&](size_t i, int thread) {
        Point& p = r.points[i];
        p.figures = sweep::closed_form(*explorers[static_cast<size_t>(thread)], s.base.shapes(p.precision),
                                       arch::technology_of(s.device), s.clock_mhz);
      },
      [&](size_t count) { progress.done(count); });
}

// The Pareto list as elbgen plans it; what then lies behind another point leaves the list.
std::vector<std::string> plan_list(sweep::Result& r, const Sources& s, int threads) {
  const std::vector<size_t> list = sweep::pareto_list(r.points, s.sweep.objectives);
  std::vector<std::string> plans(r.points.size());
  std::vector<Point> planned(list.size());
  // A thread takes neighbours, which have layers in common.
  constexpr size_t kNeighbours = 12;
  struct Tables {
    int activation_bits = 0;
    std::unique_ptr<arch::Explorer> explorer;
  };
  std::vector<Tables> tables(static_cast<size_t>(threads));
  Progress progress("Pareto list", list.size());
  sweep::for_each_point(
      list.size(), {.count = threads, .block = kNeighbours},
      [&](size_t i, int thread) {
        Point& p = r.points[list[i]];
        Tables& t = tables[static_cast<size_t>(thread)];
        if (t.activation_bits != p.precision.activation_bits) {
          t.activation_bits = p.precision.activation_bits;
          t.explorer = std::make_unique<arch::Explorer>(s.device, s.clock_mhz, arch::Effort::thorough, 1);
        }
        const Generated g = generate(s.base.network(p.precision), plan_options(s), t.explorer.get());
        plans[list[i]] = arch::plan_json(g.plan);
        p.figures = figures_of(g);
        planned[i] = p;
      },
      [&](size_t count) { progress.done(count); });
  for (const size_t i : sweep::pareto_list(planned, s.sweep.objectives)) r.pareto.push_back(list[i]);
  return plans;
}

}  // namespace

Swept run_sweep(const SweepOptions& options) {
  const Sources s = read_sources(options);
  Swept swept;
  sweep::Result& r = swept.result;
  r.sweep = s.sweep;
  r.network = s.base.shapes().name;
  r.device = s.device.name;
  r.clock_mhz = s.clock_mhz;
  r.lut_share = s.lut_share;
  r.has_uram = arch::technology_of(s.device) == spec::Technology::xcup;
  for (const Precision& p : sweep::grid(s.sweep))
    r.points.push_back(
        {.name = s.base.name(p), .precision = p, .weight_bits = s.base.weight_bits(p), .figures = {}});
  explore(r, s, options.threads);
  const std::vector<std::string> plans = plan_list(r, s, options.threads);
  for (const size_t i : r.pareto) {
    const Point& p = r.points[i];
    swept.files["pareto/" + p.name + "/network.json"] = s.base.text(p.precision);
    swept.files["pareto/" + p.name + "/plan.json"] = plans[i];
  }
  swept.files["device.json"] = s.device_text;
  swept.files["points.csv"] = report::points_csv(r);
  swept.files["pareto.csv"] = report::pareto_csv(r);
  swept.files["sweep.svg"] = report::sweep_svg(r);
  swept.files["README.md"] = report::sweep_readme(r);
  swept.files[kSweepMarker] = report::sweep_object(r);
  return swept;
}

std::string show_point(const SweepOptions& options, const std::string& name, bool json) {
  const Sources s = read_sources(options);
  std::vector<std::string> names;
  for (const Precision& p : sweep::grid(s.sweep)) {
    names.push_back(s.base.name(p));
    if (names.back() != name) continue;
    const Generated g = generate(s.base.network(p), plan_options(s));
    return json ? report::plan_object(g.plan, g.cost, g.fit, g.choice)
                : report::plan_text(g.plan, g.cost, g.fit, g.choice);
  }
  const std::string near = nearest(name, names);
  refuse("--point",
         fmt::format("\"{}\" is no point of {}, its names run from {} to {}", name, s.sweep.file,
                     names.front(), names.back()),
         near.empty() ? "" : "did you mean " + near + "?");
}

}  // namespace elb::cli
