#include "cli/dram_options.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/common.hpp"

namespace elb::cli {
namespace {

constexpr int64_t kMostLatency = 1'000'000, kMostRate = 1'000'000;

std::optional<int64_t> number(const std::string& s, int64_t most) {
  if (s.empty() || s.size() > 18 || s.find_first_not_of("0123456789") != std::string::npos) return {};
  const int64_t v = std::stoll(s);
  return v <= most ? std::optional(v) : std::nullopt;
}

spec::DramTiming parse_timing(const std::string& text) {
  const std::vector<std::string> parts = split(text, ':');
  const std::vector<std::string> rate =
      parts.size() == 2 ? split(parts[1], '/') : std::vector<std::string>{"1", "1"};
  if (parts.size() <= 2 && rate.size() == 2) {
    const auto latency = number(parts[0], kMostLatency), beats = number(rate[0], kMostRate),
               cycles = number(rate[1], kMostRate);
    if (latency && beats && cycles && *beats >= 1 && *beats <= *cycles)
      return {.latency = static_cast<int>(*latency), .beats = *beats, .cycles = *cycles};
  }
  refuse("--dram",
         fmt::format("'{}' is not LATENCY or LATENCY:BEATS/CYCLES with at most one beat in a cycle", text),
         "for example --dram 40:3/4, the first beat 41 cycles behind its address and three beats in four "
         "cycles");
}

harness::RandomDram parse_random(const std::string& text) {
  const std::vector<std::string> parts = split(text, ':');
  if (parts.size() == 3) {
    const auto seed = number(parts[0], INT64_MAX), latency = number(parts[1], kMostLatency),
               percent = number(parts[2], 99);
    if (seed && latency && percent)
      return {.seed = static_cast<uint64_t>(*seed),
              .max_latency = static_cast<int>(*latency),
              .percent = static_cast<int>(*percent)};
  }
  refuse("--dram-random",
         fmt::format("'{}' is not SEED:MAXLATENCY:PERCENT with a percentage of 0 to 99", text),
         "for example --dram-random 1:200:30");
}

}  // namespace

void add_dram_options(CLI::App& app, DramText& text) {
  app.add_option(
         "--dram", text.timing,
         "the memory that weights are read from: the first beat of a burst LATENCY + 1 cycles behind its\n"
         "address, BEATS beats in CYCLES cycles (default: the memory that the design was planned with)")
      ->type_name("LATENCY[:BEATS/CYCLES]");
  app.add_option(
         "--dram-random", text.random,
         "a hostile memory instead: 0 to MAXLATENCY cycles for each burst, PERCENT of the cycles refused;\n"
         "values must not change, cycles may")
      ->type_name("SEED:MAXLATENCY:PERCENT");
  app.add_option(
         "--dram-error", text.error_beat,
         "answer beat N (from 0) with a read error: the design must raise err_rresp and stop without a\n"
         "wrong beat; exit code 1")
      ->check(CLI::Range(int64_t{0}, int64_t{1} << 40))
      ->type_name("N");
}

harness::DramOptions parse_dram(const DramText& text) {
  if (!text.timing.empty() && !text.random.empty())
    refuse("--dram-random", "a memory has either fixed times, by --dram, or random ones",
           "give one of the two");
  harness::DramOptions out;
  if (!text.timing.empty()) out.timing = parse_timing(text.timing);
  if (!text.random.empty()) out.random = parse_random(text.random);
  out.error_beat = text.error_beat;
  return out;
}

}  // namespace elb::cli
