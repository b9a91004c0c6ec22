#include "top/write_outputs.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "arch/names.hpp"
#include "arch/plan_json.hpp"
#include "base/assert.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "top/interface_sheet.hpp"
#include "top/templates.hpp"

namespace elb::top {
namespace {

constexpr double kDefaultPeriodNs = 5;

// The stage whose file this is: the longest name that begins it.
const arch::Stage& owner(const arch::Plan& plan, const std::string& file) {
  const arch::Stage* best = nullptr;
  for (const arch::Stage& s : plan.stages) {
    if (file.compare(0, s.name.size() + 1, s.name + "_") != 0) continue;
    if (!best || s.name.size() > best->name.size()) best = &s;
  }
  ELB_ASSERT(best, "memory file '" + file + "' belongs to no stage");
  return *best;
}

std::string kind_of(const hdl::RamDef& ram, const arch::Stage& stage, const std::string& file) {
  if (file == arch::weight_file(stage)) return arch::to_string(stage.weights);
  if (ram.is_rom()) return ram.style == hdl::RamStyle::block ? "rom_block" : "rom_logic";
  return ram.style == hdl::RamStyle::block ? "ram_block" : "ram_distributed";
}

std::vector<MemoryFile> memory_files(const hdl::Design& design, const nn::Network& net,
                                     const arch::Plan& plan) {
  std::map<std::string, MemoryFile> found;
  for (const std::unique_ptr<hdl::Module>& m : design.modules()) {
    for (const hdl::RamDef& ram : m->graph().rams) {
      if (ram.init_file.empty()) continue;
      const arch::Stage& stage = owner(plan, ram.init_file);
      found[ram.init_file] = {.layer = stage.layer < 0 ? "input" : net.layers[stage.layer].name,
                              .file = "mem/" + ram.init_file,
                              .depth = ram.depth,
                              .width = ram.word.width,
                              .kind = kind_of(ram, stage, ram.init_file)};
    }
  }
  std::vector<MemoryFile> out;
  for (auto& [file, memory] : found) out.push_back(std::move(memory));
  return out;
}

}  // namespace

void add_sources(std::map<std::string, std::string>& files, const hdl::Design& design,
                 const std::vector<spec::Technology>& technologies) {
  const auto add_list = [&](const std::string& list, const hdl::Sources& sources) {
    std::string names;
    for (const std::string& module : sources.modules) names += module + "\n";
    for (const std::string& leaf : sources.leaves) {
      const std::string name = std::filesystem::path(leaf).filename().string();
      files[name] = read_file(leaf);
      names += name + "\n";
    }
    files[list] = names;
  };
  add_list(kSimulationFilelist, design.sources());
  for (const spec::Technology t : technologies) {
    if (!spec::has_primitives(t)) continue;
    add_list(kMappedFilelist, design.sources(hdl::Bodies::mapped));
    add_list(synthesis_filelist(t), design.sources(hdl::Bodies::mapped, spec::to_string(t)));
  }
}

HardwareFiles hardware_files(hdl::Design& design, const arch::Plan& plan,
                             const std::vector<spec::StageSpec>& specs) {
  HardwareFiles h{.files = design.emit(), .dram = arch::dram_image(specs), .sums = {}};
  add_sources(h.files, design, {plan.technology});
  for (auto& [name, text] : design.mem_files()) h.files["mem/" + name] = text;
  for (const auto& [name, content] : h.files) h.sums[name] = sha256_hex(content);
  if (!h.dram.map.empty()) h.sums[kDramFile] = sha256_hex(h.dram.bytes);
  return h;
}

std::map<std::string, std::string> output_files(HardwareFiles hardware, hdl::Design& design,
                                                const nn::Network& net, const arch::Plan& plan,
                                                const std::vector<spec::StageSpec>& specs,
                                                const TestFrames& frames, const OutputOptions& options) {
  arch::DramImage& dram = hardware.dram;
  std::map<std::string, std::string> files;
  files["network/network.json"] = net.json_text;
  if (!net.safetensors.empty()) files["network/weights.safetensors"] = net.safetensors;
  files["plan.json"] = arch::plan_json(plan);
  files["README.md"] = interface_sheet(net, plan, dram, options.top);
  files.merge(testbench_files(net, plan, options.top, frames, static_cast<int64_t>(dram.bytes.size())));
  const double period = plan.clock_mhz ? 1000 / *plan.clock_mhz : kDefaultPeriodNs;
  const bool has_memories = design.find(options.top)->uses_mem_dir();
  files["vivado/synth.tcl"] =
      fill_template("synth.tcl.in", {{"TOP", options.top},
                                     {"PART", options.part},
                                     {"FILELIST", synthesis_filelist(plan.technology)},
                                     {"GENERIC", has_memories ? " -generic MEM_DIR=$root/mem/" : ""}});
  files["vivado/clock.xdc"] = fill_template("clock.xdc.in", {{"PERIOD", fmt::format("{:.3f}", period)}});
  for (const auto& [name, content] : files) hardware.sums[name] = sha256_hex(content);
  files[kManifest] =
      manifest_json(net, plan, options.top, memory_files(design, net, plan), dram, specs, hardware.sums);
  if (!dram.map.empty()) files[kDramFile] = std::move(dram.bytes);
  files.merge(hardware.files);
  return files;
}

}  // namespace elb::top
