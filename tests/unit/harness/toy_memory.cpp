#include "toy_memory.hpp"

namespace toy {

const Edits& reads_memory() {
  static const Edits edits = {
      {"frame_error\n);", R"(frame_error,
  output wire [31:0] m_axi_araddr,
  output wire [7:0]  m_axi_arlen,
  output wire [2:0]  m_axi_arsize,
  output wire [1:0]  m_axi_arburst,
  output wire        m_axi_arvalid,
  input  wire        m_axi_arready,
  input  wire [31:0] m_axi_rdata,
  input  wire [1:0]  m_axi_rresp,
  input  wire        m_axi_rlast,
  input  wire        m_axi_rvalid,
  output wire        m_axi_rready,
  input  wire [31:0] weights_base,
  output wire        err_rresp
);)"},
      {R"(  reg  [23:0] weights [0:3];
  initial $readmemh({MEM_DIR, "fc1_w.mem"}, weights);
)",
       R"(  reg  [31:0] base_q;
  always @(posedge aclk) if (!aresetn) base_q <= weights_base;
  reg  [23:0] weights [0:7];
  reg  [1:0]  slots_q, left_q, tiles_q;
  reg  [2:0]  fill_q;
  reg         use_q, arvalid_q, half_q, bad_q;
  wire good = m_axi_rvalid && m_axi_rresp == 2'd0 && !bad_q;
  wire begins = left_q == 2'd0 && slots_q != 2'd0;
  wire asks = left_q != 2'd0 && !arvalid_q && !bad_q;
  wire filled = good && fill_q[1:0] == 2'd3;
  wire used = take1 && count_q == 2'd3;
  assign m_axi_araddr = base_q + {28'd0, half_q, 3'd0};
  assign m_axi_arlen = 8'd1;
  assign m_axi_arsize = 3'd2;
  assign m_axi_arburst = 2'd1;
  assign m_axi_arvalid = arvalid_q;
  assign m_axi_rready = 1'b1;
  assign err_rresp = bad_q;
  always @(posedge aclk) if (good) weights[fill_q] <= m_axi_rdata[23:0];
  always @(posedge aclk) begin
    left_q <= begins ? 2'd2 : left_q - {1'b0, asks};
    slots_q <= slots_q - {1'b0, begins} + {1'b0, used};
    tiles_q <= tiles_q + {1'b0, filled} - {1'b0, used};
    if (asks) begin
      arvalid_q <= 1'b1;
      half_q <= !half_q;
    end else if (m_axi_arready) arvalid_q <= 1'b0;
    if (good) fill_q <= fill_q + 3'd1;
    if (used) use_q <= !use_q;
    if (m_axi_rvalid && m_axi_rresp != 2'd0) bad_q <= 1'b1;
    if (!aresetn) begin
      slots_q <= 2'd2;
      left_q <= 2'd0;
      tiles_q <= 2'd0;
      fill_q <= 3'd0;
      use_q <= 1'b0;
      half_q <= 1'b1;
      arvalid_q <= 1'b0;
      bad_q <= 1'b0;
    end
  end
)"},
      {"weights[count_q]", "weights[{use_q, count_q}]"},
      {"assign pixels_ready = !full_q || fc1_ready;",
       "assign pixels_ready = (!full_q || fc1_ready) && tiles_q != 2'd0;"},
  };
  return edits;
}

const Edits& memory_in_manifest() {
  static const Edits edits = {
      {R"("dram": {"bytes": 0, "map": []})", R"("clock_mhz": 250,
  "memory": {"protocol": "axi4", "data_bits": 32, "address_bits": 32, "burst_beats": 2, "outstanding": 4,
             "latency_cycles": 3, "bandwidth": {"beats": 1, "cycles": 1}},
  "dram": {"file": "dram.bin", "bytes": 16, "map": []})"},
      {R"({"layer": "fc1", "file": "mem/fc1_w.mem", "depth": 4, "width": 24, "kind": "rom_block"})", ""},
      {R"("cycles_per_frame": 4, "latency_cycles": 5)", R"("cycles_per_frame": 4, "latency_cycles": null)"},
  };
  return edits;
}

}  // namespace toy
