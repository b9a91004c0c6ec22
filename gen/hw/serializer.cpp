#include "hw/serializer.hpp"

#include <fmt/format.h>

#include <vector>

#include "base/assert.hpp"
#include "hw/cond.hpp"
#include "hw/word_choice.hpp"

namespace elb::hw {

using namespace hdl;

namespace {}  // namespace

std::string Serializer::name(const Params& p) {
  const spec::TileBeats& t = p.tile;
  return fmt::format("elb_serialize_m{}_p{}_l{}_w{}_k{}{}{}{}", t.m, t.p, t.l, p.bits, t.kernels,
                     t.groups > 1 ? fmt::format("_g{}", t.groups) : "", p.swept ? "_swept" : "",
                     spec::module_suffix(p.technology));
}

Serializer::Out Serializer::build(Module& m, const Params& p, const In& in) {
  const spec::TileBeats& t = p.tile;
  const int beats = spec::beats_per_tile(t), in_last = spec::beats_of_last(t);
  const std::string error = spec::tile_beats_error(t);
  ELB_ASSERT(error.empty(), error);
  ELB_ASSERT(beats > 1, "a tile of one beat needs no serialiser");
  m.doc({.purpose = "tiles become beats, one per cycle",
         .params = fmt::format("columns={} kernels={}/{} groups={} lanes={}x{}", t.m, t.p, t.kernels,
                               t.groups, t.l, p.bits),
         .latency = spec::latency(p),
         .interval = spec::interval(p)});
  // The beat of a tile; 0 until one arrives.
  const Reg at = m.reg("at", u(bits_for(beats - 1)));
  const Cond push = (in.valid | (at != 0)).named("push");
  Cond ends = at == beats - 1;
  Sig sweep_end;
  if (p.swept) {
    const Reg held = m.reg("sweep_ends", u(1), {.reset = std::nullopt});
    m.when(in.valid, [&] { held.next(in.sweep_end); });
    sweep_end = mux(in.valid, in.sweep_end, held);
  }
  if (in_last < beats) {
    const LoopCounter fold = loop_counter(m, "kernel_fold", spec::kernel_folds(t));
    const Cond of_last = at == in_last - 1;
    ends = choose(fold.last, of_last.sig(m), ends.sig(m));
    const Cond done = push & ends;
    fold.advance(m, p.swept ? done & Cond(sweep_end) : done);
  }
  m.when(push.sig(m), [&] { at.next(choose(ends, m.lit(0, at.shape()), (at + 1).trunc(at.width()))); });

  std::vector<Sig> lanes_out;
  for (int v = 0; v < t.m; ++v) {
    std::vector<Sig> kept;  // [p] of this column
    for (int k = 0; k < t.p; ++k) {
      const Sig value = in.tile.lane(v * t.p + k, p.bits);
      if (k < t.l) {
        kept.push_back(value);
        continue;
      }
      const Reg r = m.reg(fmt::format("kept_m{}_p{}", v, k), u(p.bits), {.reset = std::nullopt});
      m.when(in.valid, [&] { r.next(value); });
      kept.push_back(r);
    }
    for (int l = 0; l < t.l; ++l) {
      std::vector<Sig> of_beat;
      for (int k = l; k < t.p; k += t.l) of_beat.push_back(kept[static_cast<size_t>(k)]);
      const std::string lane = fmt::format("m{}_l{}", v, l);
      const Reg out = m.reg("beat_" + lane, u(p.bits), {.reset = std::nullopt});
      out.next(of_beat.size() == 1 ? of_beat.front()
                                   : choose_word(m, p.technology, "u_choose_" + lane, of_beat, at));
      lanes_out.push_back(out);
    }
  }
  Out out{.valid = m.delay("valid", push.sig(m), 1, {.reset = 0}), .beat = pack(lanes_out)};
  if (p.swept) {
    const Sig tile_end = ends.sig(m);
    out.tile_end = m.delay("tile_end", tile_end, 1);
    out.sweep_end = m.delay("sweep_end", tile_end & sweep_end, 1);
  }
  return out;
}

}  // namespace elb::hw
