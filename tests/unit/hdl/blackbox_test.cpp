#include "hdl/blackbox.hpp"

#include "base/text.hpp"
#include "hdl/design.hpp"
#include "support/catch.hpp"
#include "unit/hdl/tools.hpp"

using namespace elb;
using namespace elb::hdl;

namespace {

const std::string kLeaves = std::string(ELB_SOURCE_ROOT) + "/tests/unit/hdl/leaves";

}  // namespace

TEST_CASE("a leaf is instantiated with its parameters, clock and widths") {
  Design d;
  const Leaf& leaf = d.leaf(kLeaves, "elb_test_leaf");
  Module& m = d.module("elb_t");
  const Sig a = m.input("a", s(12)), b = m.input("b", u(12));
  const Instance i = m.instance(leaf, "u_leaf", {{"WIDTH", int64_t{12}}, {"EXTRA", int64_t{2}}});
  i.in("a", a).in("b", b);
  const Sig sum = i.out("sum");
  CHECK(sum.shape() == u(14));
  m.output("y", sum);
  const auto files = d.emit();
  CHECK(files.at("elb_t.v").find(
            "elb_test_leaf #(.WIDTH(12), .EXTRA(2)) u_leaf (\n    .clk(clk),\n    .a(a),\n    .b(b),\n") !=
        std::string::npos);
  REQUIRE(d.sources().leaves == std::vector<std::string>{kLeaves + "/elb_test_leaf.v"});
  CHECK(d.sources(Bodies::mapped, "xc7").leaves == d.sources().leaves);  // it has no body of its own there
  const test::Scratch dir;
  dir.write(files);
  dir.write({{"leaf.v", read_file(d.sources().leaves[0])}});
  CHECK(dir.run("iverilog -g2005 -Wall -s elb_t -o x.vvp elb_t.v leaf.v") == "");
}

TEST_CASE("width expressions are sums and products of parameters") {
  const Leaf leaf{
      .module = "x", .source = "", .parameters = {{"A", int64_t{3}}, {"B", int64_t{4}}}, .ports = {}};
  const auto width = [&](const std::string& text) {
    return leaf_port_width(leaf, {.name = "p", .width = text}, {{"B", int64_t{5}}});
  };
  CHECK(width("7") == 7);
  CHECK(width("A*B+1") == 16);
  CHECK(width("2 * (A + B) - 1") == 15);
  CHECK(width("C") == 0);
  CHECK(width("A+") == 0);
  CHECK(width("A-B") == 0);
}

TEST_CASE("an unknown leaf, port or parameter is a located mistake") {
  Design d;
  const Leaf& leaf = d.leaf(kLeaves, "elb_test_leaf");
  d.leaf(kLeaves, "elb_no_such_leaf");
  Module& m = d.module("elb_t");
  const Instance i = m.instance(leaf, "u_leaf", {{"WIDE", int64_t{12}}});
  i.in("a", 0).in("b", 0);
  m.output("y", i.out("some"));
  std::string codes;
  for (const Diag& e : d.check().all()) codes += e.code + " ";
  CHECK(codes == "io-read hdl-unknown-port hdl-unknown-port ");
}
