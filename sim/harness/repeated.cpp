#include "sim/harness/repeated.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <functional>
#include <map>
#include <string_view>

namespace elb::harness {
namespace {

constexpr int64_t kOften = 4;  // instances from which on a copied input is cheaper than code of its own

struct ModuleText {
  bool has_parameters = false;           // one module here, several to Verilator: text of what it stands in
  std::vector<std::string> buses;        // inputs of several bits
  std::map<std::string, int64_t> parts;  // module -> instances directly in this one
};

// Takes the identifier or keyword at the front of `text`, after blanks.
std::string_view take_word(std::string_view& text) {
  const auto in_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  size_t n = 0;
  while (n < text.size() && in_word(text[n])) ++n;
  const std::string_view word = text.substr(0, n);
  text.remove_prefix(n);
  return word;
}

// The name of an input bus, from the line behind `input`.
std::string bus_name(std::string_view rest) {
  std::string_view word = take_word(rest);
  while (word == "wire" || word == "signed") word = take_word(rest);
  if (!word.empty() || rest.empty() || rest.front() != '[') return "";
  const size_t end = rest.find(']');
  if (end == std::string_view::npos) return "";
  rest.remove_prefix(end + 1);
  return std::string(take_word(rest));
}

template <class F>
void for_each_line(std::string_view text, F f) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    f(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

using Modules = std::map<std::string, ModuleText, std::less<>>;

Modules read_modules(const std::vector<std::string>& sources) {
  Modules modules;
  for (const std::string& text : sources) {
    for_each_line(text, [&](std::string_view line) {
      if (take_word(line) == "module") modules[std::string(take_word(line))];
    });
  }
  for (const std::string& text : sources) {
    ModuleText* here = nullptr;
    for_each_line(text, [&](std::string_view line) {
      const std::string_view word = take_word(line);
      if (word == "module") {
        here = &modules[std::string(take_word(line))];
      } else if (!here) {
        return;
      } else if (word == "parameter") {
        here->has_parameters = true;
      } else if (word == "input") {
        if (const std::string name = bus_name(line); !name.empty()) here->buses.push_back(name);
      } else if (modules.find(word) != modules.end()) {
        ++here->parts[std::string(word)];
      }
    });
  }
  return modules;
}

void count(const Modules& modules, const std::string& name, int64_t times,
           std::map<std::string, int64_t>& instances, int depth) {
  const auto found = modules.find(name);
  if (found == modules.end() || depth > 64) return;  // a design that contains itself is refused by Verilator
  instances[name] += times;
  for (const auto& [part, n] : found->second.parts) count(modules, part, times * n, instances, depth + 1);
}

}  // namespace

std::string keep_repeated_modules(const std::vector<std::string>& sources, const std::string& top) {
  const Modules modules = read_modules(sources);
  std::map<std::string, int64_t> instances;
  count(modules, top, 1, instances, 0);
  std::string out = "`verilator_config\n";
  for (const auto& [name, n] : instances) {
    const ModuleText& m = modules.find(name)->second;
    const bool of_one_piece = std::all_of(m.parts.begin(), m.parts.end(), [&](const auto& part) {
      return modules.find(part.first)->second.has_parameters;
    });
    if (n < kOften || m.has_parameters || !of_one_piece) continue;
    out += fmt::format("no_inline -module \"{}\"\n", name);
    for (const std::string& bus : m.buses)
      out += fmt::format("public_flat_rd -module \"{}\" -var \"{}\"\n", name, bus);
  }
  return out;
}

}  // namespace elb::harness
