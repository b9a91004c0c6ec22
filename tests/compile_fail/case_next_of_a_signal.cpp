// Only registers have a next value, only wires are driven.
#include "hdl/module.hpp"
using namespace elb::hdl;
void step(Reg r) {
#ifdef MISUSE
  const Sig s = r;
  s.next(r + 1);
#else
  r.next((r + 1).trunc(4));
#endif
}
