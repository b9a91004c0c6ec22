#include "arch/memory_choice.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace elb::arch {
namespace {

constexpr int kMostBurstBytes = 4096;
constexpr int kLeastBits = 32;
constexpr int kOutstanding = 8;
constexpr double kKilo = 1e3, kGigaInKilo = 1e6;

}  // namespace

std::optional<MemoryPort> best_port(const Device& device, double clock_mhz) {
  const Memory* best = nullptr;
  const auto of_port = [](const Memory& m) { return m.gbytes_per_s / m.ports; };
  for (const Memory& m : device.memories) {
    if (m.data_bits < kLeastBits) continue;
    if (!best || of_port(m) > of_port(*best)) best = &m;
  }
  if (!best) return {};
  MemoryPort p{.name = best->name, .data_bits = best->data_bits};
  p.protocol = best->protocol == Protocol::axi3 ? spec::MemoryProtocol::axi3 : spec::MemoryProtocol::axi4;
  const int bytes = p.data_bits / 8, most = std::min(best->burst_beats, kMostBurstBytes / bytes);
  for (p.burst_beats = 1; 2 * p.burst_beats <= most;) p.burst_beats *= 2;
  p.outstanding = kOutstanding;
  p.timing.latency =
      static_cast<int>(std::ceil(best->latency_ns.value_or(kAssumedLatencyNs) * clock_mhz / kKilo));
  // Kilobytes per second: what the port could carry, what the memory gives it.
  const auto carried = static_cast<int64_t>(std::llround(bytes * clock_mhz * kKilo));
  const int64_t given = std::min(carried, static_cast<int64_t>(std::llround(of_port(*best) * kGigaInKilo)));
  const int64_t common = std::gcd(given, carried);
  p.timing.beats = std::max<int64_t>(1, given / common);
  p.timing.cycles = carried / common;
  return p;
}

double gbytes_per_s(const MemoryPort& port, double clock_mhz) {
  return port.data_bits / 8.0 * clock_mhz / kKilo * double(port.timing.beats) / double(port.timing.cycles);
}

}  // namespace elb::arch
