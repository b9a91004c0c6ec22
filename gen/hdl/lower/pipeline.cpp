#include "hdl/lower/lower.hpp"

namespace elb::hdl::lower {

Graph pipeline(const Graph& g) {
  return narrow(g);  // tools warn about bits that nobody reads, and a colleague would not compute them
}

}  // namespace elb::hdl::lower
