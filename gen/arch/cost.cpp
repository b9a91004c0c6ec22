#include "arch/cost.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "arch/stage_specs.hpp"
#include "base/assert.hpp"
#include "spec/cost.hpp"

namespace elb::arch {
namespace {

double amount(const spec::Resources& r, const std::string& name) {
  if (name == "lut") return static_cast<double>(r.lut);
  if (name == "ff") return static_cast<double>(r.ff);
  if (name == "bram36") return r.bram36();
  return static_cast<double>(r.dsp);
}

std::string count(double v) {
  return v == std::floor(v) ? fmt::format("{:.0f}", v) : fmt::format("{:.1f}", v);
}

}  // namespace

PlanCost plan_cost(const Plan& plan, const std::vector<spec::StageSpec>& specs) {
  ELB_ASSERT(plan.stages.size() == specs.size(), "one spec per stage");
  PlanCost c;
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
  if (const auto port = memory_port(plan, specs)) c.total += spec::cost(*port);
  return c;
}

Fit fit(const PlanCost& cost, const Device& d) {
  const auto behind_shell = [](int64_t all, double shell) {
    return std::floor(static_cast<double>(all) * (1 - shell) + 1e-9);
  };
  Fit f{.device = d.name, .usage = {}, .binds = {}, .fits = true};
  f.usage = {{.name = "lut", .available = behind_shell(d.lut, d.shell_lut)},
             {.name = "ff", .available = behind_shell(d.ff, d.shell_ff)},
             {.name = "bram36", .available = behind_shell(d.bram36, d.shell_bram36)},
             {.name = "dsp", .available = behind_shell(d.dsp, d.shell_dsp)}};
  const Usage* most = nullptr;
  for (Usage& u : f.usage) {
    u.used = amount(cost.total, u.name);
    f.fits = f.fits && u.used <= u.available;
    if (!most || u.share() > most->share()) most = &u;
  }
  f.binds = most->name;
  return f;
}

Diag misfit(const Plan& plan, const PlanCost& cost, const Fit& fit) {
  std::string lacks;
  for (const Usage& u : fit.usage) {
    if (u.used <= u.available) continue;
    lacks +=
        fmt::format("{}{} {} of {}", lacks.empty() ? "" : ", ", count(u.used), u.name, count(u.available));
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
          .notes = {fmt::format("{} binds; most of it: {}", fit.binds, most)},
          .help = "more --max-cycles or a larger device; --no-fit goes on regardless"};
}

}  // namespace elb::arch
