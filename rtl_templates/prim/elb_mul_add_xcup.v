// elb_mul_add for UltraScale and UltraScale+: one DSP48E2 (UG579). The wider factor is A, the other one B; beta is C.
`default_nettype none
module elb_mul_add #(
  parameter T_BITS = 14,
  parameter T_REG = 1,
  parameter ALPHA_BITS = 12,
  parameter BETA_BITS = 24,
  parameter SUM_BITS = 28
) (
  input  wire                  clk,
  input  wire [T_BITS-1:0]     t,
  input  wire [ALPHA_BITS-1:0] alpha,
  input  wire [BETA_BITS-1:0]  beta,
  output wire [SUM_BITS-1:0]   sum
);
  generate
    if (T_BITS > 25 || ALPHA_BITS > 25 || (T_BITS > 18 && ALPHA_BITS > 18) || BETA_BITS > 47 || SUM_BITS > 48) begin : refused
      elb_mul_add_does_not_fit u_rule ();
    end
  endgenerate
  localparam T_IS_A = T_BITS > 18 ? 1 : 0;
  localparam A_REGS = T_IS_A == 1 ? T_REG : 0;
  localparam B_REGS = T_IS_A == 1 ? 0 : T_REG;
  wire [29:0] wide_t = {{(30-T_BITS){t[T_BITS-1]}}, t};
  wire [29:0] wide_alpha = {{(30-ALPHA_BITS){alpha[ALPHA_BITS-1]}}, alpha};
  wire [29:0] a = T_IS_A == 1 ? wide_t : wide_alpha;
  wire [29:0] b = T_IS_A == 1 ? wide_alpha : wide_t;
  wire [47:0] p;
  assign sum = p[SUM_BITS-1:0];
  DSP48E2 #(
    .USE_MULT("MULTIPLY"), .AMULTSEL("A"), .BMULTSEL("B"), .AREG(A_REGS), .ACASCREG(A_REGS), .BREG(B_REGS), .BCASCREG(B_REGS), .CREG(0),
    .DREG(1), .ADREG(1), .MREG(1), .OPMODEREG(0), .PREG(1)
  ) u_dsp (
    .CLK(clk), .A(a), .B(b[17:0]), .C({{(48-BETA_BITS){beta[BETA_BITS-1]}}, beta}), .D(27'd0), .P(p), .PCOUT(), .PCIN(48'd0),
    .OPMODE(9'b000110101), .ALUMODE(4'd0), .INMODE(5'd0),
    .CARRYIN(1'b0), .CARRYINSEL(3'd0), .CARRYCASCIN(1'b0), .MULTSIGNIN(1'b0), .ACIN(30'd0), .BCIN(18'd0),
    .CEA1(1'b0), .CEA2(1'b1), .CEB1(1'b0), .CEB2(1'b1), .CEC(1'b0), .CED(1'b0), .CEAD(1'b0), .CEM(1'b1), .CEP(1'b1),
    .CECTRL(1'b1), .CEINMODE(1'b1), .CEALUMODE(1'b1), .CECARRYIN(1'b1),
    .RSTA(1'b0), .RSTB(1'b0), .RSTC(1'b0), .RSTD(1'b0), .RSTM(1'b0), .RSTP(1'b0), .RSTCTRL(1'b0), .RSTINMODE(1'b0),
    .RSTALUMODE(1'b0), .RSTALLCARRYIN(1'b0),
    .ACOUT(), .BCOUT(), .CARRYOUT(), .CARRYCASCOUT(), .MULTSIGNOUT(), .OVERFLOW(), .UNDERFLOW(), .PATTERNDETECT(),
    .PATTERNBDETECT(), .XOROUT());
endmodule
`default_nettype wire
