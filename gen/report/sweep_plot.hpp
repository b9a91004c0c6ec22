// The picture of a sweep: frames per second over the mean bits of a weight, a colour per activation bits, the
// Pareto list filled, and per colour the front: the most frames per second at so many weight bits or more.
//
// A standalone SVG, for light and dark backgrounds; each point has its figures as title, which browsers show
// under the pointer.
#pragma once
#include <string>
#include <vector>

#include "sweep/result.hpp"

namespace elb::report {

std::string sweep_svg(const sweep::Result& r);

// `text` for use in XML, in quotes too.
std::string xml_escape(const std::string& text);
// Round numbers from 0 to the first that reaches `max`; 4 to 11 of them.
std::vector<double> axis_ticks(double max);
// Indices of points (x, y) of which no other one has both more, or as much of one and more of the other;
// ascending in x, of equal points the first.
std::vector<size_t> staircase(const std::vector<std::pair<double, double>>& points);

}  // namespace elb::report
