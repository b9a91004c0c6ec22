// One bit of 1 to 16: a LUT6 of four, MUXF7 and MUXF8 that join two and four of these. What is missing repeats what stands before
// it, as in elb_choose; a MUXF8 takes two MUXF7, so from nine words on there are four LUT6.
`default_nettype none
module elb_choose_block #(
  parameter WAYS = 4
) (
  input  wire [WAYS-1:0] d,
  input  wire [3:0]      s,
  output wire            y
);
  localparam LUTS = WAYS > 8 ? 4 : WAYS > 4 ? 2 : 1;
  localparam QUADS = (WAYS + 3) / 4;

  genvar q;
  generate
    if (WAYS == 1) begin : wires
      assign y = d[0];
    end else begin : tree
      wire [LUTS-1:0] o;
      for (q = 0; q < LUTS; q = q + 1) begin : quad
        localparam AT = 4 * (q < QUADS ? q : QUADS - 1);
        localparam N = WAYS - AT;
        localparam I1 = N > 1 ? AT + 1 : AT;
        localparam I2 = N > 2 ? AT + 2 : AT;
        localparam I3 = N > 3 ? AT + 3 : N > 2 ? AT + 2 : I1;
        LUT6 #(.INIT(64'hff00f0f0_ccccaaaa)) u_lut (
          .I0(d[AT]), .I1(d[I1]), .I2(d[I2]), .I3(d[I3]), .I4(s[0]), .I5(s[1]), .O(o[q]));
      end
      if (LUTS == 1) begin : alone
        assign y = o[0];
      end else if (LUTS == 2) begin : two
        MUXF7 u_seven (.I0(o[0]), .I1(o[1]), .S(s[2]), .O(y));
      end else begin : four
        wire [1:0] half;
        MUXF7 u_low (.I0(o[0]), .I1(o[1]), .S(s[2]), .O(half[0]));
        MUXF7 u_high (.I0(o[2]), .I1(o[3]), .S(s[2]), .O(half[1]));
        MUXF8 u_eight (.I0(half[0]), .I1(half[1]), .S(s[3]), .O(y));
      end
    end
  endgenerate
endmodule
`default_nettype wire
