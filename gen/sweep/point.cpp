#include "sweep/point.hpp"

#include <algorithm>
#include <numeric>

namespace elb::sweep {

const std::vector<std::string>& objective_names() {
  static const std::vector<std::string> names{
      "frames_per_second", "lut", "ff", "bram36", "dsp", "uram", "ddr_gbytes_per_s", "weight_bits",
      "activation_bits"};
  return names;
}

bool more_is_better(Objective o) {
  return o == Objective::frames_per_second || o == Objective::weight_bits || o == Objective::activation_bits;
}

double value_of(const Point& p, Objective o) {
  const Figures& f = p.figures;
  switch (o) {
    case Objective::frames_per_second:
      return f.frames_per_second;
    case Objective::lut:
      return static_cast<double>(f.resources.lut);
    case Objective::ff:
      return static_cast<double>(f.resources.ff);
    case Objective::bram36:
      return f.resources.bram36();
    case Objective::dsp:
      return static_cast<double>(f.resources.dsp);
    case Objective::uram:
      return static_cast<double>(f.resources.uram);
    case Objective::ddr_gbytes_per_s:
      return f.ddr_gbytes_per_s;
    case Objective::weight_bits:
      return p.weight_bits;
    case Objective::activation_bits:
      return p.precision.activation_bits;
  }
  return 0;
}

std::vector<size_t> pareto_list(const std::vector<Point>& points, const std::vector<Objective>& objectives) {
  // Turned so that less is better. In ascending order whatever dominates a point stands before it, so one
  // pass against the list so far is enough.
  std::vector<std::vector<double>> values(points.size());
  std::vector<size_t> order, list;
  for (size_t i = 0; i < points.size(); ++i) {
    for (const Objective o : objectives)
      values[i].push_back((more_is_better(o) ? -1 : 1) * value_of(points[i], o));
    if (points[i].figures.fits) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  const auto dominates = [&](size_t a, size_t b) {
    return values[a] != values[b] && std::equal(values[a].begin(), values[a].end(), values[b].begin(),
                                                [](double x, double y) { return x <= y; });
  };
  for (const size_t i : order) {
    if (std::none_of(list.begin(), list.end(), [&](size_t j) { return dominates(j, i); })) list.push_back(i);
  }
  std::sort(list.begin(), list.end());
  return list;
}

}  // namespace elb::sweep
