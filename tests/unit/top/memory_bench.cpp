#include "memory_bench.hpp"

#include <unistd.h>

#include <deque>
#include <random>

#include "arch/dram_image.hpp"
#include "arch/stage_specs.hpp"
#include "base/text.hpp"
#include "nn/fold.hpp"
#include "nn/read_network.hpp"
#include "sim/golden/engine.hpp"
#include "support/catch.hpp"
#include "top/assemble.hpp"
#include "top/testbench.hpp"

namespace elb::top::test {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kBase = 0x40003000;

std::vector<hdl::Beat> pixel_beats(const spec::Link& in, const nn::Network& net, int frames) {
  std::vector<hdl::Beat> beats;
  for (const std::vector<uint8_t>& frame : test_pixels(net.input, frames)) {
    for (size_t i = 0; i < frame.size(); i += in.lanes()) {
      Bits data(pixel_bits(in));
      for (int lane = 0; lane < in.lanes(); ++lane) data.set(8 * lane, 8, frame[i + lane]);
      beats.push_back({data, Bits::from_int(1, i + in.lanes() == frame.size())});
    }
  }
  return beats;
}

// A memory that holds an image at kBase.
class Memory {
 public:
  Memory(std::string bytes, int data_bits, const Answers& answers)
      : bytes_(std::move(bytes)),
        data_bits_(data_bits),
        percent_(answers.percent),
        timed_(answers.timing.has_value()),
        clock_(answers.timing.value_or(spec::DramTiming{})) {}
  void cycle(hdl::Simulator& sim, int64_t now) {
    const bool comes = timed_ ? clock_.beat(now) : !bursts_.empty() && chance();
    sim.set("m_axi_rvalid", comes);
    sim.set("m_axi_rresp", 0);
    if (comes) {
      Burst& b = bursts_.front();
      Bits data(data_bits_);
      for (int i = 0; i < data_bits_ / 8; ++i) {
        const auto at = static_cast<size_t>(b.address + i);
        data.set(8 * i, 8, at < bytes_.size() ? static_cast<uint8_t>(bytes_[at]) : 0xa5);
      }
      sim.set("m_axi_rdata", data);
      b.address += data_bits_ / 8;
      sim.set("m_axi_rlast", --b.beats == 0);
      if (b.beats == 0) bursts_.pop_front();
      last_beat = now;
    }
    const bool ready = timed_ || chance();
    sim.set("m_axi_arready", ready);
    if (ready && sim.get("m_axi_arvalid") != 0) {
      const int64_t address = sim.get("m_axi_araddr") - kBase;
      REQUIRE(address >= 0);
      bursts_.push_back({address, sim.get("m_axi_arlen") + 1});
      clock_.request(now, bursts_.back().beats);
    }
  }
  int64_t last_beat = -1;

 private:
  struct Burst {
    int64_t address, beats;
  };
  bool chance() { return static_cast<int>(random_() % 100) < percent_; }
  std::string bytes_;
  int data_bits_, percent_;
  bool timed_;
  spec::DramClock clock_;
  std::mt19937_64 random_{7};
  std::deque<Burst> bursts_;
};

// The channels of all frames; the lanes of a beat beyond them are anything.
std::vector<uint64_t> values(const std::vector<hdl::Beat>& beats, const spec::Link& out) {
  std::vector<uint64_t> values;
  for (size_t i = 0; i < beats.size(); ++i) {
    const int group = static_cast<int>(i) % out.channel_beats();
    for (int lane = 0; lane < out.channels && group * out.channels + lane < out.c; ++lane)
      values.push_back(beats[i][0].get(lane * out.bits, out.bits));
  }
  return values;
}

}  // namespace

Dir::Dir() : path(fs::temp_directory_path() / ("elb_memory_" + std::to_string(getpid()))) {
  fs::create_directories(path);
}

Dir::~Dir() {
  fs::remove_all(path);
}

nn::Network network_of(const std::string& json) {
  nn::Network net = nn::read_network_text(json, "net.json");
  nn::fold(net);
  return net;
}

Run run(const nn::Network& net, const arch::Plan& plan, const Answers& answers, hdl::Stall stall) {
  const std::vector<spec::StageSpec> specs = arch::stage_specs(net, plan, kTop);
  hdl::Design design;
  assemble(design, net, plan, specs, kTop);
  design.check();
  const Dir dir;
  for (const auto& [name, text] : design.mem_files()) write_file(dir.path / name, text);
  hdl::Simulator sim(design, kTop, {.power_up = 5, .mem_dir = dir.path.string()});
  std::optional<Memory> memory;
  if (plan.memory) {
    sim.set("weights_base", kBase);
    memory.emplace(arch::dram_image(specs).bytes, plan.memory->data_bits, answers);
  }
  const spec::Link& out = plan.stages.back().out;
  Run r;
  const hdl::BenchResult result =
      hdl::run_streams(sim, {.in = {{"s_axis", pixel_beats(plan.stages.front().out, net, kFrames)}},
                             .expect = {{"m_axis", kFrames * out.beats_per_frame()}},
                             .stall = stall,
                             .seed = 11,
                             .before_edge = [&](hdl::Simulator& s, int64_t cycle) {
                               if (memory) memory->cycle(s, cycle);
                               if (r.first_d < 0 && s.get("u_d.u_window.start") != 0) r.first_d = cycle;
                             }});
  INFO(result.text());
  CHECK(result.ok());
  if (memory) r.last_weight = memory->last_beat;
  const std::vector<hdl::Transfer>& beats = result.out.at("m_axis");
  for (size_t i = 0; i < beats.size(); ++i) {
    if ((static_cast<int64_t>(i) + 1) % out.beats_per_frame() == 0) r.frame_ends.push_back(beats[i].cycle);
  }
  r.out = values(result.beats("m_axis"), out);
  return r;
}

std::vector<uint64_t> golden_values(const nn::Network& net, const spec::Link& out) {
  const golden::Engine engine(net, golden::Kind::integer);
  std::vector<uint64_t> all;
  for (const std::vector<uint8_t>& pixels : test_pixels(net.input, kFrames)) {
    const golden::Result result = engine.run(pixels.data());
    for (const int32_t value : result.output().data) all.push_back(Bits::from_int(out.bits, value).to_u64());
  }
  return all;
}

}  // namespace elb::top::test
