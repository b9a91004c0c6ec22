// A condition that may be known while generating: keeps `1 & x` and comparators with one outcome out of the
// Verilog.
#pragma once
#include <functional>
#include <vector>

#include "hdl/module.hpp"

namespace elb::hw {

class Cond {
 public:
  Cond(bool known) : known_(true), value_(known) {}  // implicit on purpose
  Cond(hdl::Sig sig) : known_(false), sig_(sig) {}   // implicit on purpose
  bool is_true() const { return known_ && value_; }
  bool is_false() const { return known_ && !value_; }
  // As a signal of `m`.
  hdl::Sig sig(hdl::Module& m, SrcLoc loc = SrcLoc::here()) const;

  friend Cond operator&(const Cond& a, const Cond& b);
  friend Cond operator|(const Cond& a, const Cond& b);
  friend Cond operator!(const Cond& a);

 private:
  bool known_;
  bool value_ = false;
  hdl::Sig sig_;
};

// c ? a : b, without a mux where c is known.
hdl::Sig choose(const Cond& c, hdl::Sig a, hdl::Sig b, SrcLoc loc = SrcLoc::here());
Cond choose(const Cond& c, const Cond& a, const Cond& b);

// table[counter] as a chain of comparisons over runs of equal values: constants that change rarely along a
// counter.
hdl::Sig by_runs(hdl::Module& m, hdl::Sig counter, const std::vector<int64_t>& table, hdl::Shape shape,
                 SrcLoc loc = SrcLoc::here());

// A loop counter 0 .. n-1; n = 1 costs nothing.
struct LoopCounter {
  hdl::Sig value;  // unsigned, bits_for(n - 1); constant 0 when n = 1
  Cond last = true;
  hdl::Reg reg;  // set when n > 1
  int64_t n = 1;
  hdl::Reg last_reg;  // of counter_with_last, set where `last` is a register
  // Counts in cycles in which `step` holds, wrapping behind n - 1.
  void advance(hdl::Module& m, const Cond& step, SrcLoc loc = SrcLoc::here()) const;
  // The value after this cycle.
  hdl::Sig next(const Cond& step) const;
  // The step that comes leads to the last value.
  Cond before_last() const;
};
LoopCounter loop_counter(hdl::Module& m, const std::string& name, int64_t n, SrcLoc loc = SrcLoc::here());
// The same for a counter that only `advance` drives: of more than `few` values `last` is a register.
LoopCounter counter_with_last(hdl::Module& m, const std::string& name, int64_t n, int64_t few = 4,
                              SrcLoc loc = SrcLoc::here());
// All of these are at their last values: counters of a loop nest, innermost first, which steps at `step`. A
// register where several count.
Cond nest_last(hdl::Module& m, const std::string& name, const Cond& step,
               const std::vector<LoopCounter>& nest, SrcLoc loc = SrcLoc::here());

// (a + b) mod n for a, b in 0 .. n-1; a unsigned of bits_for(n - 1), b a constant. Both sums, with n and
// without, are computed beside each other: one carry chain deep.
hdl::Sig add_mod(hdl::Module& m, hdl::Sig a, int64_t b, int64_t n, SrcLoc loc = SrcLoc::here());
// The same for a step that is chosen among constants: select(values) makes the choice of one value for each.
hdl::Sig add_mod(hdl::Module& m, hdl::Sig a, const std::vector<int64_t>& steps, int64_t n,
                 const std::function<hdl::Sig(const std::vector<hdl::Sig>&)>& select,
                 SrcLoc loc = SrcLoc::here());

// sum mod n for a sum below 2n.
hdl::Sig wrap_mod(hdl::Module& m, hdl::Sig sum, int64_t n, SrcLoc loc = SrcLoc::here());

}  // namespace elb::hw
