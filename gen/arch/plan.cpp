#include "arch/plan.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace elb::arch {

const std::vector<std::string>& engine_names() {
  static const std::vector<std::string> names = {"input",  "compute", "lanewise", "elementwise",
                                                 "concat", "rank",    "convert"};
  return names;
}

const std::vector<std::string>& residence_names() {
  static const std::vector<std::string> names = {"none",      "rom_block",       "rom_logic",
                                                 "ram_block", "ram_distributed", "stream"};
  return names;
}

const std::vector<std::string>& activation_names() {
  static const std::vector<std::string> names = {"none", "threshold", "affine", "raw"};
  return names;
}

const std::vector<std::string>& technology_names() {
  static const std::vector<std::string> names(spec::kTechnologyNames.begin(), spec::kTechnologyNames.end());
  return names;
}

const std::vector<std::string>& ultra_names() {
  static const std::vector<std::string> names = {"store", "weights", "ring"};
  return names;
}

const char* to_string(Engine e) {
  return engine_names()[static_cast<size_t>(e)].c_str();
}

const char* to_string(Residence r) {
  return residence_names()[static_cast<size_t>(r)].c_str();
}

bool is_fetched(Residence r) {
  return r == Residence::ram_block || r == Residence::ram_distributed || r == Residence::stream;
}

int images_per_pass(const Plan& plan) {
  int images = 1;
  for (const Stage& s : plan.stages) images = std::max(images, s.b);
  return images;
}

const char* to_string(Depths d) {
  switch (d) {
    case Depths::bounds:
      return "bounds";
    case Depths::smallest:
      return "smallest";
    case Depths::given:
      return "given";
  }
  return "";
}

const char* to_string(Activation a) {
  return activation_names()[static_cast<size_t>(a)].c_str();
}

}  // namespace elb::arch
