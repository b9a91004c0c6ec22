// The writing side of a window store: where each sub-beat goes, and which column groups are complete.
#pragma once
#include <vector>

#include "hw/cond.hpp"
#include "hw/window_store.hpp"

namespace elb::hw {

struct WindowWriter {
  hdl::Sig write;              // a word is stored in this cycle
  hdl::Sig address;            // in each written bank
  std::vector<Cond> bank_set;  // [Nb / Vw]: this set of Vw banks is written
  Cond completes = false;      // a column group is complete with this cycle
};

// Consumes `in`; `released` is minus the groups that are released in this cycle, in spec::group_count_bits.
WindowWriter build_window_writer(hdl::Module& m, const WindowStoreParams& p, const hdl::Stream& in,
                                 hdl::Sig released);
// (sum + step + one) modulo 2^width of sum in one carry chain.
hdl::Sig add_and_count(hdl::Module& m, hdl::Sig sum, hdl::Sig step, const Cond& one);

}  // namespace elb::hw
