`default_nettype none
module elb_test_leaf #(
  parameter WIDTH = 8,
  parameter EXTRA = 1,
  parameter MODE = "plain"
) (
  input  wire                     clk,
  input  wire signed [WIDTH-1:0]  a,
  input  wire        [WIDTH-1:0]  b,
  output reg  [WIDTH+EXTRA-1:0]   sum
);
  always @(posedge clk)
    if (MODE == "plain") sum <= {{EXTRA{1'b0}}, a} + {{EXTRA{1'b0}}, b};
    else sum <= {{EXTRA{1'b0}}, b};
endmodule
`default_nettype wire
