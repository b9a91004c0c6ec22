// A point of a sweep with what its plan promises, and what makes one point better than another.
//
// Accuracy is not known before training. Weight bits and activation bits stand in for it among the
// objectives: more of either never makes a network of equal shape less able, and says nothing about by how
// much.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spec/resources.hpp"
#include "sweep/precision.hpp"

namespace elb::sweep {

// Of a plan, before any hardware exists.
struct Figures {
  bool planned = false;  // as elbgen plans it; else by the closed forms of the planner's search
  bool fits = true;      // by the estimates; else nothing below but `binds` needs to be meant
  double frames_per_second = 0;
  int64_t cycles_per_frame = 0;
  std::optional<int64_t> latency_cycles = {};          // where the transaction model has run
  spec::Resources resources = {};                      // without the shell
  double ddr_gbytes_per_s = 0;                         // weights read from memory
  std::string binds = {};                              // the resource that keeps the plan from being faster
  std::optional<double> bound_frames_per_second = {};  // no plan on this device is faster
};

struct Point {
  std::string name = {};  // of the network
  Precision precision = {};
  double weight_bits = 0;  // mean over all multiplications of a frame
  Figures figures = {};
};

enum class Objective {
  frames_per_second,
  lut,
  ff,
  bram36,
  dsp,
  uram,
  ddr_gbytes_per_s,
  weight_bits,
  activation_bits
};
const std::vector<std::string>& objective_names();
bool more_is_better(Objective o);
double value_of(const Point& p, Objective o);

// Indices of the points that fit and that no other one dominates, ascending. A point dominates another that
// is better in no objective and worse in one; equal points stay together.
std::vector<size_t> pareto_list(const std::vector<Point>& points, const std::vector<Objective>& objectives);

}  // namespace elb::sweep
