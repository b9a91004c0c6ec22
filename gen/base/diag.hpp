// Mistakes of the user: a code, a place, one sentence, notes and help; one line each.
//
//   net.json#/layers/3/weight: error [json-value]: "int9" is not one of binary, ternary, int2 .. int8; did you
//   mean "int8"?
//
// Diagnostics are collected, so that one run shows all; UserError carries them out at a program's edge
// (exit code 2). Sentences are lower case, without full stop, names in quotes.
#pragma once
#include <stdexcept>
#include <string>
#include <vector>

namespace elb {

struct Diag {
  std::string code;        // "nn-shape", "hdl-width", ...: gen/base/diag_codes.def has them all
  std::string place = {};  // "net.json#/layers/3", "fifo.cpp:63"
  std::string text;
  std::vector<std::string> notes = {};
  std::string help = {};
};

std::string to_string(const Diag& d);

// A list of mistakes, in the order in which they were found.
class Diags {
 public:
  void error(Diag d) { all_.push_back(std::move(d)); }
  bool ok() const { return all_.empty(); }
  const std::vector<Diag>& all() const { return all_; }
  std::string text() const;   // all of them, each ended by a newline
  void throw_if_any() const;  // UserError with all of them

 private:
  std::vector<Diag> all_;
};

// Bad input or usage: exit code 2.
class UserError : public std::runtime_error {
 public:
  explicit UserError(std::vector<Diag> diags);
  explicit UserError(Diag d) : UserError(std::vector<Diag>{std::move(d)}) {}
  const std::vector<Diag>& diags() const { return diags_; }

 private:
  std::vector<Diag> diags_;
};

// Does this code stand in diag_codes.def? Its one-paragraph explanation, or nullptr.
const char* explain_code(const std::string& code);
// All codes, in the order of the table.
std::vector<std::string> all_codes();

// The nearest of `candidates` to `word` (edit distance at most a third of its length), or "".
std::string nearest(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace elb
