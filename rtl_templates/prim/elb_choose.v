// Word s of d: a tree of choices by the bits of s, lowest first; a level of odd length passes its last word on.
//
// This is the behavioural twin, which walks the tree from its root to the word; elb_choose_xc7.v is the same in LUT6_2 (two
// words: two bits in one), LUT6, MUXF7 and MUXF8.
`default_nettype none
module elb_choose #(
  parameter WAYS = 4,  // 2 to 64
  parameter BITS = 8
) (
  input  wire [WAYS*BITS-1:0] d,
  input  wire [5:0]           s,
  output wire [BITS-1:0]      y
);
  function integer chosen(input [5:0] select);
    integer level;
    begin
      chosen = 0;
      for (level = 5; level >= 0; level = level - 1) begin
        chosen = 2*chosen;
        if (select[level] && ((chosen + 1) << level) < WAYS)
          chosen = chosen + 1;
      end
    end
  endfunction

  wire [31:0] low = chosen(s) * BITS;
  assign y = d[low +: BITS];
  wire _unused = &{1'b0, low};
endmodule
`default_nettype wire
