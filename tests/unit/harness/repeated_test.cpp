// Which modules of a design are kept apart.
#include "sim/harness/repeated.hpp"

#include "support/catch.hpp"

using elb::harness::keep_repeated_modules;

namespace {

const char* const kDot = R"(module elb_dot (
  input  wire        clk,
  input  wire [23:0] act,  // dot.hpp:35
  input  wire signed [5:0] wgt,
  output wire  [4:0] sum
);
endmodule
)";
const char* const kArray = R"(module elb_array (
  input  wire        clk,
  input  wire [23:0] act
);
  elb_dot u_dot_p0 (
    .clk(clk)
  );
  elb_dot u_dot_p1 (
    .clk(clk)
  );
endmodule
)";

std::string top_with(int arrays) {
  std::string text = "module elb_top (\n  input  wire aclk\n);\n";
  for (int i = 0; i < arrays; ++i) text += "  elb_array u_array" + std::to_string(i) + " (\n  );\n";
  return text + "endmodule\n";
}

}  // namespace

TEST_CASE(
    "a module without instances of its own is kept apart from four instances on, through the hierarchy") {
  CHECK(keep_repeated_modules({top_with(1), kArray, kDot}, "elb_top") == "`verilator_config\n");
  CHECK(keep_repeated_modules({top_with(2), kArray, kDot}, "elb_top") ==
        "`verilator_config\n"
        "no_inline -module \"elb_dot\"\n"
        "public_flat_rd -module \"elb_dot\" -var \"act\"\n"
        "public_flat_rd -module \"elb_dot\" -var \"wgt\"\n");
}

TEST_CASE("a module with parameters is part of what it stands in") {
  const std::string leaf =
      "module elb_leaf #(\n  parameter BITS = 2\n) (\n  input  wire [BITS-1:0] x\n);\nendmodule\n";
  std::string dot = kDot;
  dot.insert(dot.find("endmodule"),
             "  elb_leaf #(.BITS(3)) u_a (\n  );\n  elb_leaf #(.BITS(4)) u_b (\n  );\n");
  CHECK(keep_repeated_modules({top_with(2), kArray, dot, leaf}, "elb_top") ==
        keep_repeated_modules({top_with(2), kArray, kDot}, "elb_top"));
}

TEST_CASE("what the top does not reach counts for nothing") {
  CHECK(keep_repeated_modules({top_with(9), kArray, kDot}, "elb_array") == "`verilator_config\n");
  CHECK(keep_repeated_modules({}, "elb_top") == "`verilator_config\n");
}
