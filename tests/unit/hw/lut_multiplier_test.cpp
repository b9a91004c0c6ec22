#include "hw/lut_multiplier.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "arith_case.hpp"
#include "base/text.hpp"
#include "support/catch.hpp"

namespace elb::test {
namespace {

using namespace hdl;
using spec::LutMultiplierParams;

int product_width(const LutMultiplierParams& p) {
  return p.act_bits + p.weight_bits + p.lanes - 1;
}

// A multiplier with its operands prepared and its bits added up.
struct Product {
  using Params = LutMultiplierParams;
  struct In {
    Sig act, wgt;
  };
  struct Out {
    Sig product;
  };
  static std::string name(const Params& p) {
    return fmt::format("product_l{}_a{}_w{}_r{}", p.lanes, p.act_bits, p.weight_bits, p.most_steps);
  }
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    io.in("act", &In::act, u(p.lanes * p.act_bits));
    io.in("wgt", &In::wgt, u(p.lanes * p.weight_bits));
    io.out("product", &Out::product, u(product_width(p)));
  }
  static Out build(Module& m, const Params& p, const In& in) {
    const Sig act = hw::prepare_activations(m, "act", p, in.act);
    const Sig wgt = hw::skew_weights(m, "wgt", p, in.wgt);
    const Sig bits = instantiate<hw::LutMultiplier>(m, "u_mul", p, {.act = act, .wgt = wgt}).product;
    const int width = product_width(p);
    const std::vector<spec::ProductBit> places = spec::product_bits(p);
    std::vector<Sig> terms{m.lit(spec::product_constant(p), s(width + 1)).trunc(width).as_unsigned()};
    for (int i = 0; i < bits.width(); ++i) {
      const auto [weight, cycle] = places.at(i);
      if (weight >= width) continue;
      const Sig bit = m.delay(fmt::format("bit_{}", i), bits[i], spec::latency(p) - cycle);
      terms.push_back(weight > 0 ? bit.shl(weight) : bit);
    }
    return {sum(terms).trunc(width)};
  }
};

// What a pixel and a kernel hold back, alone.
struct Operands {
  using Params = LutMultiplierParams;
  using In = Product::In;
  struct Out {
    Sig act, wgt;
  };
  static std::string name(const Params& p) { return "operands_" + Product::name(p); }
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    io.in("act", &In::act, u(p.lanes * p.act_bits));
    io.in("wgt", &In::wgt, u(p.lanes * p.weight_bits));
    io.out("act_out", &Out::act, u(spec::prepared_bits(p)));
    io.out("wgt_out", &Out::wgt, u(p.lanes * p.weight_bits));
  }
  static Out build(Module& m, const Params& p, const In& in) {
    const Sig act = hw::prepare_activations(m, "act", p, in.act);
    const Sig wgt = hw::skew_weights(m, "wgt", p, in.wgt);
    return {.act = act, .wgt = wgt};
  }
};

std::vector<LutMultiplierParams> all_params() {
  std::vector<LutMultiplierParams> all;
  for (int lanes = 1; lanes <= 2; ++lanes) {
    for (int n = 2; n <= 8; ++n) {
      for (int a = 1; a <= 8; ++a) {
        all.push_back({.lanes = lanes, .act_bits = a, .weight_bits = n});
        if (a == n) all.push_back({.lanes = lanes, .act_bits = a, .weight_bits = n, .most_steps = 2 + n % 3});
      }
    }
  }
  return all;
}

// Operands of cycle `n`, a 32-bit expression: {w1, w0, e1, e0}. One lane takes all its values; of two lanes
// all together where that is 2^16 at most, else each all its values beside a scrambled one of the other.
std::string operands(const LutMultiplierParams& p, const std::string& n) {
  const int lane = p.act_bits + p.weight_bits;
  if (p.lanes == 1) return fmt::format("{}[{}:0]", n, lane - 1);
  if (lane <= 8) return fmt::format("{}[{}:0]", n, 2 * lane - 1);
  const std::string mixed = fmt::format("mix_{}", n);
  return fmt::format(
      "({0}[16] ? {{{1}[{2}-:{3}], {0}[{4}:{5}], {1}[15-:{6}], {0}[{7}:0]}} : "
      "{{{0}[{4}:{5}], {1}[{2}-:{3}], {0}[{7}:0], {1}[15-:{6}]}})",
      n, mixed, 31, p.weight_bits, lane - 1, p.act_bits, p.act_bits, p.act_bits - 1);
}

// Compares all of them with Verilog's own products in every cycle.
std::string bench_text(const std::vector<LutMultiplierParams>& all) {
  std::string t =
      "module bench;\n  reg clk = 0;\n  reg rst = 1;\n  reg [31:0] n = 0;\n  integer wrong = 0;\n"
      "  wire [31:0] mix_n = n * 32'h9e3779b1;\n";
  for (int l = 1; l <= 8; ++l)
    t += fmt::format("  wire [31:0] n{0} = n - {0};\n  wire [31:0] mix_n{0} = n{0} * 32'h9e3779b1;\n", l);
  for (size_t i = 0; i < all.size(); ++i) {
    const LutMultiplierParams& p = all[i];
    const int a = p.act_bits, w = p.weight_bits, lanes = p.lanes, acts = lanes * a;
    const int bits = lanes * (a + w), out = product_width(p);
    t +=
        fmt::format("  wire [{}:0] in_{}, was_{};\n  wire signed [{}:0] p_{};\n", bits - 1, i, i, out - 1, i);
    t += fmt::format("  assign in_{} = {};\n", i, operands(p, "n"));
    t += fmt::format("  assign was_{} = {};\n", i, operands(p, fmt::format("n{}", spec::latency(p))));
    t += fmt::format(
        "  {} u_{}(.clk(clk), .rst(rst), .act(in_{}[{}:0]), .wgt(in_{}[{}:{}]), .product(p_{}));\n",
        Product::name(p), i, i, acts - 1, i, bits - 1, acts, i);
    std::string expected;
    for (int l = 0; l < lanes; ++l)
      expected += fmt::format("{}$signed(was_{}[{}+:{}]) * $signed({{1'b0, was_{}[{}+:{}]}})", l ? " + " : "",
                              i, acts + l * w, w, i, l * a, a);
    t += fmt::format("  wire signed [{}:0] x_{} = {};\n", out - 1, i, expected);
    t += fmt::format(
        "  always @(posedge clk) if (n > 32 && p_{0} !== x_{0}) begin wrong <= wrong + 1;\n"
        "    if (wrong < 5) $display(\"{1} %h: %0d, expected %0d\", was_{0}, p_{0}, x_{0}); end\n",
        i, Product::name(p));
  }
  t += "  always @(posedge clk) begin n <= n + 1; rst <= n < 8; end\n"
       "  initial begin repeat (2 * 131072 + 200) #1 clk = ~clk;\n"
       "    if (wrong == 0) $display(\"%0d cycles agree\", n);\n    $finish;\n  end\nendmodule\n";
  return t;
}

// A site per LUT, and registers, by yosys' count of the bodies.
std::string synthesised(const VerilogBench& bench, const hdl::Design& d, const std::string& top) {
  std::string bodies;
  for (const std::string& file : d.sources(hdl::Bodies::mapped, "xc7").leaves) bodies += " " + file;
  const std::string tools = std::filesystem::path(d.sources().leaves.front()).parent_path() / "../../tools";
  bench.shell(
      fmt::format("yosys -q -p \"read_verilog {0}.v {1}; synth_xilinx -family xc7 -flatten -noiopad "
                  "-top {0}; write_json {0}.json\"",
                  top, bodies));
  return bench.shell(
      fmt::format("python3 -B -c \"import json, sys; sys.path.insert(0, '{}'); import sites; "
                  "c = sites.count(json.load(open('{}.json')), '{}'); "
                  "print(c['sites'], c['srl'], c['ff'])\"",
                  tools, top, top));
}

}  // namespace

TEST_CASE("products of all widths agree with integers, exhaustively per lane") {
  hdl::Design d;
  for (const LutMultiplierParams& p : all_params()) hdl::component_module<Product>(d, p);
  VerilogBench bench(d);
  std::ofstream(bench.dir() / "bench.v") << bench_text(all_params());
  bench.shell(
      "verilator --binary -O3 -Wno-lint -Wno-fatal -CFLAGS -O1 --top-module bench -f filelist.f bench.v "
      "> log 2>&1 || (cat log; exit 1)");
  const std::string said = bench.shell("./obj_dir/Vbench");
  INFO(said);
  CHECK(said.find("cycles agree") != std::string::npos);
}

TEST_CASE("multipliers take the sites and registers that are planned, and lint silently") {
  hdl::Design d;
  std::vector<LutMultiplierParams> some;
  for (const auto& [a, n] : {std::pair{8, 8}, {1, 2}, {3, 7}}) {
    for (int lanes = 1; lanes <= 2; ++lanes) {
      some.push_back({.lanes = lanes, .act_bits = a, .weight_bits = n});
      hdl::component_module<hw::LutMultiplier>(d, some.back());
      hdl::component_module<Operands>(d, some.back());
    }
  }
  VerilogBench bench(d);
  for (const LutMultiplierParams& p : some) {
    const auto said = [](const spec::Resources& r) { return fmt::format("{} 0 {}\n", r.lut, r.ff); };
    INFO(Product::name(p));
    CHECK(synthesised(bench, d, hw::LutMultiplier::name(p)) == said(cost(p)));
    CHECK(synthesised(bench, d, Operands::name(p)) == said(activations_cost(p) + weights_cost(p)));
  }
  lint_all(bench);
}

}  // namespace elb::test
