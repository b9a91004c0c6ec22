#include "hw/repack.hpp"

#include <fmt/format.h>

#include <set>

#include "hw/cond.hpp"

namespace elb::hw {

using hdl::Reg;
using hdl::Sig;
using hdl::u;

namespace {

// Lanes that do not exist in a pixel's last beat become zero.
Sig mask_tail(hdl::Module& m, const spec::RepackParams& p, Sig data, const Cond& last) {
  const int tail = p.channels - (p.beats() - 1) * p.in_lanes;
  if (tail == p.in_lanes || last.is_false()) return data;
  std::vector<Sig> columns;
  for (int v = 0; v < p.columns; ++v) {
    const Sig beat = data.lane(v, p.in_lanes * p.bits);
    const Sig masked = cat({m.lit(Bits((p.in_lanes - tail) * p.bits)), beat.slice(0, tail * p.bits)});
    columns.push_back(choose(last, masked, beat));
  }
  return pack(columns);
}

// Every fill level that can be seen just before a beat is written, after a word has left: where the write begins.
std::set<int> write_positions(const spec::RepackParams& p) {
  std::set<int> positions;
  for (int fill = 0; fill <= 2 * p.word_units() - 1; ++fill) {
    positions.insert(fill >= p.word_units() ? fill - p.word_units() : fill);
  }
  // A word may leave or stay: without a word the fill itself is the position.
  for (int fill = p.word_units(); fill <= 2 * p.word_units() - 1; ++fill) positions.insert(fill);
  return positions;
}

}  // namespace

std::string Repack::name(const Params& p) {
  return fmt::format("elb_repack_v{}_b{}_c{}_l{}_s{}", p.columns, p.bits, p.channels, p.in_lanes, p.out_lanes);
}

Repack::Out Repack::build(hdl::Module& m, const Params& p, const In& in) {
  m.doc({.purpose = "beats of L channels to words of S, each pixel beginning at lane 0, zeros behind its end",
         .params = fmt::format("columns={} lane_bits={} channels={} L={} S={}", p.columns, p.bits, p.channels, p.in_lanes, p.out_lanes)});
  const LoopCounter beat = loop_counter(m, "beat_q", p.beats());
  const hdl::StreamShape out_shape{.data = u(p.columns * p.out_lanes * p.bits)};
  beat.advance(m, in.in.fire());
  if (p.passes()) {
    return {in.in.map(out_shape.data, [&](Sig data) { return mask_tail(m, p, data, beat.last); })};
  }
  const int unit_bits = p.unit() * p.bits, word = p.word_units(), capacity = p.capacity_units();
  const Reg fill = m.reg("fill_q", u(bits_for(capacity)));
  const hdl::Wire pushed = m.wire("pushed", u(1));
  const Reg ready = m.reg("ready_q", u(1), {.reset = 1});
  const Reg filled = m.reg("filled_q", u(1));
  in.in.drive_ready(ready);
  pushed.drive(in.in.valid() & ready);

  std::vector<Reg> cells;  // [column * capacity + unit]
  for (int v = 0; v < p.columns; ++v) {
    for (int k = 0; k < capacity; ++k) cells.push_back(m.reg(fmt::format("unit{}_{}_q", v, k), u(unit_bits), {std::nullopt}));
  }
  std::vector<Sig> words;
  for (int v = 0; v < p.columns; ++v) {
    for (int k = 0; k < word; ++k) words.push_back(cells[v * capacity + k]);
  }
  const hdl::Stream out = m.stream("out_word", out_shape, filled, {pack(words)});
  const Sig popped = out.fire().named("popped");

  const Sig kept = mux(popped, (fill - word).as_unsigned().trunc(fill.width()), fill).named("kept");
  const Sig added = choose(beat.last, m.lit(p.last_beat_units(), fill.shape()), m.lit(p.beat_units(), fill.shape()));
  const Sig fill_next = mux(pushed, (kept + added).trunc(fill.width()), kept).named("fill_next");
  fill.next(fill_next);
  ready.next(fill_next <= 2 * word - 1);
  filled.next(fill_next >= word);

  // A beat is written behind what is kept; units behind a short pixel's end are zero.
  const Sig data = mask_tail(m, p, in.in.data(), beat.last).named("beat_data");
  const std::set<int> positions = write_positions(p);
  const Sig zero = m.lit(0, u(unit_bits));
  for (int v = 0; v < p.columns; ++v) {
    for (int k = 0; k < capacity; ++k) {
      const Sig shifted = k + word < capacity ? Sig(cells[v * capacity + k + word]) : zero;
      Sig value = mux(popped, shifted, cells[v * capacity + k]);
      for (int position : positions) {
        const int unit = k - position;  // of the beat
        if (unit < 0 || unit >= p.max_units()) continue;
        const Sig written = unit < p.beat_units() ? data.slice((v * p.beat_units() + unit) * unit_bits, unit_bits) : zero;
        value = mux(pushed & (kept == position), written, value);
      }
      cells[v * capacity + k].next(value);
    }
  }
  return {out};
}

}  // namespace elb::hw
