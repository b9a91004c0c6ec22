// A carry chain of any length in CARRY4: o[i] = s[i] ^ c[i], c[i+1] = s[i] ? c[i] : di[i], c[0] = ci.
`default_nettype none
module elb_carry #(
  parameter POSITIONS = 4
) (
  input  wire [POSITIONS-1:0] s,
  input  wire [POSITIONS-1:0] di,
  input  wire                 ci,
  output wire [POSITIONS-1:0] o,
  output wire                 co
);
  localparam SLICES = (POSITIONS + 3) / 4;
  wire [4*SLICES-1:0] all_s, all_di, all_o, c;
  assign all_s[POSITIONS-1:0] = s;
  assign all_di[POSITIONS-1:0] = di;
  assign o = all_o[POSITIONS-1:0];
  assign co = c[POSITIONS-1];

  genvar i;
  generate
    if (4*SLICES > POSITIONS) begin : rest
      assign all_s[4*SLICES-1:POSITIONS] = {(4*SLICES-POSITIONS){1'b0}};
      assign all_di[4*SLICES-1:POSITIONS] = {(4*SLICES-POSITIONS){1'b0}};
    end
    for (i = 0; i < SLICES; i = i + 1) begin : slice
      if (i == 0) begin : first
        CARRY4 u_carry (.CYINIT(ci), .CI(1'b0), .S(all_s[3:0]), .DI(all_di[3:0]), .O(all_o[3:0]), .CO(c[3:0]));
      end else begin : next
        CARRY4 u_carry (.CYINIT(1'b0), .CI(c[4*i-1]), .S(all_s[4*i +: 4]), .DI(all_di[4*i +: 4]),
                        .O(all_o[4*i +: 4]), .CO(c[4*i +: 4]));
      end
    end
  endgenerate
endmodule
`default_nettype wire
