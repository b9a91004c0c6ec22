// Every verb against a bench that stalls both sides at random: order and values kept, valid and data held,
// full rate where promised. In Icarus, on the printed Verilog.
#include "hdl/stream.hpp"

#include <fmt/format.h>

#include "hdl/component.hpp"
#include "support/catch.hpp"
#include "unit/hdl/tools.hpp"

using namespace elb;
using namespace elb::hdl;

namespace {

// Source counts 0, 1, 2, ...; the sink expects `gain` times the count. `in` and `out`: percent of cycles in
// which a side offers or accepts. Prints what is wrong, and the cycles that 200 beats took.
std::string bench(const std::string& module, int gain, int in, int out, unsigned seed) {
  return fmt::format(R"(`timescale 1ns/1ns
module tb;
  reg clk = 0, rst = 1;
  always #5 clk = ~clk;
  reg [7:0] data = 0, expected = 0, held = 0;
  reg offer = 0, accept = 0, was_waiting = 0;
  integer seed = {4}, cycles = 0, beats = 0;
  wire [7:0] got;
  wire valid, ready;
  {0} u_dut (.clk(clk), .rst(rst), .s_tdata(data), .s_tvalid(offer), .s_tready(ready),
    .m_tdata(got), .m_tvalid(valid), .m_tready(accept));
  always @(posedge clk) begin
    if (!rst) begin
      if (offer & ready) data <= data + 1;
      if (!offer | ready) offer <= ($unsigned($random(seed)) % 100) < {2};
      accept <= ($unsigned($random(seed)) % 100) < {3};
      if (was_waiting & !valid) $display("valid fell");
      if (was_waiting & (got !== held)) $display("data changed");
      if (valid & accept) begin
        if (got !== expected) $display("beat %0d is %0d", beats, got);
        expected <= expected + {1};
        beats = beats + 1;
      end
      was_waiting <= valid & !accept;
      held <= got;
      if (beats > 0) cycles = cycles + 1;
      if (beats == 200) begin
        if ({2} == 100 && {3} == 100 && cycles > 201) $display("%0d cycles", cycles);
        $display("done");
        $finish;
      end
      if (cycles > 20000) begin
        $display("stuck");
        $finish;
      end
    end
  end
  initial begin
    repeat (3) @(posedge clk);
    rst <= 0;
    #400000 $display("timeout"); $finish;
  end
endmodule
)",
                     module, gain, in, out, seed);
}

template <class F>
void check_stream(const std::string& what, int gain, F body) {
  INFO(what);
  Design d;
  Module& m = d.module("elb_dut");
  const Stream in = m.stream_in("s", {.data = u(8)});
  const StreamSink out = m.stream_out("m", {.data = u(8)});
  out.connect(body(m, in));
  const Reg keep = m.reg("keep_q", u(1));  // so that every variant has a clock and a reset
  keep.next(in.valid());
  m.output("keep", keep);
  INFO(d.check().text());
  REQUIRE(d.check().ok());
  for (const auto& [offer, accept] :
       {std::pair(100, 100), std::pair(30, 100), std::pair(100, 30), std::pair(60, 50)}) {
    INFO("source " << offer << " %, sink " << accept << " %");
    CHECK(test::simulate(d, bench("elb_dut", gain, offer, accept, test::seed())) == "done\n");
  }
  CHECK(test::lint(d, "elb_dut") == "");
}

}  // namespace

TEST_CASE("FIFOs of any depth and style keep order and data") {
  for (int depth : {2, 3, 5, 16}) {
    for (RamStyle style : {RamStyle::distributed, RamStyle::block}) {
      check_stream(fmt::format("depth {} style {}", depth, static_cast<int>(style)), 1,
                   [&](Module&, const Stream& in) { return in.fifo(depth, style); });
    }
  }
}

TEST_CASE("register slices of every kind keep order and data at full rate") {
  for (Stream::Slice kind : {Stream::Slice::forward, Stream::Slice::backward, Stream::Slice::full}) {
    check_stream(fmt::format("kind {}", static_cast<int>(kind)), 1,
                 [&](Module&, const Stream& in) { return in.reg_slice(kind); });
  }
}

TEST_CASE("map, fork and join compose") {
  check_stream("map", 3, [](Module&, const Stream& in) {
    return in.map(u(8), [](const Sig& x) { return (x * 3).trunc(8); }).reg_slice();
  });
  for (Stream::Fork kind : {Stream::Fork::eager, Stream::Fork::lockstep}) {
    check_stream("fork and join", 2, [&](Module&, const Stream& in) {
      const std::vector<Stream> ways = in.fork(2, kind);
      return join({ways[0].fifo(2), ways[1].fifo(4)}, "both", {.data = u(8)},
                  [](const std::vector<Payload>& p) {
                    return std::vector<Sig>{(p[0].data() + p[1].data()).trunc(8)};
                  });
    });
  }
}

TEST_CASE("a FIFO of one place passes a beat every second cycle") {
  Design d;
  Module& m = d.module("elb_dut");
  m.stream_out("m", {.data = u(8)}).connect(m.stream_in("s", {.data = u(8)}).fifo(1));
  m.stream_out("o", {.data = u(8)}).connect(m.stream_in("t", {.data = u(8)}).fifo(1, RamStyle::block));
  CHECK(d.modules().size() == 2);  // one register either way
  const std::string text = test::simulate(d, bench("elb_dut", 1, 100, 100, 1));
  CHECK(text == "399 cycles\ndone\n");
}

TEST_CASE("fields travel together, in order and with their signs") {
  Design d;
  Module& m = d.module("elb_t");
  const StreamShape shape{.data = s(5), .last = true, .fields = {{"tuser", u(3)}, {"tid", s(2)}}};
  CHECK(shape.bits() == 11);
  const Stream out = m.stream_in("s", shape).fifo(4).reg_slice();
  CHECK(out.data().shape() == s(5));
  CHECK(out["tid"].shape() == s(2));
  m.stream_out("m", shape).connect(out);
  CHECK(d.check().text() == "");
  CHECK(test::lint(d, "elb_t") == "");
}
