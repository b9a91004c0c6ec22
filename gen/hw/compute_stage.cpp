#include <fmt/format.h>

#include "base/assert.hpp"
#include "hw/activation.hpp"
#include "hw/compute_array.hpp"
#include "hw/feed.hpp"
#include "hw/link_stream.hpp"
#include "hw/output_queue.hpp"
#include "hw/stages.hpp"
#include "hw/weight_buffer.hpp"
#include "hw/weight_memory.hpp"
#include "hw/window_store.hpp"

namespace elb::hw {

using hdl::Sig;
using hdl::u;

hdl::Module& build_stage(hdl::Design& d, const spec::ComputeStage& s) {
  ELB_ASSERT(!s.fetch || s.fetch->once, "weights are fetched once and kept");
  hdl::Module& m = d.module(s.module);
  m.doc({.purpose = s.title,
         .params = fmt::format("P={} S={} M={} folds={} tile={} cycles", s.compute.p, s.compute.s,
                               s.compute.m, s.compute.folds, s.tile_cycles)});
  const hdl::Stream in = m.stream_in("in", link_shape(s.in));
  const spec::OutputQueueParams queue =
      spec::output_queue(s.out, s.compute.p, s.kernels, s.window.groups, s.fifo_depth);

  const hdl::Module& store =
      build_window_store(d, {.module = s.module + "_window",
                             .title = "window store of " + s.module,
                             .window = s.window,
                             .kernel_folds = s.kernel_folds(),
                             .tile_cycles = s.tile_cycles,
                             .pad_code = s.pad_code,
                             .credits = s.fifo_depth,
                             .beats = spec::beats_per_tile(queue),
                             .beats_last = spec::beats_of_tile(queue, spec::kernel_folds(queue) - 1),
                             .style = s.store,
                             .gated = s.fetch.has_value()});
  const hdl::Wire pop = m.wire("pop", u(1));
  const hdl::Instance window = m.instance(store, "u_window");
  window.in("in", feed_window(m, in, s.in, s.flatten, s.widen_bipolar, s.window));
  window.in("pop", Sig(pop));
  Sig weights;
  if (s.fetch) {
    const hdl::Module& tiles = build_weight_buffer(d, {.module = s.module + "_weights",
                                                       .title = "weights of " + s.module,
                                                       .fetch = *s.fetch,
                                                       .style = s.weight_style});
    const hdl::Instance buffer = m.instance(tiles, "u_weights");
    forward_fetch(m, *s.fetch, buffer);
    buffer.in("early", window.out("early"));
    window.in("weights_ok", buffer.out("ok"));
    weights = buffer.out("word");
  } else {
    weights = read_weights(m, {.file = s.weight_file, .image = s.weights, .style = s.weight_style},
                           window.out("early"));
  }
  ComputeArray::In words{
      .valid = window.out("tap"), .first = {}, .last = {}, .act = window.out("act"), .wgt = weights};
  if (s.compute.folds > 1) {
    words.first = window.out("first");
    words.last = window.out("last");
  }
  const ComputeArray::Out sums = hdl::instantiate<ComputeArray>(m, "u_array", s.compute, words);
  const ActivationUnit::Out codes =
      hdl::instantiate<ActivationUnit>(m, "u_activation", s.activation, {.valid = sums.valid, .t = sums.t});
  const OutputQueue::Out result =
      hdl::instantiate<OutputQueue>(m, "u_queue", queue, {.valid = codes.valid, .tile = codes.codes});
  pop.drive(result.pop);
  m.stream_out("out", link_shape(s.out)).connect(result.out);
  return m;
}

}  // namespace elb::hw
