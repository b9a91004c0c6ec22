// elbdot: dot products alone, as Verilog, for tools that measure and tests that prove (tools/ce_cost).
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>

#include "base/text.hpp"
#include "cli/common.hpp"
#include "hw/select_dot.hpp"
#include "top/write_outputs.hpp"

namespace {

using namespace elb;

constexpr const char* kDescription =
    "Writes dot products of every combination of the lists given: the generic one and the one of LUT6_2 and "
    "carry chains.\n\n"
    "  elbdot --act-bits 1,2,4 --weights ternary --inputs 64 -o dots/\n\n"
    "DIR gets a file per body of a module, the leaves' twins and their bodies, and four lists: filelist.f "
    "(plain sums), "
    "filelist_mapped.f (the wiring over twins), filelist_xc7.f (over leaves for 7-series), filelist_xcup.f "
    "(UltraScale).\n"
    "stdout gets a row per combination as JSON.";

struct Row {
  spec::DotParams params;
  std::string weights;
};

std::string describe(const Row& row) {
  const spec::SelectDot plan = spec::plan_select_dot(row.params);
  const spec::Resources r = spec::cost(plan);
  return fmt::format(
      R"({{"activation_bits": {}, "weights": "{}", "inputs": {}, "sum_bits": {}, "generic": "{}", "generic_latency": {}, "mapped": "{}", )"
      R"("latency": {}, "sites": {}, "ff": {}, "carry4": {}}})",
      row.params.act_bits, row.weights, row.params.s, row.params.sum_bits, hw::Dot::name(row.params),
      spec::latency(row.params), hw::SelectDot::name(row.params), spec::latency(plan), r.lut, r.ff,
      spec::carry4_cells(plan));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{kDescription, "elbdot"};
  std::vector<int> act_bits, inputs;
  std::vector<std::string> weights;
  std::string dir;
  const bool json = true;
  app.add_option("--act-bits", act_bits, "1..8")->delimiter(',')->required()->check(CLI::Range(1, 8));
  app.add_option("--inputs", inputs, "lanes, 1..1024")
      ->delimiter(',')
      ->required()
      ->check(CLI::Range(1, 1024));
  app.add_option("--weights", weights, "binary, ternary")
      ->delimiter(',')
      ->required()
      ->check(CLI::IsMember({"binary", "ternary"}));
  app.add_option("-o,--output", dir, "must not exist")->type_name("DIR")->required();
  return cli::run_program(argc, argv, app, json, [&] {
    if (std::filesystem::exists(dir))
      cli::refuse("-o", fmt::format("\"{}\" exists", dir), "name a directory that does not exist");
    hdl::Design design;
    std::vector<std::string> rows;
    for (const std::string& name : weights) {
      for (const int bits : act_bits) {
        for (const int lanes : inputs) {
          const bool ternary = name == "ternary";
          spec::DotParams p{.weight = ternary ? spec::WeightCode::ternary : spec::WeightCode::binary,
                            .weight_bits = ternary ? 2 : 1,
                            .act_bits = bits,
                            .s = lanes,
                            .sum_bits = 40};
          p.sum_bits = spec::partial_sum_bits(p, lanes);
          hdl::component_module<hw::Dot>(design, p);
          hdl::component_module<hw::SelectDot>(design, p);
          rows.push_back(describe({p, name}));
        }
      }
    }
    std::map<std::string, std::string> files = design.emit();
    top::add_sources(files, design, {spec::Technology::xc7, spec::Technology::xcup});
    write_directory(dir, files, "filelist.f", false);
    fmt::print("[{}]\n", fmt::join(rows, ",\n "));
    return cli::kDone;
  });
}
