#include "report/plan_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"

namespace elb::report {
namespace {

std::string weights_of(const arch::Stage& s) {
  return s.weights == arch::Residence::none ? "-" : arch::to_string(s.weights);
}

std::string depths_text(const arch::Plan& plan) {
  if (plan.depths == arch::Depths::given) return "";
  if (plan.depths == arch::Depths::smallest)
    return "\ndepths of FIFOs and stores are the smallest that keep the rate";
  bool can_shrink = false;  // the rate is that of the slowest stage, and no stage streams weights
  for (const arch::Stage& s : plan.stages) can_shrink = can_shrink || s.cycles() == plan.cycles_per_frame;
  for (const arch::Stage& s : plan.stages) can_shrink = can_shrink && s.weights != arch::Residence::stream;
  return can_shrink ? "\ndepths of FIFOs and stores are bounds; --minimise finds the smallest"
                    : "\ndepths of FIFOs and stores are bounds";
}

double distance(const arch::Plan& plan, const arch::Choice& choice) {
  return static_cast<double>(plan.cycles_per_frame) / static_cast<double>(choice.bound_cycles) - 1;
}
// Of the roofline's rate.
double reached(const arch::Plan& plan, const arch::Roofline& r) {
  return r.cycles / static_cast<double>(plan.cycles_per_frame);
}

}  // namespace

std::optional<double> frames_per_second(const arch::Plan& plan) {
  if (!plan.clock_mhz) return {};
  return *plan.clock_mhz * 1e6 / static_cast<double>(plan.cycles_per_frame);
}

std::string plan_text(const arch::Plan& plan, const arch::PlanCost& cost, const std::optional<arch::Fit>& fit,
                      const std::optional<arch::Choice>& choice) {
  const auto uram = [&](const auto& cell) { return cost.has_uram ? fmt::format(" {:>4}", cell) : ""; };
  size_t width = 5;
  for (const arch::Stage& s : plan.stages) width = std::max(width, s.name.size());
  std::string out =
      fmt::format("{:<{}}  {:<11} {:>5} {:>5} {:>4} {:>3} {:>11} {:>5} {:>7} {:>7} {:>6} {:>4}{}  {:<15} {}\n",
                  "stage", width, "engine", "P", "S", "M", "B", "cycles", "load", "LUT", "FF", "BRAM36",
                  "DSP", uram("URAM"), "weights", "activation");
  for (size_t i = 0; i < plan.stages.size(); ++i) {
    const arch::Stage& s = plan.stages[i];
    const spec::Resources& r = cost.stages[i];
    out += fmt::format(
        "{:<{}}  {:<11} {:>5} {:>5} {:>4} {:>3} {:>11} {:>4}% {:>7} {:>7} {:>6} {:>4}{}  {:<15} {}\n", s.name,
        width, arch::to_string(s.engine), s.p, s.s, s.m, s.b, s.cycles(),
        100 * s.cycles() / plan.cycles_per_frame, r.lut, r.ff, r.bram36(), r.dsp, uram(r.uram), weights_of(s),
        s.activation == arch::Activation::none ? "-" : arch::to_string(s.activation));
  }
  out += fmt::format("{}: {} cycles per frame", plan.network, plan.cycles_per_frame);
  if (plan.latency_cycles) out += fmt::format(", latency {} cycles", *plan.latency_cycles);
  if (const std::optional<double> fps = frames_per_second(plan))
    out += fmt::format(", {:.1f} frames/s at {} MHz", *fps, *plan.clock_mhz);
  const spec::Resources& t = cost.total;
  out += fmt::format("\nestimated: {} LUT, {} FF, {} BRAM36, {} DSP", t.lut, t.ff, t.bram36(), t.dsp);
  if (cost.has_uram) out += fmt::format(", {} URAM", t.uram);
  if (const double gbytes = arch::memory_gbytes_per_s(plan, cost); gbytes > 0)
    out += fmt::format(", {:.2f} GB/s from {}", gbytes, plan.memory->name);
  if (!fit) return out + depths_text(plan) + "\n";
  out += fmt::format("; {} {}:", fit->fits ? "fits" : "does not fit", fit->device);
  for (const arch::Usage& u : fit->usage)
    out += fmt::format(" {} {:.1f}% of {:.6g}{}", u.name, 100 * u.share(), u.available,
                       u.name == fit->binds ? " (binds)" : "");
  if (choice) {
    out +=
        fmt::format("\nbound: by these estimates no plan takes fewer than {} cycles", choice->bound_cycles);
    if (!choice->for_target)
      out += fmt::format("; this one is {:.1f} % above", 100 * distance(plan, *choice));
    const arch::Roofline& r = choice->roofline;
    out += fmt::format("\nroofline: multiply-accumulates alone take {:.0f} cycles", r.cycles);
    if (!r.binds.empty())
      out += fmt::format(" ({} binds); this plan reaches {:.1f} % of that rate", r.binds,
                         100 * reached(plan, r));
  }
  return out + depths_text(plan) + "\n";
}

namespace {

void write_resources(JsonWriter& w, const spec::Resources& r, bool has_uram) {
  w.key("resources").begin_object().field("lut", r.lut).field("ff", r.ff);
  w.field("bram36", r.bram36()).field("dsp", r.dsp);
  if (has_uram) w.field("uram", r.uram);
  w.end_object();
}

void write_fit(JsonWriter& w, const std::optional<arch::Fit>& fit) {
  w.key("utilisation");
  if (!fit) {
    w.null().key("budget").null().key("fits").null().key("binds").null();
    return;
  }
  w.begin_object();
  for (const arch::Usage& u : fit->usage) w.field(u.name, u.share());
  w.end_object().key("budget").begin_object();
  for (const arch::Usage& u : fit->usage) w.field(u.name, u.available);
  w.end_object().field("fits", fit->fits).field("binds", fit->binds);
}

}  // namespace

std::string plan_object(const arch::Plan& plan, const arch::PlanCost& cost,
                        const std::optional<arch::Fit>& fit, const std::optional<arch::Choice>& choice) {
  JsonWriter w;
  w.begin_object().field("network", plan.network);
  w.key("device");
  plan.device.empty() ? w.null() : w.value(plan.device);
  w.field("clock_mhz", plan.clock_mhz)
      .field("macs", plan.macs)
      .field("cycles_per_frame", plan.cycles_per_frame);
  w.field("latency_cycles", plan.latency_cycles).field("frames_per_second", frames_per_second(plan));
  w.field("depths", arch::to_string(plan.depths));
  write_resources(w, cost.total, cost.has_uram);
  w.field("resources_source", "estimated");
  write_fit(w, fit);
  w.key("ddr_gbytes_per_s");
  plan.clock_mhz ? w.value(arch::memory_gbytes_per_s(plan, cost)) : w.null();
  w.key("bound");
  if (choice) {
    w.begin_object().field("cycles_per_frame", choice->bound_cycles);
    w.field("distance", distance(plan, *choice)).end_object();
  } else {
    w.null();
  }
  w.key("roofline");
  if (choice && !choice->roofline.binds.empty()) {
    w.begin_object()
        .field("cycles_per_frame", choice->roofline.cycles)
        .field("binds", choice->roofline.binds);
    w.field("reached", reached(plan, choice->roofline)).end_object();
  } else {
    w.null();
  }
  w.key("stages").begin_array();
  for (size_t i = 0; i < plan.stages.size(); ++i) {
    const arch::Stage& s = plan.stages[i];
    w.begin_object().field("layer", s.name).field("engine", arch::to_string(s.engine));
    w.field("p", s.p).field("s", s.s).field("m", s.m).field("b", s.b).field("cycles", s.cycles());
    w.key("weights");
    s.weights == arch::Residence::none ? w.null() : w.value(arch::to_string(s.weights));
    w.key("band_rows");
    s.band_rows > 0 ? w.value(s.band_rows) : w.null();
    write_resources(w, cost.stages[i], cost.has_uram);
    w.end_object();
  }
  w.end_array().end_object();
  return w.text();
}

}  // namespace elb::report
