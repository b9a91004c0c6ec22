// The whole way from a sweep file to its result, as one function: what elbsweep does.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "sweep/result.hpp"

namespace elb::cli {

struct SweepOptions {
  std::string file;
  int threads = 2;
  std::optional<double> lut_share = {};  // else as the device's file says
};

struct Swept {
  sweep::Result result;
  std::map<std::string, std::string> files;  // path relative to DIR -> content
};

// UserError for bad input. Writes nothing but progress.
Swept run_sweep(const SweepOptions& options);

// One point of the grid, planned in full, as elbgen prints it.
std::string show_point(const SweepOptions& options, const std::string& name, bool json);

// The file whose first line tells a directory of elbsweep from others.
inline constexpr const char* kSweepMarker = "results.json";
inline constexpr const char* kSweepMarkerBegin = "{\n  \"format\": \"elbgen.sweep-result/";

}  // namespace elb::cli
