// Other programs: compilers and Verilator.
#pragma once
#include <functional>
#include <string>
#include <vector>

namespace elb::harness {

struct Command {
  std::vector<std::string> argv;  // argv[0] is looked up in PATH
  std::string log;                // file that gets stdout and stderr
};

// Exit status of the command; 127 when it cannot be started, 128 + n when signal n ended it. A child does not
// outlive this process.
int run_command(const Command& command);
// Runs all, at most `jobs` at a time; index of the first that failed, or -1. `tick` is called some hundred
// times a second with the number of those that have ended.
int run_commands(const std::vector<Command>& commands, int jobs,
                 const std::function<void(int ended)>& tick = {});

}  // namespace elb::harness
