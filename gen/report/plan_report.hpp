// A plan for people (a table) and for programs (one JSON object).
#pragma once
#include <optional>
#include <string>

#include "arch/cost.hpp"
#include "arch/plan.hpp"

namespace elb::report {

// Nothing where the clock is not known.
std::optional<double> frames_per_second(const arch::Plan& plan);

std::string plan_text(const arch::Plan& plan, const arch::PlanCost& cost,
                      const std::optional<arch::Fit>& fit);
// {network, device, clock_mhz, cycles_per_frame, latency_cycles, frames_per_second,
//  resources: {lut, ff, bram36, dsp}, resources_source: "estimated",
//  utilisation: {lut, ff, bram36, dsp}, fits, binds,
//  stages: [{layer, engine, p, s, m, b, cycles, weights, resources}]}
// What is not known is null: without a device, utilisation, fits and binds. A share is of what the device has
// behind its shell.
std::string plan_object(const arch::Plan& plan, const arch::PlanCost& cost,
                        const std::optional<arch::Fit>& fit);

}  // namespace elb::report
