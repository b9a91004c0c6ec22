// A sweep for people and for programs: tables of all points and of the Pareto list.
//
//   name,activation_bits,first,middle_conv,middle_fc,last,weight_bits,pareto,fits,figures,...
//   alexnet-4-8218,4,int8,ternary,binary,int8,2.78,yes,yes,plan,...
//
// What is not known stands empty in CSV and null in JSON; there is no column for what no point knows.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "sweep/result.hpp"

namespace elb::report {

// A field of RFC 4180: in quotes where it needs them.
std::string csv_field(const std::string& text);

// One row per point, behind a row of column names; lines end in "\n".
std::string points_csv(const sweep::Result& r);
// The points of the Pareto list, with the command that regenerates each.
std::string pareto_csv(const sweep::Result& r);
// {format: "elbgen.sweep-result/1", sweep, network, device, clock_mhz, resources_source: "estimated",
// objectives,
//  points: [{name, activation_bits, first, middle_conv, middle_fc, last, weight_bits, pareto, fits,
//            figures: "plan" or "closed_form", binds, frames_per_second, cycles_per_frame, latency_cycles,
//            latency_ms, lut, ff, bram36, dsp, uram, ddr_gbytes_per_s, bound_frames_per_second, distance}]}
// uram: on devices of technology xcup alone, in CSV and tables too.
std::string sweep_object(const sweep::Result& r);
// What a user who opens the directory wants to know.
std::string sweep_readme(const sweep::Result& r);
// The first lines of the Pareto list, for a terminal.
std::string sweep_text(const sweep::Result& r);

// "elbgen pareto/NAME/network.json --device device.json --plan pareto/NAME/plan.json -o rtl/", to be typed in
// the sweep's directory.
std::string regenerate_command(const sweep::Result& r, const sweep::Point& p);

}  // namespace elb::report
