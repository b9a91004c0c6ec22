// Our own mistakes: ELB_ASSERT throws InternalError, which programs turn into exit code 3.
#pragma once
#include <stdexcept>
#include <string>

#include "base/src_loc.hpp"

namespace elb {
struct InternalError : std::logic_error {
  using std::logic_error::logic_error;
};
[[noreturn]] void assert_failed(const char* condition, const std::string& message, SrcLoc loc);
}  // namespace elb

#define ELB_ASSERT(cond, msg)                                              \
  do {                                                                     \
    if (!(cond)) ::elb::assert_failed(#cond, (msg), ::elb::SrcLoc::here()); \
  } while (0)
