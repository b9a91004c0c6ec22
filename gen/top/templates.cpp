#include "top/templates.hpp"

#include <filesystem>
#include <set>

#include "base/assert.hpp"
#include "base/text.hpp"

namespace elb::top {

std::string fill(const std::string& text, const std::map<std::string, std::string>& values) {
  std::string out;
  std::set<std::string> used;
  for (size_t at = 0; at < text.size();) {
    const size_t open = text.find('@', at);
    const size_t close = open == std::string::npos ? open : text.find('@', open + 1);
    const std::string key = close == std::string::npos ? "" : text.substr(open + 1, close - open - 1);
    const bool is_key =
        !key.empty() && key.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == std::string::npos;
    if (!is_key) {
      const size_t next = open == std::string::npos ? text.size() : open + 1;
      out += text.substr(at, next - at);
      at = next;
      continue;
    }
    const auto value = values.find(key);
    ELB_ASSERT(value != values.end(), "no value for @" + key + "@");
    used.insert(key);
    out += text.substr(at, open - at) + value->second;
    at = close + 1;
  }
  for (const auto& [key, value] : values) ELB_ASSERT(used.count(key), "the template has no @" + key + "@");
  return out;
}

std::string fill_template(const std::string& name, const std::map<std::string, std::string>& values) {
  return fill(read_file(std::filesystem::path(ELB_TEMPLATE_DIR) / "wrap" / name), values);
}

}  // namespace elb::top
