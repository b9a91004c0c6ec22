#include "sweep/sweep_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"

namespace elb::sweep {
namespace {

// The items of a list that is not empty and names nothing twice; `read` turns one into a value.
template <class Read>
std::vector<int> read_list(const Json& list, Read read) {
  std::vector<int> values;
  const size_t n = list.size();
  if (list.is_array() && n == 0) list.error("json-value", "an empty list leaves no points");
  for (size_t i = 0; i < n; ++i) {
    const size_t mark = list.diags().all().size();
    const int value = read(list[i]);
    if (list.diags().all().size() != mark) continue;
    if (std::find(values.begin(), values.end(), value) != values.end())
      list[i].error("json-value", "this value stands in the list already");
    values.push_back(value);
  }
  return values;
}

int read_weight(const Json& json) {
  if (json.is_string() && json.as_string() == "int2") {
    json.error("json-value",
               "points are named by a digit per class, where 2 is ternary: \"int2\" has no name",
               "\"ternary\" takes two bits as well");
    return 0;
  }
  return json.as_choice(weight_names()) + 1;
}

std::vector<Objective> read_objectives(const Json& json) {
  std::vector<Objective> objectives;
  read_list(json, [&](const Json& item) {
    const int choice = item.as_choice(objective_names());
    if (choice >= 0) objectives.push_back(static_cast<Objective>(choice));
    return choice + 1;
  });
  return objectives;
}

}  // namespace

Sweep read_sweep_text(const std::string& text, const std::string& file_name) {
  Diags diags;
  const Json json = Json::parse_text(text, file_name, diags);
  diags.throw_if_any();
  // Alone in front: in a file of another format every other key would be a mistake.
  const Json format = json.at("format");
  if (json.has("format")) format.as_choice({"elbgen.sweep/1"});
  diags.throw_if_any();

  Sweep s{.file = file_name,
          .name = json.get_string("name"),
          .network = json.get_string("network"),
          .device = json.get_string("device"),
          .clock_mhz = {},
          .activation_bits = {},
          .weights = {},
          .objectives = {Objective::frames_per_second, Objective::lut, Objective::weight_bits,
                         Objective::activation_bits}};
  if (const auto clock = json.find("clock_mhz")) {
    s.clock_mhz = clock->as_double();
    if (clock->is_number() && !(*s.clock_mhz > 0 && *s.clock_mhz <= 10000))
      clock->error("json-value", fmt::format("{} MHz is no clock", *s.clock_mhz));
  }
  s.activation_bits = read_list(json.at("activation_bits"), [](const Json& item) {
    return static_cast<int>(item.as_int({.min = 1, .max = 8}));
  });
  const Json weights = json.at("weights");
  int64_t points = static_cast<int64_t>(s.activation_bits.size());
  for (int c = 0; c < kWeightClasses; ++c) {
    s.weights[c] = read_list(weights.at(weight_class_names()[c]), read_weight);
    points *= static_cast<int64_t>(s.weights[c].size());
  }
  if (weights.is_object()) weights.refuse_unknown();
  if (points > kMaxPoints)
    json.error("json-value", fmt::format("{} points, at most {} are possible", points, kMaxPoints));
  if (const auto objectives = json.find("objectives")) s.objectives = read_objectives(*objectives);
  json.refuse_unknown();
  diags.throw_if_any();
  return s;
}

Sweep read_sweep(const std::string& path) {
  return read_sweep_text(read_file(path), path);
}

std::vector<Precision> grid(const Sweep& sweep) {
  std::vector<Precision> points;
  for (const int bits : sweep.activation_bits) points.push_back({.activation_bits = bits});
  for (size_t c = 0; c < kWeightClasses; ++c) {
    std::vector<Precision> finer;
    for (const Precision& p : points) {
      for (const int digit : sweep.weights[c]) {
        finer.push_back(p);
        finer.back().weights[c] = digit;
      }
    }
    points = std::move(finer);
  }
  return points;
}

}  // namespace elb::sweep
