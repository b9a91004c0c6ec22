#include "nn/read_layer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "nn/read_network.hpp"
#include "nn/window.hpp"

namespace elb::nn {
namespace {

// What a layer can be in the file; global pools are pools in nn::Layer.
struct OpName {
  const char* name;
  Op op;
  bool global = false;
};
constexpr OpName kOps[] = {{"conv", Op::conv},
                           {"fc", Op::fc},
                           {"max_pool", Op::max_pool},
                           {"average_pool", Op::average_pool},
                           {"global_average_pool", Op::average_pool, true},
                           {"global_max_pool", Op::max_pool, true},
                           {"add", Op::add},
                           {"concat", Op::concat},
                           {"flatten", Op::flatten},
                           {"quantize", Op::quantize},
                           {"argmax", Op::argmax},
                           {"top_k", Op::top_k}};

struct Reader {
  const Json& json;
  const FileState& file;
  Network& net;
  Layer layer;
  LayerKeys keys;

  bool inputs_sound =
      false;  // else only the keys are read: their fit to a shape that nobody knows is not judged

  bool has_mistake(size_t mark) const { return json.diags().all().size() != mark; }
  bool read_inputs();
  std::optional<int> find_source(const Json& place, const std::string& name);
  bool read_input(const Json& place, int source);
  void read_weight_type();
  void read_tail();
  void shape_conv();
  void shape_fc();
  void shape_pool(bool global);
  void shape_add();
  void shape_concat();
  void shape_op();
  void check_limits();
};

// The layer of this name, -1 for "input"; nothing (and an error) when there is none before this one.
std::optional<int> Reader::find_source(const Json& place, const std::string& name) {
  if (name == "input") return -1;
  const int here = static_cast<int>(file.keys.size());
  const auto it = file.names.find(name);
  if (it == file.names.end()) {
    std::vector<std::string> known{"input"};
    for (const auto& [n, index] : file.names) known.push_back(n);
    const std::string near = nearest(name, known);
    place.error("nn-graph", fmt::format("there is no layer {}", JsonWriter::quote(name)),
                near.empty() ? "" : fmt::format("did you mean \"{}\"?", near));
    return std::nullopt;
  }
  if (it->second < here) return it->second;
  place.error("nn-graph",
              it->second == here
                  ? fmt::format("layer \"{}\" reads itself", name)
                  : fmt::format("layer \"{}\" stands later: a layer's inputs stand before it", name));
  return std::nullopt;
}

bool Reader::read_input(const Json& place, int source) {
  layer.inputs.push_back(source);
  // What is not sound has been reported already.
  if (source < 0) return file.input_sound;
  if (!file.keys[source].sound) return false;
  const Layer& from = net.layers[source];
  if (from.op == Op::argmax || from.op == Op::top_k) {
    place.error("nn-graph", fmt::format("\"{}\" gives indices: it can only be the last layer", from.name));
    return false;
  }
  if (from.act || layer.op == Op::argmax || layer.op == Op::top_k) return true;
  place.error(
      "nn-activation",
      fmt::format(
          "layer \"{}\" has no activation: its raw accumulators can only be the network's output, or go "
          "into argmax or top_k",
          from.name),
      fmt::format("give \"{}\" an activation", from.name));
  return false;
}

bool Reader::read_inputs() {
  const bool many = layer.op == Op::add || layer.op == Op::concat;
  if (auto list = json.find("inputs")) {
    const size_t n = list->size();
    if (!list->is_array()) return false;
    if (many ? (n < 2 || n > kMaxInputs) : n != 1) {
      list->error("nn-graph", fmt::format("{} inputs were given, {} was expected", n,
                                          many ? fmt::format("a list of 2 to {}", kMaxInputs) : "one"));
      return false;
    }
    bool good = true;
    for (size_t i = 0; i < n; ++i) {
      const Json item = (*list)[i];
      std::optional<int> source;
      const std::string name = item.as_string();
      if (item.is_string()) source = find_source(item, name);
      good = source && read_input(item, *source) && good;
    }
    return good;
  }
  if (many) {
    json.at("inputs");
    return false;
  }
  return read_input(json, static_cast<int>(file.keys.size()) - 1);
}

void Reader::read_weight_type() {
  static const std::vector<std::string> choices{"binary", "ternary", "int2", "int3", "int4",
                                                "int5",   "int6",    "int7", "int8"};
  const int choice = json.at("weight").as_choice(choices);
  if (choice == 1) {
    layer.weight = WeightType{WeightKind::ternary, 2};
  } else if (choice >= 2) {
    layer.weight = WeightType{WeightKind::integer, choice};
  } else {
    layer.weight = WeightType{WeightKind::binary, 1};
  }
  layer.out.c = static_cast<int>(json.get_int("out_channels", {.min = 1, .max = kMaxDim}));
}

void Reader::read_tail() {
  if (auto act = json.find("activation")) layer.act = read_activation(*act);
  const bool has_bias = layer.op == Op::conv || layer.op == Op::fc;
  if (has_bias) keys.bias = json.get_bool_or("bias", false);
  if (auto bn = json.find("bn")) {
    const Json epsilon = bn->at("epsilon");
    keys.epsilon = epsilon.as_double();
    if (*keys.epsilon < 0 || *keys.epsilon > 1e6)
      epsilon.error("json-value", fmt::format("{} was given, 0 to 1e6 was expected", *keys.epsilon));
    bn->refuse_unknown();
    if (!layer.act)
      bn->error("nn-tail", "bn has no meaning without activation: raw accumulators are integers");
  }
  if (auto t = json.find("thresholds")) {
    keys.thresholds = true;
    const int64_t n = t->as_int({.min = 1, .max = 255});
    if (!layer.act) {
      t->error("nn-tail", "thresholds have no meaning without activation");
    } else if (t->is_int() && n != layer.act->codes() - 1) {
      t->error("nn-tail", fmt::format("{} thresholds were given, activation {} has {} steps", n,
                                      to_string(*layer.act), layer.act->codes() - 1));
    }
    if (keys.epsilon) t->error("nn-tail", "thresholds replace bn: only one of them can be given");
  }
}

void read_pad_value(const Json& json, const ActType& act, bool judge, Window& w) {
  auto v = json.find("pad_value");
  if (!v) return;
  w.pad_value = static_cast<int>(v->as_int({.min = -128, .max = 255}));
  if (!judge) return;
  if (!act.holds(w.pad_value) && !(act.kind == ActKind::bipolar && w.pad_value == 0)) {
    v->error("nn-activation", fmt::format("{} is not a value of the input's activation {} ({} .. {})",
                                          w.pad_value, to_string(act), act.lo(), act.hi()));
  }
}

void Reader::shape_conv() {
  read_weight_type();
  const int channels = layer.out.c;
  const size_t mark = json.diags().all().size();
  layer.window = read_window(json, Op::conv);
  const bool window_sound = !has_mistake(mark);
  read_pad_value(json, layer.in_act, inputs_sound, layer.window);
  if (inputs_sound && window_sound) layer.out = slide_window(json, layer.in, false, layer.window);
  layer.out.c = channels;
  auto groups = json.find("groups");
  if (!groups) return;
  layer.groups = static_cast<int>(groups->as_int({.min = 1, .max = kMaxDim}));
  if (!inputs_sound) return;
  if (layer.in.c % layer.groups != 0 || layer.out.c % layer.groups != 0) {
    groups->error("nn-shape", fmt::format("{} groups do not divide {} input and {} output channels",
                                          layer.groups, layer.in.c, layer.out.c));
    layer.groups = 1;
  }
}

void Reader::shape_fc() {
  read_weight_type();
  layer.in = {1, 1, static_cast<int>(layer.in.size())};
  layer.out = {1, 1, layer.out.c};
}

void Reader::shape_pool(bool global) {
  layer.global = global;
  if (global) {
    layer.window.kh = layer.window.sh = layer.in.h;
    layer.window.kw = layer.window.sw = layer.in.w;
    layer.out = {1, 1, layer.in.c};
    return;
  }
  const size_t mark = json.diags().all().size();
  layer.window = read_window(json, layer.op);
  const bool window_sound = !has_mistake(mark);
  if (layer.op == Op::average_pool) {
    layer.count_include_pad = json.get_bool_or("count_include_pad", false);
    read_pad_value(json, layer.in_act, inputs_sound, layer.window);
    if (json.has("pad_value") && !layer.count_include_pad) {
      json.at("pad_value")
          .error("nn-activation", "pad_value has no meaning without count_include_pad",
                 "add \"count_include_pad\": true");
    }
  }
  const bool ceil_mode = json.get_bool_or("ceil_mode", false);
  if (inputs_sound && window_sound) layer.out = slide_window(json, layer.in, ceil_mode, layer.window);
}

void Reader::shape_add() {
  layer.out = layer.in;
  if (!inputs_sound) return;
  for (int source : layer.inputs) {
    if (net.shape_of(source) != layer.in) {
      json.error("nn-shape", fmt::format("the operands are {} and {}, equal shapes were expected",
                                         to_string(layer.in), to_string(net.shape_of(source))));
    } else if (net.act_of(source).scale != layer.in_act.scale) {
      json.error("nn-activation",
                 fmt::format("the operands' scales are {} and {}, equal scales were expected",
                             layer.in_act.scale, net.act_of(source).scale),
                 "requantise one operand first (op \"quantize\")");
    }
  }
}

void Reader::shape_concat() {
  layer.out = layer.in;
  if (!inputs_sound) return;
  int64_t channels = 0;
  for (int source : layer.inputs) {
    const Shape s = net.shape_of(source);
    const ActType& act = net.act_of(source);
    channels += s.c;
    if (s.h != layer.in.h || s.w != layer.in.w) {
      json.error("nn-shape", fmt::format("the inputs are {} and {}, equal height and width were expected",
                                         to_string(layer.in), to_string(s)));
    } else if (!act.same_values(layer.in_act) || act.scale != layer.in_act.scale) {
      json.error(
          "nn-activation",
          fmt::format("the inputs' activations are {} (scale {}) and {} (scale {}), equal ones were expected",
                      to_string(layer.in_act), layer.in_act.scale, to_string(act), act.scale),
          "requantise one input first (op \"quantize\")");
    }
  }
  if (channels > kMaxDim) {
    json.error("nn-limit", fmt::format("{} channels, at most {} are possible", channels, kMaxDim));
    channels = 1;
  }
  layer.out.c = static_cast<int>(channels);
}

void Reader::shape_op() {
  switch (layer.op) {
    case Op::conv:
      return shape_conv();
    case Op::fc:
      return shape_fc();
    case Op::max_pool:
    case Op::average_pool:
      return shape_pool(layer.global);
    case Op::add:
      return shape_add();
    case Op::concat:
      return shape_concat();
    case Op::flatten:
      layer.out = {1, 1, static_cast<int>(layer.in.size())};
      return;
    case Op::quantize:
      layer.out = layer.in;
      return;
    case Op::argmax:
      layer.out = {1, 1, 1};
      return;
    case Op::top_k:
      layer.k = static_cast<int>(json.get_int(
          "k", {.min = 1, .max = inputs_sound ? std::min<int64_t>(layer.in.size(), kMaxDim) : kMaxDim}));
      layer.out = {1, 1, layer.k};
      return;
  }
}

// Every accumulator fits with room to spare into int32, whatever the weights.
void Reader::check_limits() {
  if (layer.out.size() > kMaxMap || layer.out.c > kMaxDim) {
    json.error("nn-limit", fmt::format("the output is {}, at most {} values and {} channels are possible",
                                       to_string(layer.out), kMaxMap, kMaxDim));
  }
  const int64_t x = std::max(std::abs(layer.in_act.lo()), std::abs(layer.in_act.hi()));
  int64_t terms = 0;
  if (layer.weight) {
    terms = layer.fan_in() * std::max(-layer.weight->lo(), layer.weight->hi());
    if (layer.fan_in() * layer.out.c > kMaxWeights) {
      json.error("nn-limit", fmt::format("{} weights, at most {} are possible", layer.fan_in() * layer.out.c,
                                         kMaxWeights));
    }
  } else if (layer.op == Op::average_pool) {
    terms = int64_t{layer.window.kh} * layer.window.kw;
  }
  if (terms * x > kMaxAcc) {
    json.error("nn-limit",
               fmt::format("an accumulator could reach {}, at most {} is possible", terms * x, kMaxAcc));
  }
}

}  // namespace

ActType read_activation(const Json& json) {
  static const std::vector<std::string> kinds{"unsigned", "signed", "bipolar", "ternary"};
  ActType act;
  const int kind = json.at("kind").as_choice(kinds);
  act.kind = static_cast<ActKind>(std::max(kind, 0));
  const bool fixed = act.kind == ActKind::bipolar || act.kind == ActKind::ternary;
  const int fixed_bits = act.kind == ActKind::bipolar ? 1 : 2;
  const int min_bits = act.kind == ActKind::signed_ ? 2 : 1;
  if (fixed) {
    act.bits = static_cast<int>(json.get_int_or("bits", fixed_bits, {.min = fixed_bits, .max = fixed_bits}));
  } else {
    act.bits = static_cast<int>(json.get_int("bits", {.min = kind < 0 ? 1 : min_bits, .max = 8}));
  }
  if (auto scale = json.find("scale")) {
    act.scale = scale->as_double();
    if (scale->is_number() && !(act.scale >= 1e-30 && act.scale <= 1e30)) {
      scale->error("json-value",
                   fmt::format("{} was given, a number of 1e-30 to 1e30 was expected", act.scale));
    }
    if (!(act.scale > 0)) act.scale = 1;  // harmless
  }
  json.refuse_unknown();
  return act;
}

LayerKeys read_layer(const Json& json, const FileState& file, Network& net) {
  const size_t mark = json.diags().all().size();
  Reader r{.json = json, .file = file, .net = net, .layer = {}, .keys = {}, .inputs_sound = false};
  r.layer.name = json.get_string("name");
  r.layer.place = json.place();
  std::vector<std::string> ops;
  for (const OpName& o : kOps) ops.emplace_back(o.name);
  const int op = json.at("op").as_choice(ops);
  if (op < 0) {
    net.layers.push_back(r.layer);
    return r.keys;
  }
  r.layer.op = kOps[op].op;
  r.layer.global = kOps[op].global;
  r.inputs_sound = r.read_inputs();
  if (r.inputs_sound) {
    const int first = r.layer.inputs[0];
    r.layer.in = net.shape_of(first);
    const bool raw = first >= 0 && !net.layers[first].act;
    if (!raw) r.layer.in_act = net.act_of(first);
    if (r.layer.op != Op::argmax && r.layer.op != Op::top_k && !r.layer.has_tail())
      r.layer.act = r.layer.in_act;
  }
  if (r.layer.has_tail()) r.read_tail();
  r.shape_op();
  if (r.inputs_sound) r.check_limits();
  json.refuse_unknown();
  r.keys.sound = r.inputs_sound && !r.has_mistake(mark);
  net.layers.push_back(r.layer);
  return r.keys;
}

}  // namespace elb::nn
