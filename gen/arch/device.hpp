// An FPGA board as configs/devices describes it: what the chip offers, what a shell around the accelerator
// keeps for itself, and the memories beside it. Every figure has its source in the file.
//
//   {"format": "elbgen.device/1", "name": "zc706", "part": "xc7z045ffg900-2", "family": "7-series",
//    "clock_mhz": 200, "source": "DS190, ...",
//    "resources": {"lut": 218600, "ff": 437200, "bram36": 545, "uram": 0, "dsp": 900},
//    "shell": {"lut": 0.11, "bram36": 0.11, "source": "..."},
//    "most": {"lut": 0.8, "source": "..."},
//    "memories": [{"name": "pl_ddr3", "protocol": "axi4", "data_bits": 512, "mhz": 200, "ports": 1,
//                  "burst_beats": 256, "gbytes_per_s": 12.8, "latency_ns": 200, "source": "..."}]}
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spec/compute.hpp"

namespace elb::arch {

enum class Family { series7, ultrascale, ultrascale_plus };
enum class Protocol { axi3, axi4 };

struct Memory {
  std::string name;
  Protocol protocol = Protocol::axi4;
  int data_bits = 64;  // of one port
  double mhz = 0;      // of the ports
  int ports = 1;
  int burst_beats = 16;                   // the longest
  double gbytes_per_s = 0;                // all ports together
  std::optional<double> latency_ns = {};  // from an address to its first beat
};

struct Device {
  std::string name;
  std::string part;  // as Vivado knows it
  Family family = Family::series7;
  double clock_mhz = 0;  // what plans assume unless told otherwise
  int64_t lut = 0, ff = 0, bram36 = 0, uram = 0, dsp = 0;
  double shell_lut = 0, shell_ff = 0, shell_bram36 = 0, shell_dsp = 0;  // fractions that a shell keeps
  // Fractions of the whole that can be used and still routed, the shell included.
  double most_lut = 1, most_ff = 1, most_bram36 = 1, most_dsp = 1;
  std::vector<Memory> memories = {};
};

// UserError with every mistake found in the file: fields that are missing, negative, or contradict others.
Device read_device(const std::string& path);
Device read_device_text(const std::string& text, const std::string& file_name);

// What its plans are made of unless told otherwise.
spec::Technology technology_of(const Device& device);

}  // namespace elb::arch
