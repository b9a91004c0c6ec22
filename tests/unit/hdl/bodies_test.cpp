// Components with two bodies: plain for simulators, and made of leaves for synthesis.
#include "hdl/component.hpp"
#include "support/catch.hpp"
#include "unit/hdl/tools.hpp"

using namespace elb;
using namespace elb::hdl;

namespace {

// y = x + 1, a cycle later; the wired body passes through a module of its own and resets its register.
struct Inner {
  struct Params {
    bool operator==(const Params&) const = default;
  };
  struct In {
    Sig x;
  };
  struct Out {
    Sig y;
  };
  static std::string name(const Params&) { return "elb_inner"; }
  template <class Io>
  static void ports(const Params&, Io&& io) {
    io.in("x", &In::x, u(8));
    io.out("y", &Out::y, u(8));
  }
  static Out build(Module&, const Params&, const In& in) { return {(in.x + 1).trunc(8)}; }
};

struct Both : Inner {
  struct Params {
    bool wired = true;
    bool operator==(const Params&) const = default;
  };
  static std::string name(const Params& p) { return p.wired ? "elb_both" : "elb_one"; }
  template <class Io>
  static void ports(const Params&, Io&& io) {
    Inner::ports({}, io);
  }
  static bool is_mapped(const Params& p) { return p.wired; }
  static Out build(Module& m, const Params&, const In& in) {
    const Reg y = m.reg("y_q", u(8));
    y.next(instantiate<Inner>(m, "u_inner", {}, {in.x}).y);
    return {y};
  }
  static Out behaviour(Module& m, const Params&, const In& in) {
    return {m.delay("y", (in.x + 1).trunc(8), 1)};
  }
};

void use(Design& d, Both::Params p) {
  Module& m = d.module("elb_top");
  const Sig x = m.input("x", u(8));
  const Both::Out out = instantiate<Both>(m, "u_part", p, {x});
  m.output("y", out.y);
}

}  // namespace

TEST_CASE("of two bodies simulators and synthesis read one each, under one name and list of ports") {
  Design d({.generator = "elbgen", .build_twice = true});
  use(d, {});
  const auto files = d.emit();
  const Sources plain = d.sources(), wired = d.sources(Bodies::mapped);
  CHECK(plain.modules == std::vector<std::string>{"elb_both.v", "elb_top.v"});
  CHECK(wired.modules == std::vector<std::string>{"elb_both_mapped.v", "elb_inner.v", "elb_top.v"});
  // The reset of the wired body is a port of both, which the plain one does not read.
  const std::string head = "module elb_both (\n  input  wire       clk,\n  input  wire       rst,\n";
  CHECK(files.at("elb_both.v").find(head) != std::string::npos);
  CHECK(files.at("elb_both_mapped.v").find(head) != std::string::npos);
  CHECK(files.at("elb_both.v").find("elb_both_mapped.v is the same for synthesis") != std::string::npos);
  CHECK(files.at("elb_both_mapped.v").find("elb_both.v is the same for simulators") != std::string::npos);
  CHECK(files.at("elb_both.v").find("wire _unused = &{1'd0, rst};") != std::string::npos);
  const test::Scratch dir;
  dir.write(files);
  for (const Sources& s : {plain, wired}) {
    std::string names;
    for (const std::string& name : s.modules) names += " " + name;
    // elb_both_mapped.v holds elb_both, as bodies of leaves do.
    CHECK(dir.run("verilator --lint-only -Wall -Wno-DECLFILENAME --top-module elb_top" + names) == "");
    CHECK(dir.run("iverilog -g2005 -Wall -s elb_top -o x.vvp" + names) == "");
  }
}

TEST_CASE("parameters may have one body alone") {
  Design d;
  use(d, {.wired = false});
  CHECK(d.emit().count("elb_one_mapped.v") == 0);
  CHECK(d.sources(Bodies::mapped).modules ==
        std::vector<std::string>{"elb_inner.v", "elb_one.v", "elb_top.v"});
}
