#include "nn/read_network.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "base/json_edit.hpp"
#include "base/text.hpp"
#include "nn/read_input.hpp"
#include "nn/read_layer.hpp"
#include "nn/read_params.hpp"
#include "nn/safetensors.hpp"

namespace elb::nn {
namespace {

struct WeightSource {
  std::string path;              // of the safetensors file
  std::optional<uint64_t> seed;  // of synthetic weights
};

struct NetworkReader {
  Json json;
  Diags& diags;
  Network net;
  FileState file;
  std::set<int> misnamed;  // layers whose tensors cannot be looked for

  void read_format();
  void read_top();
  WeightSource read_weight_source();
  void read_names(const Json& layers);
  void read_output();
  void check_reachable();
  void refuse_real_keys();
  void read_class_thresholds(ParamFile& params);
};

WeightSource NetworkReader::read_weight_source() {
  WeightSource source;
  const Json weights = json.at("weights");
  if (weights.is_object()) {
    source.seed = static_cast<uint64_t>(weights.get_int("synthetic", {.min = 0}));
    weights.refuse_unknown();
  } else {
    source.path = weights.as_string();
    if (weights.is_string() && source.path.empty()) weights.error("json-value", "an empty path was given");
  }
  return source;
}

// Names come first, so that a layer that reads a later one can be told so.
void NetworkReader::read_names(const Json& layers) {
  for (size_t i = 0; i < layers.size(); ++i) {
    const Json layer = layers[i];
    if (!layer.is_object() || !layer.has("name") || !layer.at("name").is_string()) continue;
    const Json name = layer.at("name");
    const std::string text = name.as_string();
    const size_t mark = diags.all().size();
    const bool first = file.names.emplace(text, static_cast<int>(i)).second;
    if (!is_identifier(text) || text.size() > 64) {
      name.error(
          "nn-name",
          fmt::format(
              "{} is no name for a layer: a letter or _, then letters, digits, _ were expected, at most 64",
              JsonWriter::quote(text)));
    } else if (text == "input" || text == "class") {
      name.error("nn-name", fmt::format("\"{}\" has a meaning of its own and cannot name a layer", text));
    } else if (!first) {
      name.error("nn-name", fmt::format("layer {} is already named \"{}\"", file.names[text], text));
    }
    if (diags.all().size() != mark) misnamed.insert(static_cast<int>(i));
  }
}

void NetworkReader::read_output() {
  if (auto output = json.find("output")) {
    const std::string name = output->as_string();
    const auto it = file.names.find(name);
    if (it == file.names.end()) {
      output->error("nn-graph", fmt::format("there is no layer {}", JsonWriter::quote(name)));
      return;
    }
    net.output = it->second;
    return;
  }
  std::string ends;
  for (size_t i = 0; i < net.layers.size(); ++i) {
    if (!file.keys[i].sound) return;
    if (!net.readers_of(static_cast<int>(i)).empty()) continue;
    ends += (ends.empty() ? "\"" : ", \"") + net.layers[i].name + "\"";
    net.output = static_cast<int>(i);
  }
  if (ends.find(',') != std::string::npos) {
    json.error("nn-graph", fmt::format("no other layer reads {}: only one of them can be the output", ends));
  }
}

void NetworkReader::check_reachable() {
  std::vector<bool> needed(net.layers.size(), false);
  needed[net.output] = true;
  for (int i = static_cast<int>(net.layers.size()) - 1; i >= 0; --i) {
    if (!needed[i]) {
      diags.error({.code = "nn-graph",
                   .place = net.layers[i].place,
                   .text = fmt::format("layer \"{}\" does not lead to the output \"{}\"", net.layers[i].name,
                                       net.out().name),
                   .notes = {},
                   .help = ""});
      continue;
    }
    for (int source : net.layers[i].inputs) {
      if (source >= 0) needed[source] = true;
    }
  }
}

// Alone in front: in a file of another format every other key would be a mistake.
void NetworkReader::read_format() {
  const Json format = json.at("format");
  if (json.has("format")) format.as_choice({"elbgen.network/1"});
}

void NetworkReader::read_top() {
  net.name = json.get_string("name");
  const bool good_name =
      net.name.size() <= 64 &&
      net.name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
          std::string::npos;
  if (json.has("name") && json.at("name").is_string() && (net.name.empty() || !good_name)) {
    json.at("name").error(
        "nn-name", fmt::format("{} is no name for a network: 1 to 64 letters, digits, -, _, . were expected",
                               JsonWriter::quote(net.name)));
  }
  file.input_sound = read_input(json.at("input"), net);
  const Json layers = json.at("layers");
  const size_t n = layers.size();
  if (layers.is_array() && (n == 0 || n > kMaxLayers)) {
    layers.error("nn-limit", fmt::format("{} layers were given, 1 to {} are possible", n, kMaxLayers));
    return;
  }
  if (n == 0) return;
  read_names(layers);
  int64_t weights = 0, thresholds = 0;
  for (size_t i = 0; i < n; ++i) {
    file.keys.push_back(read_layer(layers[i], file, net));
    const Layer& l = net.layers.back();
    if (!file.keys.back().sound) continue;
    if (l.has_weights()) weights += l.fan_in() * l.out.c;
    if (l.has_tail() && l.act) thresholds += int64_t{l.out.c} * (l.act->codes() - 1);
  }
  if (weights > kMaxWeights)
    layers.error("nn-limit", fmt::format("{} weights, at most {} are possible", weights, kMaxWeights));
  if (thresholds > kMaxThresholds) {
    layers.error("nn-limit",
                 fmt::format("{} thresholds, at most {} are possible", thresholds, kMaxThresholds));
  }
  read_output();
  if (auto rule = json.find("class_rule")) {
    net.class_rule =
        rule->as_choice({"argmax", "highest_bit"}) == 1 ? ClassRule::highest_bit : ClassRule::argmax;
  }
  if (diags.ok()) check_reachable();
  const Op last = net.out().op;
  if (net.class_rule == ClassRule::highest_bit && (last == Op::argmax || last == Op::top_k)) {
    json.at("class_rule")
        .error("nn-graph", fmt::format("\"highest_bit\" looks at scores, the output \"{}\" is {}",
                                       net.out().name, to_string(last)));
  }
}

void NetworkReader::refuse_real_keys() {
  for (size_t i = 0; i < file.keys.size(); ++i) {
    const char* what = file.keys[i].epsilon ? "bn" : file.keys[i].bias ? "bias" : nullptr;
    if (!what) continue;
    diags.error(
        {.code = "nn-tail",
         .place = net.layers[i].place + "/" + what,
         .text = fmt::format("synthetic weights bring thresholds of their own, {} has no tensors", what),
         .notes = {},
         .help = ""});
  }
  if (net.class_rule == ClassRule::highest_bit) {
    json.at("class_rule")
        .error("nn-tail", "\"highest_bit\" needs the tensor class.thresholds, synthetic weights have none");
  }
}

void NetworkReader::read_class_thresholds(ParamFile& params) {
  if (net.class_rule != ClassRule::highest_bit) return;
  const TensorView* t = params.get("class.thresholds", {Dtype::i32}, {{net.out().out.size()}});
  if (t) net.class_thresholds = params.file().i32(*t);
}

// The tensors' file, or the reason why it cannot be read, told together with the JSON's mistakes.
std::optional<std::string> load(const std::string& path, const std::string& named_by, Diags& diags) {
  try {
    return read_file(path);
  } catch (const UserError& e) {
    for (Diag d : e.diags()) {
      d.notes.push_back("named by " + named_by);
      diags.error(d);
    }
    return {};
  }
}

// Everything but tensors. Where these are synthetic all mistakes are thrown, else they stay in reader.diags.
WeightSource read_shapes(NetworkReader& reader, const std::string& text, const std::string& file_name) {
  reader.diags.throw_if_any();
  reader.net.source = file_name;
  reader.net.json_text = text;
  reader.read_format();
  reader.diags.throw_if_any();
  WeightSource source = reader.read_weight_source();
  reader.read_top();
  reader.json.refuse_unknown();
  if (source.seed) {
    reader.refuse_real_keys();
    reader.diags.throw_if_any();
  }
  return source;
}

NetworkReader network_reader(const std::string& text, const std::string& file_name, Diags& diags) {
  return {.json = Json::parse_text(text, file_name, diags),
          .diags = diags,
          .net = {},
          .file = {},
          .misnamed = {}};
}

}  // namespace

Network read_shapes_text(const std::string& text, const std::string& file_name) {
  Diags diags;
  NetworkReader reader = network_reader(text, file_name, diags);
  read_shapes(reader, text, file_name);
  diags.throw_if_any();
  return std::move(reader.net);
}

Network read_network_text(const std::string& text, const std::string& file_name,
                          const std::optional<std::string>& safetensors) {
  Diags diags;
  NetworkReader reader = network_reader(text, file_name, diags);
  const WeightSource source = read_shapes(reader, text, file_name);
  Network& net = reader.net;
  const int n = static_cast<int>(reader.file.keys.size());
  if (source.seed) {
    for (int i = 0; i < n; ++i) synthesise_params(net, i, *source.seed);
    return net;
  }
  if (source.path.empty()) diags.throw_if_any();
  const std::string path = (std::filesystem::path(file_name).parent_path() / source.path).string();
  std::optional<std::string> bytes = safetensors ? safetensors : load(path, file_name + "#/weights", diags);
  if (!bytes) diags.throw_if_any();
  net.safetensors = *bytes;
  net.json_text =
      replace_json_values(text, {{"/weights", JsonWriter::quote("weights.safetensors")}}).value_or("");
  if (net.json_text.empty()) reader.json.error("json-key", "key \"weights\" was expected in plain letters");
  const size_t mark = diags.all().size();
  const TensorFile file = parse_safetensors(std::move(*bytes), path, diags);
  if (diags.all().size() != mark) diags.throw_if_any();
  const bool all_sound = diags.ok();
  ParamFile params(file, diags);
  for (int i = 0; i < n; ++i) {
    if (reader.file.keys[i].sound && reader.misnamed.count(i) == 0)
      read_params(net, i, reader.file.keys[i], params);
  }
  if (all_sound) {
    reader.read_class_thresholds(params);
    params.refuse_unnamed();
  }
  diags.throw_if_any();
  return net;
}

Network read_network(const std::string& path) {
  return read_network_text(read_file(path), path);
}

}  // namespace elb::nn
