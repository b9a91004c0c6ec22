// elb_accumulate_lanes for UltraScale and UltraScale+: the ALU of a DSP48E2 as two adders of 24 bits or four of 12 (UG579, "SIMD Mode").
//
// X is A:B, the sums; Z is P, or C where a tile begins. The accumulators are the slice's P.
`default_nettype none
module elb_accumulate_lanes #(
  parameter LANES = 2,
  parameter BITS = 16
) (
  input  wire                  clk,
  input  wire                  first,
  input  wire [LANES*BITS-1:0] begin_with,
  input  wire [LANES*BITS-1:0] sum,
  output wire [LANES*BITS-1:0] acc
);
  localparam FIELD = LANES > 2 ? 12 : 24;
  wire [47:0] x, c, p;
  genvar i;
  generate
    for (i = 0; i < 48 / FIELD; i = i + 1) begin : lane
      if (i >= LANES) begin : idle
        assign x[i*FIELD +: FIELD] = {FIELD{1'b0}};
        assign c[i*FIELD +: FIELD] = {FIELD{1'b0}};
      end else begin : used
        assign acc[i*BITS +: BITS] = p[i*FIELD +: BITS];
        assign x[i*FIELD +: BITS] = sum[i*BITS +: BITS];
        assign c[i*FIELD +: BITS] = begin_with[i*BITS +: BITS];
        if (BITS < FIELD) begin : above
          assign x[i*FIELD + BITS +: FIELD - BITS] = {(FIELD-BITS){1'b0}};
          assign c[i*FIELD + BITS +: FIELD - BITS] = {(FIELD-BITS){1'b0}};
        end
      end
    end
  endgenerate
  DSP48E2 #(
    .USE_SIMD(LANES > 2 ? "FOUR12" : "TWO24"), .USE_MULT("NONE"), .AREG(0), .ACASCREG(0), .BREG(0), .BCASCREG(0), .CREG(0), .DREG(1),
    .ADREG(1), .MREG(0), .OPMODEREG(0), .PREG(1)
  ) u_dsp (
    .CLK(clk), .A(x[47:18]), .B(x[17:0]), .C(c), .D(27'd0), .P(p), .PCOUT(), .PCIN(48'd0),
    .OPMODE(first ? 9'b000110011 : 9'b000100011), .ALUMODE(4'd0), .INMODE(5'd0),
    .CARRYIN(1'b0), .CARRYINSEL(3'd0), .CARRYCASCIN(1'b0), .MULTSIGNIN(1'b0), .ACIN(30'd0), .BCIN(18'd0),
    .CEA1(1'b0), .CEA2(1'b0), .CEB1(1'b0), .CEB2(1'b0), .CEC(1'b0), .CED(1'b0), .CEAD(1'b0), .CEM(1'b0), .CEP(1'b1),
    .CECTRL(1'b1), .CEINMODE(1'b1), .CEALUMODE(1'b1), .CECARRYIN(1'b1),
    .RSTA(1'b0), .RSTB(1'b0), .RSTC(1'b0), .RSTD(1'b0), .RSTM(1'b0), .RSTP(1'b0), .RSTCTRL(1'b0), .RSTINMODE(1'b0),
    .RSTALUMODE(1'b0), .RSTALLCARRYIN(1'b0),
    .ACOUT(), .BCOUT(), .CARRYOUT(), .CARRYCASCOUT(), .MULTSIGNOUT(), .OVERFLOW(), .UNDERFLOW(), .PATTERNDETECT(),
    .PATTERNBDETECT(), .XOROUT());
endmodule
`default_nettype wire
