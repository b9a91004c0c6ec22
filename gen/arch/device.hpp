// An FPGA as configs/devices describes it.
//
//   {"format": "elbgen.device/1", "name": "xc7z045", "part": "xc7z045ffg900-2",
//    "resources": {"lut": 218600, "ff": 437200, "bram36": 545, "dsp": 900}}
#pragma once
#include <cstdint>
#include <string>

namespace elb::arch {

struct Device {
  std::string name;
  std::string part;  // as Vivado knows it
  int64_t lut = 0, ff = 0, bram36 = 0, dsp = 0;
};

// UserError with every mistake found in the file.
Device read_device(const std::string& path);

}  // namespace elb::arch
