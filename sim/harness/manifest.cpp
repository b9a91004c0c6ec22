#include "sim/harness/manifest.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "base/diag.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "sim/harness/refuse.hpp"

namespace elb::harness {
namespace {

namespace fs = std::filesystem;
constexpr int64_t kMaxSide = 1 << 24;
constexpr int64_t kMaxLatency = 1 << 20, kMaxRate = 1 << 30;

std::string identifier(const Json& object, const std::string& key) {
  std::string s = object.get_string(key);
  if (object.diags().ok() && !is_identifier(s)) {
    object.at(key).error("sim-manifest", fmt::format("'{}' is no Verilog identifier", s));
  }
  return s;
}

Stream read_stream(const Json& j, const std::string& layer_key, const std::string& wires_key) {
  Stream s;
  s.place = j.place();
  s.layer = layer_key.empty() ? "input" : j.get_string(layer_key);
  s.wires = identifier(j, wires_key);
  s.columns = static_cast<int>(j.get_int("columns", {.min = 1, .max = 65536}));
  s.channels = static_cast<int>(j.get_int("channels", {.min = 1, .max = 65536}));
  s.bits = static_cast<int>(j.get_int("bits", {.min = 1, .max = 48}));
  s.is_signed = j.get_bool_or("signed", false);
  const std::vector<int64_t> shape = j.at("shape").as_ints({.min = 1, .max = kMaxSide});
  if (shape.size() == 3) {
    s.shape = {
        .h = static_cast<int>(shape[0]), .w = static_cast<int>(shape[1]), .c = static_cast<int>(shape[2])};
  } else if (j.diags().ok()) {
    j.at("shape").error("sim-manifest", fmt::format("{} numbers, [h, w, c] was expected", shape.size()));
  }
  const int64_t lanes = int64_t{s.columns} * s.channels;
  if (j.get_int_or("lanes", lanes) != lanes)
    j.at("lanes").error("sim-manifest", fmt::format("columns x channels is {}", lanes));
  if (lanes * s.bits > (1 << 24)) j.error("sim-manifest", "a beat of more than 2^24 bits");
  return s;
}

std::vector<std::string> read_filelist(const std::string& dir, const std::string& name, Diags& diags) {
  const fs::path path = fs::path(dir) / name;
  std::vector<std::string> out;
  for (std::string line : split(read_file(path), '\n')) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (line.empty() || line[0] == '+' || line[0] == '-' || line.compare(0, 2, "//") == 0) continue;
    if (!fs::is_regular_file(fs::path(dir) / line)) {
      diags.error({.code = "sim-manifest",
                   .place = path.string(),
                   .text = fmt::format("names '{}', there is no such file", line),
                   .notes = {},
                   .help = ""});
    }
    out.push_back(line);
  }
  if (out.empty())
    diags.error(
        {.code = "sim-manifest", .place = path.string(), .text = "names no file", .notes = {}, .help = ""});
  return out;
}

int power_of_two(const Json& j, const char* key, IntRange range) {
  const int64_t v = j.get_int(key, range);
  if ((v & (v - 1)) != 0) j.at(key).error("sim-manifest", fmt::format("{} is no power of two", v));
  return static_cast<int>(v);
}

// `memory` and `dram`; nothing where no weights come from memory.
std::optional<MemoryPort> read_memory(const Json& root, const std::string& dir) {
  const auto j = root.find("memory");
  const auto dram = root.find("dram");
  const int64_t bytes = dram ? dram->get_int_or("bytes", 0, {.min = 0, .max = int64_t{1} << 40}) : 0;
  if (!j || j->is_null()) {
    if (bytes > 0) dram->error("sim-manifest", "an image without a memory port to read it");
    return {};
  }
  MemoryPort m;
  m.axi3 = j->at("protocol").as_choice({"axi3", "axi4"}) == 0;
  m.data_bits = power_of_two(*j, "data_bits", {.min = 8, .max = 1024});
  m.address_bits = static_cast<int>(j->get_int("address_bits", {.min = 13, .max = 64}));
  m.burst_beats = power_of_two(*j, "burst_beats", {.min = 1, .max = m.axi3 ? 16 : 256});
  m.outstanding = static_cast<int>(j->get_int("outstanding", {.min = 1, .max = 65536}));
  m.timing.latency = static_cast<int>(j->get_int("latency_cycles", {.min = 0, .max = kMaxLatency}));
  const Json bandwidth = j->at("bandwidth");
  m.timing.cycles = bandwidth.get_int("cycles", {.min = 1, .max = kMaxRate});
  m.timing.beats = bandwidth.get_int("beats", {.min = 1, .max = kMaxRate});
  if (m.timing.beats > m.timing.cycles) bandwidth.error("sim-manifest", "more than one beat in a cycle");
  m.image_bytes = bytes;
  if (!dram || bytes == 0 || !j->diags().ok()) {
    j->error("sim-manifest", "a memory port without an image (dram) behind it");
    return {};
  }
  m.image = dram->get_string("file");
  const fs::path path = fs::path(dir) / m.image;
  std::error_code ec;
  const auto size = fs::is_regular_file(path, ec) ? static_cast<int64_t>(fs::file_size(path, ec)) : -1;
  if (size != bytes) {
    j->diags().error({.code = "sim-manifest",
                      .place = path.string(),
                      .text = size < 0
                                  ? "there is no such file: the design reads its weights from it"
                                  : fmt::format("has {} bytes, the image of this design has {}", size, bytes),
                      .notes = {},
                      .help = "elbgen writes both; generate the design again"});
  }
  if (m.address_bits < 63 && bytes > int64_t{1} << m.address_bits) {
    dram->error("sim-manifest",
                fmt::format("{} bytes do not lie within {} bits of address", bytes, m.address_bits));
  }
  return m;
}

}  // namespace

Manifest read_manifest(const std::string& dir, Bodies bodies) {
  Diags diags;
  const std::string path = (fs::path(dir) / "manifest.json").string();
  const Json root = Json::parse_file(path, diags);
  diags.throw_if_any();
  if (root.get_string("format") != "elbgen.manifest/1" && diags.ok()) {
    root.at("format").error("sim-manifest", "is not \"elbgen.manifest/1\"");
  }
  diags.throw_if_any();
  Manifest m;
  m.dir = dir;
  m.network = root.get_string("network");
  m.top = identifier(root, "top");
  m.clock = identifier(root, "clock");
  m.reset = identifier(root, "reset");
  m.input = read_stream(root.at("input"), "", "port");
  m.output = read_stream(root.at("output"), "layer", "port");
  const Json boundaries = root.at("boundaries");
  for (size_t i = 0; i < boundaries.size(); ++i)
    m.boundaries.push_back(read_stream(boundaries[i], "layer", "wires"));
  if (const auto memories = root.find("memories")) {
    for (size_t i = 0; i < memories->size(); ++i) {
      const std::string file = (*memories)[i].get_string("file");
      if (!fs::is_regular_file(fs::path(dir) / file)) {
        (*memories)[i].error("sim-manifest", fmt::format("there is no memory file '{}'", file));
      }
    }
  }
  const Json predicted = root.at("predicted");
  const auto cycles = [&](const char* key) -> std::optional<int64_t> {
    const auto v = predicted.find(key);
    if (!v || v->is_null()) return {};
    return v->as_int({.min = 1, .max = int64_t{1} << 40});
  };
  m.cycles_per_frame = cycles("cycles_per_frame");
  m.latency_cycles = cycles("latency_cycles");
  m.images_per_pass =
      static_cast<int>(predicted.get_int_or("images_per_pass", 1, {.min = 1, .max = 1 << 24}));
  m.memory = read_memory(root, dir);
  if (const auto mhz = root.find("clock_mhz"); mhz && !mhz->is_null()) m.clock_mhz = mhz->as_double();
  m.filelist = "filelist.f";
  if (bodies == Bodies::mapped) {
    const auto list = root.find("mapped_filelist");
    if (!list) {
      refuse("cli-usage", "--mapped",
             fmt::format("the design in '{}' has no primitives of a technology", dir),
             "what it simulates is what is synthesised; leave --mapped out");
    }
    m.filelist = list->as_string();
  }
  m.sources = read_filelist(dir, m.filelist, diags);
  diags.throw_if_any();
  return m;
}

std::optional<int> layer_index(const nn::Network& network, const std::string& name) {
  if (name == "input") return -1;
  for (size_t i = 0; i < network.layers.size(); ++i) {
    if (network.layers[i].name == name) return static_cast<int>(i);
  }
  return {};
}

void check_against(const Manifest& manifest, const nn::Network& network) {
  Diags diags;
  const auto differs = [&](const Stream& s, const std::string& text) {
    diags.error({.code = "sim-manifest", .place = s.place, .text = text, .notes = {}, .help = ""});
  };
  const auto check_shape = [&](const Stream& s, const nn::Shape& want) {
    if (s.shape == want) return;
    differs(s, fmt::format("'{}' is {} here, {} in the network", s.layer, nn::to_string(s.shape),
                           nn::to_string(want)));
  };
  check_shape(manifest.input, network.input);
  if (manifest.input.bits != 8) differs(manifest.input, "pixels have 8 bits");
  const auto check = [&](const Stream& s) {
    const std::optional<int> index = layer_index(network, s.layer);
    if (!index) return differs(s, fmt::format("the network has no layer '{}'", s.layer));
    check_shape(s, network.shape_of(*index));
    if (*index >= 0 && !network.layers[static_cast<size_t>(*index)].act) return;  // raw: as wide as it needs
    const int bits = network.act_of(*index).bits;
    if (s.bits != bits)
      differs(s, fmt::format("'{}' has {} bits here, {} in the network", s.layer, s.bits, bits));
  };
  for (const Stream& s : manifest.boundaries) check(s);
  check(manifest.output);
  if (diags.ok() && layer_index(network, manifest.output.layer) != network.output) {
    differs(manifest.output,
            fmt::format("the network's output is '{}', not '{}'", network.out().name, manifest.output.layer));
  }
  diags.throw_if_any();
}

}  // namespace elb::harness
