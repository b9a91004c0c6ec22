// elb_select_row for 7-series and UltraScale: a LUT6 per bit and a carry chain.
//
// O = t ^ addend is the chain's S (its inverse, with a carry into bit 0, to subtract); DI is the addend, past the LUT.
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
  localparam [63:0] INIT = SUBTRACT == 1 ? 64'hf0ccaa00_0f3355ff : 64'h0f3355ff_f0ccaa00;
  wire [BITS-1:0] s;
  genvar i;
  generate
    for (i = 0; i < BITS; i = i + 1) begin : position
      LUT6 #(.INIT(INIT)) u_lut (
        .I0(x0[i]), .I1(x1[i]), .I2(sum[i]), .I3(w[0]), .I4(w[1]), .I5(addend[i]), .O(s[i]));
    end
  endgenerate
  elb_carry #(.POSITIONS(BITS)) u_carry (.s(s), .di(addend), .ci(SUBTRACT == 1), .o(y[BITS-1:0]), .co(y[BITS]));
endmodule
`default_nettype wire
