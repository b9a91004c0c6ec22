// Each mistake, with the code and the line where it is reported.
#include <fmt/format.h>

#include "hdl/component.hpp"
#include "support/catch.hpp"
#include "unit/hdl/tools.hpp"

using namespace elb;
using namespace elb::hdl;

namespace {

std::string at(const char* code, int line) {
  return fmt::format("{}:{}", code, line);
}

}  // namespace

TEST_CASE("a narrowing next is refused with both places") {
  Design d;
  Module& m = d.module("elb_t");
  const Reg a = m.reg("a", u(4));
  const Sig sum = a + 1;
  const int line = __LINE__ + 1;
  a.next(sum);
  m.output("y", a);
  REQUIRE(test::mistakes(d) == at("hdl-width", line));
  const Diag& e = d.check().all()[0];
  CHECK(e.text == "register 'a' is u4, the value is u5");
  REQUIRE(e.notes.size() == 1);
  CHECK(e.notes[0] == fmt::format("the value is made here (checks_test.cpp:{})", line - 2));
  CHECK(e.help == ".trunc(4) drops high bits, .sat(u(4)) clamps, or widen the target");
}

TEST_CASE("a value that may be negative is refused by an unsigned target, its truncation is not") {
  Design d;
  Module& m = d.module("elb_t");
  const Sig x = m.input("x", u(4));
  const int line = __LINE__ + 1;
  m.output("y", u(5), x - 1);
  m.output("z", u(4), (x - 1).trunc(4));
  m.output("w", u(5), (x - 1).trunc(5));
  REQUIRE(test::mistakes(d) == at("hdl-width", line));
}

TEST_CASE("literals fit by their value") {
  Design d;
  Module& m = d.module("elb_t");
  m.output("a", s(1), 0);
  m.output("b", s(4), -8);
  const int line = __LINE__ + 1;
  m.output("c", s(4), 8);
  REQUIRE(test::mistakes(d) == at("hdl-width", line));
}

TEST_CASE("slices outside of a signal, masks of another width and wide conditions are refused") {
  Design d;
  Module& m = d.module("elb_t");
  const Sig x = m.input("x", u(4)), y = m.input("y", u(5));
  const int line = __LINE__ + 1;
  m.output("a", x[4]);
  m.output("b", x & y);
  m.output("c", x & 16);
  m.output("d", mux(x, 1, 0));
  m.output("e", !x);
  m.output("f", x & -1);
  REQUIRE(test::mistakes(d) == at("hdl-width", line) + " " + at("hdl-width", line + 1) + " " +
                                   at("hdl-width", line + 2) + " " + at("hdl-width", line + 3) + " " +
                                   at("hdl-width", line + 4));
}

TEST_CASE("what is never driven is named") {
  Design d;
  Module& m = d.module("elb_t");
  const int line = __LINE__ + 1;
  const Wire w = m.wire("w", u(1));
  const Reg r = m.reg("r", u(1));
  m.output("y", u(3));
  const Ram rom = m.ram("rom", {.depth = 4, .word = u(2)});
  m.output("z", cat({w, r, rom.read("q", 1, w)}));
  REQUIRE(test::mistakes(d) == at("hdl-undriven", line) + " " + at("hdl-undriven", line + 1) + " " +
                                   at("hdl-undriven", line + 2) + " " + at("hdl-undriven", line + 3));
}

TEST_CASE("an assignment that makes another one pointless is refused") {
  Design d;
  Module& m = d.module("elb_t");
  const Sig c = m.input("c", u(1));
  const Wire w = m.wire("w", u(1));
  w.drive(c);
  const int line = __LINE__ + 1;
  w.drive(0);
  const Reg r = m.reg("r", u(2));
  r.next(1);
  m.when(c, [&] { r.next(2); });  // a default and an exception: fine
  const Reg q = m.reg("q", u(2));
  q.next(1);
  m.when(c, [&] { q.next(2); }).otherwise([&] { q.next(3); });
  m.output("y", cat({w, r, q}));
  REQUIRE(test::mistakes(d) == at("hdl-multi-driven", line) + " " + at("hdl-multi-driven", line + 6));
}

TEST_CASE("a wire without a value for every case is refused") {
  Design d;
  Module& m = d.module("elb_t");
  const Sig c = m.input("c", u(1)), e = m.input("e", u(1));
  const Wire w = m.wire("w", u(1)), x = m.wire("x", u(1)), y = m.wire("y", u(1));
  const int line = __LINE__ + 1;
  m.when(c, [&] { w.drive(1); });
  m.when(c, [&] { x.drive(1); }).otherwise_when(e, [&] { x.drive(0); });
  m.when(c, [&] { y.drive(1); }).otherwise_when(e, [&] { y.drive(0); }).otherwise([&] { y.drive(c); });
  m.output("o", cat({w, x, y}));
  REQUIRE(test::mistakes(d) == at("hdl-incomplete", line) + " " + at("hdl-incomplete", line + 1));
}

TEST_CASE("a combinational loop is reported once with its path, through instances too") {
  Design d;
  Module& inner = d.module("elb_inner");
  const Sig a = inner.input("a", u(1)), b = inner.input("b", u(1));
  const Reg q = inner.reg("q", u(1));
  q.next(b);
  inner.output("through", ~a);
  inner.output("state", q);
  Module& m = d.module("elb_t");
  const int line = __LINE__ + 1;
  const Wire w = m.wire("w", u(1));
  const Instance i = m.instance(inner, "u_i");
  i.in("a", w).in("b", i.out("through"));
  w.drive(i.out("through") & i.out("state"));
  m.output("y", i.out("state"));
  REQUIRE(test::mistakes(d) == at("hdl-comb-loop", line));
  const std::vector<std::string>& notes = d.check().all()[0].notes;
  REQUIRE(notes.size() == 3);
  CHECK(notes[0] == fmt::format("output 'through' of instance 'u_i' (checks_test.cpp:{})", line + 2));
  CHECK(notes[1] == fmt::format("'&' (checks_test.cpp:{})", line + 3));
  CHECK(notes[2] == fmt::format("wire 'w' (checks_test.cpp:{})", line));
}

TEST_CASE("a signal of another module is refused") {
  Design d;
  Module& other = d.module("elb_other");
  const Sig x = other.input("x", u(3));
  other.output("y", x);
  Module& m = d.module("elb_t");
  const Sig a = m.input("a", u(3));
  const int line = __LINE__ + 1;
  m.output("b", a + x);
  REQUIRE(test::mistakes(d) == at("hdl-cross-module", line));
}

TEST_CASE("names are unique, no keywords and no strangers") {
  Design d;
  Module& m = d.module("elb_t");
  const int line = __LINE__ + 1;
  const Sig a = m.input("a", u(1));
  m.output("a", a);
  m.output("always", a);
  m.output("_mine", a);
  m.output("clk", a);
  d.module("elb_t").output("y", u(1), 0);
  std::string all;
  for (int i = 1; i <= 5; ++i) all += (i > 1 ? " " : "") + at("hdl-name-taken", line + i);
  REQUIRE(test::mistakes(d) == all);
}

TEST_CASE("unknown, missing and doubled connections are refused") {
  Design d;
  Module& inner = d.module("elb_inner");
  inner.output("sum", inner.input("act", u(2)) + inner.input("wgt", u(2)));
  Module& m = d.module("elb_t");
  const Sig x = m.input("x", u(2));
  const int line = __LINE__ + 1;
  const Instance i = m.instance(inner, "u_i");
  i.in("akt", x);
  i.in("act", x);
  i.in("act", x);
  m.output("y", i.out("sum"));
  REQUIRE(test::mistakes(d) == at("hdl-unconnected", line) + " " + at("hdl-unknown-port", line + 1) + " " +
                                   at("hdl-multi-driven", line + 3));
  CHECK(d.check().all()[1].help == "did you mean 'act'?");
}

TEST_CASE("a valid that waits for its own ready is refused") {
  Design d;
  Module& m = d.module("elb_t");
  const Stream in = m.stream_in("s", {.data = u(4)});
  const int line = __LINE__ + 1;
  const StreamSink out = m.stream_out("m", {.data = u(4)});
  out.drive(in.valid() & out.ready(), {in.data()});
  in.drive_ready(out.ready());
  REQUIRE(test::mistakes(d) == at("hdl-handshake", line));
}

TEST_CASE("a stream is consumed exactly once") {
  Design d;
  Module& m = d.module("elb_t");
  const Stream in = m.stream_in("s", {.data = u(4)});
  const StreamSink out = m.stream_out("m", {.data = u(4)}), other = m.stream_out("n", {.data = u(4)});
  out.connect(in);
  const int line = __LINE__ + 1;
  other.connect(in);
  const Stream idle = m.stream_in("t", {.data = u(4)});
  REQUIRE(test::mistakes(d) == at("hdl-multi-driven", line) + " " + at("hdl-undriven", line + 1));
}

TEST_CASE("memories that no FPGA has are refused") {
  Design d;
  Module& m = d.module("elb_t");
  const Sig a = m.input("a", u(4)), e = m.input("e", u(1));
  const int line = __LINE__ + 1;
  const Ram one = m.ram("one", {.depth = 16, .word = u(4), .style = RamStyle::block});
  const Ram two = m.ram("two", {.depth = 16, .word = u(4)});
  const Ram three = m.ram("three", {.depth = 16, .word = u(4), .style = RamStyle::block});
  const Ram four = m.ram("four", {.depth = 16, .word = u(4), .style = RamStyle::ultra, .init_file = "x.mem"});
  for (const Ram& r : {one, two, three, four}) r.write(e, a, a);
  two.write(e, a, a);
  m.output("y", cat({one.read_async("one_q", a), two.read("two_q", e, a), three.read("three_q", e, a),
                     three.read("three_r", e, a), four.read("four_q", e, a)}));
  REQUIRE(test::mistakes(d) == at("hdl-ram-ports", line) + " " + at("hdl-ram-ports", line + 1) + " " +
                                   at("hdl-ram-ports", line + 2) + " " + at("hdl-ram-ports", line + 3));
}

namespace {

struct Twin {
  struct Params {
    int lanes = 1;
    int bits = 1;
    bool operator==(const Params&) const = default;
  };
  struct In {
    Sig x;
  };
  struct Out {
    Sig y;
  };
  static std::string name(const Params& p) { return fmt::format("elb_twin_n{}", p.lanes); }
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    io.in("x", &In::x, u(p.bits));
    io.out("y", &Out::y, u(p.bits));
  }
  static Out build(Module& m, const Params& p, const In& in) {
    static int calls = 0;
    m.doc({.purpose = "a test"});
    return {.y = p.lanes == 7 ? (in.x + ++calls).trunc(p.bits) : in.x};
  }
};

}  // namespace

TEST_CASE("two parameter sets under one name are refused, equal ones share a module") {
  Design d;
  Module& m = d.module("elb_t");
  const Sig x = m.input("x", u(2));
  m.output("a", instantiate<Twin>(m, "u_a", {.lanes = 1, .bits = 2}, {.x = x}).y);
  m.output("b", instantiate<Twin>(m, "u_b", {.lanes = 1, .bits = 2}, {.x = x}).y);
  CHECK(d.modules().size() == 2);
  const int line = __LINE__ + 1;
  m.output("c", instantiate<Twin>(m, "u_c", {.lanes = 1, .bits = 3}, {.x = x}).y);
  REQUIRE(test::mistakes(d).find(at("hdl-params", line)) == 0);
}

TEST_CASE("a component that looks at more than its parameters is caught when it is built twice") {
  Design d({.build_twice = true});
  Module& m = d.module("elb_t");
  const Sig x = m.input("x", u(2));
  m.output("a", instantiate<Twin>(m, "u_a", {.lanes = 1, .bits = 2}, {.x = x}).y);
  const int line = __LINE__ + 1;
  m.output("b", instantiate<Twin>(m, "u_b", {.lanes = 7, .bits = 2}, {.x = x}).y);
  REQUIRE(test::mistakes(d) == at("hdl-params", line));
}

TEST_CASE("an input that a component was not given is refused at the place of the instance") {
  Design d;
  Module& m = d.module("elb_t");
  const int line = __LINE__ + 1;
  m.output("a", instantiate<Twin>(m, "u_a", {.lanes = 1, .bits = 2}, {}).y);
  REQUIRE(test::mistakes(d) == at("hdl-unconnected", line));
}

TEST_CASE("mistakes come sorted by place, all of them, and stop the emission") {
  Design d;
  Module& m = d.module("elb_t");
  const Reg r = m.reg("r", u(1));
  m.output("y", r[1]);
  CHECK_THROWS_AS(d.emit(), UserError);
  CHECK(d.check().all().size() == 2);
  for (const Diag& e : d.check().all()) CHECK(explain_code(e.code) != nullptr);
}
