#include "support/synthesised.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "support/verilog_bench.hpp"

namespace elb::test {

std::string Synthesised::text() const {
  std::string s;
  for (const auto& [kind, p] : deepest)
    s += fmt::format("{}: {} LUT, {} chains, {} DSP from {} to {}\n", kind, p.luts, p.chains, p.dsp, p.start,
                     p.end);
  return s;
}

Synthesised synthesise(hdl::Design& d, const std::string& top, spec::Technology technology) {
  const bool generic = technology == spec::Technology::generic;
  const VerilogBench bench(d, generic ? hdl::Bodies::plain : hdl::Bodies::mapped);
  std::ofstream list(bench.dir() / "synthesised.f");
  const std::string name = spec::to_string(technology);
  const auto sources = generic ? d.sources(hdl::Bodies::plain) : d.sources(hdl::Bodies::mapped, name);
  for (const std::string& module : sources.modules) list << module << '\n';
  for (const std::string& leaf : sources.leaves) list << leaf << '\n';
  list.close();
  std::istringstream said(
      bench.shell(fmt::format("python3 {0}/tests/support/synthesised.py {0}/tools {1} {2}", ELB_SOURCE_ROOT,
                              top, name)));
  Synthesised s;
  said >> s.lut >> s.ff >> s.bram18 >> s.dsp;
  std::string kind;
  while (said >> kind) {
    DeepestPath& p = s.deepest[kind];
    said >> p.luts >> p.chains >> p.dsp >> p.start >> p.end;
  }
  return s;
}

}  // namespace elb::test
