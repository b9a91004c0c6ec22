// elb_select_add for 7-series and UltraScale: a LUT6_2 per bit and a carry chain.
//
// O6 = t0 ^ t1 is the chain's S. With m1 on I5 the lower half of the LUT is O6 where m1 = 0, thus t0, which is DI: six inputs and
// both functions in one LUT.
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
  wire [BITS-1:0] s, di;
  genvar i;
  generate
    for (i = 0; i < BITS; i = i + 1) begin : position
      if (TERNARY == 1) begin : ternary
        LUT6_2 #(.INIT(64'h609f9f60_60606060)) u_lut (
          .I0(x0[i]), .I1(w0[0]), .I2(w0[1]), .I3(x1[i]), .I4(w1[0]), .I5(w1[1]), .O6(s[i]), .O5(di[i]));
      end else begin : binary
        LUT6_2 #(.INIT(64'h609f9f60_60606060)) u_lut (
          .I0(x0[i]), .I1(w0[0]), .I2(1'b1), .I3(x1[i]), .I4(w1[0]), .I5(1'b1), .O6(s[i]), .O5(di[i]));
      end
    end
  endgenerate
  elb_carry #(.POSITIONS(BITS)) u_carry (.s(s), .di(di), .ci(carry_in), .o(y[BITS-1:0]), .co(y[BITS]));
endmodule
`default_nettype wire
