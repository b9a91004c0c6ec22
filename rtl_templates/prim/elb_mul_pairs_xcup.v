// elb_mul_pairs for UltraScale and UltraScale+: a DSP48E2 per lane, the sum along PCIN (UG579, "UltraScale Architecture DSP Slice").
//
// Lane i adds in the cycle behind lane i - 1, so its operands wait i cycles: the first lane has one register in front of the
// multiplier, all others two, and lanes 2 and 3 one and two more in the fabric. Weights share a code through the pre-adder, A + D;
// codes stand side by side in A without one.
`default_nettype none
module elb_mul_pairs #(
  parameter LANES = 1,
  parameter X_SIGNED = 1,
  parameter X_BITS = 8,
  parameter Y_BITS = 8,
  parameter SHIFT = 16,
  parameter P_BITS = 32
) (
  input  wire                    clk,
  input  wire [LANES*X_BITS-1:0] x0,
  input  wire [LANES*X_BITS-1:0] x1,
  input  wire [LANES*Y_BITS-1:0] y,
  output wire [P_BITS-1:0]       p
);
  wire [48*LANES-1:0] cascade;
  wire [47:0]         last;
  assign p = last[P_BITS-1:0];

  genvar i;
  generate
    if (SHIFT + X_BITS > 26) begin : refused
      elb_mul_pairs_does_not_fit u_rule ();
    end
    for (i = 0; i < LANES; i = i + 1) begin : lane
      wire [2*X_BITS+Y_BITS-1:0] now = {x1[i*X_BITS +: X_BITS], x0[i*X_BITS +: X_BITS], y[i*Y_BITS +: Y_BITS]};
      wire [2*X_BITS+Y_BITS-1:0] late;
      if (i < 2) begin : direct
        assign late = now;
      end else begin : waits
        reg [(i-1)*(2*X_BITS+Y_BITS)-1:0] pipe;
        if (i == 2) begin : one
          always @(posedge clk) pipe <= now;
        end else begin : more
          always @(posedge clk) pipe <= {pipe[(i-2)*(2*X_BITS+Y_BITS)-1:0], now};
        end
        assign late = pipe[(i-2)*(2*X_BITS+Y_BITS) +: 2*X_BITS+Y_BITS];
      end
      wire [X_BITS-1:0] low = late[Y_BITS +: X_BITS];
      wire [X_BITS-1:0] high = late[Y_BITS+X_BITS +: X_BITS];
      wire [29:0]       a, wide_low, wide_high;
      wire [26:0]       d;
      wire [17:0]       b;
      wire [47:0]       sum;
      if (X_SIGNED != 0) begin : weights
        assign wide_low = {{(30-X_BITS){low[X_BITS-1]}}, low};
        assign wide_high = {{(30-X_BITS){high[X_BITS-1]}}, high};
        assign a = wide_high << SHIFT;
        assign d = wide_low[26:0];
        assign b = {{(18-Y_BITS){1'b0}}, late[Y_BITS-1:0]};
      end else begin : codes
        assign wide_low = {{(30-X_BITS){1'b0}}, low};
        assign wide_high = {{(30-X_BITS){1'b0}}, high};
        assign a = (wide_high << SHIFT) | wide_low;
        assign d = 27'd0;
        assign b = {{(18-Y_BITS){late[Y_BITS-1]}}, late[Y_BITS-1:0]};
      end
      localparam REGS = i == 0 ? 1 : 2;
      localparam AREGS = X_SIGNED != 0 ? REGS - 1 : REGS;
      DSP48E2 #(
        .AREG(AREGS), .ACASCREG(AREGS), .BREG(REGS), .BCASCREG(REGS), .DREG(REGS - 1), .ADREG(1), .CREG(1), .MREG(1), .PREG(1),
        .AMULTSEL(X_SIGNED != 0 ? "AD" : "A"), .BMULTSEL("B"), .PREADDINSEL("A"), .USE_MULT("MULTIPLY")
      ) u_dsp (
        .CLK(clk), .A(a), .B(b), .C(48'd0), .D(d), .P(sum), .PCOUT(cascade[48*i +: 48]), .PCIN(i == 0 ? 48'd0 : cascade[48*(i == 0 ? 0 : i-1) +: 48]),
        .OPMODE(i == 0 ? 9'b000000101 : 9'b000010101), .ALUMODE(4'd0), .INMODE(X_SIGNED != 0 ? 5'b00100 : 5'b00000),
        .CARRYIN(1'b0), .CARRYINSEL(3'd0), .CARRYCASCIN(1'b0), .MULTSIGNIN(1'b0), .ACIN(30'd0), .BCIN(18'd0),
        .CEA1(1'b1), .CEA2(1'b1), .CEB1(1'b1), .CEB2(1'b1), .CEC(1'b0), .CED(1'b1), .CEAD(1'b1), .CEM(1'b1), .CEP(1'b1),
        .CECTRL(1'b1), .CEINMODE(1'b1), .CEALUMODE(1'b1), .CECARRYIN(1'b1),
        .RSTA(1'b0), .RSTB(1'b0), .RSTC(1'b0), .RSTD(1'b0), .RSTM(1'b0), .RSTP(1'b0), .RSTCTRL(1'b0), .RSTINMODE(1'b0),
        .RSTALUMODE(1'b0), .RSTALLCARRYIN(1'b0),
        .ACOUT(), .BCOUT(), .CARRYOUT(), .CARRYCASCOUT(), .MULTSIGNOUT(), .OVERFLOW(), .UNDERFLOW(), .PATTERNDETECT(),
        .PATTERNBDETECT(), .XOROUT());
      if (i == LANES - 1) begin : out
        assign last = sum;
      end
    end
  endgenerate
endmodule
`default_nettype wire
