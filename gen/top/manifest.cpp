#include "top/manifest.hpp"

#include <fmt/format.h>

#include "arch/plan_json.hpp"
#include "base/json.hpp"
#include "base/version.hpp"
#include "spec/cost.hpp"

namespace elb::top {
namespace {

void link_fields(JsonWriter& w, const spec::Link& link, int bits, bool is_signed) {
  w.field("columns", link.columns).field("channels", link.channels).field("lanes", link.lanes());
  w.field("bits", bits).field("signed", is_signed);
  w.key("shape").begin_array(true).value(link.h).value(link.w).value(link.c).end_array();
}

std::string layer_name(const nn::Network& net, const arch::Stage& stage) {
  return stage.layer < 0 ? "input" : net.layers[stage.layer].name;
}

void write_dram(JsonWriter& w, const arch::Plan& plan, const arch::DramImage& dram) {
  w.begin_object().key("file");
  dram.map.empty() ? w.null() : w.value(kDramFile);
  w.field("bytes", static_cast<int64_t>(dram.bytes.size())).key("map").begin_array();
  for (const arch::DramRegion& r : dram.map) {
    w.begin_object()
        .field("stage", plan.stages[r.stage].name)
        .field("offset", r.offset)
        .field("bytes", r.bytes);
    w.field("tile_bytes", r.tile_bytes).field("tiles", r.tiles).field("word_bits", r.word_bits);
    w.field("words_per_tile", r.words_per_tile).end_object();
  }
  w.end_array().end_object();
}

void resource_fields(JsonWriter& w, const spec::Resources& r, bool has_uram) {
  w.field("lut", r.lut).field("ff", r.ff).field("bram36", r.bram36()).field("dsp", r.dsp);
  if (has_uram) w.field("uram", r.uram);
}

void write_estimate(JsonWriter& w, const arch::Plan& plan, const std::vector<spec::StageSpec>& specs) {
  const arch::PlanCost cost = arch::plan_cost(plan, specs);
  w.begin_object();
  resource_fields(w.key("total").begin_object(), cost.total, cost.has_uram);
  w.end_object();
  resource_fields(w.key("memory_port").begin_object(), cost.memory_port, cost.has_uram);
  w.end_object();
  w.key("stages").begin_array();
  for (size_t i = 0; i < plan.stages.size(); ++i) {
    resource_fields(w.begin_object().field("stage", plan.stages[i].name), cost.stages[i], cost.has_uram);
    w.key("parts").begin_object();
    for (const auto& [instance, part] : spec::cost_parts(specs[i])) {
      resource_fields(w.key(instance).begin_object(), part, cost.has_uram);
      w.end_object();
    }
    w.end_object().end_object();
  }
  w.end_array().end_object();
}

}  // namespace

std::string synthesis_filelist(spec::Technology technology) {
  if (technology == spec::Technology::generic) return kSimulationFilelist;
  return fmt::format("filelist_{}.f", spec::to_string(technology));
}

std::string manifest_json(const nn::Network& net, const arch::Plan& plan, const std::string& top,
                          const std::vector<MemoryFile>& memories, const arch::DramImage& dram,
                          const std::vector<spec::StageSpec>& specs,
                          const std::map<std::string, std::string>& sums) {
  JsonWriter w;
  w.begin_object();
  w.field("format", "elbgen.manifest/1")
      .field("elbgen", version())
      .field("network", net.name)
      .field("top", top);
  w.field("clock", "aclk").field("clock_mhz", plan.clock_mhz).field("reset", "aresetn");
  if (plan.technology != spec::Technology::generic) {
    w.field("technology", spec::to_string(plan.technology));
    w.field("mapped_filelist", kMappedFilelist);
    w.field("synthesis_filelist", synthesis_filelist(plan.technology));
  }
  w.key("input").begin_object().field("port", "s_axis");
  link_fields(w, plan.stages.front().out, 8, false);
  w.end_object();
  const spec::Link& out = plan.stages.back().out;
  w.key("output").begin_object().field("port", "m_axis").field("layer", net.out().name);
  link_fields(w, out, out.bits, out.is_signed);
  w.end_object();
  w.key("boundaries").begin_array();
  for (const arch::Stage& s : plan.stages) {
    w.begin_object()
        .field("layer", layer_name(net, s))
        .field("wires", s.name)
        .field("instance", "u_" + s.name);
    link_fields(w, s.out, s.out.bits, s.out.is_signed);
    w.end_object();
  }
  w.end_array();
  w.key("memories").begin_array();
  for (const MemoryFile& m : memories) {
    w.begin_object()
        .field("layer", m.layer)
        .field("file", m.file)
        .field("depth", m.depth)
        .field("width", m.width);
    w.field("kind", m.kind).end_object();
  }
  w.end_array();
  w.key("memory");
  plan.memory ? arch::write_memory(w, *plan.memory) : void(w.null());
  w.key("dram");
  write_dram(w, plan, dram);
  w.key("predicted").begin_object().field("cycles_per_frame", plan.cycles_per_frame);
  w.field("latency_cycles", plan.latency_cycles).field("images_per_pass", arch::images_per_pass(plan));
  w.end_object();
  w.key("estimated");
  write_estimate(w, plan, specs);
  w.field("class_rule", net.class_rule == nn::ClassRule::argmax ? "argmax" : "highest_bit");
  w.key("files").begin_object();
  for (const auto& [name, sum] : sums) w.field(name, sum);
  w.end_object();
  w.end_object();
  return w.text();
}

}  // namespace elb::top
