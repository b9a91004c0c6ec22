// Inputs of a component are named: one that it does not have is no member.
#include "hdl/component.hpp"
using namespace elb::hdl;
struct Not {
  struct Params {
    int bits = 1;
    bool operator==(const Params&) const = default;
  };
  struct In {
    Sig a;
  };
  struct Out {
    Sig y;
  };
  static std::string name(const Params& p) { return "elb_not_w" + std::to_string(p.bits); }
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    io.in("a", &In::a, u(p.bits));
    io.out("y", &Out::y, u(p.bits));
  }
  static Out build(Module&, const Params&, const In& in) { return {.y = ~in.a}; }
};
Sig use(Module& m, Sig x) {
#ifdef MISUSE
  return instantiate<Not>(m, "u_not", {.bits = 1}, {.b = x}).y;
#else
  return instantiate<Not>(m, "u_not", {.bits = 1}, {.a = x}).y;
#endif
}
