// The stream that a spec::Link becomes: tdata with all its lanes, tlast.
#pragma once
#include "hdl/module.hpp"
#include "spec/link.hpp"

namespace elb::hw {

inline hdl::StreamShape link_shape(int data_bits) {
  return {.data = hdl::u(data_bits), .last = true};
}
inline hdl::StreamShape link_shape(const spec::Link& link) {
  return link_shape(link.data_bits());
}

}  // namespace elb::hw
