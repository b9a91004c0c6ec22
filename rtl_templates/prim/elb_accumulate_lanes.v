// Running sums side by side: acc <= (first ? begin_with : acc) + sum in each of LANES lanes, modulo 2^BITS.
//
// At most two lanes of 24 bits, or four of 12. This is the behavioural twin; elb_accumulate_lanes_xc7.v and _xcup.v are the same in one DSP slice.
`default_nettype none
module elb_accumulate_lanes #(
  parameter LANES = 2,
  parameter BITS = 16
) (
  input  wire                  clk,
  input  wire                  first,
  input  wire [LANES*BITS-1:0] begin_with,
  input  wire [LANES*BITS-1:0] sum,
  output reg  [LANES*BITS-1:0] acc
);
  genvar i;
  generate
    for (i = 0; i < LANES; i = i + 1) begin : lane
      always @(posedge clk) acc[i*BITS +: BITS] <= (first ? begin_with[i*BITS +: BITS] : acc[i*BITS +: BITS]) + sum[i*BITS +: BITS];
    end
  endgenerate
endmodule
`default_nettype wire
