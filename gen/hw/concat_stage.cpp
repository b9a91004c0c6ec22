// Channels of the first input, then of the second, ...; every input in the output's V and L first.
//
//   cycle     0      1      2      3         (two inputs of 2 and 1 beats per pixel)
//   take      in0    in0    in1    in0 ...
//   out              in0    in0    in1
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/assert.hpp"
#include "hw/cond.hpp"
#include "hw/convert.hpp"
#include "hw/link_stream.hpp"
#include "hw/stages.hpp"

namespace elb::hw {

using namespace hdl;

Module& build_stage(Design& d, const spec::ConcatStage& s) {
  Module& m = d.module(s.module);
  m.doc({.purpose = s.title,
         .params = fmt::format("inputs={} lanes={}x{}", s.in.size(), s.out.lanes(), s.out.bits)});
  std::vector<Stream> streams;
  std::vector<int> beats;
  for (size_t i = 0; i < s.in.size(); ++i) {
    ELB_ASSERT(i + 1 == s.in.size() || s.in[i].c % s.out.channels == 0,
               "only the last input of a concat may end in a short beat");
    spec::Link to = s.in[i];
    to.columns = s.out.columns;
    to.channels = s.out.channels;
    const std::string n = std::to_string(i);
    streams.push_back(convert(m, "repack" + n + (n.empty() ? "" : "_"),
                              m.stream_in("in" + n, link_shape(s.in[i])), spec::operand_chain(s.in[i], to)));
    beats.push_back(to.channel_beats());
  }
  // Whose turn it is: a counter over the beats of a pixel.
  const int total = s.out.channel_beats();
  const LoopCounter beat = loop_counter(m, "beat", total);
  std::vector<int64_t> owner;
  for (size_t i = 0; i < beats.size(); ++i) owner.insert(owner.end(), beats[i], static_cast<int64_t>(i));
  const Reg turn = m.reg("turn", u(address_bits(static_cast<int64_t>(s.in.size()))));
  std::vector<Sig> valid, data;
  for (const Stream& in : streams) {
    valid.push_back(in.valid());
    data.push_back(in.data());
  }
  // The frame ends with the last input's last beat.
  const Sig last = (Cond(streams.back().last()) & beat.last).sig(m);
  const Stream chosen = m.stream("chosen", link_shape(s.out), index(valid, turn), {index(data, turn), last});
  for (size_t i = 0; i < streams.size(); ++i) {
    streams[i].drive_ready(chosen.ready() & (turn == static_cast<int64_t>(i)));
  }
  beat.advance(m, chosen.fire());
  std::rotate(owner.begin(), owner.begin() + 1, owner.end());
  m.when(chosen.fire(), [&] { turn.next(by_runs(m, beat.value, owner, turn.shape())); });
  send_through_fifo(m, chosen, s.out, s.fifo_depth);
  return m;
}

}  // namespace elb::hw
