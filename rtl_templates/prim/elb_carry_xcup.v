// A carry chain of any length in CARRY8: o[i] = s[i] ^ c[i], c[i+1] = s[i] ? c[i] : di[i], c[0] = ci (UG574, "Carry Chain Primitive").
`default_nettype none
module elb_carry #(
  parameter POSITIONS = 8
) (
  input  wire [POSITIONS-1:0] s,
  input  wire [POSITIONS-1:0] di,
  input  wire                 ci,
  output wire [POSITIONS-1:0] o,
  output wire                 co
);
  localparam SLICES = (POSITIONS + 7) / 8;
  wire [8*SLICES-1:0] all_s, all_di, all_o, c;
  assign all_s[POSITIONS-1:0] = s;
  assign all_di[POSITIONS-1:0] = di;
  assign o = all_o[POSITIONS-1:0];
  assign co = c[POSITIONS-1];

  genvar i;
  generate
    if (8*SLICES > POSITIONS) begin : rest
      assign all_s[8*SLICES-1:POSITIONS] = {(8*SLICES-POSITIONS){1'b0}};
      assign all_di[8*SLICES-1:POSITIONS] = {(8*SLICES-POSITIONS){1'b0}};
    end
    for (i = 0; i < SLICES; i = i + 1) begin : slice
      wire below;
      if (i == 0) begin : first
        assign below = ci;
      end else begin : next
        assign below = c[8*i-1];
      end
      CARRY8 #(.CARRY_TYPE("SINGLE_CY8")) u_carry (.CI(below), .CI_TOP(1'b0), .S(all_s[8*i +: 8]), .DI(all_di[8*i +: 8]),
                                                   .O(all_o[8*i +: 8]), .CO(c[8*i +: 8]));
    end
  endgenerate
endmodule
`default_nettype wire
