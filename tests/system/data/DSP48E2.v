// The slice DSP48E2 as UG579 ("UltraScale Architecture DSP Slice User Guide") describes it, for simulation: yosys has its ports only.
//
// Modelled: both operand pipelines and their cascades, D and the 27-bit pre-adder, the 27 x 18 multiplier, the four multiplexers
// W, X, Y, Z by OPMODE, the sums of ALUMODE 0000 to 0011 in 48 bits or in fields of 24 or 12, CARRYIN, every register with its enable and reset.
// Not modelled: CARRYIN of fields, logic and wide XOR, pattern detection and rounding, other carries than CARRYIN, inverted pins. A parameter that asks
// for one of these stops; a code that does, and the outputs that belong to them, give x.
//
// INMODE   [0] A1 for A2   [1] 0 for the pre-adder's A or B (PREADDINSEL)   [2] D for 0   [3] D - A for D + A   [4] B1 for B2
// OPMODE   [8:7] W: 0, P, RND, C   [6:4] Z: 0, PCIN, P, C, (P), PCIN >> 17, P >> 17   [3:2] Y: 0, M, ~0, C   [1:0] X: 0, M, P, A:B
// ALUMODE  0000 Z + s   0001 -Z + s - 1   0010 -(Z + s) - 1   0011 Z - s, where s = W + X + Y + CARRYIN
`default_nettype none
module DSP48E2 #(
  parameter integer ACASCREG = 1, parameter integer ADREG = 1, parameter integer ALUMODEREG = 1, parameter integer AREG = 1,
  parameter integer BCASCREG = 1, parameter integer BREG = 1, parameter integer CARRYINREG = 1, parameter integer CARRYINSELREG = 1,
  parameter integer CREG = 1, parameter integer DREG = 1, parameter integer INMODEREG = 1, parameter integer MREG = 1,
  parameter integer OPMODEREG = 1, parameter integer PREG = 1,
  parameter AMULTSEL = "A", parameter BMULTSEL = "B", parameter PREADDINSEL = "A", parameter A_INPUT = "DIRECT", parameter B_INPUT = "DIRECT",
  parameter USE_MULT = "MULTIPLY", parameter USE_SIMD = "ONE48", parameter USE_WIDEXOR = "FALSE", parameter USE_PATTERN_DETECT = "NO_PATDET",
  parameter [47:0] RND = 48'd0
) (
  input  wire        CLK,
  input  wire [29:0] A, ACIN,
  input  wire [17:0] B, BCIN,
  input  wire [47:0] C, PCIN,
  input  wire [26:0] D,
  input  wire [8:0]  OPMODE,
  input  wire [4:0]  INMODE,
  input  wire [3:0]  ALUMODE,
  input  wire [2:0]  CARRYINSEL,
  input  wire        CARRYIN, CARRYCASCIN, MULTSIGNIN,
  input  wire        CEA1, CEA2, CEAD, CEALUMODE, CEB1, CEB2, CEC, CECARRYIN, CECTRL, CED, CEINMODE, CEM, CEP,
  input  wire        RSTA, RSTALLCARRYIN, RSTALUMODE, RSTB, RSTC, RSTCTRL, RSTD, RSTINMODE, RSTM, RSTP,
  output wire [29:0] ACOUT,
  output wire [17:0] BCOUT,
  output wire [47:0] P, PCOUT,
  output wire [7:0]  XOROUT,
  output wire [3:0]  CARRYOUT,
  output wire        CARRYCASCOUT, MULTSIGNOUT, OVERFLOW, UNDERFLOW, PATTERNDETECT, PATTERNBDETECT
);
  generate
    if ((USE_MULT != "MULTIPLY" && USE_MULT != "NONE") || USE_WIDEXOR != "FALSE" || USE_PATTERN_DETECT != "NO_PATDET") begin : refused
      DSP48E2_not_modelled u_rule ();
    end
    // Of UG579's table of attributes: a cascade has as many registers as its operand, or one less of two.
    if (!(ACASCREG == AREG || (AREG == 2 && ACASCREG == 1)) || !(BCASCREG == BREG || (BREG == 2 && BCASCREG == 1))) begin : cascades
      DSP48E2_illegal_cascade_registers u_rule ();
    end
  endgenerate

  localparam FIELD = USE_SIMD == "FOUR12" ? 12 : USE_SIMD == "TWO24" ? 24 : 48;

  reg [29:0] a1_q = 0, a2_q = 0;
  reg [17:0] b1_q = 0, b2_q = 0;
  reg [47:0] c_q = 0, p_q = 0;
  reg [26:0] d_q = 0, ad_q = 0;
  reg [44:0] m_q = 0;
  reg [8:0]  opmode_q = 0;
  reg [4:0]  inmode_q = 0;
  reg [3:0]  alumode_q = 0;
  reg [2:0]  carryinsel_q = 0;
  reg        carryin_q = 0;

  wire [8:0] opmode = OPMODEREG == 1 ? opmode_q : OPMODE;
  wire [4:0] inmode = INMODEREG == 1 ? inmode_q : INMODE;
  wire [3:0] alumode = ALUMODEREG == 1 ? alumode_q : ALUMODE;
  wire [2:0] carryinsel = CARRYINSELREG == 1 ? carryinsel_q : CARRYINSEL;
  wire       carryin = CARRYINREG == 1 ? carryin_q : CARRYIN;

  // Operands: two registers of A and B, one after the other (2) or side by side (1).
  wire [29:0] a = A_INPUT == "CASCADE" ? ACIN : A;
  wire [17:0] b = B_INPUT == "CASCADE" ? BCIN : B;
  wire [29:0] a1 = AREG == 0 ? a : a1_q;
  wire [17:0] b1 = BREG == 0 ? b : b1_q;
  wire [29:0] a2 = AREG == 0 ? a : a2_q;
  wire [17:0] b2 = BREG == 0 ? b : b2_q;
  wire [47:0] c = CREG == 1 ? c_q : C;
  wire [26:0] d = DREG == 1 ? d_q : D;
  assign ACOUT = ACASCREG == 1 && AREG == 2 ? a1_q : a2;
  assign BCOUT = BCASCREG == 1 && BREG == 2 ? b1_q : b2;

  // Pre-adder and multiplier.
  wire [26:0] a_gated = inmode[1] && PREADDINSEL == "A" ? 27'd0 : inmode[0] ? a1[26:0] : a2[26:0];
  wire [17:0] b_gated = inmode[1] && PREADDINSEL == "B" ? 18'd0 : inmode[4] ? b1 : b2;
  wire [26:0] d_gated = inmode[2] ? d : 27'd0;
  wire [26:0] addend = PREADDINSEL == "B" ? {{9{b_gated[17]}}, b_gated} : a_gated;
  wire [26:0] ad_sum = inmode[3] ? d_gated - addend : d_gated + addend;
  wire [26:0] ad = ADREG == 1 ? ad_q : ad_sum;
  wire [26:0] a_factor = AMULTSEL == "AD" ? ad : a_gated;
  wire [17:0] b_factor = BMULTSEL == "AD" ? ad[17:0] : b_gated;
  wire [44:0] product = {{18{a_factor[26]}}, a_factor} * {{27{b_factor[17]}}, b_factor};
  wire [44:0] m = MREG == 1 ? m_q : product;

  // The sum. X and Y take both halves of the product, so both select it or neither.
  wire [47:0] p = PREG == 1 ? p_q : sum;
  wire [47:0] fed_back = PREG == 1 ? p_q : 48'bx;
  wire [47:0] w = opmode[8:7] == 0 ? 48'd0 : opmode[8:7] == 1 ? fed_back : opmode[8:7] == 2 ? RND : c;
  wire [47:0] x = opmode[1:0] == 0 ? 48'd0 : opmode[1:0] == 1 ? {{3{m[44]}}, m} : opmode[1:0] == 2 ? fed_back : {a2, b2};
  wire [47:0] y = opmode[3:2] < 2 ? 48'd0 : opmode[3:2] == 2 ? ~48'd0 : c;
  wire [47:0] z = opmode[6:4] == 0 ? 48'd0 : opmode[6:4] == 1 ? PCIN : opmode[6:4] == 2 ? fed_back : opmode[6:4] == 3 ? c :
                  opmode[6:4] == 5 ? {{17{PCIN[47]}}, PCIN[47:17]} : opmode[6:4] == 6 ? {{17{fed_back[47]}}, fed_back[47:17]} : 48'bx;
  wire        known = (opmode[1:0] == 1) == (opmode[3:2] == 1) && carryinsel == 0 && alumode < 4 && (FIELD == 48 || !carryin) &&
                      (USE_MULT == "MULTIPLY" || opmode[1:0] != 1);
  wire [47:0] total;
  genvar f;
  generate
    for (f = 0; f < 48; f = f + FIELD) begin : field
      wire [FIELD-1:0] s = w[f +: FIELD] + x[f +: FIELD] + y[f +: FIELD] + {{(FIELD-1){1'b0}}, carryin};
      assign total[f +: FIELD] = alumode == 0 ? z[f +: FIELD] + s : alumode == 1 ? ~z[f +: FIELD] + s : alumode == 2 ? ~(z[f +: FIELD] + s) : z[f +: FIELD] - s;
    end
  endgenerate
  wire [47:0] sum = known ? total : 48'bx;
  assign P = p;
  assign PCOUT = p;
  assign {XOROUT, CARRYOUT, CARRYCASCOUT, MULTSIGNOUT, OVERFLOW, UNDERFLOW, PATTERNDETECT, PATTERNBDETECT} = 18'bx;

  always @(posedge CLK) begin
    if (RSTA) a1_q <= 0; else if (CEA1) a1_q <= a;
    if (RSTA) a2_q <= 0; else if (CEA2) a2_q <= AREG == 2 ? a1_q : a;
    if (RSTB) b1_q <= 0; else if (CEB1) b1_q <= b;
    if (RSTB) b2_q <= 0; else if (CEB2) b2_q <= BREG == 2 ? b1_q : b;
    if (RSTC) c_q <= 0; else if (CEC) c_q <= C;
    if (RSTD) d_q <= 0; else if (CED) d_q <= D;
    if (RSTD) ad_q <= 0; else if (CEAD) ad_q <= ad_sum;
    if (RSTM) m_q <= 0; else if (CEM) m_q <= product;
    if (RSTP) p_q <= 0; else if (CEP) p_q <= sum;
    if (RSTCTRL) opmode_q <= 0; else if (CECTRL) opmode_q <= OPMODE;
    if (RSTCTRL) carryinsel_q <= 0; else if (CECTRL) carryinsel_q <= CARRYINSEL;
    if (RSTINMODE) inmode_q <= 0; else if (CEINMODE) inmode_q <= INMODE;
    if (RSTALUMODE) alumode_q <= 0; else if (CEALUMODE) alumode_q <= ALUMODE;
    if (RSTALLCARRYIN) carryin_q <= 0; else if (CECARRYIN) carryin_q <= CARRYIN;
  end
  wire _unused = &{1'b0, CARRYCASCIN, MULTSIGNIN};
endmodule
`default_nettype wire
