#include "arch/names.hpp"

namespace elb::arch {

std::string top_name(const std::string& network) {
  std::string out = "elb_" + network;
  for (char& c : out) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!word) c = '_';
  }
  return out;
}

}  // namespace elb::arch
