// A product and a sum: sum = t * alpha + beta in two's complement, modulo 2^SUM_BITS.
//
//   cycle   0              1               2      3
//           t (T_REG = 1)  t (0), alpha    beta   sum
//
// At most 25 bits and 18 bits are multiplied, in either order. This is the behavioural twin; elb_mul_add_xcup.v is the same in one DSP slice,
// which has all registers.
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
  output reg  [SUM_BITS-1:0]   sum
);
  generate
    if (T_BITS > 25 || ALPHA_BITS > 25 || (T_BITS > 18 && ALPHA_BITS > 18) || BETA_BITS > 47 || SUM_BITS > 48) begin : refused
      elb_mul_add_does_not_fit u_rule ();
    end
  endgenerate
  reg  [T_BITS-1:0] t_q;
  wire [T_BITS-1:0] factor = T_REG == 1 ? t_q : t;
  reg  [47:0]       product;
  wire [47:0]       wide_t = {{(48-T_BITS){factor[T_BITS-1]}}, factor};
  wire [47:0]       wide_alpha = {{(48-ALPHA_BITS){alpha[ALPHA_BITS-1]}}, alpha};
  wire [47:0]       total = product + {{(48-BETA_BITS){beta[BETA_BITS-1]}}, beta};
  always @(posedge clk) t_q <= t;
  always @(posedge clk) product <= wide_t * wide_alpha;
  always @(posedge clk) sum <= total[SUM_BITS-1:0];
  wire _unused = &{1'b0, t_q, total};
endmodule
`default_nettype wire
