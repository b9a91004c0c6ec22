#include "base/json.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "base/assert.hpp"
#include "base/text.hpp"

namespace elb {

// Our own tree: key order, the place of every value, and which keys were asked for.
struct Json::Node {
  enum class Kind { null, boolean, integer, number, string, array, object };
  Kind kind = Kind::null;
  bool boolean = false;
  int64_t integer = 0;
  double number = 0;
  std::string string;
  std::vector<std::unique_ptr<Node>> items;
  std::vector<std::string> names;
  mutable std::set<std::string> asked;
  std::string place;

  const Node* child(const std::string& key) const {
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i] == key) return items[i].get();
    }
    return nullptr;
  }
  std::string describe() const {
    switch (kind) {
      case Kind::null: return "null";
      case Kind::boolean: return boolean ? "true" : "false";
      case Kind::integer: return fmt::format("{}", integer);
      case Kind::number: return fmt::format("{}", number);
      case Kind::string: return JsonWriter::quote(string);
      case Kind::array: return "an array";
      case Kind::object: return "an object";
    }
    return "";
  }
};

struct Json::Doc {
  Diags* diags = nullptr;
  Node root;
  Node missing;  // what a failed look-up returns: null, already reported
};

namespace {

using Sax = nlohmann::json_sax<nlohmann::json>;

std::string escape_pointer(const std::string& key) {
  std::string out;
  for (char c : key) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return out;
}

// Line and column (from 1) of byte `offset` (from 1, as nlohmann counts).
std::string line_column(const std::string& text, size_t offset) {
  size_t line = 1, column = 1;
  for (size_t i = 0; i + 1 < offset && i < text.size(); ++i) {
    if (text[i] == '\n') {
      ++line;
      column = 1;
    } else {
      ++column;
    }
  }
  return fmt::format("{}:{}", line, column);
}

template <class Node>
class Builder : public Sax {
 public:
  Builder(Node& root, const std::string& text, const std::string& file, Diags& diags)
      : root_(root), text_(text), file_(file), diags_(diags) {}

  bool null() override { return add(Node::Kind::null) != nullptr; }
  bool boolean(bool v) override {
    Node* n = add(Node::Kind::boolean);
    n->boolean = v;
    return true;
  }
  bool number_integer(number_integer_t v) override {
    Node* n = add(Node::Kind::integer);
    n->integer = v;
    n->number = static_cast<double>(v);
    return true;
  }
  bool number_unsigned(number_unsigned_t v) override {
    if (v <= static_cast<number_unsigned_t>(INT64_MAX)) return number_integer(static_cast<int64_t>(v));
    add(Node::Kind::number)->number = static_cast<double>(v);
    return true;
  }
  bool number_float(number_float_t v, const string_t&) override {
    add(Node::Kind::number)->number = v;
    return true;
  }
  bool string(string_t& v) override {
    add(Node::Kind::string)->string = v;
    return true;
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Node::Kind::object); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Node::Kind::array); }
  bool end_array() override { return close(); }
  bool key(string_t& k) override {
    Node* top = stack_.back();
    for (const std::string& name : top->names) {
      if (name == k) {
        diags_.error(Diag{.code = "json-key", .place = top->place, .text = fmt::format("key {} appears twice", JsonWriter::quote(k)), .notes = {}, .help = ""});
      }
    }
    top->names.push_back(k);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& e) override {
    std::string what = e.what();
    if (const size_t colon = what.rfind(": "); colon != std::string::npos) what = what.substr(colon + 2);
    if (const size_t semicolon = what.rfind("; "); semicolon != std::string::npos) what = what.substr(semicolon + 2);
    for (char& c : what) c = c == '\n' || c == '\r' ? ' ' : c;
    diags_.error(Diag{.code = "json-syntax", .place = fmt::format("{}:{}", file_, line_column(text_, position)), .text = "not JSON: " + what, .notes = {}, .help = ""});
    return false;
  }

 private:
  Node* add(typename Node::Kind kind) {
    Node* n = &root_;
    if (stack_.empty()) {
      n->place = file_ + "#";
    } else {
      Node* top = stack_.back();
      top->items.push_back(std::make_unique<Node>());
      n = top->items.back().get();
      n->place = top->place + "/" +
                 (top->kind == Node::Kind::object ? escape_pointer(top->names.back()) : std::to_string(top->items.size() - 1));
    }
    n->kind = kind;
    return n;
  }
  bool open(typename Node::Kind kind) {
    if (stack_.size() > 200) {
      diags_.error(Diag{.code = "json-syntax", .place = file_, .text = "nested more than 200 levels deep", .notes = {}, .help = ""});
      return false;
    }
    stack_.push_back(add(kind));
    return true;
  }
  bool close() {
    stack_.pop_back();
    return true;
  }

  Node& root_;
  const std::string& text_;
  const std::string& file_;
  Diags& diags_;
  std::vector<Node*> stack_;
};

}  // namespace

Json Json::parse_text(const std::string& text, const std::string& file_name, Diags& diags) {
  auto doc = std::make_shared<Doc>();
  doc->diags = &diags;
  Builder<Node> builder(doc->root, text, file_name, diags);
  if (!nlohmann::json::sax_parse(text, &builder)) {
    doc->root = Node{};
    doc->root.place = file_name;
  }
  const Node* root = &doc->root;
  return Json(std::move(doc), root);
}

Json Json::parse_file(const std::string& path, Diags& diags) {
  try {
    return parse_text(read_file(path), path, diags);
  } catch (const UserError& e) {
    for (const Diag& d : e.diags()) diags.error(d);
    auto doc = std::make_shared<Doc>();
    doc->diags = &diags;
    doc->root.place = path;
    const Node* root = &doc->root;
    return Json(std::move(doc), root);
  }
}

bool Json::is_null() const { return node_->kind == Node::Kind::null; }
bool Json::is_object() const { return node_->kind == Node::Kind::object; }
bool Json::is_array() const { return node_->kind == Node::Kind::array; }
bool Json::is_string() const { return node_->kind == Node::Kind::string; }
bool Json::is_int() const { return node_->kind == Node::Kind::integer; }
bool Json::is_number() const { return is_int() || node_->kind == Node::Kind::number; }
bool Json::is_bool() const { return node_->kind == Node::Kind::boolean; }
const std::string& Json::place() const { return node_->place; }
Diags& Json::diags() const { return *doc_->diags; }

void Json::error(const std::string& code, const std::string& text, const std::string& help) const {
  doc_->diags->error(Diag{.code = code, .place = place(), .text = text, .notes = {}, .help = help});
}

int64_t Json::as_int(IntRange range, const char* what) const {
  if (node_ == &doc_->missing) return range.min > 0 ? range.min : 0;
  const bool good = is_int() && node_->integer >= range.min && node_->integer <= range.max;
  if (good) return node_->integer;
  std::string wanted = what ? what : "an integer";
  if (!what && range.min != INT64_MIN && range.max != INT64_MAX) wanted = fmt::format("an integer of {}..{}", range.min, range.max);
  if (!what && range.min != INT64_MIN && range.max == INT64_MAX) wanted = fmt::format("an integer of at least {}", range.min);
  error("json-value", fmt::format("{} was given, {} was expected", node_->describe(), wanted));
  return range.min > 0 ? range.min : 0;
}

double Json::as_double() const {
  if (node_ == &doc_->missing) return 0;
  if (is_number() && std::isfinite(node_->number)) return node_->number;
  error("json-value", fmt::format("{} was given, a number was expected", node_->describe()));
  return 0;
}

bool Json::as_bool() const {
  if (node_ == &doc_->missing) return false;
  if (is_bool()) return node_->boolean;
  error("json-value", fmt::format("{} was given, true or false was expected", node_->describe()));
  return false;
}

std::string Json::as_string() const {
  if (node_ == &doc_->missing) return "";
  if (is_string()) return node_->string;
  error("json-value", fmt::format("{} was given, a string was expected", node_->describe()));
  return "";
}

int Json::as_choice(const std::vector<std::string>& choices) const {
  if (node_ == &doc_->missing) return -1;
  for (size_t i = 0; i < choices.size(); ++i) {
    if (is_string() && node_->string == choices[i]) return static_cast<int>(i);
  }
  const std::string near = is_string() ? nearest(node_->string, choices) : "";
  error("json-value", fmt::format("{} is not one of {}", node_->describe(), fmt::join(choices, ", ")),
        near.empty() ? "" : fmt::format("did you mean \"{}\"?", near));
  return -1;
}

size_t Json::size() const {
  if (node_ == &doc_->missing) return 0;
  if (!is_array()) {
    error("json-value", fmt::format("{} was given, an array was expected", node_->describe()));
    return 0;
  }
  return node_->items.size();
}

Json Json::operator[](size_t i) const {
  ELB_ASSERT(i < node_->items.size(), "array index out of range");
  return Json(doc_, node_->items[i].get());
}

std::vector<int64_t> Json::as_ints(IntRange range) const {
  std::vector<int64_t> out;
  const size_t n = size();
  for (size_t i = 0; i < n; ++i) out.push_back((*this)[i].as_int(range));
  return out;
}

bool Json::has(const std::string& key) const { return is_object() && node_->child(key) != nullptr; }

Json Json::at(const std::string& key) const {
  if (auto found = find(key)) return *found;
  if (is_object()) error("json-key", fmt::format("key {} is missing", JsonWriter::quote(key)));
  doc_->missing.place = place();
  return Json(doc_, &doc_->missing);
}

std::optional<Json> Json::find(const std::string& key) const {
  if (node_ == &doc_->missing) return std::nullopt;
  if (!is_object()) {
    if (node_->asked.insert("").second) error("json-value", fmt::format("{} was given, an object was expected", node_->describe()));
    return std::nullopt;
  }
  node_->asked.insert(key);
  const Node* n = node_->child(key);
  if (!n) return std::nullopt;
  return Json(doc_, n);
}

std::vector<std::string> Json::keys() const { return is_object() ? node_->names : std::vector<std::string>{}; }

int64_t Json::get_int(const std::string& key, IntRange range) const { return at(key).as_int(range); }
int64_t Json::get_int_or(const std::string& key, int64_t otherwise, IntRange range) const {
  auto v = find(key);
  return v ? v->as_int(range) : otherwise;
}
double Json::get_double_or(const std::string& key, double otherwise) const {
  auto v = find(key);
  return v ? v->as_double() : otherwise;
}
bool Json::get_bool_or(const std::string& key, bool otherwise) const {
  auto v = find(key);
  return v ? v->as_bool() : otherwise;
}
std::string Json::get_string(const std::string& key) const { return at(key).as_string(); }
std::string Json::get_string_or(const std::string& key, const std::string& otherwise) const {
  auto v = find(key);
  return v ? v->as_string() : otherwise;
}

void Json::refuse_unknown() const {
  if (!is_object()) return;
  const std::vector<std::string> known(node_->asked.begin(), node_->asked.end());
  for (const std::string& name : node_->names) {
    if (node_->asked.count(name)) continue;
    const std::string near = nearest(name, known);
    error("json-key", fmt::format("unknown key {}", JsonWriter::quote(name)),
          near.empty() ? fmt::format("known here: {}", fmt::join(known, ", ")) : fmt::format("did you mean \"{}\"?", near));
  }
}

std::string JsonWriter::quote(const std::string& s) {
  return nlohmann::json(s).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void JsonWriter::before_value() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (levels_.empty()) return;
  Level& l = levels_.back();
  if (!l.empty) out_ += l.one_line ? ", " : ",";
  l.empty = false;
  if (!l.one_line) out_ += "\n" + std::string(2 * levels_.size(), ' ');
}

JsonWriter& JsonWriter::begin_object() {
  before_value();
  const bool inherited = !levels_.empty() && levels_.back().one_line;
  out_ += "{";
  levels_.push_back({.object = true, .one_line = inherited});
  return *this;
}
JsonWriter& JsonWriter::end_object() {
  const Level l = levels_.back();
  levels_.pop_back();
  if (!l.empty && !l.one_line) out_ += "\n" + std::string(2 * levels_.size(), ' ');
  out_ += "}";
  return *this;
}
JsonWriter& JsonWriter::begin_array(bool one_line) {
  before_value();
  const bool inherited = !levels_.empty() && levels_.back().one_line;
  out_ += "[";
  levels_.push_back({.object = false, .one_line = one_line || inherited});
  return *this;
}
JsonWriter& JsonWriter::end_array() {
  const Level l = levels_.back();
  levels_.pop_back();
  if (!l.empty && !l.one_line) out_ += "\n" + std::string(2 * levels_.size(), ' ');
  out_ += "]";
  return *this;
}
JsonWriter& JsonWriter::key(const std::string& k) {
  before_value();
  out_ += quote(k) + ": ";
  after_key_ = true;
  return *this;
}
JsonWriter& JsonWriter::value(const std::string& v) {
  before_value();
  out_ += quote(v);
  return *this;
}
JsonWriter& JsonWriter::value(int64_t v) {
  before_value();
  out_ += std::to_string(v);
  return *this;
}
JsonWriter& JsonWriter::value(double v) {
  before_value();
  out_ += std::isfinite(v) ? nlohmann::json(v).dump() : "null";
  return *this;
}
JsonWriter& JsonWriter::value(bool v) {
  before_value();
  out_ += v ? "true" : "false";
  return *this;
}
JsonWriter& JsonWriter::null() {
  before_value();
  out_ += "null";
  return *this;
}

}  // namespace elb
