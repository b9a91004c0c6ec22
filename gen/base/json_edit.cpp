#include "base/json_edit.hpp"

#include <algorithm>

namespace elb {
namespace {

class Editor {
 public:
  Editor(const std::string& text, const std::map<std::string, std::string>& values)
      : text_(text), values_(values) {}

  std::optional<std::string> run() {
    if (text_.compare(0, 3, "\xef\xbb\xbf") == 0) at_ = 3;  // a byte order mark, which the reader takes too
    value("");
    out_.append(text_, copied_);
    return replaced_ == values_.size() ? std::optional(std::move(out_)) : std::nullopt;
  }

 private:
  void skip_space() { at_ = text_.find_first_not_of(" \t\r\n", at_); }
  void skip_string() {
    for (++at_; text_[at_] != '"'; ++at_) at_ += text_[at_] == '\\' ? 1 : 0;
    ++at_;
  }

  void value(const std::string& pointer) {
    skip_space();
    const auto found = values_.find(pointer);
    if (found == values_.end()) return walk(pointer);
    out_.append(text_, copied_, at_ - copied_);
    out_ += found->second;
    ++replaced_;
    // What lies inside a value that is replaced has no places any more.
    walk(pointer + "/~");
    copied_ = at_;
  }

  void walk(const std::string& pointer) {
    const char open = text_[at_];
    if (open == '"') return skip_string();
    if (open != '{' && open != '[') {
      at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
      return;
    }
    const char close = open == '{' ? '}' : ']';
    ++at_;
    for (int i = 0;; ++i) {
      skip_space();
      if (text_[at_] == ',') ++at_;
      skip_space();
      if (text_[at_] == close) break;
      std::string key = std::to_string(i);
      if (open == '{') {
        const size_t begin = at_ + 1;
        skip_string();
        key = text_.substr(begin, at_ - 1 - begin);
        skip_space();
        ++at_;  // the colon
      }
      value(pointer + "/" + key);
    }
    ++at_;
  }

  const std::string& text_;
  const std::map<std::string, std::string>& values_;
  size_t at_ = 0, copied_ = 0, replaced_ = 0;
  std::string out_;
};

}  // namespace

std::optional<std::string> replace_json_values(const std::string& text,
                                               const std::map<std::string, std::string>& values) {
  return Editor(text, values).run();
}

}  // namespace elb
