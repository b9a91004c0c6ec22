#include <fmt/format.h>

#include "base/assert.hpp"
#include "hw/activation.hpp"
#include "hw/compute_array.hpp"
#include "hw/feed.hpp"
#include "hw/link_stream.hpp"
#include "hw/output_queue.hpp"
#include "hw/presets.hpp"
#include "hw/reorder_queue.hpp"
#include "hw/serializer.hpp"
#include "hw/stages.hpp"
#include "hw/weight_buffer.hpp"
#include "hw/weight_memory.hpp"
#include "hw/window_store.hpp"

namespace elb::hw {

using hdl::Sig;
using hdl::u;

namespace {

WeightMemory weight_memory(const spec::ComputeStage& s) {
  return {.file = s.weight_file, .image = s.weights, .style = s.weight_style};
}

bool reads_ahead(const spec::ComputeStage& s) {
  return s.fetch ? spec::chooses_words(*s.fetch) : reads_ahead(weight_memory(s));
}

WindowStoreParams store_params(const spec::ComputeStage& s) {
  WindowStoreParams p{.module = s.module + "_window",
                      .title = "window store of " + s.module,
                      .window = s.window,
                      .kernel_folds = s.kernel_folds(),
                      .tile_cycles = s.tile_cycles,
                      .pad_code = s.pad_code,
                      .sweep = s.sweep,
                      .technology = s.compute.technology,
                      .style = s.store,
                      .early = !reads_ahead(s),
                      .ahead = reads_ahead(s),
                      .gated = s.fetch.has_value()};
  if (s.sweep) return p;
  p.credits = s.fifo_depth;
  p.beats = spec::beats_per_tile(spec::tile_beats(s));
  p.beats_last = spec::beats_of_last(spec::tile_beats(s));
  return p;
}

ComputeArray::Out compute(hdl::Module& m, const spec::ComputeStage& s, const hdl::Instance& window,
                          Sig weights) {
  ComputeArray::In words{
      .valid = window.out("tap"), .first = {}, .last = {}, .act = window.out("act"), .wgt = weights};
  if (s.compute.folds > 1) {
    words.first = window.out("first");
    words.last = window.out("last");
  }
  if (!s.preset) return hdl::instantiate<ComputeArray>(m, "u_array", s.compute, words);
  // The next tile's values are wanted behind the first word of this tile, or of its sweep's last place.
  hdl::Wire advance;
  Presets::In presets;
  if (s.preset->tiles > 1) {
    advance = m.wire("preset_taken", u(1));
    presets.advance = advance;
  }
  words.preset = hdl::instantiate<Presets>(m, "u_presets", *s.preset, presets).values;
  const ComputeArray::Out out = hdl::instantiate<ComputeArray>(m, "u_array", s.compute, words);
  if (s.preset->tiles > 1)
    advance.drive(s.sweep ? m.delay("sweep_end_preset", window.out("sweep_end"), spec::dot_latency(s.compute),
                                    {.reset = 0})
                          : out.begun);
  return out;
}

// The stage's weight buffer, with its ports to the memory port.
hdl::Instance weight_buffer(hdl::Module& m, const spec::ComputeStage& s, const hdl::Instance& window) {
  const hdl::Module& tiles = build_weight_buffer(m.design(), {.module = s.module + "_weights",
                                                              .title = "weights of " + s.module,
                                                              .fetch = *s.fetch,
                                                              .style = s.weight_style,
                                                              .technology = s.compute.technology});
  const hdl::Instance buffer = m.instance(tiles, "u_weights");
  forward_fetch(m, *s.fetch, buffer);
  buffer.in("early", window.out(reads_ahead(s) ? "ahead" : "early"));
  window.in("weights_ok", buffer.out("ok"));
  return buffer;
}

// What the array sends, beat by beat.
struct Beats {
  Sig valid, t;
  Sig tile_end = {}, sweep_end = {};  // under sweeps; tile_end only where a tile has several beats
};
Beats beats(hdl::Module& m, const spec::ComputeStage& s, const ComputeArray::Out& sums, Sig sweep_end) {
  if (spec::beats_per_tile(spec::tile_beats(s)) == 1)
    return {.valid = sums.valid, .t = sums.t, .sweep_end = sweep_end};
  const Serializer::Out out = hdl::instantiate<Serializer>(
      m, "u_serialize", spec::serializer(s), {.valid = sums.valid, .sweep_end = sweep_end, .tile = sums.t});
  return {.valid = out.valid, .t = out.beat, .tile_end = out.tile_end, .sweep_end = out.sweep_end};
}

// Weights on chip, tiles in the order of pixels.
hdl::Stream resident(hdl::Module& m, const spec::ComputeStage& s, const hdl::Instance& window) {
  const hdl::Wire pop = m.wire("pop", u(1));
  window.in("pop", Sig(pop));
  Sig weights;
  if (s.fetch) {
    weights = weight_buffer(m, s, window).out("word");
  } else {
    weights = read_weights(m, weight_memory(s), window.out(reads_ahead(s) ? "ahead" : "early"));
  }
  const Beats sums = beats(m, s, compute(m, s, window, weights), {});
  const ActivationUnit::Out codes =
      hdl::instantiate<ActivationUnit>(m, "u_activation", s.activation, {.valid = sums.valid, .t = sums.t});
  const OutputQueue::Out result = hdl::instantiate<OutputQueue>(
      m, "u_queue", {.link = s.out, .depth = s.fifo_depth}, {.valid = codes.valid, .beat = codes.codes});
  pop.drive(result.pop);
  return result.out;
}

// Weights from memory, tiles in sweeps.
hdl::Stream streamed(hdl::Module& m, const spec::ComputeStage& s, const hdl::Instance& window) {
  ELB_ASSERT(s.fetch && !s.fetch->once && s.fetch->tiles == s.tiles() &&
                 s.fetch->tile_words == s.compute.folds && s.fetch->word_bits == s.compute.weight_word_bits(),
             "a sweep takes one weight tile");
  const hdl::Instance buffer = weight_buffer(m, s, window);
  const hdl::Wire freed = m.wire("freed", u(1));
  window.in("freed", Sig(freed));
  const Sig sweep_end = window.out("sweep_end");
  buffer.in("take", window.out("take"));
  buffer.in("sweep_end", reads_ahead(s) ? window.out("sweep_end_ahead") : sweep_end);
  const ComputeArray::Out tiles = compute(m, s, window, buffer.out("word"));
  // With the last tile under a weight tile.
  const Sig tile_done = m.delay("sweep_end_q", sweep_end, 1 + spec::latency(s.compute));
  const Beats sums = beats(m, s, tiles, tile_done);
  spec::ActivationParams activation = s.activation;
  activation.sweep_tiles = spec::beats_per_tile(spec::tile_beats(s));
  const Sig codes_done = m.delay("sweep_done_q", sums.sweep_end, spec::latency(activation));
  const ActivationUnit::Out codes = hdl::instantiate<ActivationUnit>(
      m, "u_activation", activation,
      {.valid = sums.valid, .tile_end = sums.tile_end, .sweep_end = sums.sweep_end, .t = sums.t});
  const ReorderQueue::Out result =
      hdl::instantiate<ReorderQueue>(m, "u_queue", spec::reorder_queue(s),
                                     {.valid = codes.valid, .sweep_end = codes_done, .beat = codes.codes});
  freed.drive(result.freed);
  return result.out;
}

}  // namespace

hdl::Module& build_stage(hdl::Design& d, const spec::ComputeStage& s) {
  ELB_ASSERT(s.sweep || !s.fetch || s.fetch->once, "weights come under sweeps, or once");
  hdl::Module& m = d.module(s.module);
  m.doc({.purpose = s.title,
         .params = fmt::format("P={} S={} M={} folds={} tile={} cycles", s.compute.p, s.compute.s,
                               s.compute.m, s.compute.folds, s.tile_cycles)});
  const hdl::Stream in = m.stream_in("in", link_shape(s.in));
  ELB_ASSERT(s.activation.p == s.out.channels && s.activation.tiles == s.out.channel_beats(),
             "the activation takes the beats of a pixel in turn");
  const hdl::Module& store = build_window_store(d, store_params(s));
  const hdl::Instance window = m.instance(store, "u_window");
  window.in("in", feed_window(m, in, s.in, s.flatten, s.widen_bipolar, s.window));
  m.stream_out("out", link_shape(s.out)).connect(s.sweep ? streamed(m, s, window) : resident(m, s, window));
  return m;
}

}  // namespace elb::hw
