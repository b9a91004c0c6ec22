#include "sim/harness/deadlock.hpp"

#include <fmt/format.h>

namespace elb::harness {
namespace {

std::string joined(const std::vector<std::string>& parts, const char* separator) {
  std::string out;
  for (const std::string& p : parts) out += (out.empty() ? "" : separator) + p;
  return out;
}

}  // namespace

std::string describe_deadlock(const nn::Network& network, const std::vector<const StreamCheck*>& boundaries,
                              const StreamCheck& output, const DeadlockMoment& moment) {
  std::vector<std::string> waits;
  if (moment.input_waits) {
    waits.push_back(fmt::format("the source (image {}, beat {}: offered, not taken)", moment.input_frame,
                                moment.input_beat));
  }
  const auto state = [&](const StreamCheck& s, const std::string& name, const std::string& readers) {
    if (s.done()) return;
    const std::string where =
        fmt::format("image {}, beat {} of {}", s.frame(), s.position().index(s.stream()), s.stream().beats());
    if (s.offers() && !s.is_taken()) {
      waits.push_back(fmt::format("{} ({}: offered, not taken by {})", name, where, readers));
    } else if (!s.offers()) {
      waits.push_back(fmt::format("{} ({}: nothing offered, {} {})", name, where, readers,
                                  s.is_taken() ? "would take it" : "is not ready"));
    }
  };
  for (const StreamCheck* b : boundaries) {
    std::vector<std::string> readers;
    const int layer = layer_index(network, b->stream().layer).value_or(-1);
    for (int r : network.readers_of(layer))
      readers.push_back(fmt::format("'{}'", network.layers[static_cast<size_t>(r)].name));
    state(*b, fmt::format("stage '{}'", b->stream().layer),
          readers.empty() ? "the output" : joined(readers, " and "));
  }
  state(output, "the output", "the sink");
  return fmt::format("deadlock at cycle {}: no output beat for {} cycles; waiting: {}", moment.cycle,
                     moment.silent, joined(waits, "; "));
}

}  // namespace elb::harness
