// What the low of two packed sums has added to the high one (elb_mul_pairs): q = u - sum over lanes of x[i] * y[i], modulo 2^BITS.
//
// x and y are the lowest bits of the high sum's operands, u those of the field in which the high sum stands, which is the high sum
// plus q. Where the low sum has BITS more bits than the low field, q is these, in two's complement: the high sum is known modulo
// 2^BITS from few bits of its operands. (LANES, BITS) is (2, 1), (3, 2) or (4, 2).
//
//   cycle   0      ..   LANES + 2   LANES + 3
//           x, y        u           q
//
// This is the behavioural twin; elb_field_borrow_xc7.v is the same in LUT6_2.
`default_nettype none
module elb_field_borrow #(
  parameter LANES = 2,
  parameter BITS = 1
) (
  input  wire                  clk,
  input  wire [LANES*BITS-1:0] x,
  input  wire [LANES*BITS-1:0] y,
  input  wire [BITS-1:0]       u,
  output reg  [BITS-1:0]       q
);
  function [BITS-1:0] total(input [LANES*BITS-1:0] a, input [LANES*BITS-1:0] b);
    integer i;
    begin
      total = {BITS{1'b0}};
      for (i = 0; i < LANES; i = i + 1) total = total + a[i*BITS +: BITS] * b[i*BITS +: BITS];
    end
  endfunction

  reg [(LANES+2)*BITS-1:0] pipe;
  always @(posedge clk) begin
    pipe <= {pipe[(LANES+1)*BITS-1:0], total(x, y)};
    q <= u - pipe[(LANES+1)*BITS +: BITS];
  end

  generate
    if (!(LANES == 2 && BITS == 1) && !((LANES == 3 || LANES == 4) && BITS == 2)) begin : refused
      elb_field_borrow_no_such_size u_rule ();
    end
  endgenerate
endmodule
`default_nettype wire
