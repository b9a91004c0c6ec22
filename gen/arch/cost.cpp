#include "arch/cost.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "arch/memory_choice.hpp"
#include "arch/stage_specs.hpp"
#include "base/assert.hpp"
#include "spec/cost.hpp"

namespace elb::arch {
namespace {

double amount(const spec::Resources& r, const std::string& name) {
  if (name == "lut") return static_cast<double>(r.lut);
  if (name == "ff") return static_cast<double>(r.ff);
  if (name == "bram36") return r.bram36();
  if (name == "uram") return static_cast<double>(r.uram);
  if (name == "memory") return 0;
  return static_cast<double>(r.dsp);
}

std::string count(double v) {
  return v == std::floor(v) ? fmt::format("{:.0f}", v) : fmt::format("{:.1f}", v);
}

}  // namespace

PlanCost plan_cost(const Plan& plan, const std::vector<spec::StageSpec>& specs) {
  ELB_ASSERT(plan.stages.size() == specs.size(), "one spec per stage");
  PlanCost c;
  c.has_uram = plan.technology == spec::Technology::xcup;
  for (const spec::StageSpec& s : specs) c.stages.push_back(spec::cost(s));
  for (size_t i = 0; i < plan.stages.size(); ++i) {
    spec::ForkParams fork{.data_bits = plan.stages[i].out.data_bits(), .depths = {}};
    for (const Stage& reader : plan.stages) {
      for (const Edge& e : reader.inputs) {
        if (e.from == static_cast<int>(i) && e.branch_fifo > 0) fork.depths.push_back(e.branch_fifo);
      }
    }
    if (!fork.depths.empty()) c.stages[i] += spec::cost(fork);
    c.total += c.stages[i];
  }
  if (const auto port = memory_port(plan, specs)) {
    c.memory_port = spec::cost(*port);
    c.total += c.memory_port;
  }
  for (const spec::StageSpec& spec : specs) {
    const auto* s = std::get_if<spec::ComputeStage>(&spec);
    if (!s || !s->fetch || !s->sweep) continue;
    c.memory_beats += static_cast<double>(spec::region_beats(*s->fetch)) * spec::bands(s->window, *s->sweep) /
                      std::max(1, s->sweep->frames);
  }
  return c;
}

Fit fit(const PlanCost& cost, const Device& d) {
  const auto left = [](int64_t all, double most, double shell) {
    return std::floor(static_cast<double>(all) * (most - shell) + 1e-9);
  };
  Fit f{.device = d.name, .usage = {}, .binds = {}, .fits = true};
  f.usage = {{.name = "lut", .available = left(d.lut, d.most_lut, d.shell_lut)},
             {.name = "ff", .available = left(d.ff, d.most_ff, d.shell_ff)},
             {.name = "bram36", .available = left(d.bram36, d.most_bram36, d.shell_bram36)},
             {.name = "dsp", .available = left(d.dsp, d.most_dsp, d.shell_dsp)}};
  if (cost.has_uram) f.usage.push_back({.name = "uram", .available = static_cast<double>(d.uram)});
  const Usage* most = nullptr;
  for (Usage& u : f.usage) {
    u.used = amount(cost.total, u.name);
    f.fits = f.fits && u.used <= u.available;
    if (!most || u.share() > most->share()) most = &u;
  }
  f.binds = most->name;
  return f;
}

double memory_gbytes_per_s(const Plan& plan, const PlanCost& cost) {
  if (!plan.memory || !plan.clock_mhz) return 0;
  constexpr double kMegaInGiga = 1e3;
  return cost.memory_beats * plan.memory->data_bits / 8 * *plan.clock_mhz / kMegaInGiga /
         static_cast<double>(plan.cycles_per_frame);
}

void add_memory(Fit& fit, const Plan& plan, const PlanCost& cost) {
  if (!plan.memory || !plan.clock_mhz) return;
  const Usage u{.name = "memory",
                .used = memory_gbytes_per_s(plan, cost),
                .available = kUsableBandwidth * gbytes_per_s(*plan.memory, *plan.clock_mhz)};
  if (std::all_of(fit.usage.begin(), fit.usage.end(), [&](const Usage& o) { return o.share() < u.share(); }))
    fit.binds = u.name;
  constexpr double kRounding = 1e-9;
  fit.fits = fit.fits && u.used <= u.available * (1 + kRounding);
  fit.usage.push_back(u);
}

Diag misfit(const Plan& plan, const PlanCost& cost, const Fit& fit) {
  std::string lacks;
  for (const Usage& u : fit.usage) {
    if (u.used <= u.available) continue;
    lacks += fmt::format("{}{} {} of {}", lacks.empty() ? "" : ", ", count(u.used),
                         u.name == "memory" ? "GB/s" : u.name, count(u.available));
  }
  std::vector<size_t> order;
  for (size_t i = 0; i < plan.stages.size(); ++i) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return amount(cost.stages[a], fit.binds) > amount(cost.stages[b], fit.binds);
  });
  std::string most;
  for (size_t i = 0; i < std::min<size_t>(order.size(), 3); ++i) {
    most += fmt::format("{}{} {}", most.empty() ? "" : ", ", plan.stages[order[i]].name,
                        count(amount(cost.stages[order[i]], fit.binds)));
  }
  return {.code = "arch-fit",
          .place = plan.network,
          .text = fmt::format("does not fit {}: an estimated {}", fit.device, lacks),
          .notes = {fit.binds == "memory" ? std::string("memory binds")
                                          : fmt::format("{} binds; most of it: {}", fit.binds, most)},
          .help = "more --max-cycles or a larger device; --no-fit goes on regardless"};
}

}  // namespace elb::arch
