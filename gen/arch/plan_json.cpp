#include "arch/plan_json.hpp"

#include <fmt/format.h>

#include "base/json.hpp"

namespace elb::arch {
namespace {

constexpr const char* kFormat = "elbgen.plan/1";
constexpr IntRange kCount{.min = 1, .max = 1 << 24};
constexpr IntRange kDepth{.min = 0, .max = 1 << 24};
constexpr int kMostBurstBytes = 4096;  // no burst crosses a multiple of it
const std::vector<std::string> kProtocols = {"axi3", "axi4"};

std::optional<Json> given(const Json& object, const std::string& key) {
  std::optional<Json> v = object.find(key);
  if (v && v->is_null()) v.reset();
  return v;
}

std::optional<int> given_int(const Json& object, const std::string& key, IntRange range) {
  const std::optional<Json> v = given(object, key);
  return v ? std::optional(static_cast<int>(v->as_int(range))) : std::nullopt;
}

std::optional<std::string> given_string(const Json& object, const std::string& key) {
  const std::optional<Json> v = given(object, key);
  return v ? std::optional(v->as_string()) : std::nullopt;
}

template <class Enum>
std::optional<Enum> given_name(const Json& object, const std::string& key,
                               const std::vector<std::string>& names) {
  const std::optional<Json> v = given(object, key);
  const int i = v ? v->as_choice(names) : -1;
  return i < 0 ? std::nullopt : std::optional(static_cast<Enum>(i));
}

spec::DramTiming read_timing(const Json& j, spec::DramTiming timing) {
  timing.latency = given_int(j, "latency_cycles", {.min = 0, .max = 1 << 20}).value_or(timing.latency);
  const std::optional<Json> bandwidth = given(j, "bandwidth");
  if (!bandwidth) return timing;
  constexpr int64_t kMost = int64_t{1} << 30;
  timing.beats = bandwidth->get_int("beats", {.min = 1, .max = kMost});
  timing.cycles = bandwidth->get_int("cycles", {.min = 1, .max = kMost});
  if (timing.beats > timing.cycles)
    bandwidth->error("json-value", "a memory sends one beat per cycle at most: beats are at most cycles");
  bandwidth->refuse_unknown();
  return timing;
}

MemoryPort read_memory(const Json& j) {
  MemoryPort m;
  m.name = given_string(j, "name").value_or(m.name);
  m.protocol = given_name<spec::MemoryProtocol>(j, "protocol", kProtocols).value_or(m.protocol);
  const int most = m.protocol == spec::MemoryProtocol::axi3 ? 16 : 256;
  const auto power_of_two = [&](const char* key, int otherwise, int min, int max) {
    const int value = given_int(j, key, {.min = min, .max = max}).value_or(otherwise);
    if ((value & (value - 1)) != 0) j.at(key).error("json-value", "a power of two is needed");
    return value;
  };
  m.data_bits = power_of_two("data_bits", m.data_bits, 32, 1024);
  m.burst_beats = power_of_two("burst_beats", m.burst_beats, 1, most);
  if (m.burst_beats * (m.data_bits / 8) > kMostBurstBytes) {
    j.error("json-value", fmt::format("{} beats of {} bits are more than the {} bytes of the longest burst",
                                      m.burst_beats, m.data_bits, kMostBurstBytes));
  }
  m.address_bits = given_int(j, "address_bits", {.min = 16, .max = 64}).value_or(m.address_bits);
  m.outstanding = given_int(j, "outstanding", {.min = 1, .max = 256}).value_or(m.outstanding);
  m.timing = read_timing(j, m.timing);
  j.refuse_unknown();
  return m;
}

UltraRam read_ultra(const Json& list) {
  UltraRam ultra;
  for (size_t i = 0; i < list.size(); ++i) {
    const int what = list[i].as_choice(ultra_names());
    if (what == 0) ultra.store = true;
    if (what == 1) ultra.weights = true;
    if (what == 2) ultra.ring = true;
  }
  return ultra;
}

void write_ultra(JsonWriter& w, const UltraRam& ultra) {
  w.key("ultra").begin_array(true);
  const std::vector<std::string>& names = ultra_names();
  if (ultra.store) w.value(names[0]);
  if (ultra.weights) w.value(names[1]);
  if (ultra.ring) w.value(names[2]);
  w.end_array();
}

StageOverride read_stage(const Json& j) {
  StageOverride row;
  row.place = j.place();
  row.layer = j.get_string("layer");
  row.engine = given_name<Engine>(j, "engine", engine_names());
  row.p = given_int(j, "p", kCount);
  row.s = given_int(j, "s", kCount);
  row.m = given_int(j, "m", kCount);
  row.l = given_int(j, "l", kCount);
  row.b = given_int(j, "b", kCount);
  row.band_rows = given_int(j, "band_rows", kCount);
  row.reorder_places = given_int(j, "reorder_places", kCount);
  row.weight_slots = given_int(j, "weight_slots", kCount);
  row.dsp = given_int(j, "dsp", kDepth);
  row.weights = given_name<Residence>(j, "weights", residence_names());
  if (const std::optional<Json> ultra = given(j, "ultra")) row.ultra = read_ultra(*ultra);
  row.activation = given_name<Activation>(j, "activation", activation_names());
  row.fifo_depth = given_int(j, "fifo_depth", kCount);
  row.window_capacity = given_int(j, "window_capacity", kCount);
  if (const std::optional<Json> fifos = given(j, "branch_fifos")) {
    for (const int64_t depth : fifos->as_ints(kDepth)) row.branch_fifos.emplace_back(static_cast<int>(depth));
  }
  if (const std::optional<Json> cycles = given(j, "cycles")) cycles->as_int({.min = 1});
  j.refuse_unknown();
  return row;
}

PlanOverrides read(const Json& root, const std::string& file_name, Diags& diags) {
  diags.throw_if_any();
  PlanOverrides plan;
  plan.place = file_name;
  if (root.at("format").as_choice({kFormat}) == 0) {
    plan.network = given_string(root, "network");
    plan.device = given_string(root, "device");
    if (const std::optional<Json> clock = given(root, "clock_mhz")) {
      plan.clock_mhz = clock->as_double();
      if (!(*plan.clock_mhz > 0)) clock->error("json-value", "a clock is greater than 0");
    }
    plan.technology = given_name<spec::Technology>(root, "technology", technology_names());
    if (const std::optional<Json> memory = given(root, "memory")) plan.memory = read_memory(*memory);
    if (const std::optional<Json> pace = given(root, "pace")) plan.pace = pace->as_int({.min = 1});
    const Json stages = root.at("stages");
    for (size_t i = 0; i < stages.size(); ++i) plan.stages.push_back(read_stage(stages[i]));
    root.refuse_unknown();
  }
  diags.throw_if_any();
  return plan;
}

}  // namespace

void write_memory(JsonWriter& w, const MemoryPort& m) {
  w.begin_object().field("name", m.name).field("protocol", kProtocols[static_cast<size_t>(m.protocol)]);
  w.field("data_bits", m.data_bits).field("address_bits", m.address_bits);
  w.field("burst_beats", m.burst_beats).field("outstanding", m.outstanding);
  w.field("latency_cycles", m.timing.latency).key("bandwidth").begin_object();
  w.field("beats", m.timing.beats).field("cycles", m.timing.cycles).end_object().end_object();
}

std::string plan_json(const Plan& plan) {
  JsonWriter w;
  w.begin_object();
  w.field("format", kFormat).field("network", plan.network);
  w.key("device");
  plan.device.empty() ? w.null() : w.value(plan.device);
  w.field("clock_mhz", plan.clock_mhz);
  // Else that of the device.
  if (plan.technology != spec::Technology::generic || !plan.device.empty())
    w.field("technology", to_string(plan.technology));
  w.key("memory");
  if (plan.memory) {
    write_memory(w, *plan.memory);
  } else {
    w.null();
  }
  if (plan.pace > 0) w.field("pace", plan.pace);
  w.key("stages").begin_array();
  for (const Stage& s : plan.stages) {
    w.begin_object();
    w.field("layer", s.name).field("engine", to_string(s.engine));
    w.field("p", s.p).field("s", s.s).field("m", s.m);
    if (s.engine == Engine::compute) w.field("l", s.out.channels);
    w.field("b", s.b);
    if (s.dsp != spec::kAllDsp) w.field("dsp", s.dsp);
    w.key("weights");
    s.weights == Residence::none ? w.null() : w.value(to_string(s.weights));
    if (s.weights == Residence::stream) {
      w.key("band_rows");
      s.band_rows > 0 ? w.value(s.band_rows) : w.null();
      w.field("reorder_places", s.reorder_places).field("weight_slots", s.weight_slots);
    }
    if (s.window && plan.technology == spec::Technology::xcup) write_ultra(w, s.ultra);
    w.key("activation");
    s.activation == Activation::none ? w.null() : w.value(to_string(s.activation));
    w.field("fifo_depth", s.fifo_depth);
    w.key("window_capacity");
    s.window ? w.value(s.window->capacity) : w.null();
    w.key("branch_fifos").begin_array(true);
    for (const Edge& e : s.inputs) w.value(e.branch_fifo);
    w.end_array();
    w.field("cycles", s.cycles());
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return w.text();
}

PlanOverrides read_plan(const std::string& path) {
  Diags diags;
  return read(Json::parse_file(path, diags), path, diags);
}

PlanOverrides read_plan_text(const std::string& text, const std::string& file_name) {
  Diags diags;
  return read(Json::parse_text(text, file_name, diags), file_name, diags);
}

}  // namespace elb::arch
