#include "base/diag.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace elb {
namespace {

struct Code {
  const char* name;
  const char* text;
};

constexpr Code kCodes[] = {
#define ELB_CODE(name, text) {name, text},
#include "base/diag_codes.def"
#undef ELB_CODE
};

std::string join_texts(const std::vector<Diag>& diags) {
  std::string out;
  for (const Diag& d : diags) out += to_string(d) + "\n";
  return out;
}

}  // namespace

std::string to_string(const Diag& d) {
  std::string out = d.place.empty() ? "" : d.place + ": ";
  out += fmt::format("error [{}]: {}", d.code, d.text);
  for (const std::string& n : d.notes) out += "; " + n;
  if (!d.help.empty()) out += "; " + d.help;
  std::replace(out.begin(), out.end(), '\n', ' ');  // other people's messages may have several lines
  return out;
}

std::string Diags::text() const {
  return join_texts(all_);
}

void Diags::throw_if_any() const {
  if (!all_.empty()) throw UserError(all_);
}

UserError::UserError(std::vector<Diag> diags)
    : std::runtime_error(join_texts(diags)), diags_(std::move(diags)) {}

const char* explain_code(const std::string& code) {
  for (const Code& c : kCodes) {
    if (code == c.name) return c.text;
  }
  return nullptr;
}

std::vector<std::string> all_codes() {
  std::vector<std::string> out;
  for (const Code& c : kCodes) out.emplace_back(c.name);
  return out;
}

std::string nearest(const std::string& word, const std::vector<std::string>& candidates) {
  std::string best;
  size_t best_distance = word.size() / 3 + 1;
  for (const std::string& c : candidates) {
    std::vector<size_t> row(c.size() + 1);
    for (size_t j = 0; j <= c.size(); ++j) row[j] = j;
    for (size_t i = 1; i <= word.size(); ++i) {
      size_t diagonal = row[0];
      row[0] = i;
      for (size_t j = 1; j <= c.size(); ++j) {
        const size_t up = row[j];
        row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (word[i - 1] != c[j - 1])});
        diagonal = up;
      }
    }
    if (row[c.size()] < best_distance) {
      best_distance = row[c.size()];
      best = c;
    }
  }
  return best;
}

}  // namespace elb
