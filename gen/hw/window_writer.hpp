// The writing side of a window store: where each sub-beat goes, and which column groups are complete.
#pragma once
#include <vector>

#include "hw/cond.hpp"
#include "spec/window.hpp"

namespace elb::hw {

// Counts of column groups are kept modulo 2^group_bits, pointers in words modulo the ring.
int group_count_bits(const spec::WindowParams& w);
int64_t ring_words(const spec::WindowParams& w);

struct WindowWriter {
  hdl::Sig write;              // a word is stored in this cycle
  hdl::Sig address;            // in each written bank
  std::vector<Cond> bank_set;  // [Nb / Vw]: this set of Vw banks is written
  hdl::Sig stored_next;        // complete groups, after this cycle
};

// Consumes `in`; `released_next` is the released count after this cycle.
WindowWriter build_window_writer(hdl::Module& m, const spec::WindowParams& w, const hdl::Stream& in,
                                 hdl::Sig released_next);

}  // namespace elb::hw
