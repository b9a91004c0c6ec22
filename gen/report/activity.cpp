#include "report/activity.hpp"

#include "base/json.hpp"

namespace elb::report {
namespace {

void stage(JsonWriter& w, const arch::Plan& plan, size_t i, const arch::StageActivity& a) {
  w.begin_object().field("stage", plan.stages[i].name);
  w.key("waits").begin_object().field("input", a.starved).field("weights", a.weightless);
  w.field("room", a.blocked).end_object();
  w.field("queue_peak", a.queue_peak).key("branch_peak").begin_array(true);
  for (const int peak : a.branch_peak) w.value(peak);
  w.end_array();
  w.field("weight_bytes", plan.memory ? a.weight_beats * (plan.memory->data_bits / 8) : 0).end_object();
}

}  // namespace

std::string activity_json(const arch::Plan& plan, const arch::ModelResult& model) {
  JsonWriter w;
  w.begin_object().field("cycles", model.cycles);
  w.field("frames", static_cast<int64_t>(model.stages.back().out.last.size())).key("cycles_per_frame");
  model.cycles_per_frame ? w.value(model.cycles_per_frame->value()) : w.null();
  w.key("stages").begin_array();
  for (size_t i = 0; i < plan.stages.size(); ++i) stage(w, plan, i, model.stages[i]);
  w.end_array().key("memory");
  if (plan.memory) {
    const std::optional<double> per_cycle = arch::memory_bytes_per_cycle(model, plan);
    std::optional<double> gbytes_per_s;
    if (per_cycle && plan.clock_mhz) gbytes_per_s = *per_cycle * *plan.clock_mhz / 1000;
    w.begin_object().field("name", plan.memory->name).field("bytes_per_cycle", per_cycle);
    w.field("gbytes_per_s", gbytes_per_s).end_object();
  } else {
    w.null();
  }
  w.end_object();
  return w.text();
}

}  // namespace elb::report
