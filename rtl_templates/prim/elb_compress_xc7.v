// elb_compress for 7-series and UltraScale: a LUT6_2 per position and a carry chain.
//
// Position i gives the chain S (O6) and DI: the chain adds "S, else 2 * DI" to the carry from below.
//   "6"  S = parity of six bits, DI = parity of the lower five (equal to the sixth where S is 0): the chain has added the sixth bit
//        and the five's parity, and (their sum - parity) / 2 = 0, 1 or 2 remains for the position above
//   "0"  S = that remainder is 1, DI = it is 2, both from the five bits of the "6" below
//   "4"  S = parity of four bits, DI = the fourth; the majority of the other three remains
//   "1"  S = that majority ^ the own bit, DI = the own bit
//   "2"  S = a ^ b, DI = a
//   "c"  S = parity of four bits, DI = the fourth, past the LUT; O5 = majority of the other three = z
// (0,6) and (1,4) as in T. Preusser, "Generic and universal parallel matrix summation with a flexible compression goal for
// Xilinx FPGAs" (FPL 2017); the 4:2 compressor "c" as in M. Kumm and P. Zipf, "Efficient high speed compression trees on Xilinx
// FPGAs" (MBMV 2014). Every path is one LUT and one carry chain.
`default_nettype none
module elb_compress #(
  parameter POSITIONS = 2,
  parameter [8*POSITIONS-1:0] KINDS = "06"
) (
  input  wire [6*POSITIONS-1:0] bits,
  input  wire                   carry_in,
  output wire [POSITIONS:0]     y,
  output wire [POSITIONS-1:0]   z
);
  localparam [7:0] TOP = KINDS[8*POSITIONS-1 -: 8];

  genvar i;
  generate
    if (POSITIONS == 1 && KINDS == "2") begin : full_adder  // needs no chain
      LUT6_2 #(.INIT(64'h96969696_e8e8e8e8)) u_lut (
        .I0(bits[0]), .I1(bits[1]), .I2(carry_in), .I3(1'b0), .I4(1'b0), .I5(1'b1), .O6(y[0]), .O5(y[1]));
      assign z = 1'b0;
    end else begin : chain
      wire [POSITIONS-1:0] s, di, o5;
      wire                 co;
      for (i = 0; i < POSITIONS; i = i + 1) begin : position
        localparam [7:0] KIND = KINDS[8*i +: 8];
        localparam BELOW = i == 0 ? 0 : i - 1;
        localparam [63:0] INIT = KIND == "6" ? 64'h69969669_96696996 :
                                 KIND == "0" ? 64'h177e7ee8_e8808000 :
                                 KIND == "4" ? 64'h69966996_ff00ff00 :
                                 KIND == "1" ? 64'h17e817e8_ff00ff00 :
                                 KIND == "2" ? 64'h66666666_aaaaaaaa : 64'h69966996_e8e8e8e8;
        wire [4:0] a;
        wire       last;
        if (KIND == "6") begin : six
          assign a = bits[6*i +: 5];
          assign last = bits[6*i+5];
        end else if (KIND == "0") begin : carries_of_six
          assign a = bits[6*BELOW +: 5];
          assign last = 1'b1;
        end else if (KIND == "1") begin : carries_of_four
          assign a = {1'b0, bits[6*i], bits[6*BELOW +: 3]};
          assign last = 1'b1;
        end else if (KIND == "2") begin : two
          assign a = {3'd0, bits[6*i +: 2]};
          assign last = 1'b1;
        end else begin : four
          assign a = {1'b0, bits[6*i +: 4]};
          assign last = 1'b1;
        end
        LUT6_2 #(.INIT(INIT)) u_lut (
          .I0(a[0]), .I1(a[1]), .I2(a[2]), .I3(a[3]), .I4(a[4]), .I5(last), .O6(s[i]), .O5(o5[i]));
        if (KIND == "c") begin : compressor
          assign di[i] = bits[6*i+3];
          assign z[i] = o5[i];
        end else begin : counter
          assign di[i] = o5[i];
          assign z[i] = 1'b0;
        end
      end
      elb_carry #(.POSITIONS(POSITIONS)) u_carry (.s(s), .di(di), .ci(carry_in), .o(y[POSITIONS-1:0]), .co(co));
      if (TOP == "6" || TOP == "4") begin : cut
        assign y[POSITIONS] = 1'b0;
      end else begin : whole
        assign y[POSITIONS] = co;
      end
    end
  endgenerate
endmodule
`default_nettype wire
