// A signal has no value at generation: it cannot decide an `if` of C++.
#include "hdl/module.hpp"
using namespace elb::hdl;
Sig choose(Sig x) {
#ifdef MISUSE
  if (x == 3) return x;
  return x + 1;
#else
  return mux(x == 3, x, x + 1);
#endif
}
