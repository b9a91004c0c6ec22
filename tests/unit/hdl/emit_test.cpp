// The look of the Verilog, and that three tools accept it without a word.
#include <fmt/format.h>

#include "hdl/component.hpp"
#include "hdl/emit/print.hpp"
#include "support/catch.hpp"
#include "unit/hdl/tools.hpp"

using namespace elb;
using namespace elb::hdl;

namespace {

struct Accumulate {
  struct Params {
    int bits = 6;
    bool operator==(const Params&) const = default;
  };
  struct In {
    Sig en, x;
  };
  struct Out {
    Sig y;
  };
  static std::string name(const Params& p) { return fmt::format("elb_accumulate_b{}", p.bits); }
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    io.in("en", &In::en, u(1));
    io.in("x", &In::x, s(p.bits));
    io.out("y", &Out::y, s(8));
  }
  static Out build(Module& m, const Params& p, const In& in) {
    m.doc({.purpose = "running sum of x, saturated",
           .params = fmt::format("bits={}", p.bits),
           .latency = 1,
           .interval = 1,
           .notes = {"acc[t+1] = acc[t] + x[t] when en"}});
    const Reg acc = m.reg("acc", s(12));
    const Reg seen = m.reg("seen_q", u(3), {.reset = std::nullopt});
    m.when(in.en, [&] {
       acc.next((acc + in.x).trunc(12));
       m.when(in.x.msb(), [&] { seen.next((seen + 1).trunc(3)); }).otherwise([&] { seen.next(0); });
     }).otherwise_when(in.x == 0, [&] { acc.next(0); });
    return {.y = mux(seen == 5, acc.sat(s(8)), in.x)};
  }
};

void build_memories(Module& m) {
  const Sig we = m.input("we", u(1)), a = m.input("a", u(10)), d = m.input("d", u(36)),
            re = m.input("re", u(1));
  const Ram w = m.ram("weights", {.depth = 1000,
                                  .word = u(36),
                                  .style = RamStyle::block,
                                  .ruw = ReadUnderWrite::new_value,
                                  .init_file = "conv1_w.mem",
                                  .init = {Bits::from_int(36, 0x123456789), Bits::from_int(36, -1)}});
  w.write(we, a, d);
  m.output("q", w.read("weights_q", re, a));
  const Ram rom = m.ram("steps", {.depth = 600,
                                  .word = s(9),
                                  .style = RamStyle::block,
                                  .init_file = "steps.mem",
                                  .init = {Bits::from_int(9, -3)}});
  m.output("step", rom.read("steps_q", 1, a));
  const Ram table =
      m.ram("table_q", {.depth = 3, .word = u(4), .init = {Bits::from_int(4, 9), Bits::from_int(4, 2)}});
  m.output("fixed", table.read_async("fixed_q", 1));
  const Ram lut = m.ram("lut", {.depth = 1, .word = u(4), .style = RamStyle::distributed});
  lut.write(we, 0, d.trunc(4));
  m.output("least", lut.read_async("lut_q", a[0]));
}

void build_top(Design& d) {
  Module& m = d.module("elb_demo", {.clock = "aclk", .reset = "aresetn", .reset_active_low = true});
  const Stream in = m.stream_in("s_axis", {.data = u(8), .last = true});
  const StreamSink out = m.stream_out("m_axis", {.data = s(8), .last = true});
  out.connect(in.fifo(5).map(s(8), [&](const Sig& p) {
    return instantiate<Accumulate>(m, "u_acc", {.bits = 6}, {.en = m.lit(1, u(1)), .x = (p.slice(0, 5) - 9)})
        .y;
  }));
  m.output("count", m.delay("seen", in.fire(), 2));
}

}  // namespace

TEST_CASE("a component looks as expected") {
  Design d({.build_twice = true});
  component_module<Accumulate>(d, {.bits = 6});
  CHECK(test::matches_expectation("accumulate.v", d.emit().at("elb_accumulate_b6.v")));
  CHECK(test::lint(d, "elb_accumulate_b6") == "");
}

TEST_CASE("memories look as expected, and their contents are written beside them") {
  Design d;
  build_memories(d.module("elb_memories"));
  const auto files = d.emit();
  CHECK(test::matches_expectation("memories.v", files.at("elb_memories.v")));
  CHECK(test::lint(d, "elb_memories") == "");
  const auto mems = d.mem_files();
  REQUIRE(mems.size() == 2);
  CHECK(mems.at("conv1_w.mem").substr(0, 30) == "123456789\nfffffffff\n000000000\n");
  CHECK(mems.at("steps.mem").substr(0, 8) == "1fd\n000\n");
}

TEST_CASE("a top level with aclk and aresetn passes clk and rst down") {
  Design d({.build_twice = true});
  build_top(d);
  const auto files = d.emit();
  CHECK(test::matches_expectation("top.v", files.at("elb_demo.v")));
  CHECK(test::lint(d, "elb_demo") == "");
}

TEST_CASE("the same description gives the same bytes") {
  Design a, b;
  build_top(a);
  build_memories(a.module("elb_memories"));
  build_top(b);
  build_memories(b.module("elb_memories"));
  CHECK(a.emit() == b.emit());
}

TEST_CASE("a change in one place renames nothing elsewhere") {
  const auto build = [](bool more) {
    Design d({.locations = false});
    Module& m = d.module("elb_t");
    const Sig a = m.input("a", u(8)), b = m.input("b", u(8));
    m.output("before", more ? ((a * b + 1) * a).slice(3, 4) : a.slice(3, 4));
    m.output("after", ((a + b) * b).slice(2, 5));
    const std::string text = d.emit().at("elb_t.v");
    const size_t at = text.find("_after_0");
    return text.substr(at, text.find('\n', at) - at) + text.substr(text.find("assign after"), 40);
  };
  CHECK(build(false) == build(true));
}

TEST_CASE("constants are sized and signed as their signal is") {
  CHECK(print_constant(Bits::from_int(4, 9), false) == "4'd9");
  CHECK(print_constant(Bits::from_int(4, 5), true) == "4'sd5");
  CHECK(print_constant(Bits::from_int(4, -3), true) == "-4'sd3");
  CHECK(print_constant(Bits::from_int(4, -8), true) == "4'sh8");
  CHECK(print_constant(Bits::from_int(40, -1), false) == "40'hffffffffff");
  CHECK(print_constant(Bits(4096), false) == "4096'd0");
  CHECK(print_constant(Bits::from_int(300, -1), false) ==
        "{44'hfffffffffff, 256'h" + std::string(64, 'f') + "}");
}

TEST_CASE("lines break at spaces before column 100 and keep their comment") {
  const std::string part(40, 'a');
  const std::string text = wrap(2, "wire x = {" + part + ", " + part + ", " + part + "};", "a.cpp:1");
  CHECK(text == "  wire x = {" + part + ", " + part + ",\n      " + part + "};  // a.cpp:1\n");
  CHECK(wrap(2, "wire x = y;", "a.cpp:1") == "  wire x = y;  // a.cpp:1\n");
  CHECK(wrap(2, "wire x = " + std::string(85, 'y') + ";", "a.cpp:1") ==
        "  wire x = " + std::string(85, 'y') + ";\n  // a.cpp:1\n");
}

TEST_CASE("sums are computed only as wide as they are looked at") {
  Design d({.locations = false});
  Module& m = d.module("elb_t");
  const Sig a = m.input("a", s(8)), b = m.input("b", s(8));
  m.output("y", (a + b).trunc(8));
  m.output("z", mux(a[0], a - b, -b).trunc(6));
  const std::string text = d.emit().at("elb_t.v");
  CHECK(text.find("assign y = a + b;") != std::string::npos);
  CHECK(text.find("assign z = a[0] ? a[5:0] - b[5:0] : -b[5:0];") != std::string::npos);
  CHECK(test::lint(d, "elb_t") == "");
}

TEST_CASE("what nobody reads ends in one sink, what nobody needs is gone") {
  Design d({.locations = false});
  Module& m = d.module("elb_t");
  const Sig a = m.input("a", u(8)), b = m.input("b", u(8));
  const Reg dead = m.reg("dead_q", u(8));
  dead.next(a);
  m.output("y", a.slice(2, 3));
  const std::string text = d.emit().at("elb_t.v");
  CHECK(text.find("wire _unused = &{1'd0, a[1:0], a[7:5], b};") != std::string::npos);
  CHECK(text.find("dead_q") == std::string::npos);
  CHECK(test::lint(d, "elb_t") == "");
  (void)b;
}

TEST_CASE("wide words are cut into lanes without intermediate names") {
  Design d({.locations = false});
  Module& m = d.module("elb_t");
  const Sig w = m.input("w", u(4096)), sel = m.input("sel", u(7));
  const std::vector<Sig> words = lanes(w, 32);
  REQUIRE(words.size() == 128);
  m.output("lane", index(words, sel));
  m.output("same", pack(words));
  m.output("part", w.slice(34, 4));
  const std::string text = d.emit().at("elb_t.v");
  CHECK(text.find("assign same = w;") != std::string::npos);
  CHECK(text.find("assign part = w[37:34];") != std::string::npos);
  CHECK(test::lint(d, "elb_t") == "");
}

TEST_CASE("200,000 nodes take well under a second") {
  Design d;
  for (int k = 0; k < 10; ++k) {
    Module& m = d.module(fmt::format("elb_big{}", k));
    const Sig x = m.input("x", u(2048)), w = m.input("w", u(4096));
    std::vector<Sig> sums;
    for (int p = 0; p < 8; ++p) {
      std::vector<Sig> terms;
      for (int i = 0; i < 256; ++i) {
        const Sig sel = w.slice(512 * p + 2 * i, 2);
        terms.push_back((x.lane(i, 4) ^ replicate(sel[0], 4)) & replicate(sel[1], 4));
      }
      sums.push_back(sum(terms));
    }
    m.output("y", sum(sums));
  }
  size_t nodes = 0;
  for (const auto& m : d.modules()) nodes += m->graph().nodes.size();
  CHECK(nodes > 200000);
  const clock_t start = clock();
  const auto files = d.emit();
  const double seconds = static_cast<double>(clock() - start) / CLOCKS_PER_SEC;
  CHECK(files.size() == 10);
  CHECK(seconds < 1.0);
}

TEST_CASE("memories load their contents, bypass what is written and hold while not enabled") {
  Design d;
  build_memories(d.module("elb_memories"));
  const std::string said = test::simulate(d, R"(`timescale 1ns/1ns
module tb;
  reg clk = 0, we = 0, re = 1;
  reg [9:0] a = 0;
  reg [35:0] d = 0;
  wire [35:0] q;
  wire signed [8:0] step;
  wire [3:0] fixed, least;
  elb_memories u (.clk(clk), .we(we), .a(a), .d(d), .re(re), .q(q), .step(step), .fixed(fixed), .least(least));
  task tick; begin #1 clk = 1; #1 clk = 0; end endtask
  initial begin
    tick; if (q !== 36'h123456789 || step !== -3 || fixed !== 2) $display("contents: %h %d %d", q, step, fixed);
    a = 1; tick; if (q !== 36'hfffffffff || step !== 0) $display("second word: %h %d", q, step);
    we = 1; d = 36'hc; tick; if (q !== 36'hc) $display("bypass: %h", q);
    we = 0; tick; if (q !== 36'hc) $display("stored: %h", q);
    re = 0; a = 0; tick; if (q !== 36'hc) $display("held: %h", q);
    re = 1; tick; if (q !== 36'h123456789) $display("back: %h", q);
    $display("done");
  end
endmodule
)");
  CHECK(said == "done\n");
}

TEST_CASE("block memories and ROMs become block RAM in yosys") {
  Design d;
  Module& m = d.module("elb_m");
  const Sig a = m.input("a", u(10)), x = m.input("x", u(36)), e = m.input("e", u(1)), b = m.input("b", u(10));
  const Ram ram = m.ram(
      "ram", {.depth = 1024, .word = u(36), .style = RamStyle::block, .ruw = ReadUnderWrite::new_value});
  ram.write(e, a, x);
  m.output("q", ram.read("ram_q", 1, b));
  std::vector<Bits> words;
  for (int i = 0; i < 1024; ++i) words.push_back(Bits::from_int(18, i * 40503 >> 3));
  const Ram rom = m.ram(
      "rom", {.depth = 1024, .word = u(18), .style = RamStyle::block, .init_file = "rom.mem", .init = words});
  m.output("r", rom.read("rom_q", 1, a));
  const Ram lut = m.ram("lut", {.depth = 32, .word = u(6), .style = RamStyle::distributed});
  lut.write(e, a.trunc(5), x.trunc(6));
  m.output("l", lut.read_async("lut_q", a.trunc(5)));
  const test::Scratch dir;
  dir.write(d.emit());
  for (const auto& [name, text] : d.mem_files()) dir.write({{"mem/" + name, text}});
  const std::string said = dir.run(
      "yosys -q -p 'read_verilog elb_m.v; synth_xilinx -top elb_m -flatten -run begin:map_ffs; tee -o "
      "stat.txt stat' "
      "> log.txt; grep -oE '(RAMB18E1|RAMB36E1|RAM32M) +[0-9]+' stat.txt | tr -s ' '");
  CHECK(said == "RAM32M 1\nRAMB18E1 1\nRAMB36E1 1\n");
}
