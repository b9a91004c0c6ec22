// What a hand-written leaf does, in C++, for the interpreter.
//
//   struct Inverter : LeafModel {
//     Bits output(size_t, const std::vector<Bits>& in) override { ... }
//   };
//   Simulator sim(design, "elb_top", {.leaves = {{"elb_inv", [](const LeafParams&) { return
//   std::make_unique<Inverter>(); }}}});
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/bits.hpp"
#include "hdl/blackbox.hpp"

namespace elb::hdl {

// `in` has one entry per port of the leaf, in the order of its JSON; outputs, clock and reset are empty,
// except that the reset holds one bit.
class LeafModel {
 public:
  virtual ~LeafModel() = default;
  // The present value of an output. Called once per settling; for an output that is not `combinational`
  // before the inputs are known, so it may look at the state only.
  virtual Bits output(size_t port, const std::vector<Bits>& in) = 0;
  virtual void clock(const std::vector<Bits>&) {}
};
using LeafFactory = std::function<std::unique_ptr<LeafModel>(const LeafParams&)>;
using LeafModels = std::map<std::string, LeafFactory>;  // by the leaf's module name

}  // namespace elb::hdl
