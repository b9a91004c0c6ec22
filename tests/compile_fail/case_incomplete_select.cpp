// Only otherwise() gives a signal: a choice that forgets a case is no signal.
#include "hdl/module.hpp"
using namespace elb::hdl;
Sig choose(Sig x) {
#ifdef MISUSE
  return select(x).is(0, x).is(1, 3);
#else
  return select(x).is(0, x).is(1, 3).otherwise(0);
#endif
}
