// A running sum plus or minus one plane of two lanes, where sum = x0 + x1 is given.
//   t = (w[0] ? x0 : 0) + (w[1] ? x1 : 0)      SUBTRACT = 0: y = addend + t      SUBTRACT = 1: y = addend - t + 2^BITS
//
// This is the behavioural twin; elb_select_row_xc7.v is the same in one LUT6 per bit and a carry chain.
`default_nettype none
module elb_select_row #(
  parameter SUBTRACT = 0,
  parameter BITS = 4
) (
  input  wire [BITS-1:0] addend,
  input  wire [BITS-1:0] x0,
  input  wire [BITS-1:0] x1,
  input  wire [BITS-1:0] sum,
  input  wire [1:0]      w,
  output wire [BITS:0]   y
);
  wire [BITS-1:0] t = w == 2'd3 ? sum : w == 2'd2 ? x1 : w == 2'd1 ? x0 : {BITS{1'b0}};
  assign y = SUBTRACT == 0 ? {1'b0, addend} + {1'b0, t} : {1'b1, addend} - {1'b0, t};
endmodule
`default_nettype wire
