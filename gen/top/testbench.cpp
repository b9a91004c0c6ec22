#include "top/testbench.hpp"

#include "base/assert.hpp"
#include "base/bits.hpp"
#include "base/mem_image.hpp"
#include "base/splitmix.hpp"
#include "top/assemble.hpp"
#include "top/templates.hpp"

namespace elb::top {
namespace {

// visit(beat, lane, index into [h][w][c]) for every value of a frame.
template <class Visit>
void each_value(const spec::Link& link, Visit visit) {
  int64_t beat = 0;
  for (int y = 0; y < link.h; ++y) {
    for (int x0 = 0; x0 < link.w; x0 += link.columns) {
      for (int c0 = 0; c0 < link.c; c0 += link.channels, ++beat) {
        for (int lane = 0; lane < link.lanes(); ++lane) {
          const int x = x0 + lane / link.channels, c = c0 + lane % link.channels;
          if (x < link.w && c < link.c) visit(beat, lane, (int64_t{y} * link.w + x) * link.c + c);
        }
      }
    }
  }
}

std::string input_image(const spec::Link& link, const TestFrames& frames) {
  const int64_t beats = link.beats_per_frame();
  MemImage image(beats * static_cast<int64_t>(frames.pixels.size()), pixel_bits(link));
  for (size_t f = 0; f < frames.pixels.size(); ++f) {
    each_value(link, [&](int64_t beat, int lane, int64_t i) {
      image.set(static_cast<int64_t>(f) * beats + beat, 8 * lane, 8, frames.pixels[f][i]);
    });
  }
  return image.hex();
}

std::string expected_image(const nn::Network& net, const spec::Link& link, const TestFrames& frames) {
  const int64_t beats = link.beats_per_frame();
  const int bits = link.bits, care = axis_bits(link.data_bits());
  const std::optional<nn::ActType>& act = net.out().act;
  MemImage image(beats * static_cast<int64_t>(frames.outputs.size()), 2 * care);
  for (size_t f = 0; f < frames.outputs.size(); ++f) {
    const int64_t first = static_cast<int64_t>(f) * beats;
    ELB_ASSERT(int64_t(frames.outputs[f].size()) == int64_t{link.h} * link.w * link.c,
               "a frame's outputs, all of them");
    each_value(link, [&](int64_t beat, int lane, int64_t i) {
      const int64_t value = frames.outputs[f][i];
      image.set(first + beat, lane * bits, bits, static_cast<uint64_t>(act ? act->code_of(value) : value));
      image.set(first + beat, care + lane * bits, bits, ~uint64_t{0});
    });
    // Padding up to whole bytes is zero.
    for (int64_t beat = 0; beat < beats && care > link.data_bits(); ++beat) {
      image.set(first + beat, care + link.data_bits(), care - link.data_bits(), ~uint64_t{0});
    }
  }
  return image.hex();
}

constexpr int64_t kImagePage = 5 * 4096;  // where the bench puts dram.bin

std::string memory_text(const arch::MemoryPort& m, int64_t image_bytes) {
  const bool axi3 = m.protocol == spec::MemoryProtocol::axi3;
  const int64_t beats = image_bytes / (m.data_bits / 8);
  return fill_template("elb_tb_memory.v.in", {{"DATA_BITS", std::to_string(m.data_bits)},
                                              {"ADDRESS_BITS", std::to_string(m.address_bits)},
                                              {"LENGTH_BITS", axi3 ? "4" : "8"},
                                              {"SIZE", std::to_string(bits_for(m.data_bits / 8) - 1)},
                                              {"IMAGE_BEATS", std::to_string(beats)},
                                              {"LATENCY", std::to_string(m.timing.latency)},
                                              {"QUEUE", std::to_string(m.outstanding + 1)},
                                              {"BASE", std::to_string(kImagePage)}});
}

constexpr const char* kMemoryPorts = R"(,
    .weights_base(BASE),
    .err_rresp(err_rresp),
    .m_axi_arvalid(m_axi_arvalid),
    .m_axi_arready(1'b1),
    .m_axi_araddr(m_axi_araddr),
    .m_axi_arlen(m_axi_arlen),
    .m_axi_arsize(m_axi_arsize),
    .m_axi_arburst(m_axi_arburst),
    .m_axi_arcache(m_axi_arcache),
    .m_axi_arprot(m_axi_arprot),
    .m_axi_rvalid(m_axi_rvalid),
    .m_axi_rready(m_axi_rready),
    .m_axi_rdata(m_axi_rdata),
    .m_axi_rresp(2'd0),
    .m_axi_rlast(m_axi_rlast))";

}  // namespace

std::vector<std::vector<uint8_t>> test_pixels(const nn::Shape& shape, int frames) {
  std::vector<std::vector<uint8_t>> out;
  uint64_t state = 1;
  for (int f = 0; f < frames; ++f) {
    std::vector<uint8_t> pixels;
    pixels.reserve(static_cast<size_t>(shape.size()));
    const int cx = shape.w * (f + 1) / (frames + 1), cy = shape.h / 2;
    const int radius = 1 + (shape.w + shape.h) / 6;
    for (int y = 0; y < shape.h; ++y) {
      for (int x = 0; x < shape.w; ++x) {
        const bool inside = (x - cx) * (x - cx) + (y - cy) * (y - cy) < radius * radius;
        for (int c = 0; c < shape.c; ++c) {
          const int noise = static_cast<int>(splitmix64(state) >> 56);
          pixels.push_back(static_cast<uint8_t>(inside ? 128 + noise / 2 : noise / (f + 1)));
        }
      }
    }
    out.push_back(std::move(pixels));
  }
  return out;
}

std::map<std::string, std::string> testbench_files(const nn::Network& net, const arch::Plan& plan,
                                                   const std::string& top, const TestFrames& frames,
                                                   int64_t image_bytes) {
  const spec::Link& in = plan.stages.front().out;
  const spec::Link& out = plan.stages.back().out;
  // Passes over streamed weights may take as long as that many frames, and wait for them.
  int64_t limit = 10000 + (static_cast<int64_t>(plan.stages.size()) + 4) * 2 * (plan.cycles_per_frame + 1000) *
                              arch::images_per_pass(plan);
  // Weights that are kept come first, a burst at a time at worst.
  if (plan.memory) limit += (image_bytes / (plan.memory->data_bits / 8)) * (plan.memory->timing.latency + 4);
  std::map<std::string, std::string> files;
  files["tb/elb_tb.v"] =
      fill_template("elb_tb.v.in", {{"TOP", top},
                                    {"FRAMES", std::to_string(frames.pixels.size())},
                                    {"IN_BITS", std::to_string(pixel_bits(in))},
                                    {"OUT_BITS", std::to_string(axis_bits(out.data_bits()))},
                                    {"IN_BEATS", std::to_string(in.beats_per_frame())},
                                    {"OUT_BEATS", std::to_string(out.beats_per_frame())},
                                    {"LIMIT", std::to_string(limit)},
                                    {"MEMORY", plan.memory ? memory_text(*plan.memory, image_bytes) : ""},
                                    {"MEMORY_PORTS", plan.memory ? kMemoryPorts : ""}});
  files["tb/input.mem"] = input_image(in, frames);
  files["tb/expected.mem"] = expected_image(net, out, frames);
  return files;
}

}  // namespace elb::top
