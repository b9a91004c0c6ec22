// Comparison with one of 2^ADDRESS constants: y = t >= POINTS[address], of unsigned or (SIGNED = 1) two's complement numbers.
// Entry a stands in POINTS[a*WIDTH +: WIDTH]; ADDRESS is 0 to 5, higher bits of `address` do not count.
//
// This is the behavioural twin; elb_at_least_entry_xc7.v is the same in LUTs that hold the constants too.
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
  localparam [WIDTH:0] FLIP = SIGNED == 1 ? {2'd1, {(WIDTH-1){1'b0}}} : {(WIDTH+1){1'b0}};
  localparam [4:0] USED = ~(5'h1f << ADDRESS);
  wire [31:0] low = {27'd0, address & USED} * WIDTH;
  wire [(WIDTH<<ADDRESS)-1:0] from_entry = POINTS >> low;
  assign y = (t ^ FLIP[WIDTH-1:0]) >= (from_entry[WIDTH-1:0] ^ FLIP[WIDTH-1:0]);

  generate
    if (ADDRESS < 0 || ADDRESS > 5) begin : refused
      elb_at_least_entry_address_of_0_to_5_bits u_rule ();
    end
  endgenerate
  wire _unused = &{1'b0, address, from_entry};
endmodule
`default_nettype wire
