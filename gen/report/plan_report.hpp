// A plan for people (a table) and for programs (one JSON object).
#pragma once
#include <optional>
#include <string>

#include "arch/cost.hpp"
#include "arch/explore.hpp"
#include "arch/plan.hpp"

namespace elb::report {

// Nothing where the clock is not known.
std::optional<double> frames_per_second(const arch::Plan& plan);

std::string plan_text(const arch::Plan& plan, const arch::PlanCost& cost, const std::optional<arch::Fit>& fit,
                      const std::optional<arch::Choice>& choice = {});
// {network, device, clock_mhz, macs, cycles_per_frame, latency_cycles, frames_per_second,
//  resources: {lut, ff, bram36, dsp}, resources_source: "estimated",
//  utilisation: {lut, ff, bram36, dsp, memory}, fits, binds, ddr_gbytes_per_s,
//  bound: {cycles_per_frame, distance},
//  stages: [{layer, engine, p, s, m, b, band_rows, cycles, weights, resources}]}
// Under technology xcup resources and utilisation have `uram` too. What is not known is null: without a
// device, utilisation, fits and binds; without a search, bound. A share is of what the device has behind its
// shell. No plan takes fewer cycles than the bound, by the same estimates; the plan takes 1 + distance times
// as many.
std::string plan_object(const arch::Plan& plan, const arch::PlanCost& cost,
                        const std::optional<arch::Fit>& fit, const std::optional<arch::Choice>& choice = {});

}  // namespace elb::report
