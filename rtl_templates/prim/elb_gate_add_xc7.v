// elb_gate_add for 7-series and UltraScale: a LUT6_2 per bit and a carry chain.
//
// O6 = t0 ^ t1 is the chain's S, O5 = t0 its DI; of the lowest and the highest bit of rows that are shifted there is one operand.
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
  localparam POSITIONS = BITS + SHIFT;
  wire [POSITIONS-1:0] s, di;
  genvar i;
  generate
    for (i = 0; i < POSITIONS; i = i + 1) begin : position
      // t0 = I0 & I1 or its inverse at the sign, t1 = I2 & I3 or its inverse; a missing operand is 0.
      wire a, b;
      if (i < BITS) begin : low
        assign a = x0[i];
      end else begin : no_low
        assign a = 1'b0;
      end
      if (i >= SHIFT) begin : high
        assign b = x1[i-SHIFT];
      end else begin : no_high
        assign b = 1'b0;
      end
      localparam LOW_SIGN = i == BITS - 1;
      localparam HIGH_SIGN = i == BITS - 1 + SHIFT;
      localparam [15:0] T0 = LOW_SIGN ? 16'h7777 : 16'h8888;
      localparam [15:0] T1 = HIGH_SIGN ? 16'h0fff : 16'hf000;
      localparam [15:0] BOTH = T0 ^ T1;
      LUT6_2 #(.INIT({BOTH, BOTH, T0, T0})) u_lut (
        .I0(a), .I1(g0), .I2(b), .I3(g1), .I4(1'b0), .I5(1'b1), .O6(s[i]), .O5(di[i]));
    end
  endgenerate
  elb_carry #(.POSITIONS(POSITIONS)) u_carry (.s(s), .di(di), .ci(carry_in), .o(y[POSITIONS-1:0]), .co(y[POSITIONS]));
endmodule
`default_nettype wire
