// elb_field_borrow for 7-series and UltraScale. Two lanes: one LUT5, whose operands wait. Three or four: a LUT6_2 per lane for its
// product modulo 4, two sites for their sum in three parts (a parity and a carry, and a parity of the upper bits), one for q.
//
// Registers that wait are kept from becoming shift registers, which would take a LUT per bit.
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
  genvar i;
  generate
    if (BITS == 1) begin : parity
      (* keep *) reg [4*(LANES+2)-1:0] operands;
      wire [3:0] late = operands[4*(LANES+1) +: 4];
      always @(posedge clk) begin
        operands <= {operands[4*(LANES+1)-1:0], x, y};
        q <= u ^ (late[0] & late[2]) ^ (late[1] & late[3]);
      end
    end else begin : modulo_4
      reg  [3:0] b0, b1;
      wire [3:0] p0, p1;
      for (i = 0; i < 4; i = i + 1) begin : lane
        if (i < LANES) begin : product
          LUT6_2 #(.INIT(64'h6ac06ac0_a0a0a0a0)) u_lut (
            .I0(x[2*i]), .I1(x[2*i+1]), .I2(y[2*i]), .I3(y[2*i+1]), .I4(1'b0), .I5(1'b1), .O6(p1[i]), .O5(p0[i]));
        end else begin : none
          assign p0[i] = 1'b0;
          assign p1[i] = 1'b0;
        end
      end
      wire s0, c;
      LUT6_2 #(.INIT(64'h7ee87ee8_69966996)) u_sum (
        .I0(b0[0]), .I1(b0[1]), .I2(b0[2]), .I3(b0[3]), .I4(1'b0), .I5(1'b1), .O6(c), .O5(s0));
      (* keep *) reg [3*(LANES+1)-1:0] sums;
      wire [2:0] late = sums[3*LANES +: 3];
      wire [1:0] next;
      LUT6_2 #(.INIT(64'h9c63639c_5a5a5a5a)) u_q (
        .I0(u[0]), .I1(u[1]), .I2(late[0]), .I3(late[1]), .I4(late[2]), .I5(1'b1), .O6(next[1]), .O5(next[0]));
      always @(posedge clk) begin
        b0 <= p0;
        b1 <= p1;
        sums <= {sums[3*LANES-1:0], ^b1, c, s0};
        q <= next;
      end
    end
  endgenerate
endmodule
`default_nettype wire
