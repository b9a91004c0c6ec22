// Sum of two rows of signed products and a bit: y = t(x0, g0) + 2^SHIFT * t(x1, g1) + carry_in, t = (g ? x : 0) + 2^(BITS-1),
// x two's complement; SHIFT is 0 or 1. The offset makes t unsigned: gate, then invert the sign bit.
//
// This is the behavioural twin; elb_gate_add_xc7.v is the same in one LUT6_2 per bit and a carry chain.
`default_nettype none
module elb_gate_add #(
  parameter BITS = 4,
  parameter SHIFT = 0
) (
  input  wire [BITS-1:0]     x0,
  input  wire [BITS-1:0]     x1,
  input  wire                g0,
  input  wire                g1,
  input  wire                carry_in,
  output wire [BITS+SHIFT:0] y
);
  localparam [BITS-1:0] SIGN = {{(BITS-1){1'b0}}, 1'b1} << (BITS-1);
  wire [BITS-1:0] t0 = (x0 & {BITS{g0}}) ^ SIGN;
  wire [BITS-1:0] t1 = (x1 & {BITS{g1}}) ^ SIGN;
  assign y = {{(SHIFT+1){1'b0}}, t0} + ({{(SHIFT+1){1'b0}}, t1} << SHIFT) + {{(BITS+SHIFT){1'b0}}, carry_in};
endmodule
`default_nettype wire
