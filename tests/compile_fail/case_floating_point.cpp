// Literals are integers: 0.5 would have to become something else.
#include "hdl/module.hpp"
using namespace elb::hdl;
Sig half(Sig x) {
#ifdef MISUSE
  return x * 0.5;
#else
  return x.shr(1);
#endif
}
