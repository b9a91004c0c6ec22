// One line to refuse a user's file: throws UserError with code, place and sentence.
#pragma once
#include <string>

#include "base/diag.hpp"

namespace elb::harness {

[[noreturn]] inline void refuse(const char* code, const std::string& place, const std::string& text,
                                const std::string& help = "") {
  throw UserError(Diag{.code = code, .place = place, .text = text, .notes = {}, .help = help});
}

}  // namespace elb::harness
