#include <fmt/format.h>

#include "hw/activation.hpp"
#include "hw/feed.hpp"
#include "hw/lane_reduce.hpp"
#include "hw/link_stream.hpp"
#include "hw/output_queue.hpp"
#include "hw/stages.hpp"
#include "hw/weight_memory.hpp"
#include "hw/window_store.hpp"
#include "spec/lanewise.hpp"

namespace elb::hw {

using hdl::Sig;
using hdl::u;

hdl::Module& build_stage(hdl::Design& d, const spec::LanewiseStage& s) {
  const int folds = spec::taps(s.window);
  hdl::Module& m = d.module(s.module);
  m.doc({.purpose = s.title, .params = fmt::format("S={} M={} taps={}", s.window.s, s.window.m, folds)});
  const hdl::Stream in = m.stream_in("in", link_shape(s.in));

  const spec::LaneReduceParams reduce = spec::lane_reduce_params(s);
  const bool weighted = s.op == spec::LaneOp::multiply;
  const WeightMemory weights{.file = s.weight_file, .image = s.weights, .style = s.weight_style};
  const bool ahead = weighted && reads_ahead(weights);
  const hdl::Module& store = build_window_store(d, {.module = s.module + "_window",
                                                    .title = "window store of " + s.module,
                                                    .window = spec::lane_window(s.window),
                                                    .tile_cycles = s.tile_cycles,
                                                    .pad_code = s.pad_code,
                                                    .credits = s.fifo_depth,
                                                    .technology = s.technology,
                                                    .style = s.store,
                                                    .early = weighted && !ahead,
                                                    .ahead = ahead,
                                                    .padded_flags = reduce.padded});
  const hdl::Wire pop = m.wire("pop", u(1));
  const hdl::Instance u_window = m.instance(store, "u_window");
  u_window.in("in", feed_window(m, in, s.in, false, s.widen_bipolar, s.window));
  u_window.in("pop", Sig(pop));
  LaneReduce::In taps{.valid = u_window.out("tap"),
                      .first = {},
                      .last = {},
                      .act = u_window.out("act"),
                      .padded = {},
                      .wgt = {}};
  if (folds > 1) {
    taps.first = u_window.out("first");
    taps.last = u_window.out("last");
  }
  if (reduce.padded) taps.padded = u_window.out("padded");
  if (weighted) {
    taps.wgt = read_weights(m, weights, u_window.out(ahead ? "ahead" : "early"));
  }
  const LaneReduce::Out reduced = hdl::instantiate<LaneReduce>(m, "u_reduce", reduce, taps);
  Sig valid = reduced.valid, codes = reduced.result;
  if (s.activation) {
    const ActivationUnit::Out out =
        hdl::instantiate<ActivationUnit>(m, "u_activation", *s.activation, {.valid = valid, .t = codes});
    valid = out.valid;
    codes = out.codes;
  }
  const OutputQueue::Out queue = hdl::instantiate<OutputQueue>(
      m, "u_queue", {.link = s.out, .depth = s.fifo_depth}, {.valid = valid, .beat = codes});
  pop.drive(queue.pop);
  m.stream_out("out", link_shape(s.out)).connect(queue.out);
  return m;
}

}  // namespace elb::hw
