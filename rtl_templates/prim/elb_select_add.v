// Sum of two selected activations and a bit: y = t(x0, w0) + t(x1, w1) + carry_in.
//   TERNARY = 1: w = {m, s}, t = m ? x ^ {BITS{s}} : 0      TERNARY = 0: w = s, t = x ^ {BITS{s}}
//
// This is the behavioural twin; elb_select_add_xc7.v is the same in one LUT6_2 per bit and a carry chain.
`default_nettype none
module elb_select_add #(
  parameter TERNARY = 1,
  parameter BITS = 4
) (
  input  wire [BITS-1:0]  x0,
  input  wire [BITS-1:0]  x1,
  input  wire [TERNARY:0] w0,
  input  wire [TERNARY:0] w1,
  input  wire             carry_in,
  output wire [BITS:0]    y
);
  wire [BITS-1:0] t0 = w0[TERNARY] || TERNARY == 0 ? x0 ^ {BITS{w0[0]}} : {BITS{1'b0}};
  wire [BITS-1:0] t1 = w1[TERNARY] || TERNARY == 0 ? x1 ^ {BITS{w1[0]}} : {BITS{1'b0}};
  assign y = {1'b0, t0} + {1'b0, t1} + {{BITS{1'b0}}, carry_in};
endmodule
`default_nettype wire
