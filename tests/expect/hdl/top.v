// elb_demo
//   source  emit_test.cpp   elbgen 0.1.0
`default_nettype none
module elb_demo (
  input  wire              aclk,
  input  wire              aresetn,
  // stream s_axis
  input  wire        [7:0] s_axis_tdata,   // emit_test.cpp:75
  input  wire              s_axis_tlast,   // emit_test.cpp:75
  input  wire              s_axis_tvalid,  // emit_test.cpp:75
  output wire              s_axis_tready,  // emit_test.cpp:75
  // stream m_axis
  output wire signed [7:0] m_axis_tdata,   // emit_test.cpp:76
  output wire              m_axis_tlast,   // emit_test.cpp:76
  output wire              m_axis_tvalid,  // emit_test.cpp:76
  input  wire              m_axis_tready,  // emit_test.cpp:76
  output wire              count           // emit_test.cpp:81
);

  wire rst = ~aresetn;

  reg seen_1;  // emit_test.cpp:81
  reg seen_2;  // emit_test.cpp:81

  wire s_axis_fifo_s_tready;  // emit_test.cpp:77
  wire [8:0] s_axis_fifo_m_tdata;  // emit_test.cpp:77
  wire s_axis_fifo_m_tvalid;  // emit_test.cpp:77
  wire signed [7:0] acc_y;  // emit_test.cpp:78

  elb_fifo_w9_d5 u_s_axis_fifo (
    .clk(aclk),
    .rst(rst),
    .s_tdata({s_axis_tlast, s_axis_tdata}),
    .s_tvalid(s_axis_tvalid),
    .s_tready(s_axis_fifo_s_tready),
    .m_tdata(s_axis_fifo_m_tdata),
    .m_tvalid(s_axis_fifo_m_tvalid),
    .m_tready(m_axis_tready)
  );  // emit_test.cpp:77

  elb_accumulate_b6 u_acc (
    .clk(aclk),
    .rst(rst),
    .en(1'd1),
    .x({1'd0, s_axis_fifo_m_tdata[4:0]} - 6'd9),
    .y(acc_y)
  );  // emit_test.cpp:78

  always @(posedge aclk) seen_1 <= s_axis_tvalid & s_axis_tready;
  always @(posedge aclk) seen_2 <= seen_1;

  assign s_axis_tready = s_axis_fifo_s_tready;
  assign m_axis_tdata = acc_y;
  assign m_axis_tlast = s_axis_fifo_m_tdata[8];
  assign m_axis_tvalid = s_axis_fifo_m_tvalid;
  assign count = seen_2;

  wire _unused = &{1'd0, s_axis_fifo_m_tdata[7:5]};  // read by nobody

endmodule

`default_nettype wire
