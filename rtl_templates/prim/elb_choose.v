// Word s of d: a tree of choices by the bits of s, lowest first; a level of odd length passes its last word on.
//
// This is the behavioural twin; elb_choose_xc7.v is the same in LUT6_2 (two words: two bits in one), LUT6, MUXF7 and MUXF8.
`default_nettype none
module elb_choose #(
  parameter WAYS = 4,  // 2 to 64
  parameter BITS = 8
) (
  input  wire [WAYS*BITS-1:0] d,
  input  wire [5:0]           s,
  output wire [BITS-1:0]      y
);
  function chosen(input [WAYS-1:0] words, input [5:0] select);
    integer level, i, n;
    reg [63:0] left;
    begin
      left = {{(64-WAYS){1'b0}}, words};
      n = WAYS;
      for (level = 0; level < 6; level = level + 1) begin
        for (i = 0; i < 32; i = i + 1) begin
          if (2*i + 1 < n)
            left[i] = select[level] ? left[2*i+1] : left[2*i];
          else if (2*i < n)
            left[i] = left[2*i];
        end
        n = (n + 1) / 2;
      end
      chosen = left[0];
    end
  endfunction

  genvar b, w;
  generate
    for (b = 0; b < BITS; b = b + 1) begin : lane
      wire [WAYS-1:0] words;
      for (w = 0; w < WAYS; w = w + 1) begin : way
        assign words[w] = d[w*BITS+b];
      end
      assign y[b] = chosen(words, s);
    end
  endgenerate
endmodule
`default_nettype wire
