// Two sums of products with an operand in common, in one word: p = sum over lanes i of (x1[i] * 2^SHIFT + x0[i]) * y[i].
//   X_SIGNED = 1: x are weights (two's complement), y is a code (unsigned)      X_SIGNED = 0: x are codes, y is a weight
// SHIFT + X_BITS is at most 26, what a DSP48E2 holds (a DSP48E1: 24), LANES at most 4. Latency LANES + 2, interval 1.
//
// The low field is the sum of x0 * y where it fits in SHIFT bits, and its sign is a borrow from the high field.
//
// This is the behavioural twin; elb_mul_pairs_xc7.v and elb_mul_pairs_xcup.v are the same in one DSP48E1 or DSP48E2 per lane.
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
  function [P_BITS-1:0] extended_x(input [X_BITS-1:0] x);
    extended_x = {{(P_BITS-X_BITS){x[X_BITS-1] && X_SIGNED != 0}}, x};
  endfunction
  function [P_BITS-1:0] extended_y(input [Y_BITS-1:0] v);
    extended_y = {{(P_BITS-Y_BITS){v[Y_BITS-1] && X_SIGNED == 0}}, v};
  endfunction
  function [P_BITS-1:0] total(input [LANES*X_BITS-1:0] low, input [LANES*X_BITS-1:0] high, input [LANES*Y_BITS-1:0] common);
    integer i;
    begin
      total = {P_BITS{1'b0}};
      for (i = 0; i < LANES; i = i + 1)
        total = total + ((extended_x(high[i*X_BITS +: X_BITS]) << SHIFT) + extended_x(low[i*X_BITS +: X_BITS]))
                        * extended_y(common[i*Y_BITS +: Y_BITS]);
    end
  endfunction

  reg [(LANES+2)*P_BITS-1:0] pipe;
  always @(posedge clk) pipe <= {pipe[(LANES+1)*P_BITS-1:0], total(x0, x1, y)};
  assign p = pipe[(LANES+1)*P_BITS +: P_BITS];

  generate
    if (SHIFT + X_BITS > 26 || LANES > 4 || P_BITS > 48) begin : refused
      elb_mul_pairs_does_not_fit u_rule ();
    end
  endgenerate
endmodule
`default_nettype wire
