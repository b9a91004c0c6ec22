#include "sweep/base_network.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"
#include "base/json.hpp"
#include "base/json_edit.hpp"
#include "nn/read_network.hpp"

namespace elb::sweep {
namespace {

// Of the last "-4-8218" in a name; its end where there is none.
std::pair<size_t, size_t> find_digits(const std::string& name) {
  constexpr size_t kSize = 7;
  const auto digit = [&](size_t i) { return name[i] >= '1' && name[i] <= '8'; };
  for (size_t at = name.size(); at-- > 0;) {
    if (at + kSize > name.size() || name[at] != '-' || name[at + 2] != '-' || !digit(at + 1)) continue;
    if (at + kSize < name.size() && name[at + kSize] != '-') continue;
    if (digit(at + 3) && digit(at + 4) && digit(at + 5) && digit(at + 6)) return {at, kSize};
  }
  return {name.size(), 0};
}

void refuse(Diags& diags, const std::string& place, const std::string& text, const std::string& help) {
  diags.error({.code = "sweep-network", .place = place, .text = text, .notes = {}, .help = help});
}

void check(const nn::Network& net, const Json& json, Diags& diags) {
  if (!json.at("weights").is_object()) {
    refuse(diags, net.source + "#/weights", "trained weights have one precision, a sweep replaces it",
           R"(a copy of the network with "weights": {"synthetic": 1})");
  }
  bool weighted = false;
  for (size_t i = 0; i < net.layers.size(); ++i) {
    const nn::Layer& layer = net.layers[i];
    const Json row = json.at("layers")[i];
    weighted = weighted || layer.has_weights();
    if (row.has("thresholds")) {
      refuse(diags, layer.place + "/thresholds",
             fmt::format("\"{}\" gives the number of its thresholds, a sweep changes it", layer.name),
             "leave it out");
    }
    if (!layer.has_tail() || !layer.act) continue;
    if (layer.act->kind == nn::ActKind::unsigned_ || layer.act->kind == nn::ActKind::signed_) continue;
    refuse(diags, layer.place + "/activation",
           fmt::format("the activation of \"{}\" is {}, which has no bits to sweep", layer.name,
                       nn::to_string(*layer.act)),
           R"({"kind": "unsigned", "bits": 4})");
  }
  if (!weighted) refuse(diags, net.source, "no layer has weights, there is nothing to sweep", "");
}

}  // namespace

BaseNetwork::BaseNetwork(std::string text, std::string file_name)
    : text_(std::move(text)),
      file_name_(std::move(file_name)),
      shapes_(nn::read_shapes_text(text_, file_name_)),
      classes_(weight_classes(shapes_)) {
  Diags diags;
  check(shapes_, Json::parse_text(text_, file_name_, diags), diags);
  diags.throw_if_any();
  std::tie(digits_at_, digits_size_) = find_digits(shapes_.name);
}

bool BaseNetwork::has(WeightClass c) const {
  return std::find(classes_.begin(), classes_.end(), c) != classes_.end();
}

std::string BaseNetwork::name(const Precision& p) const {
  std::string name = shapes_.name;
  return name.replace(digits_at_, digits_size_, "-" + to_string(p));
}

std::string BaseNetwork::text(const Precision& p) const {
  std::map<std::string, std::string> values{{"/name", JsonWriter::quote(name(p))}};
  for (size_t i = 0; i < classes_.size(); ++i) {
    const std::string layer = fmt::format("/layers/{}", i);
    if (classes_[i]) {
      const int digit = p.weights[static_cast<size_t>(*classes_[i])];
      values[layer + "/weight"] = JsonWriter::quote(weight_name(digit));
    }
    if (shapes_.layers[i].has_tail() && shapes_.layers[i].act)
      values[layer + "/activation/bits"] = fmt::format("{}", p.activation_bits);
  }
  const std::optional<std::string> text = replace_json_values(text_, values);
  if (!text) {
    throw UserError(Diag{.code = "sweep-network",
                         .place = file_name_,
                         .text = "the keys of layers were expected in plain letters, without escapes"});
  }
  return *text;
}

nn::Network BaseNetwork::shapes(const Precision& p) const {
  return nn::read_shapes_text(text(p), file_name_);
}

nn::Network BaseNetwork::network(const Precision& p) const {
  return nn::read_network_text(text(p), file_name_);
}

double BaseNetwork::weight_bits(const Precision& p) const {
  double bits = 0, macs = 0;
  for (size_t i = 0; i < classes_.size(); ++i) {
    if (!classes_[i]) continue;
    const double n = static_cast<double>(shapes_.layers[i].macs());
    bits += n * p.weights[static_cast<size_t>(*classes_[i])];
    macs += n;
  }
  return bits / macs;
}

}  // namespace elb::sweep
