// Sum of bits of several weights: a chain of generalized parallel counters, y + 2 z = carry_in + sum of 2^i * n_i.
//
// Position i has the weight 2^i and takes n_i bits from bits[6*i +: 6], the lowest first. KINDS has a character per position,
// the highest position first, so that it reads like the name of a counter: "0606" is (0,6,0,6;5).
//   "6" six bits, "4" four; their carries take the position above, which is "0" (no bits of its own) or "1" (one)
//   "2" two bits
//   "c" four bits, sum and a second carry: z[i] is the majority of the lower three, of weight 2^(i+1); carry_in 0 below a "c"
// A "6" or "4" in the highest position has lost its carries: y[POSITIONS] is 0 then.
//
// This is the behavioural twin; elb_compress_xc7.v is the same in one LUT6_2 per position and a carry chain.
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
  localparam WIDTH = POSITIONS + 3;
  localparam [7:0] TOP = KINDS[8*POSITIONS-1 -: 8];

  // What position i adds, in units of 2^i.
  function [2:0] added(input [7:0] kind, input [5:0] b);
    case (kind)
      "6": added = {2'd0, b[0]} + {2'd0, b[1]} + {2'd0, b[2]} + {2'd0, b[3]} + {2'd0, b[4]} + {2'd0, b[5]};
      "4": added = {2'd0, b[0]} + {2'd0, b[1]} + {2'd0, b[2]} + {2'd0, b[3]};
      "2": added = {2'd0, b[0]} + {2'd0, b[1]};
      "1": added = {2'd0, b[0]};
      "c": added = {2'd0, b[0] ^ b[1] ^ b[2]} + {2'd0, b[3]};
      default: added = 3'd0;
    endcase
  endfunction
  function [WIDTH-1:0] total(input [6*POSITIONS-1:0] b, input c);
    integer i;
    begin
      total = {{(WIDTH-1){1'b0}}, c};
      for (i = 0; i < POSITIONS; i = i + 1)
        total = total + ({{POSITIONS{1'b0}}, added(KINDS[8*i +: 8], b[6*i +: 6])} << i);
    end
  endfunction

  wire [WIDTH-1:0] sum = total(bits, carry_in);
  wire             cut = TOP == "6" || TOP == "4";
  assign y = {sum[POSITIONS] & ~cut, sum[POSITIONS-1:0]};

  genvar i;
  generate
    for (i = 0; i < POSITIONS; i = i + 1) begin : position
      localparam [7:0] KIND = KINDS[8*i +: 8];
      localparam [7:0] BELOW = i == 0 ? "2" : KINDS[8*(i == 0 ? 0 : i - 1) +: 8];
      wire [2:0] b = bits[6*i +: 3];
      assign z[i] = KIND == "c" ? (b[0] & b[1]) | (b[0] & b[2]) | (b[1] & b[2]) : 1'b0;
      if ((BELOW == "6") != (KIND == "0") || (BELOW == "4") != (KIND == "1")
          || (KIND != "0" && KIND != "1" && KIND != "2" && KIND != "4" && KIND != "6" && KIND != "c")) begin : refused
        elb_compress_no_such_kinds u_rule ();
      end
    end
  endgenerate
  wire _unused = &{1'b0, bits, sum[WIDTH-1:POSITIONS+1]};
endmodule
`default_nettype wire
