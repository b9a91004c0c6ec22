#include "report/plan_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"

namespace elb::report {
namespace {

std::string weights_of(const arch::Stage& s) {
  return s.weights == arch::Residence::none ? "-" : arch::to_string(s.weights);
}

}  // namespace

std::optional<double> frames_per_second(const arch::Plan& plan) {
  if (!plan.clock_mhz) return {};
  return *plan.clock_mhz * 1e6 / static_cast<double>(plan.cycles_per_frame);
}

std::string plan_text(const arch::Plan& plan) {
  size_t width = 5;
  for (const arch::Stage& s : plan.stages) width = std::max(width, s.name.size());
  std::string out =
      fmt::format("{:<{}}  {:<11} {:>5} {:>5} {:>4} {:>3} {:>11} {:>5}  {:<15} {}\n", "stage", width,
                  "engine", "P", "S", "M", "B", "cycles", "load", "weights", "activation");
  for (const arch::Stage& s : plan.stages) {
    out += fmt::format("{:<{}}  {:<11} {:>5} {:>5} {:>4} {:>3} {:>11} {:>4}%  {:<15} {}\n", s.name, width,
                       arch::to_string(s.engine), s.p, s.s, s.m, s.b, s.cycles(),
                       100 * s.cycles() / plan.cycles_per_frame, weights_of(s),
                       s.activation == arch::Activation::none ? "-" : arch::to_string(s.activation));
  }
  out += fmt::format("{}: {} cycles per frame", plan.network, plan.cycles_per_frame);
  if (plan.latency_cycles) out += fmt::format(", latency {} cycles", *plan.latency_cycles);
  if (const std::optional<double> fps = frames_per_second(plan))
    out += fmt::format(", {:.1f} frames/s at {} MHz", *fps, *plan.clock_mhz);
  return out + "\n";
}

std::string plan_object(const arch::Plan& plan) {
  JsonWriter w;
  w.begin_object().field("network", plan.network);
  w.key("device");
  plan.device.empty() ? w.null() : w.value(plan.device);
  w.field("clock_mhz", plan.clock_mhz).field("cycles_per_frame", plan.cycles_per_frame);
  w.field("latency_cycles", plan.latency_cycles).field("frames_per_second", frames_per_second(plan));
  w.key("resources").begin_object();
  for (const char* key : {"lut", "ff", "bram36", "dsp"}) w.key(key).null();
  w.end_object();
  w.key("stages").begin_array();
  for (const arch::Stage& s : plan.stages) {
    w.begin_object().field("layer", s.name).field("engine", arch::to_string(s.engine));
    w.field("p", s.p).field("s", s.s).field("m", s.m).field("b", s.b).field("cycles", s.cycles());
    w.key("weights");
    s.weights == arch::Residence::none ? w.null() : w.value(arch::to_string(s.weights));
    w.end_object();
  }
  w.end_array().end_object();
  return w.text();
}

}  // namespace elb::report
