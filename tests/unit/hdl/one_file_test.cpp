// A change inside a component stays inside its file: nothing outside knows its registers, because valid travels with
// the data.
#include "hdl/component.hpp"
#include "support/catch.hpp"

using namespace elb::hdl;

namespace {

// Squares; `late` adds a register to data and valid.
struct Square {
  static inline bool late = false;
  struct Params {
    int bits = 1;
    bool operator==(const Params&) const = default;
  };
  struct In {
    Sig valid, x;
  };
  struct Out {
    Sig valid, y;
  };
  static std::string name(const Params& p) { return "elb_square_b" + std::to_string(p.bits); }
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    io.in("valid", &In::valid, u(1));
    io.in("x", &In::x, u(p.bits));
    io.out("out_valid", &Out::valid, u(1));
    io.out("y", &Out::y, u(2 * p.bits));
  }
  static Out build(Module& m, const Params&, const In& in) {
    const int registers = late ? 2 : 1;
    return {m.delay("valid_q", in.valid, registers, {.reset = 0}), m.delay("y_q", in.x * in.x, registers)};
  }
};

std::map<std::string, std::string> design() {
  Design d;
  Module& m = d.module("elb_top");
  const Sig valid = m.input("valid", u(1)), x = m.input("x", u(4));
  const auto a = instantiate<Square>(m, "u_a", {4}, {valid, x});
  const auto b = instantiate<Square>(m, "u_b", {8}, {a.valid, a.y});
  const Reg sum = m.reg("sum_q", u(20));
  m.when(b.valid, [&] { sum.next((sum + b.y).trunc(20)); });
  m.output("sum", sum);
  return d.emit();
}

}  // namespace

TEST_CASE("a register added to one component changes that component's files alone") {
  Square::late = false;
  const auto before = design();
  Square::late = true;
  const auto after = design();
  Square::late = false;
  REQUIRE(before.size() == after.size());
  std::vector<std::string> changed;
  for (const auto& [file, text] : before) {
    if (after.at(file) != text) changed.push_back(file);
  }
  CHECK(changed == std::vector<std::string>{"elb_square_b4.v", "elb_square_b8.v"});
}
