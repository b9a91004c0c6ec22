// The text of the UserError that a call ends with, without its last newline; "nothing" when there is none.
#pragma once
#include <string>

#include "base/diag.hpp"

template <class F>
std::string refused(F f) {
  try {
    f();
  } catch (const elb::UserError& e) {
    std::string text = e.what();
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }
  return "nothing";
}
