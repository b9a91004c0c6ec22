// elb_choose for 7-series and UltraScale. Two words: a LUT6_2 for two bits, which share the select. More: blocks of up to 16
// words (elb_choose_block), and a LUT6 behind two to four of them.
`default_nettype none
module elb_choose #(
  parameter WAYS = 4,  // 2 to 64
  parameter BITS = 8
) (
  input  wire [WAYS*BITS-1:0] d,
  input  wire [5:0]           s,
  output wire [BITS-1:0]      y
);
  localparam BLOCKS = (WAYS + 15) / 16;

  genvar b, k, w;
  generate
    if (WAYS == 2) begin : two
      for (b = 0; b < BITS; b = b + 2) begin : pair
        localparam OTHER = b + 1 < BITS ? b + 1 : b;
        wire [1:0] o;
        LUT6_2 #(.INIT(64'hff00cccc_f0f0aaaa)) u_lut (
          .I0(d[b]), .I1(d[OTHER]), .I2(d[BITS+b]), .I3(d[BITS+OTHER]), .I4(s[0]), .I5(1'b1), .O6(o[1]), .O5(o[0]));
        assign y[b] = o[0];
        if (OTHER != b) begin : second
          assign y[OTHER] = o[1];
        end
      end
    end else begin : many
      for (b = 0; b < BITS; b = b + 1) begin : lane
        wire [BLOCKS-1:0] block;
        for (k = 0; k < BLOCKS; k = k + 1) begin : of
          localparam N = WAYS - 16*k < 16 ? WAYS - 16*k : 16;
          wire [N-1:0] words;
          for (w = 0; w < N; w = w + 1) begin : way
            assign words[w] = d[(16*k+w)*BITS+b];
          end
          elb_choose_block #(.WAYS(N)) u_block (.d(words), .s(s[3:0]), .y(block[k]));
        end
        elb_choose_block #(.WAYS(BLOCKS)) u_last (.d(block), .s({2'd0, s[5:4]}), .y(y[b]));
      end
    end
  endgenerate
endmodule
`default_nettype wire
