// How things of one network are called in Verilog.
#pragma once
#include <string>

#include "arch/plan.hpp"

namespace elb::arch {

// "elb_tiny"; every character of the name that is no letter or digit becomes '_'.
std::string top_name(const std::string& network);
inline std::string module_name(const std::string& top, const Stage& s) {
  return top + "_" + s.name;
}
inline std::string weight_file(const Stage& s) {
  return s.name + "_w.mem";
}
inline std::string activation_file(const Stage& s) {
  return s.name + "_act.mem";
}

}  // namespace elb::arch
