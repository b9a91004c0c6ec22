// elb_accumulate for 7-series and UltraScale: a LUT per bit and a carry chain.
//
// O = sum ^ (first ? begin_with : acc) is the chain's S, sum its DI, past the LUT.
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
  wire [BITS-1:0] s;
  genvar i;
  generate
    for (i = 0; i < BITS; i = i + 1) begin : position
      LUT4 #(.INIT(16'h1be4)) u_lut (.I0(first), .I1(acc[i]), .I2(begin_with[i]), .I3(sum[i]), .O(s[i]));
    end
  endgenerate
  elb_carry #(.POSITIONS(BITS)) u_carry (.s(s), .di(sum), .ci(carry_in), .o(y), .co());
endmodule
`default_nettype wire
