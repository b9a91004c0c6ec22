#include "toy.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "nn/safetensors.hpp"

namespace toy {
namespace {

const std::vector<int8_t> kFc1 = {1, -2, 3, 0, -1, 2, 1, 1, 3, 3, -3, -1};
const std::vector<int8_t> kFc2 = {2, -1, 1, -3, 1, 2};
const std::vector<int32_t> kThresholds = {-1, 2, 5, 0, 3, 6, -4, 0, 4};

const char* const kNetwork = R"({
  "format": "elbgen.network/1",
  "name": "toy",
  "weights": "weights.safetensors",
  "input": {"shape": [2, 2, 1], "activation": {"kind": "unsigned", "bits": 2}},
  "layers": [
    {"name": "fc1", "op": "fc", "out_channels": 3, "weight": "int8", "thresholds": 3, "activation": {"kind": "unsigned", "bits": 2}},
    {"name": "fc2", "op": "fc", "out_channels": 2, "weight": "int8"}
  ]
}
)";

const char* const kManifest = R"({
  "format": "elbgen.manifest/1",
  "elbgen": "0.1.0",
  "network": "toy",
  "top": "elb_toy",
  "clock": "aclk",
  "reset": "aresetn",
  "input": {"port": "s_axis", "columns": 1, "channels": 1, "lanes": 1, "bits": 8, "signed": false, "shape": [2, 2, 1]},
  "output": {"port": "m_axis", "layer": "fc2", "columns": 1, "channels": 2, "lanes": 2, "bits": 12, "signed": true, "shape": [1, 1, 2]},
  "boundaries": [
    {"layer": "input", "wires": "pixels", "columns": 1, "channels": 1, "lanes": 1, "bits": 2, "signed": false, "shape": [2, 2, 1]},
    {"layer": "fc1", "wires": "fc1", "columns": 1, "channels": 3, "lanes": 3, "bits": 2, "signed": false, "shape": [1, 1, 3]},
    {"layer": "fc2", "wires": "fc2", "columns": 1, "channels": 2, "lanes": 2, "bits": 12, "signed": true, "shape": [1, 1, 2]}
  ],
  "memories": [{"layer": "fc1", "file": "mem/fc1_w.mem", "depth": 4, "width": 24, "kind": "rom_block"}],
  "dram": {"bytes": 0, "map": []},
  "predicted": {"cycles_per_frame": 4, "latency_cycles": 5},
  "class_rule": "argmax",
  "files": {}
}
)";

const char* const kVerilog = R"(`default_nettype none
module elb_toy #(parameter MEM_DIR = "mem/") (
  input  wire        aclk,
  input  wire        aresetn,
  input  wire [7:0]  s_axis_tdata,
  input  wire        s_axis_tvalid,
  output wire        s_axis_tready,
  input  wire        s_axis_tlast,
  output wire [23:0] m_axis_tdata,
  output wire        m_axis_tvalid,
  input  wire        m_axis_tready,
  output wire        m_axis_tlast,
  output wire        frame_error
);
  wire [1:0]  pixels_data;
  wire        pixels_valid, pixels_ready, pixels_last;
  wire [5:0]  fc1_data;
  wire        fc1_valid, fc1_ready, fc1_last;
  wire [23:0] fc2_data;
  wire        fc2_valid, fc2_ready, fc2_last;

  assign pixels_data = s_axis_tdata[7:6];
  assign pixels_valid = s_axis_tvalid;
  assign s_axis_tready = pixels_ready;
  assign pixels_last = s_axis_tlast;

  // fc1: one pixel a cycle against a word of three weights.
  reg  [23:0] weights [0:3];
  initial $readmemh({MEM_DIR, "fc1_w.mem"}, weights);
  reg  [1:0]  count_q;
  reg         full_q;
  reg  [5:0]  code_q;
  reg  signed [11:0] acc0_q, acc1_q, acc2_q;
  wire [23:0] word = weights[count_q];
  wire signed [11:0] x = {10'b0, pixels_data};
  wire signed [11:0] w0 = {{4{word[7]}}, word[7:0]};
  wire signed [11:0] w1 = {{4{word[15]}}, word[15:8]};
  wire signed [11:0] w2 = {{4{word[23]}}, word[23:16]};
  wire signed [11:0] t0 = (count_q == 2'd0 ? 12'sd0 : acc0_q) + x * w0;
  wire signed [11:0] t1 = (count_q == 2'd0 ? 12'sd0 : acc1_q) + x * w1;
  wire signed [11:0] t2 = (count_q == 2'd0 ? 12'sd0 : acc2_q) + x * w2;
  wire [1:0] c0 = {1'b0, t0 >= -12'sd1} + {1'b0, t0 >= 12'sd2} + {1'b0, t0 >= 12'sd5};
  wire [1:0] c1 = {1'b0, t1 >= 12'sd0} + {1'b0, t1 >= 12'sd3} + {1'b0, t1 >= 12'sd6};
  wire [1:0] c2 = {1'b0, t2 >= -12'sd4} + {1'b0, t2 >= 12'sd0} + {1'b0, t2 >= 12'sd4};
  wire take1 = pixels_valid && pixels_ready;
  assign pixels_ready = !full_q || fc1_ready;
  assign fc1_data = code_q;
  assign fc1_valid = full_q;
  assign fc1_last = 1'b1;
  always @(posedge aclk) if (take1) begin
    acc0_q <= t0;
    acc1_q <= t1;
    acc2_q <= t2;
    if (count_q == 2'd3) code_q <= {c2, c1, c0};
  end
  always @(posedge aclk) begin
    if (take1) count_q <= count_q + 2'd1;
    if (take1 && count_q == 2'd3) full_q <= 1'b1;
    else if (fc1_ready) full_q <= 1'b0;
    if (!aresetn) begin
      count_q <= 2'd0;
      full_q <= 1'b0;
    end
  end

  // fc2: all three codes at once.
  reg         out_q;
  reg  [23:0] sums_q;
  wire signed [11:0] y0 = {10'b0, fc1_data[1:0]};
  wire signed [11:0] y1 = {10'b0, fc1_data[3:2]};
  wire signed [11:0] y2 = {10'b0, fc1_data[5:4]};
  wire signed [11:0] r0 = y0 + y0 - y1 + y2;
  wire signed [11:0] r1 = y1 + y2 + y2 - y0 - y0 - y0;
  assign fc1_ready = !out_q || fc2_ready;
  assign fc2_data = sums_q;
  assign fc2_valid = out_q;
  assign fc2_last = 1'b1;
  always @(posedge aclk) if (fc1_valid && fc1_ready) sums_q <= {r1, r0};
  always @(posedge aclk) begin
    if (fc1_ready) out_q <= fc1_valid;
    if (!aresetn) out_q <= 1'b0;
  end

  assign m_axis_tdata = fc2_data;
  assign m_axis_tvalid = fc2_valid;
  assign fc2_ready = m_axis_tready;
  assign m_axis_tlast = fc2_last;

  reg error_q;
  assign frame_error = error_q;
  always @(posedge aclk) begin
    if (take1 && s_axis_tlast != (count_q == 2'd3)) error_q <= 1'b1;
    if (!aresetn) error_q <= 1'b0;
  end
endmodule
`default_nettype wire
)";

std::string edited(std::string text, const Edits& edits) {
  for (const auto& [from, to] : edits) {
    const size_t at = text.find(from);
    ELB_ASSERT(at != std::string::npos, "the toy has no '" + from + "'");
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string memory() {
  const char* const digits = "0123456789abcdef";
  std::string out;
  for (size_t i = 0; i < 4; ++i) {
    for (size_t o = 3; o-- > 0;) {
      const auto b = static_cast<unsigned char>(kFc1[o * 4 + i]);
      out += {digits[b >> 4], digits[b & 15]};
    }
    out += '\n';
  }
  return out;
}

}  // namespace

std::string weights_in_memory() {
  std::string out;
  for (size_t i = 0; i < 4; ++i) {
    for (size_t o = 0; o < 3; ++o) out += static_cast<char>(kFc1[o * 4 + i]);
    out += '\0';
  }
  return out;
}

void write_design(const std::string& dir, const Edits& verilog, const Edits& manifest) {
  using elb::nn::make_i32;
  using elb::nn::make_i8;
  const std::string weights =
      elb::nn::write_safetensors({make_i8("fc1.weight", {3, 4}, kFc1), make_i8("fc2.weight", {2, 3}, kFc2),
                                  make_i32("fc1.thresholds", {3, 3}, kThresholds)});
  elb::write_directory(dir,
                       {{"elb_toy.v", edited(kVerilog, verilog)},
                        {"filelist.f", "elb_toy.v\n"},
                        {"manifest.json", edited(kManifest, manifest)},
                        {"mem/fc1_w.mem", memory()},
                        {"network/network.json", kNetwork},
                        {"network/weights.safetensors", weights}},
                       "manifest.json", false);
}

std::vector<unsigned char> pixels_of(int image) {
  std::vector<unsigned char> out;
  for (int p = 0; p < 4; ++p)
    out.push_back(static_cast<unsigned char>((image * 89 + p * 57 + image * p * 31) & 255));
  return out;
}

void write_images(const std::string& file, int count) {
  std::string dict =
      "{'descr': '|u1', 'fortran_order': False, 'shape': (" + std::to_string(count) + ", 2, 2, 1), }";
  while ((10 + dict.size() + 1) % 64 != 0) dict += ' ';
  dict += '\n';
  std::string out = "\x93NUMPY\x01";
  out += '\0';
  out += static_cast<char>(dict.size());
  out += '\0';
  out += dict;
  for (int i = 0; i < count; ++i) {
    for (unsigned char p : pixels_of(i)) out += static_cast<char>(p);
  }
  elb::write_file(file, out);
}

std::vector<int> expected_outputs(const std::vector<unsigned char>& pixels) {
  std::vector<int> codes, out;
  for (size_t o = 0; o < 3; ++o) {
    int acc = 0, code = 0;
    for (size_t i = 0; i < 4; ++i) acc += kFc1[o * 4 + i] * (pixels[i] >> 6);
    for (size_t k = 0; k < 3; ++k) code += acc >= kThresholds[o * 3 + k];
    codes.push_back(code);
  }
  for (size_t o = 0; o < 2; ++o) {
    int acc = 0;
    for (size_t i = 0; i < 3; ++i) acc += kFc2[o * 3 + i] * codes[i];
    out.push_back(acc);
  }
  return out;
}

std::string work_dir() {
  static const TempDir dir;
  return dir.path();
}

}  // namespace toy
