// A device's memory as a plan's port.
//
// The port is one port of the memory that offers the most bandwidth per port, in the clock of the design:
// bursts as long as the protocol, the memory and 4096 bytes allow, a power of two. Its timing is the
// memory's bandwidth shared evenly by its ports, and the latency that the device file gives, else
// kAssumedLatencyNs.
#pragma once
#include <optional>

#include "arch/device.hpp"
#include "arch/plan.hpp"

namespace elb::arch {

// From an address to its first beat: controller, PHY and a row that must be opened, as DDR3 and DDR4
// controllers of FPGAs have it.
inline constexpr double kAssumedLatencyNs = 200;
// The share of its bandwidth that a plan asks of a memory. Long bursts reach 85 to 90 % of the peak: refresh
// takes 2 to 5 %, opened rows and changes between ports the rest.
inline constexpr double kUsableBandwidth = 0.78;

// Nothing where the device has no memory with ports of 32 bits or more.
std::optional<MemoryPort> best_port(const Device& device, double clock_mhz);

double gbytes_per_s(const MemoryPort& port, double clock_mhz);  // that it offers

}  // namespace elb::arch
