#include "report/timing.hpp"

#include "base/json.hpp"

namespace elb::report {
namespace {

void stream(JsonWriter& w, const std::string& layer, bool port, const arch::FrameTimes& times) {
  w.begin_object().field("layer", layer).field("port", port);
  w.key("frames").begin_array();
  for (size_t i = 0; i < times.first.size(); ++i) {
    w.begin_array(true).value(times.first[i]);
    (i < times.last.size() ? w.value(times.last[i]) : w.null()).end_array();
  }
  w.end_array().end_object();
}

}  // namespace

std::string timing_json(const nn::Network& net, const arch::Plan& plan, const arch::ModelResult& model) {
  JsonWriter w;
  w.begin_object().key("streams").begin_array();
  for (size_t i = 0; i < plan.stages.size(); ++i) {
    const int layer = plan.stages[i].layer;
    stream(w, layer < 0 ? "input" : net.layers[layer].name, false, model.stages[i].out);
  }
  stream(w, net.out().name, true, model.stages.back().out);
  w.end_array().end_object();
  return w.text();
}

}  // namespace elb::report
