// elb_at_least_entry for 7-series and UltraScale: LUTs that compare and hold the constants, and a carry chain.
//
// A position takes 5 - ADDRESS bits of t (at least one) and the address: S (O6) says that they are equal to the entry's, DI (O5)
// that they are greater. With five address bits the LUT has no room for both; DI is then the bit itself, which is greater where
// it is not equal (a sign bit inverted).
`default_nettype none
module elb_at_least_entry #(
  parameter WIDTH = 8,
  parameter SIGNED = 0,
  parameter ADDRESS = 1,
  parameter [(WIDTH<<ADDRESS)-1:0] POINTS = 1
) (
  input  wire [WIDTH-1:0] t,
  input  wire [4:0]       address,
  output wire             y
);
  localparam BITS = ADDRESS < 4 ? 5 - ADDRESS : 1;
  localparam POSITIONS = (WIDTH + BITS - 1) / BITS;
  wire [POSITIONS*BITS-1:0] a;
  wire [POSITIONS-1:0]      s, di;
  assign a[WIDTH-1:0] = t;

  // Bit j of the entry in the order of unsigned numbers, 0 above.
  function point_bit(input integer entry, input integer j);
    point_bit = j < WIDTH ? POINTS[entry*WIDTH + (j < WIDTH ? j : 0)] ^ (SIGNED == 1 && j == WIDTH - 1) : 1'b0;
  endfunction
  // The LUT's lower half (greater) or upper half (equal), for the bits from `low` on; its inputs are these bits, then the address.
  function [31:0] compare(input integer low, input equal);
    integer x, j;
    reg same, more, bit_of_t, bit_of_point;
    begin
      for (x = 0; x < 32; x = x + 1) begin
        same = 1'b1;
        more = 1'b0;
        for (j = 0; j < BITS; j = j + 1) begin
          bit_of_t = ((x >> j) & 1) == (SIGNED == 1 && low + j == WIDTH - 1 ? 0 : 1);
          bit_of_point = point_bit((x >> BITS) & ((1 << ADDRESS) - 1), low + j);
          if (bit_of_t != bit_of_point) more = bit_of_t;
          same = same && bit_of_t == bit_of_point;
        end
        compare[x] = equal ? same : more;
      end
    end
  endfunction
  // S alone, over the bit and five address bits.
  function [63:0] equals(input integer low);
    integer x;
    for (x = 0; x < 64; x = x + 1) equals[x] = ((x & 1) != 0) == POINTS[((x >> 1) & ((1 << ADDRESS) - 1))*WIDTH + low];
  endfunction

  genvar i, k;
  generate
    if (POSITIONS*BITS > WIDTH) begin : rest
      assign a[POSITIONS*BITS-1:WIDTH] = {(POSITIONS*BITS-WIDTH){1'b0}};
    end
    for (i = 0; i < POSITIONS; i = i + 1) begin : position
      if (ADDRESS == 5) begin : whole
        LUT6 #(.INIT(equals(i))) u_lut (
          .I0(t[i]), .I1(address[0]), .I2(address[1]), .I3(address[2]), .I4(address[3]), .I5(address[4]), .O(s[i]));
        assign di[i] = t[i] ^ (SIGNED == 1 && i == WIDTH - 1);
      end else begin : halves
        wire [4:0] in;
        assign in[BITS-1:0] = a[BITS*i +: BITS];
        for (k = BITS; k < 5; k = k + 1) begin : select
          assign in[k] = k - BITS < ADDRESS ? address[k-BITS] : 1'b0;
        end
        LUT6_2 #(.INIT({compare(BITS*i, 1'b1), compare(BITS*i, 1'b0)})) u_lut (
          .I0(in[0]), .I1(in[1]), .I2(in[2]), .I3(in[3]), .I4(in[4]), .I5(1'b1), .O6(s[i]), .O5(di[i]));
      end
    end
  endgenerate
  elb_carry #(.POSITIONS(POSITIONS)) u_carry (.s(s), .di(di), .ci(1'b1), .o(), .co(y));
endmodule
`default_nettype wire
