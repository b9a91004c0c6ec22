// s_axis pixels become codes (timing: spec/input_stage.hpp). `last` of the output and the check of the
// input's `last` both come from the counter of beats.
#include "spec/input_stage.hpp"

#include <fmt/format.h>

#include "hw/cond.hpp"
#include "hw/convert.hpp"
#include "hw/fifo.hpp"
#include "hw/frame_check.hpp"
#include "hw/pixel_table.hpp"
#include "hw/stages.hpp"

namespace elb::hw {

using namespace hdl;

Module& build_stage(Design& d, const spec::InputStage& s) {
  Module& m = d.module(s.module);
  m.doc({.purpose = s.title,
         .params = fmt::format("columns={} channels={} code_bits={} tables={}", s.out.columns, s.out.channels,
                               s.out.bits, s.tables.size()),
         .latency = spec::InputTiming::kLatency,
         .interval = 1});
  const int pixel_bits = s.out.lanes() * 8;
  const Stream in = m.stream_in("in", link_shape(pixel_bits));
  const Stream pixels =
      instantiate<Fifo>(m, "u_slice", spec::fifo(pixel_bits, spec::InputTiming::kSliceDepth), {in}).out;
  const LoopCounter channel_beat = loop_counter(m, "channel_beat", s.out.channel_beats());
  channel_beat.advance(m, pixels.fire());
  const FrameCheck frame = check_frame(m, s.out.beats_per_frame(), pixels.fire(), pixels.last());
  const Stream codes = pixels.map_payload(link_shape(s.out), [&](const Payload& p) {
    return std::vector<Sig>{look_up(m, s.out, s.tables, p.data(), channel_beat.value), frame.at_last};
  });
  send_through_fifo(m, codes, s.out, s.fifo_depth);
  m.output("frame_error", frame.error);
  return m;
}

}  // namespace elb::hw
