// elb_at_least for 7-series and UltraScale: a LUT6_2 per two bits and a carry chain.
//
// From the lowest bits up the chain holds "t >= point so far": bits that are equal (S = O6) hand it on, others decide (DI = O5).
`default_nettype none
module elb_at_least #(
  parameter WIDTH = 8,
  parameter SIGNED = 0
) (
  input  wire [WIDTH-1:0] t,
  input  wire [WIDTH-1:0] point,
  output wire             y
);
  localparam POSITIONS = (WIDTH + 1) / 2;
  wire [2*POSITIONS-1:0] a, b;
  wire [POSITIONS-1:0]   s, di;
  assign a[WIDTH-1:0] = t;
  assign b[WIDTH-1:0] = point;

  genvar i;
  generate
    if (2*POSITIONS > WIDTH) begin : odd
      assign a[2*POSITIONS-1] = 1'b0;
      assign b[2*POSITIONS-1] = 1'b0;
    end
    for (i = 0; i < POSITIONS; i = i + 1) begin : position
      // Two bits, unsigned; the highest two with the sign in the upper or, of an odd width, in the lower bit.
      localparam [63:0] INIT = SIGNED == 0 || i + 1 < POSITIONS ? 64'h84218421_08ce08ce :
                               2*POSITIONS > WIDTH              ? 64'h84218421_00100010 : 64'h84218421_3b023b02;
      LUT6_2 #(.INIT(INIT)) u_lut (
        .I0(a[2*i]), .I1(a[2*i+1]), .I2(b[2*i]), .I3(b[2*i+1]), .I4(1'b0), .I5(1'b1), .O6(s[i]), .O5(di[i]));
    end
  endgenerate
  elb_carry #(.POSITIONS(POSITIONS)) u_carry (.s(s), .di(di), .ci(1'b1), .o(), .co(y));
endmodule
`default_nettype wire
