#include "base/version.hpp"

namespace elb {

const char* version() {
  return ELB_VERSION;
}

}  // namespace elb
