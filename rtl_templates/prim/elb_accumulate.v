// A step of an accumulator: y = (first ? begin_with : acc) + sum + carry_in, modulo 2^BITS.
//
// This is the behavioural twin; elb_accumulate_xc7.v is the same in one LUT per bit and a carry chain.
`default_nettype none
module elb_accumulate #(
  parameter BITS = 16
) (
  input  wire            first,
  input  wire [BITS-1:0] begin_with,
  input  wire [BITS-1:0] acc,
  input  wire [BITS-1:0] sum,
  input  wire            carry_in,
  output wire [BITS-1:0] y
);
  assign y = (first ? begin_with : acc) + sum + {{(BITS-1){1'b0}}, carry_in};
endmodule
`default_nettype wire
