#include <fmt/format.h>

#include "base/json.hpp"
#include "sim/harness/run.hpp"

namespace elb::harness {
namespace {

std::string where(const Mismatch& m) {
  return fmt::format("image {}, layer '{}', y {}, x {}, c {}: expected {}, got {}", m.image, m.layer, m.y,
                     m.x, m.c, m.expected, m.got);
}

std::string or_unknown(const std::optional<int64_t>& v) {
  return v ? std::to_string(*v) : "unknown";
}

std::string or_unknown(const std::optional<spec::Rate>& v) {
  if (!v) return "unknown";
  return v->cycles % v->frames == 0 ? std::to_string(v->cycles / v->frames)
                                    : fmt::format("{:.3f}", v->value());
}

void write_cycles(JsonWriter& w, const char* key, const Cycles& c) {
  w.key(key).begin_object().key("cycles_per_frame");
  if (const auto& rate = c.cycles_per_frame; !rate) {
    w.null();
  } else if (rate->cycles % rate->frames == 0) {
    w.value(rate->cycles / rate->frames);
  } else {
    w.value(rate->value());
  }
  w.field("latency_cycles", c.latency_cycles).end_object();
}

}  // namespace

std::string report_json(const RunReport& r) {
  JsonWriter w;
  w.begin_object().field("network", r.network).field("engine", to_string(r.engine)).field("images", r.images);
  w.field("mismatches", r.mismatches).key("first_mismatch");
  if (const auto& m = r.first_mismatch) {
    w.begin_object()
        .field("image", m->image)
        .field("layer", m->layer)
        .field("y", m->y)
        .field("x", m->x)
        .field("c", m->c);
    w.field("expected", m->expected).field("got", m->got).end_object();
  } else {
    w.null();
  }
  w.field("boundaries_compared", r.boundaries_compared).field("values_compared", r.values_compared);
  w.key("classes").begin_array(true);
  for (int64_t c : r.classes) w.value(c);
  w.end_array().field("accuracy", r.accuracy());
  write_cycles(w, "predicted", r.predicted);
  write_cycles(w, "simulated", r.simulated);
  w.key("memory");
  if (const auto& m = r.memory) {
    w.begin_object().field("bursts", m->bursts).field("beats", m->beats).field("bytes", m->bytes);
    w.field("bytes_per_cycle", m->bytes_per_cycle).field("gbytes_per_s", m->gbytes_per_s).end_object();
  } else {
    w.null();
  }
  w.key("timing");
  if (const auto& t = r.timing) {
    w.begin_object().field("as_predicted", !t->first_difference).field("boundaries", t->streams);
    w.field("frames", t->frames).field("first_difference", t->first_difference).end_object();
  } else {
    w.null();
  }
  w.field("cycles_per_second", r.cycles_per_second).field("gmac_per_second", r.gmac_per_second);
  w.key("failures").begin_array();
  for (const std::string& f : r.failures) w.value(f);
  w.end_array().end_object();
  return w.text();
}

std::string report_text(const RunReport& r) {
  constexpr size_t kShown = 40;
  std::string out = fmt::format("network {}, engine {}, {} image{}\n", r.network, to_string(r.engine),
                                r.images, r.images == 1 ? "" : "s");
  out += "classes   ";
  for (size_t i = 0; i < r.classes.size() && i < kShown; ++i) out += fmt::format(" {}", r.classes[i]);
  out +=
      r.classes.size() > kShown ? fmt::format(" ... ({} in all, --json has them)\n", r.classes.size()) : "\n";
  if (const auto a = r.accuracy())
    out += fmt::format("accuracy   {:.2f} % ({} of {} labelled images)\n", 100 * *a, r.right, r.labelled);
  if (r.engine == Engine::rtl) {
    out += fmt::format("cycles     {} per frame (predicted {}), latency {} (predicted {})\n",
                       or_unknown(r.simulated.cycles_per_frame), or_unknown(r.predicted.cycles_per_frame),
                       or_unknown(r.simulated.latency_cycles), or_unknown(r.predicted.latency_cycles));
  }
  if (const auto& m = r.memory) {
    out += fmt::format("memory     {} bytes in {} bursts, {:.3f} bytes per cycle", m->bytes, m->bursts,
                       m->bytes_per_cycle);
    out += m->gbytes_per_s ? fmt::format(", {:.3f} GB/s at the plan's clock\n", *m->gbytes_per_s) : "\n";
  }
  out += "speed     ";
  if (r.cycles_per_second) out += fmt::format(" {:.0f} cycles/s,", *r.cycles_per_second);
  out += fmt::format(" {:.3f} GMAC/s\n", r.gmac_per_second.value_or(0));
  if (r.engine == Engine::rtl) {
    out += fmt::format("{} mismatches in {} values at {} boundaries\n", *r.mismatches, *r.values_compared,
                       *r.boundaries_compared);
    if (r.first_mismatch) out += "first mismatch: " + where(*r.first_mismatch) + "\n";
    if (r.timing && !r.timing->first_difference)
      out += fmt::format("timing: as predicted at {} boundaries, {} frames\n", r.timing->streams,
                         r.timing->frames);
  }
  for (const std::string& f : r.failures) out += "failed: " + f + "\n";
  return out;
}

}  // namespace elb::harness
