// elb_memories
//   source  emit_test.cpp   elbgen 0.1.0
`default_nettype none
module elb_memories #(
  parameter MEM_DIR = "mem/"
) (
  input  wire               clk,
  input  wire               we,     // emit_test.cpp:49
  input  wire         [9:0] a,      // emit_test.cpp:49
  input  wire        [35:0] d,      // emit_test.cpp:49
  input  wire               re,     // emit_test.cpp:50
  output wire        [35:0] q,      // emit_test.cpp:58
  output wire signed  [8:0] step,   // emit_test.cpp:64
  output wire         [3:0] fixed,  // emit_test.cpp:67
  output wire         [3:0] least   // emit_test.cpp:70
);

  (* ram_style = "block" *)
  reg [35:0] weights [0:999];  // emit_test.cpp:51
  reg [35:0] _weights_q_read;  // emit_test.cpp:58
  reg [35:0] _weights_q_written;
  reg _weights_q_hit;
  wire [35:0] weights_q = _weights_q_hit ? _weights_q_written : _weights_q_read;
  initial $readmemh({MEM_DIR, "conv1_w.mem"}, weights);

  (* rom_style = "block" *)
  reg [8:0] steps [0:599];  // emit_test.cpp:59
  reg signed [8:0] steps_q;  // emit_test.cpp:64
  initial $readmemh({MEM_DIR, "steps.mem"}, steps);

  reg [3:0] table_q [0:2];  // emit_test.cpp:66
  initial begin
    table_q[0] = 4'd9;
    table_q[1] = 4'd2;
    table_q[2] = 4'd0;
  end

  (* ram_style = "distributed" *)
  reg [3:0] lut [0:0];  // emit_test.cpp:68

  wire [1:0] _fixed_q_address = 2'd1;
  wire [3:0] fixed_q = table_q[_fixed_q_address];  // emit_test.cpp:67
  wire _lut_q_0 = a[0];  // emit_test.cpp:70
  wire [3:0] lut_q = lut[_lut_q_0];  // emit_test.cpp:70

  always @(posedge clk) if (we) weights[a] <= d;
  always @(posedge clk) if (re) _weights_q_read <= weights[a];
  always @(posedge clk) if (re) _weights_q_written <= d;
  always @(posedge clk) if (re) _weights_q_hit <= we & (a == a);

  always @(posedge clk) steps_q <= steps[a];

  wire _lut_write_address = 1'd0;
  always @(posedge clk) if (we) lut[_lut_write_address] <= d[3:0];

  assign q = weights_q;
  assign step = steps_q;
  assign fixed = fixed_q;
  assign least = lut_q;

endmodule

`default_nettype wire
