#include "arch/device.hpp"

#include <fmt/format.h>

#include "base/json.hpp"

namespace elb::arch {
namespace {

constexpr IntRange kCount{.min = 0, .max = 1 << 30};

double positive(const Json& object, const std::string& key, double most) {
  const Json v = object.at(key);
  if (v.is_null()) return 1;
  if (!v.is_number()) {
    v.error("json-value", "a number was expected");
    return 1;
  }
  const double x = v.as_double();
  if (!(x > 0 && x <= most)) v.error("json-value", fmt::format("{} is not above 0 and at most {}", x, most));
  return x > 0 ? x : 1;
}

double fraction(const Json& object, const std::string& key) {
  const std::optional<Json> v = object.find(key);
  if (!v) return 0;
  const double x = v->as_double();
  if (x >= 0 && x < 1) return x;
  v->error("json-value", fmt::format("a shell keeps a fraction from 0 to below 1, not {}", x));
  return 0;
}

std::string named(const Json& object, const std::string& key) {
  const std::string s = object.get_string(key);
  if (s.empty() && object.has(key)) object.error("json-value", fmt::format("\"{}\" is empty", key));
  return s;
}

Memory read_memory(const Json& j) {
  Memory m;
  m.name = named(j, "name");
  const int protocol = j.at("protocol").as_choice({"axi3", "axi4"});
  m.protocol = protocol == 0 ? Protocol::axi3 : Protocol::axi4;
  m.data_bits = static_cast<int>(j.get_int("data_bits", {.min = 8, .max = 1024}));
  if ((m.data_bits & (m.data_bits - 1)) != 0)
    j.at("data_bits").error("json-value", fmt::format("a port has 8, 16, .. 1024 bits, not {}", m.data_bits));
  m.mhz = positive(j, "mhz", 2000);
  m.ports = static_cast<int>(j.get_int("ports", {.min = 1, .max = 64}));
  m.burst_beats = static_cast<int>(j.get_int("burst_beats", {.min = 1, .max = 256}));
  m.gbytes_per_s = positive(j, "gbytes_per_s", 10000);
  if (j.has("latency_ns")) m.latency_ns = positive(j, "latency_ns", 1e6);
  named(j, "source");
  if (protocol == 0 && m.burst_beats > 16) {
    j.at("burst_beats")
        .error("arch-device", fmt::format("axi3 bursts have at most 16 beats, not {}", m.burst_beats));
  }
  const double most = m.ports * m.data_bits / 8.0 * m.mhz / 1000;
  if (m.gbytes_per_s > most * 1.0001) {
    j.at("gbytes_per_s")
        .error("arch-device", fmt::format("{} port(s) of {} bits at {} MHz carry {:.4g} GB/s, not {}",
                                          m.ports, m.data_bits, m.mhz, most, m.gbytes_per_s));
  }
  j.refuse_unknown();
  return m;
}

void read_shell(const Json& j, Device& d) {
  d.shell_lut = fraction(j, "lut");
  d.shell_ff = fraction(j, "ff");
  d.shell_bram36 = fraction(j, "bram36");
  d.shell_dsp = fraction(j, "dsp");
  named(j, "source");
  j.refuse_unknown();
}

void read_most(const Json& j, Device& d) {
  const auto share = [&](const char* key, double shell, double& most) {
    if (!j.has(key)) return;
    most = positive(j, key, 1);
    if (most <= shell) j.at(key).error("arch-device", fmt::format("the shell alone keeps {} of it", shell));
  };
  share("lut", d.shell_lut, d.most_lut);
  share("ff", d.shell_ff, d.most_ff);
  share("bram36", d.shell_bram36, d.most_bram36);
  share("dsp", d.shell_dsp, d.most_dsp);
  named(j, "source");
  j.refuse_unknown();
}

Device read(const Json& root) {
  Device d;
  if (root.at("format").as_choice({"elbgen.device/1"}) != 0) return d;
  d.name = named(root, "name");
  d.part = named(root, "part");
  const int family = root.at("family").as_choice({"7-series", "ultrascale", "ultrascale+"});
  d.family = family == 2 ? Family::ultrascale_plus : family == 1 ? Family::ultrascale : Family::series7;
  d.clock_mhz = positive(root, "clock_mhz", 2000);
  named(root, "source");
  if (const Json r = root.at("resources"); r.is_object()) {
    d.lut = r.get_int("lut", {.min = 1, .max = kCount.max});
    d.ff = r.get_int("ff", {.min = 1, .max = kCount.max});
    d.bram36 = r.get_int("bram36", kCount);
    d.uram = r.get_int("uram", kCount);
    d.dsp = r.get_int("dsp", kCount);
    if (d.uram > 0 && family != 2)
      r.at("uram").error("arch-device", "only ultrascale+ devices have UltraRAM");
    r.refuse_unknown();
  }
  if (const std::optional<Json> shell = root.find("shell")) read_shell(*shell, d);
  if (const std::optional<Json> most = root.find("most")) read_most(*most, d);
  if (const Json memories = root.at("memories"); memories.is_array()) {
    for (size_t i = 0; i < memories.size(); ++i) {
      d.memories.push_back(read_memory(memories[i]));
      for (size_t k = 0; k < i; ++k) {
        if (d.memories[k].name == d.memories[i].name)
          memories[i].error("arch-device",
                            fmt::format("memory {} has the name \"{}\" too", k, d.memories[k].name));
      }
    }
  } else if (!memories.is_null()) {
    memories.error("json-value", "a list of memories was expected");
  }
  root.refuse_unknown();
  return d;
}

}  // namespace

spec::Technology technology_of(const Device& device) {
  return device.family == Family::series7 ? spec::Technology::xc7 : spec::Technology::xcup;
}

Device read_device(const std::string& path) {
  Diags diags;
  const Json root = Json::parse_file(path, diags);
  diags.throw_if_any();
  const Device d = read(root);
  diags.throw_if_any();
  return d;
}

Device read_device_text(const std::string& text, const std::string& file_name) {
  Diags diags;
  const Json root = Json::parse_text(text, file_name, diags);
  diags.throw_if_any();
  const Device d = read(root);
  diags.throw_if_any();
  return d;
}

}  // namespace elb::arch
