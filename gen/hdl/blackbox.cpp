#include "hdl/blackbox.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/json.hpp"

namespace elb::hdl {
namespace {

// sum := product (('+' | '-') product)*, product := atom ('*' atom)*, atom := number | parameter | '(' sum
// ')'
class WidthReader {
 public:
  WidthReader(const Leaf& leaf, const LeafParams& params, const std::string& text)
      : leaf_(leaf), params_(params), text_(text) {}
  std::optional<int64_t> read() {
    const int64_t v = sum();
    skip();
    return good_ && at_ == text_.size() ? std::optional(v) : std::nullopt;
  }

 private:
  void skip() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool take(char c) {
    skip();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  int64_t sum() {
    int64_t v = product();
    while (good_) {
      if (take('+')) {
        v += product();
      } else if (take('-')) {
        v -= product();
      } else {
        break;
      }
    }
    return v;
  }
  int64_t product() {
    int64_t v = atom();
    while (good_ && take('*')) v *= atom();
    return v;
  }
  int64_t atom() {
    if (take('(')) {
      const int64_t v = sum();
      good_ = good_ && take(')');
      return v;
    }
    skip();
    std::string word;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_'))
      word += text_[at_++];
    if (!word.empty() && std::isdigit(static_cast<unsigned char>(word[0]))) {
      int64_t v = 0;
      for (char c : word) {
        good_ = good_ && std::isdigit(static_cast<unsigned char>(c)) && v < 1'000'000;
        v = 10 * v + (c - '0');
      }
      return v;
    }
    for (const LeafParams* list : {&params_, &leaf_.parameters}) {
      for (const auto& [key, value] : *list) {
        if (key == word && std::holds_alternative<int64_t>(value)) return std::get<int64_t>(value);
      }
    }
    good_ = false;
    return 0;
  }

  const Leaf& leaf_;
  const LeafParams& params_;
  const std::string& text_;
  size_t at_ = 0;
  bool good_ = true;
};

}  // namespace

int leaf_port_width(const Leaf& leaf, const LeafPort& port, const LeafParams& params) {
  const std::optional<int64_t> v = WidthReader(leaf, params, port.width).read();
  return v && *v >= 1 && *v < 1'000'000 ? static_cast<int>(*v) : 0;
}

Leaf load_leaf(const std::string& dir, const std::string& name, Diags& diags) {
  Leaf leaf;
  leaf.module = name;
  leaf.source = dir + "/" + name + ".v";
  const Json root = Json::parse_file(dir + "/" + name + ".json", diags);
  if (!root.is_object()) return leaf;
  root.at("format").as_choice({"elbgen.leaf/1"});
  leaf.module = root.get_string("module");
  if (const std::optional<Json> about = root.find("about")) about->as_string();
  if (const std::optional<Json> parameters = root.find("parameters")) {
    for (const std::string& key : parameters->keys()) {
      const Json value = parameters->at(key);
      if (value.is_string()) {
        leaf.parameters.emplace_back(key, value.as_string());
      } else {
        leaf.parameters.emplace_back(key, value.as_int());
      }
    }
  }
  const Json ports = root.at("ports");
  for (size_t i = 0; i < ports.size(); ++i) {
    const Json p = ports[i];
    LeafPort port;
    port.name = p.get_string("name");
    const int kind = p.at("kind").as_choice({"input", "output", "clock", "reset"});
    port.kind = static_cast<LeafPort::Kind>(std::max(0, kind));
    if (const std::optional<Json> width = p.find("width")) {
      port.width = width->is_string() ? width->as_string()
                                      : std::to_string(width->as_int({.min = 1, .max = 1'000'000}));
    }
    port.is_signed = p.get_bool_or("signed", false);
    port.combinational = p.get_bool_or("combinational", true);
    p.refuse_unknown();
    if (leaf_port_width(leaf, port, {}) == 0)
      p.error("json-value", "\"" + port.width + "\" is no width",
              "a number, or a sum or product of parameters");
    leaf.ports.push_back(port);
  }
  if (const std::optional<Json> bodies = root.find("bodies")) {
    for (const std::string& technology : bodies->keys()) {
      const Json files = bodies->at(technology);
      for (size_t i = 0; i < files.size(); ++i)
        leaf.bodies[technology].push_back(dir + "/" + files[i].as_string());
    }
  }
  root.refuse_unknown();
  return leaf;
}

}  // namespace elb::hdl
