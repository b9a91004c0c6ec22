// The output queue of a stage: a FIFO of beats (timing: spec/output_queue.hpp). `last` comes from counters.
#pragma once
#include <string>

#include "hdl/component.hpp"
#include "hw/cond.hpp"
#include "hw/link_stream.hpp"
#include "spec/output_queue.hpp"

namespace elb::hw {

struct OutputQueue {
  using Params = spec::OutputQueueParams;
  struct In {
    hdl::Sig valid;  // a beat arrives in this cycle
    hdl::Sig beat;   // lane (v, l) at (v*L + l) * bits
  };
  struct Out {
    hdl::Stream out;
    hdl::Sig pop;  // a beat leaves in this cycle: a credit in the next
  };
  static std::string name(const Params& p);
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    io.in("valid", &In::valid, hdl::u(1));
    io.in("beat", &In::beat, hdl::u(p.link.data_bits()));
    io.stream_out("out", &Out::out, link_shape(p.link));
    io.out("pop", &Out::pop, hdl::u(1));
  }
  static Out build(hdl::Module& m, const Params& p, const In& in);
};

// The credits of the FIFO behind an issue point: `ok` when at least `need` beats are free. A tile that issues
// takes `need` at once; a pop at t shows at t+1.
struct Credits {
  hdl::Sig ok;
  void connect(hdl::Sig issue, hdl::Sig pop) const;  // exactly once
  hdl::Wire issue_wire, pop_wire;
};
Credits credits(hdl::Module& m, int depth, int need);

// A register of what is there, one more where `up`, one less where `down`: either chooses, neither is added.
void count(hdl::Module& m, const hdl::Reg& left, hdl::Sig up, hdl::Sig down);

// Are `need` credits left after this cycle, in which a pop gives one and `issue` takes `take`, or `take_last`
// where `last`? Chosen by issue, which comes late, from what holds of `left`, one more where `more`. The pop
// comes from another module and last of all: either answer stands before it (choose_word in word_choice.hpp).
struct Suffices {
  hdl::Sig popped, kept;
};
Suffices credits_suffice(hdl::Module& m, hdl::Sig left, int64_t need, hdl::Sig issue, int take, int take_last,
                         const Cond& last, hdl::Sig more = {});

}  // namespace elb::hw
