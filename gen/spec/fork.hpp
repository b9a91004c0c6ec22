// A fork: every reader of a stream has a FIFO of its own; a beat is taken when all of them have room (each
// timed as in spec/fifo.hpp).
//
//   cycle      t      t+1
//   taken      yes
//   outK              valid, for every reader K
#pragma once
#include <vector>

#include "spec/fifo.hpp"

namespace elb::spec {

struct ForkParams {
  int data_bits = 1;
  std::vector<int> depths;  // one per reader
  bool operator==(const ForkParams&) const = default;
};

}  // namespace elb::spec
