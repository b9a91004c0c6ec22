// elb_accumulate_b6: running sum of x, saturated
//   params  bits=6   latency 1   interval 1
//   acc[t+1] = acc[t] + x[t] when en
//   source  emit_test.cpp   elbgen 0.1.0
`default_nettype none
module elb_accumulate_b6 (
  input  wire              clk,
  input  wire              rst,
  input  wire              en,   // emit_test.cpp:28
  input  wire signed [5:0] x,    // emit_test.cpp:29
  output wire signed [7:0] y     // emit_test.cpp:30
);

  reg signed [11:0] acc;  // emit_test.cpp:38
  reg [2:0] seen_q;  // emit_test.cpp:39

  always @(posedge clk)
    if (rst) acc <= 12'sd0;
    else if (en) acc <= acc + {{6{x[5]}}, x};
    else if (x == 6'sd0) acc <= 12'sd0;
  always @(posedge clk)
    if (en & x[5]) seen_q <= seen_q + 3'd1;
    else if (en) seen_q <= 3'd0;

  assign y = (seen_q == 3'd5) ? ((~acc[11] & |acc[10:7]) ? 8'sd127 :
      (acc[11] & ~(&acc[10:7])) ? 8'sh80 : acc[7:0]) : {{2{x[5]}}, x};

endmodule

`default_nettype wire
