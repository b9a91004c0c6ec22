// The memory behind a design that elbsim simulates: --dram, --dram-random, --dram-error.
#pragma once
#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "sim/harness/axi_memory.hpp"

namespace elb::cli {

struct DramText {
  std::string timing, random;  // as on the command line; empty: not given
  std::optional<int64_t> error_beat;
};

void add_dram_options(CLI::App& app, DramText& text);
// UserError [cli-usage] for what is no such memory.
harness::DramOptions parse_dram(const DramText& text);

}  // namespace elb::cli
