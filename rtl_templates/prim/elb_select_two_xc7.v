// elb_select_two for 7-series and UltraScale: one LUT6_2.
`default_nettype none
module elb_select_two #(
  parameter TERNARY = 1
) (
  input  wire [1:0] x,
  input  wire [1:0] w,
  output wire [1:0] y
);
  localparam [63:0] INIT = TERNARY == 1 ? 64'h3c003c00_5a005a00 : 64'h33cc33cc_5a5a5a5a;
  LUT6_2 #(.INIT(INIT)) u_lut (
    .I0(x[0]), .I1(x[1]), .I2(w[0]), .I3(w[1]), .I4(1'b0), .I5(1'b1), .O6(y[1]), .O5(y[0]));
endmodule
`default_nettype wire
