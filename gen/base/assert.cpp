#include "base/assert.hpp"

#include <fmt/format.h>

#include <cstring>

namespace elb {

const char* SrcLoc::base_name() const {
  const char* slash = std::strrchr(file, '/');
  return slash ? slash + 1 : file;
}

void assert_failed(const char* condition, const std::string& message, SrcLoc loc) {
  throw InternalError(fmt::format("{}:{}: '{}' does not hold: {}", loc.base_name(), loc.line, condition, message));
}

}  // namespace elb
