#include "report/sweep_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "base/json.hpp"

namespace elb::report {
namespace {

using sweep::Point;
using sweep::Result;

std::optional<double> latency_ms(const Result& r, const Point& p) {
  if (!p.figures.latency_cycles) return {};
  return static_cast<double>(*p.figures.latency_cycles) / r.clock_mhz / 1e3;
}

// 0.03: the bound is three per cent faster.
std::optional<double> distance(const Point& p) {
  if (!p.figures.bound_frames_per_second) return {};
  return *p.figures.bound_frames_per_second / p.figures.frames_per_second - 1;
}

template <class T>
std::string or_empty(const std::optional<T>& value, const char* form) {
  return value ? fmt::format(fmt::runtime(form), *value) : "";
}

std::vector<bool> on_list(const Result& r) {
  std::vector<bool> list(r.points.size(), false);
  for (const size_t i : r.pareto) list[i] = true;
  return list;
}

const char* source(const Point& p) {
  return p.figures.planned ? "plan" : "closed_form";
}

struct Column {
  std::string name;
  std::string (*cell)(const Result& r, const Point& p);
};

std::string weight_cell(const Point& p, sweep::WeightClass c) {
  return sweep::weight_name(p.precision.weights[static_cast<size_t>(c)]);
}

// Between name and figures: what a point is.
const std::vector<Column>& precision_columns() {
  using sweep::WeightClass;
  static const std::vector<Column> columns{
      {"name", [](const Result&, const Point& p) { return p.name; }},
      {"activation_bits",
       [](const Result&, const Point& p) { return fmt::format("{}", p.precision.activation_bits); }},
      {"first", [](const Result&, const Point& p) { return weight_cell(p, WeightClass::first); }},
      {"middle_conv", [](const Result&, const Point& p) { return weight_cell(p, WeightClass::middle_conv); }},
      {"middle_fc", [](const Result&, const Point& p) { return weight_cell(p, WeightClass::middle_fc); }},
      {"last", [](const Result&, const Point& p) { return weight_cell(p, WeightClass::last); }},
      {"weight_bits", [](const Result&, const Point& p) { return fmt::format("{:.3f}", p.weight_bits); }},
  };
  return columns;
}

// What its plan promises; only `binds` has a value where the point does not fit.
std::vector<Column> figure_columns(const Result& r) {
  std::vector<Column> columns{
      {"frames_per_second",
       [](const Result&, const Point& p) { return fmt::format("{:.2f}", p.figures.frames_per_second); }},
      {"cycles_per_frame",
       [](const Result&, const Point& p) { return fmt::format("{}", p.figures.cycles_per_frame); }},
      {"latency_cycles",
       [](const Result&, const Point& p) { return or_empty(p.figures.latency_cycles, "{}"); }},
      {"latency_ms", [](const Result& r, const Point& p) { return or_empty(latency_ms(r, p), "{:.4f}"); }},
      {"lut", [](const Result&, const Point& p) { return fmt::format("{}", p.figures.resources.lut); }},
      {"ff", [](const Result&, const Point& p) { return fmt::format("{}", p.figures.resources.ff); }},
      {"bram36",
       [](const Result&, const Point& p) { return fmt::format("{}", p.figures.resources.bram36()); }},
      {"dsp", [](const Result&, const Point& p) { return fmt::format("{}", p.figures.resources.dsp); }},
      {"uram", [](const Result&, const Point& p) { return fmt::format("{}", p.figures.resources.uram); }},
      {"ddr_gbytes_per_s",
       [](const Result&, const Point& p) { return fmt::format("{:.4f}", p.figures.ddr_gbytes_per_s); }},
      {"bound_frames_per_second",
       [](const Result&, const Point& p) { return or_empty(p.figures.bound_frames_per_second, "{:.2f}"); }},
      {"distance", [](const Result&, const Point& p) { return or_empty(distance(p), "{:.4f}"); }},
  };
  if (!r.has_uram) std::erase_if(columns, [](const Column& c) { return c.name == "uram"; });
  return columns;
}

std::string heading(const Result& r) {
  std::string out;
  for (const Column& c : precision_columns()) out += c.name + ",";
  out += "pareto,fits,figures,binds";
  for (const Column& c : figure_columns(r)) out += "," + c.name;
  return out;
}

std::string row(const Result& r, const Point& p, bool on_list) {
  std::string out;
  for (const Column& c : precision_columns()) out += csv_field(c.cell(r, p)) + ",";
  out += fmt::format("{},{},{},{}", on_list ? "yes" : "no", p.figures.fits ? "yes" : "no", source(p),
                     csv_field(p.figures.binds));
  for (const Column& c : figure_columns(r)) out += "," + (p.figures.fits ? csv_field(c.cell(r, p)) : "");
  return out;
}

void write_figures(JsonWriter& w, const Result& r, const Point& p) {
  const sweep::Figures& f = p.figures;
  w.field("frames_per_second", f.frames_per_second).field("cycles_per_frame", f.cycles_per_frame);
  w.field("latency_cycles", f.latency_cycles).field("latency_ms", latency_ms(r, p));
  w.field("lut", f.resources.lut).field("ff", f.resources.ff).field("bram36", f.resources.bram36());
  w.field("dsp", f.resources.dsp);
  if (r.has_uram) w.field("uram", f.resources.uram);
  w.field("ddr_gbytes_per_s", f.ddr_gbytes_per_s);
  w.field("bound_frames_per_second", f.bound_frames_per_second).field("distance", distance(p));
}

void write_point(JsonWriter& w, const Result& r, const Point& p, bool on_list) {
  w.begin_object().field("name", p.name).field("activation_bits", p.precision.activation_bits);
  for (int c = 0; c < sweep::kWeightClasses; ++c)
    w.field(sweep::weight_class_names()[c], sweep::weight_name(p.precision.weights[c]));
  w.field("weight_bits", p.weight_bits).field("pareto", on_list).field("fits", p.figures.fits);
  w.field("figures", source(p)).field("binds", p.figures.binds);
  if (p.figures.fits) write_figures(w, r, p);
  w.end_object();
}

std::vector<std::string> objectives(const Result& r) {
  std::vector<std::string> names;
  for (const sweep::Objective o : r.sweep.objectives)
    names.push_back(sweep::objective_names()[static_cast<size_t>(o)]);
  return names;
}

// The Pareto list, the fastest first.
std::vector<const Point*> fastest_first(const Result& r) {
  std::vector<const Point*> list;
  for (const size_t i : r.pareto) list.push_back(&r.points[i]);
  std::stable_sort(list.begin(), list.end(), [](const Point* a, const Point* b) {
    return a->figures.frames_per_second > b->figures.frames_per_second;
  });
  return list;
}

constexpr const char* kReadme = R"(# {}

{}.

![frames per second over weight bits](sweep.svg)

| file | what |
|---|---|
| `points.csv` | every point: what it is, what it promises |
| `pareto.csv` | the points that no other one beats, with the command that regenerates each |
| `results.json` | the same for programs |
| `sweep.svg` | the picture; open it alone to see a point's figures under the pointer |
| `device.json`, `pareto/NAME/network.json`, `pareto/NAME/plan.json` | what elbgen needs |

Objectives: {}. Accuracy is not known before training: bits of weights and activations stand in for it. `weight_bits` is the mean over
all multiplications of a frame. Resources are estimates, without the board's shell.

`figures` tells where a row comes from: `closed_form`, the planner's search alone; `plan`, the point as elbgen plans it, with the latency
of the transaction model. The Pareto list is found by closed forms; its points are planned, and those that then lie behind another leave it.

In this directory, a point becomes hardware by

```
{}
```
)";

std::string summary(const Result& r) {
  const auto fit =
      std::count_if(r.points.begin(), r.points.end(), [](const Point& p) { return p.figures.fits; });
  return fmt::format("{} hybrid precisions of {} on {} at {} MHz: {} fit, {} on the Pareto list",
                     r.points.size(), r.network, r.device, r.clock_mhz, fit, r.pareto.size());
}

}  // namespace

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

std::string points_csv(const Result& r) {
  const std::vector<bool> list = on_list(r);
  std::string out = heading(r) + "\n";
  for (size_t i = 0; i < r.points.size(); ++i) out += row(r, r.points[i], list[i]) + "\n";
  return out;
}

std::string pareto_csv(const Result& r) {
  std::string out = heading(r) + ",command\n";
  for (const size_t i : r.pareto)
    out += row(r, r.points[i], true) + "," + csv_field(regenerate_command(r, r.points[i])) + "\n";
  return out;
}

std::string sweep_object(const Result& r) {
  const std::vector<bool> list = on_list(r);
  JsonWriter w;
  w.begin_object().field("format", "elbgen.sweep-result/1").field("sweep", r.sweep.name);
  w.field("network", r.network).field("device", r.device).field("clock_mhz", r.clock_mhz);
  w.field("resources_source", "estimated").key("objectives").begin_array(true);
  for (const std::string& name : objectives(r)) w.value(name);
  w.end_array().key("points").begin_array();
  for (size_t i = 0; i < r.points.size(); ++i) write_point(w, r, r.points[i], list[i]);
  w.end_array().end_object();
  return w.text();
}

std::string regenerate_command(const Result& r, const Point& p) {
  const std::string share = r.lut_share ? fmt::format(" --lut-share {}", *r.lut_share) : "";
  return fmt::format(
      "elbgen pareto/{0}/network.json --device device.json{1} --plan pareto/{0}/plan.json -o rtl/", p.name,
      share);
}

std::string sweep_text(const Result& r) {
  const auto uram = [&](const auto& cell) { return r.has_uram ? fmt::format("  {:>4}", cell) : ""; };
  size_t width = 7;
  for (const size_t i : r.pareto) width = std::max(width, r.points[i].name.size());
  std::string out = fmt::format("{:<{}}  {:>6}  {:>9}  {:>10}  {:>7}  {:>7}  {:>6}  {:>4}{}  {:>6}  {}\n",
                                "network", width, "weight", "frames/s", "latency ms", "LUT", "FF", "BRAM36",
                                "DSP", uram("URAM"), "GB/s", "binds");
  for (const Point* p : fastest_first(r)) {
    const sweep::Figures& f = p->figures;
    out += fmt::format("{:<{}}  {:>6.2f}  {:>9.1f}  {:>10}  {:>7}  {:>7}  {:>6}  {:>4}{}  {:>6.2f}  {}\n",
                       p->name, width, p->weight_bits, f.frames_per_second,
                       or_empty(latency_ms(r, *p), "{:.3f}"), f.resources.lut, f.resources.ff,
                       f.resources.bram36(), f.resources.dsp, uram(f.resources.uram), f.ddr_gbytes_per_s,
                       f.binds);
  }
  return out + summary(r) + "\n";
}

std::string sweep_readme(const Result& r) {
  const std::string command =
      regenerate_command(r, r.pareto.empty() ? Point{.name = "NAME"} : *fastest_first(r)[0]);
  std::string out = fmt::format(kReadme, r.sweep.name, summary(r), fmt::join(objectives(r), ", "), command);
  if (r.pareto.empty()) return out + "\nNo point fits the device.\n";
  const auto uram = [&](const auto& cell) { return r.has_uram ? fmt::format(" {} |", cell) : ""; };
  out += fmt::format(
      "\n| network | weight bits | frames/s | latency, ms | LUT | FF | BRAM36 | DSP |{} GB/s | binds |\n"
      "|---|---|---|---|---|---|---|---|{}---|---|\n",
      uram("URAM"), r.has_uram ? "---|" : "");
  for (const Point* p : fastest_first(r)) {
    const sweep::Figures& f = p->figures;
    out += fmt::format("| {} | {:.2f} | {:.1f} | {} | {} | {} | {} | {} |{} {:.2f} | {} |\n", p->name,
                       p->weight_bits, f.frames_per_second, or_empty(latency_ms(r, *p), "{:.3f}"),
                       f.resources.lut, f.resources.ff, f.resources.bram36(), f.resources.dsp,
                       uram(f.resources.uram), f.ddr_gbytes_per_s, f.binds);
  }
  return out;
}

}  // namespace elb::report
