// Two selected bits in one LUT site: of one ternary activation, or of any two binary ones.
//   TERNARY = 1: w = {m, s}, y = m ? x ^ {s, s} : 0      TERNARY = 0: y = x ^ w
//
// This is the behavioural twin; elb_select_two_xc7.v is the same in a LUT6_2.
`default_nettype none
module elb_select_two #(
  parameter TERNARY = 1
) (
  input  wire [1:0] x,
  input  wire [1:0] w,
  output wire [1:0] y
);
  assign y = TERNARY == 0 ? x ^ w : w[1] ? x ^ {2{w[0]}} : 2'd0;
endmodule
`default_nettype wire
