// The options by which a user steers generation, the same for every program that generates.
#pragma once
#include <CLI/CLI.hpp>

#include "cli/generate.hpp"

namespace elb::cli {

// --device, --lut-share, --clock-mhz, --technology, --plan, --max-cycles, --target-fps, --minimise,
// --no-minimise, --no-fit,
// --prefix; `options` must outlive the parsing.
void add_generate_options(CLI::App& app, GenerateOptions& options);

// --lut-share alone.
void add_lut_share(CLI::App& app, std::optional<double>& share);

// UserError [cli-usage] for values that no generation could use.
void check_generate_options(const GenerateOptions& options);

}  // namespace elb::cli
