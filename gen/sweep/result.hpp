// A sweep with all its points planned.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "sweep/point.hpp"
#include "sweep/sweep_file.hpp"

namespace elb::sweep {

struct Result {
  Sweep sweep;
  std::string network;  // name of the file that was swept
  std::string device;   // name
  double clock_mhz = 0;
  std::optional<double> lut_share = {};  // where it is not the device file's
  bool has_uram = false;                 // there is UltraRAM to be counted: technology xcup
  std::vector<Point> points;             // in the order of the grid
  std::vector<size_t> pareto;            // indices; these have a latency
};

}  // namespace elb::sweep
