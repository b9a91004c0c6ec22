// The edge of every program: exit codes, errors as text or JSON, networks by name.
//
//   int main(int argc, char** argv) {
//     CLI::App app{"..."};
//     bool json = false;
//     ...
//     return elb::cli::run_program(argc, argv, app, json, [&] { ...; return elb::cli::kDone; });
//   }
//
// 0 done and every check held; 1 it ran and the answer is no; 2 bad input or usage; 3 a bug of ours.
#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "base/diag.hpp"

namespace elb::cli {

inline constexpr int kDone = 0, kAnswerIsNo = 1, kBadInput = 2, kOurBug = 3;

// Parses the command line, then runs `body`, whose value is the exit code. Errors go to stderr, one per line;
// with `json` (or --json on the command line, should parsing fail) they are one object on stdout:
// {"error": {"exit_code": 2, "diagnostics": [{"code", "place", "text", "notes", "help"}]}}.
int run_program(int argc, char** argv, CLI::App& app, const bool& json, const std::function<int()>& body);

// Prints them as run_program does, and returns `exit_code`.
int report_errors(const std::vector<Diag>& diags, int exit_code, bool json);

// The object that --json prints for errors.
std::string errors_json(const std::vector<Diag>& diags, int exit_code);

// UserError [cli-usage]: `place` is an option or the program.
[[noreturn]] void refuse(const std::string& place, const std::string& text, const std::string& help = "");

// UserError [io-write] where the folder that shall hold `file` does not exist, so that a long run is not
// begun in vain. Nothing is done for an empty name.
void check_folder_of(const std::string& file);

// `name` when such a file exists, else the shipped network of that name (configs/networks/NAME or NAME.json);
// UserError [io-read] that lists the shipped ones when there is neither.
std::string find_network(const std::string& name);
// The same among configs/devices.
std::string find_device(const std::string& name);
// The same among configs/sweeps.
std::string find_sweep(const std::string& name);

}  // namespace elb::cli
