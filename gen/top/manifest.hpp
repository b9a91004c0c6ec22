// manifest.json: what a simulator or a build system has to know of a design (docs/architecture.md).
#pragma once
#include <map>
#include <string>
#include <vector>

#include "arch/cost.hpp"
#include "arch/dram_image.hpp"
#include "arch/plan.hpp"

namespace elb::top {

struct MemoryFile {
  std::string layer;
  std::string file;  // relative to DIR
  int64_t depth = 0;
  int width = 0;
  std::string kind;  // rom_block, rom_logic, ram_block, ram_distributed
};

inline constexpr const char* kSimulationFilelist = "filelist.f";
// What synthesis reads, over behavioural leaves: simulates the wiring. Where there is a technology.
inline constexpr const char* kMappedFilelist = "filelist_mapped.f";
// The list of Verilog files to synthesise: kSimulationFilelist, or one with a technology's primitives.
std::string synthesis_filelist(spec::Technology technology);

inline constexpr const char* kManifest = "manifest.json";
inline constexpr const char* kDramFile = "dram.bin";

// `sums`: path relative to DIR -> SHA-256, of everything but the manifest itself.
std::string manifest_json(const nn::Network& net, const arch::Plan& plan, const std::string& top,
                          const std::vector<MemoryFile>& memories, const arch::DramImage& dram,
                          const std::vector<spec::StageSpec>& specs,
                          const std::map<std::string, std::string>& sums);

}  // namespace elb::top
