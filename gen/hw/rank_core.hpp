// Indices of the k largest values of a frame, largest first, the lower index first among equals
// (spec/rank.hpp).
//
// A beat's values go one per cycle into a sorted list of k entries: the new value takes the place of the
// first entry that is smaller, the entries behind move up by one. An equal entry came earlier and stays in
// front. Counters know where a frame ends; a short last beat's surplus lanes are dropped.
//
// A value is compared one cycle before it goes in: with every entry as it is then, and with the value at hand
// that goes in meanwhile. Where that one goes decides which of these comparisons stands for an entry.
//
//   interval  spec::interval(RankParams) cycles per frame
//   cycle     0      1             2             3            4             5
//   L = 2     beat   0 compared    1 compared    1 goes in    list is whole indices valid
//                                  0 goes in
//                                  next beat
#pragma once
#include <string>

#include "hdl/component.hpp"
#include "spec/rank.hpp"

namespace elb::hw {

struct RankCore {
  using Params = spec::RankParams;
  struct In {
    hdl::Stream values;  // data: lane i at i * bits
  };
  struct Out {
    hdl::Stream indices;  // one beat per frame; data: rank r at r * index_bits
  };
  static std::string name(const Params& p);
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    io.stream_in("values", &In::values, {.data = hdl::u(p.lanes * p.bits)});
    io.stream_out("indices", &Out::indices, {.data = hdl::u(p.k * p.index_bits())});
  }
  static Out build(hdl::Module& m, const Params& p, const In& in);
};

}  // namespace elb::hw
