// What elbsim knows of a design: DIR/manifest.json and DIR/filelist.f (docs/architecture.md), and nothing
// else.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nn/network.hpp"
#include "spec/dram_timing.hpp"

namespace elb::harness {

// A stream of one map per frame: beats of `columns` x `channels` lanes of `bits` bits, lane (v, l) in bits
// [(v*channels + l)*bits +: bits], beats in the order (y, x/columns, c/channels).
struct Stream {
  std::string layer;  // "input" or a layer's name
  std::string wires;  // prefix of its wires in the top module; of the port for input and output
  std::string place;  // in manifest.json, for messages
  int columns = 1, channels = 1, bits = 8;
  bool is_signed = false;  // raw values only: two's complement
  nn::Shape shape;

  int lanes() const { return columns * channels; }
  int data_bits() const { return lanes() * bits; }
  int column_groups() const { return (shape.w + columns - 1) / columns; }
  int channel_groups() const { return (shape.c + channels - 1) / channels; }
  int64_t beats() const { return int64_t{shape.h} * column_groups() * channel_groups(); }
};

// The memory port of a design whose weights come from memory, and the image that lies behind it.
struct MemoryPort {
  bool axi3 = false;
  int data_bits = 64, address_bits = 32;
  int burst_beats = 16;     // most of a burst
  int outstanding = 8;      // bursts under way, at most
  spec::DramTiming timing;  // what the prediction assumes
  std::string image;        // file, relative to dir
  int64_t image_bytes = 0;

  int beat_bytes() const { return data_bits / 8; }
};

// Which bodies of modules are simulated, where a design has two: plain Verilog that runs fast, or the wiring
// that synthesis reads, in which leaves alone are plain.
enum class Bodies { plain, mapped };

struct Manifest {
  std::string dir;
  std::string network, top, clock, reset;
  Stream input, output;            // the ports s_axis (pixels) and m_axis
  std::vector<Stream> boundaries;  // in topological order
  std::optional<MemoryPort> memory;
  std::optional<int64_t> cycles_per_frame, latency_cycles;  // predicted
  int images_per_pass = 1;                                  // over streamed weights, at most
  std::optional<double> clock_mhz;                          // of the plan
  std::string filelist;              // the list that is simulated: "filelist.f", or the one of Bodies::mapped
  std::vector<std::string> sources;  // its Verilog files, relative to dir
};

// UserError [sim-manifest, json-...] when something is missing, misshapen or does not exist; io-read without
// manifest; [cli-usage] for Bodies::mapped of a design that has one body of each module.
Manifest read_manifest(const std::string& dir, Bodies bodies = Bodies::plain);

// Every stream has the shape and the bits that `network` says; UserError [sim-manifest] with all that differ.
void check_against(const Manifest& manifest, const nn::Network& network);

// Index of a layer by name, -1 for "input", nothing when there is none.
std::optional<int> layer_index(const nn::Network& network, const std::string& name);

}  // namespace elb::harness
