// The one JSON reader: keeps the pointer of every value, refuses duplicate and unknown keys, checks kind and
// range before converting, and never converts silently (nlohmann would turn 3.7 into 3).
//
//   Json root = Json::parse_file("net.json", diags);     // null value on failure, error in diags
//   Json layer = root.at("layers")[3];
//   int k = layer.get_int("kernel", {.min = 1, .max = 4096});
//   layer.refuse_unknown();                               // every key that nobody asked for is an error
//
// All accessors report into the Diags given at parse time and return a harmless value, so that one run shows
// every mistake. nlohmann/json stays inside json.cpp.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/diag.hpp"

namespace elb {

struct IntRange {
  int64_t min = INT64_MIN;
  int64_t max = INT64_MAX;
};

class Json {
 public:
  static Json parse_file(const std::string& path, Diags& diags);
  static Json parse_text(const std::string& text, const std::string& file_name, Diags& diags);

  bool is_null() const;
  bool is_object() const;
  bool is_array() const;
  bool is_string() const;
  bool is_int() const;
  bool is_number() const;
  bool is_bool() const;
  const std::string& place() const;  // "net.json#/layers/3"
  Diags& diags() const;
  void error(const std::string& code, const std::string& text, const std::string& help = "") const;

  // This value itself; `what` says what was expected ("a positive integer").
  int64_t as_int(IntRange range = {}, const char* what = nullptr) const;
  double as_double() const;  // finite
  bool as_bool() const;
  std::string as_string() const;
  // A string of a closed list; the index, or -1 with an error that suggests the nearest.
  int as_choice(const std::vector<std::string>& choices) const;

  // Arrays.
  size_t size() const;
  Json operator[](size_t i) const;
  std::vector<int64_t> as_ints(IntRange range = {}) const;

  // Objects. Asking for a key marks it as known.
  bool has(const std::string& key) const;
  Json at(const std::string& key) const;                  // error when missing; then a null value
  std::optional<Json> find(const std::string& key) const;  // nothing when missing
  std::vector<std::string> keys() const;                   // in file order
  int64_t get_int(const std::string& key, IntRange range = {}) const;
  int64_t get_int_or(const std::string& key, int64_t otherwise, IntRange range = {}) const;
  double get_double_or(const std::string& key, double otherwise) const;
  bool get_bool_or(const std::string& key, bool otherwise) const;
  std::string get_string(const std::string& key) const;
  std::string get_string_or(const std::string& key, const std::string& otherwise) const;
  void refuse_unknown() const;

 private:
  struct Doc;
  struct Node;
  std::shared_ptr<Doc> doc_;
  const Node* node_ = nullptr;
  Json(std::shared_ptr<Doc> doc, const Node* node) : doc_(std::move(doc)), node_(node) {}
};

// A JSON text under construction, in insertion order: what --json and the written files use.
class JsonWriter {
 public:
  static std::string quote(const std::string& s);
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array(bool one_line = false);
  JsonWriter& end_array();
  JsonWriter& key(const std::string& k);
  JsonWriter& value(const std::string& v);
  JsonWriter& value(const char* v) { return value(std::string(v)); }
  JsonWriter& value(int64_t v);
  JsonWriter& value(int v) { return value(static_cast<int64_t>(v)); }
  JsonWriter& value(double v);  // shortest text that reads back to the same double
  JsonWriter& value(bool v);
  JsonWriter& null();
  template <class T>
  JsonWriter& field(const std::string& k, const T& v) {
    return key(k).value(v);
  }
  template <class T>
  JsonWriter& field(const std::string& k, const std::optional<T>& v) {
    key(k);
    return v ? value(*v) : null();
  }
  std::string text() const { return out_ + "\n"; }

 private:
  void before_value();
  struct Level {
    bool object;
    bool one_line;
    bool empty = true;
  };
  std::string out_;
  std::vector<Level> levels_;
  bool after_key_ = false;
};

}  // namespace elb
