// A plan for people (a table) and for programs (one JSON object).
#pragma once
#include <optional>
#include <string>

#include "arch/plan.hpp"

namespace elb::report {

// Nothing where the clock is not known.
std::optional<double> frames_per_second(const arch::Plan& plan);

std::string plan_text(const arch::Plan& plan);
// {network, device, clock_mhz, cycles_per_frame, latency_cycles, frames_per_second, resources: {lut, ff,
// bram36, dsp},
//  stages: [{layer, engine, p, s, m, b, cycles, weights}]}; what is not known is null.
std::string plan_object(const arch::Plan& plan);

}  // namespace elb::report
