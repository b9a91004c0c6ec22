// Comparison of two operands: y = t >= point, of unsigned or (SIGNED = 1) two's complement numbers.
//
// This is the behavioural twin; elb_at_least_xc7.v is the same in one LUT6_2 per two bits and a carry chain.
`default_nettype none
module elb_at_least #(
  parameter WIDTH = 8,
  parameter SIGNED = 0
) (
  input  wire [WIDTH-1:0] t,
  input  wire [WIDTH-1:0] point,
  output wire             y
);
  localparam [WIDTH:0] FLIP = SIGNED == 1 ? {2'd1, {(WIDTH-1){1'b0}}} : {(WIDTH+1){1'b0}};
  assign y = (t ^ FLIP[WIDTH-1:0]) >= (point ^ FLIP[WIDTH-1:0]);
endmodule
`default_nettype wire
