#include "hw/weight_buffer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"
#include "hw/block_ram.hpp"
#include "hw/cond.hpp"
#include "hw/word_choice.hpp"

namespace elb::hw {

using hdl::Reg;
using hdl::Sig;
using hdl::u;

namespace {

// Is this the last row of a tile? Tiles lie one behind the other.
Cond ends_tile(const LoopCounter& row, int64_t tile_rows) {
  if (tile_rows == 1) return true;
  if (row.n == tile_rows) return row.last;
  Cond end = false;
  for (int64_t last = tile_rows - 1; last < row.n; last += tile_rows) end = end | Cond(row.value == last);
  return end;
}

// Bursts asked for, tile by tile. What the next grant takes is computed in the cycle behind the one before,
// in which there is none: registers that follow those that a grant moves.
void build_asking(hdl::Module& m, const spec::FetchParams& p, Sig grant, const Cond& freed) {
  const int64_t tile_beats = spec::beats_per_tile(p), region = spec::region_beats(p);
  const int place_bits = bits_for(p.burst_beats) - 1;  // of a beat in a burst that is whole
  const bool whole = tile_beats % p.burst_beats == 0;  // all bursts are
  const Reg asking = m.reg("asking_q", u(1));
  const Reg address = m.reg("address_q", u(spec::beat_address_bits(p)), {.reset = p.first_beat});
  const Reg free = m.reg("free_slots_q", u(bits_for(p.slots)), {.reset = p.slots});
  const Sig slot_free = (free != 0).named("slot_free");

  // Bursts end at multiples of burst_beats, and with the tile. Its last beat lies `behind` bursts behind this
  // one, at place `tail` of its own.
  const int64_t first_end = tile_beats - 1, most_end = first_end + (whole ? 0 : p.burst_beats - 1);
  const int behind_bits = bits_for(most_end >> place_bits);
  const Reg behind = m.reg("behind_q", u(behind_bits), {.reset = first_end >> place_bits});
  const Sig is_last = behind == 0;
  const Reg last = m.reg("last_q", u(1));
  last.next(is_last);
  // The region's last burst begins at the same address in every round.
  const int64_t end = p.first_beat + region;
  const int64_t last_burst = std::max(end - tile_beats, (end - 1) / p.burst_beats * p.burst_beats);
  Cond is_wrap = false, wrap = false;
  if (!p.once) {
    is_wrap = address == last_burst;
    wrap = m.delay("wrap_q", is_wrap.sig(m), 1);
  }
  const Sig less = (behind - 1).as_unsigned().trunc(behind_bits);
  Sig length, behind_next, moved;
  if (whole) {
    length = m.lit(p.burst_beats - 1, u(spec::burst_length_bits(p)));
    behind_next = mux(last, m.lit(first_end >> place_bits, u(behind_bits)), less);
    moved = (address + p.burst_beats).trunc(address.width());
  } else {
    const int end_bits = behind_bits + place_bits, page_bits = address.width() - place_bits;
    const Sig place = address.width() > place_bits ? address.trunc(place_bits) : address.ext(u(place_bits));
    const Reg tail = m.reg("tail_q", u(place_bits), {.reset = first_end % p.burst_beats});
    const Reg length_q = m.reg("length_q", u(spec::burst_length_bits(p)), {.reset = std::nullopt});
    const Sig end_place = mux(is_last, tail, m.lit(p.burst_beats - 1, u(place_bits)));
    length_q.next((end_place - place).as_unsigned().trunc(length_q.width()));
    length = length_q;
    // Where the next tile begins, and from there on where it ends.
    const Reg next_place = m.reg("next_place_q", u(place_bits), {.reset = std::nullopt});
    next_place.next(choose(is_wrap, m.lit(0, u(place_bits)), (tail + 1).trunc(place_bits)));
    const Sig next_end = (next_place + m.lit(first_end, u(end_bits))).trunc(end_bits);
    behind_next = mux(last, next_end.slice(place_bits, behind_bits), less);
    m.when(grant & last, [&] { tail.next(next_end.trunc(place_bits)); });
    moved = mux(last, next_place, m.lit(0, u(place_bits)));
    if (page_bits > 0) {
      const Sig carry = ~last | (next_place == 0);
      moved = hdl::cat({(address.slice(place_bits, page_bits) + carry).trunc(page_bits), moved});
    } else {
      moved = moved.trunc(address.width());
    }
  }
  const Sig claim = (~asking & slot_free).named("claim");
  m.when(claim, [&] { asking.next(1); }).otherwise_when(grant, [&] { asking.next(~last); });
  m.when(grant, [&] {
    behind.next(behind_next);
    address.next(choose(wrap, m.lit(p.first_beat, address.shape()), moved));
  });
  if (freed.is_false()) {
    m.when(claim, [&] { free.next((free - 1).as_unsigned().trunc(free.width())); });
  } else {
    free.next(((free + freed.sig(m)) - claim).as_unsigned().trunc(free.width()));
  }
  m.output("fetch_soon", asking | slot_free);
  m.output("fetch_address", address);
  m.output("fetch_length", length);
}

}  // namespace

hdl::Module& build_weight_buffer(hdl::Design& d, const WeightBufferParams& params) {
  const spec::FetchParams& p = params.fetch;
  ELB_ASSERT(!p.once || (p.tiles == 1 && p.slots == 1), "weights that are kept are one tile");
  ELB_ASSERT(p.slots >= 1 && p.tile_words >= 1 && p.word_bits >= 1, "a buffer keeps something");
  ELB_ASSERT(p.first_beat % p.burst_beats == 0, "regions begin with a burst");
  // A row is what is written or read at a time: several words, or one in several banks.
  const int banks = spec::beats_per_word(p);
  const int64_t row_words = std::min<int64_t>(spec::words_per_beat(p), p.tile_words);
  const int64_t tile_rows = ceil_div(p.tile_words, row_words), rows = tile_rows * p.slots;
  const int row_bits = static_cast<int>(row_words) * p.word_bits;

  hdl::Module& m = d.module(params.module);
  m.doc({.purpose = params.title,
         .params = fmt::format("{} tiles of {} words of {} bits in {} slots, beats of {} bits", p.tiles,
                               p.tile_words, p.word_bits, p.slots, p.data_bits),
         .latency = 1,
         .interval = 1});
  const Sig grant = m.input("fetch_grant", u(1));
  const Sig fill = m.input("fill_valid", u(1));
  const Sig data = m.input("fill_data", u(p.data_bits));
  const Sig early = m.input("early", u(1));
  Cond take = false, sweep_end = false;
  if (!p.once) {
    take = m.input("take", u(1));
    sweep_end = m.input("sweep_end", u(1));
  }
  const bool chooses = spec::chooses_words(p);
  const Cond freed = Cond(early) & sweep_end;
  const bool late = chooses && !p.once;
  build_asking(m, p, grant, late ? Cond(m.delay("freed_q", freed.sig(m), 1, {.reset = 0})) : freed);

  // Beats in.
  const LoopCounter bank = loop_counter(m, "write_bank_q", banks);
  const LoopCounter write_row = loop_counter(m, "write_row_q", rows);
  const Cond row_written = Cond(fill) & bank.last;
  bank.advance(m, fill);
  write_row.advance(m, row_written);
  const Cond complete = row_written & ends_tile(write_row, tile_rows);
  const Reg ok = m.reg("ok_q", u(1));
  if (p.once) {
    m.when(complete.sig(m), [&] { ok.next(1); });
  } else {
    const Reg full = m.reg("full_q", u(bits_for(p.slots)));
    const Sig full_next =
        ((full + complete.sig(m)) - take.sig(m)).as_unsigned().trunc(full.width()).named("full_next");
    full.next(full_next);
    ok.next(full_next != 0);
  }
  m.output("ok", ok);

  // Words out.
  const LoopCounter word = loop_counter(m, "word_q", row_words);
  const LoopCounter row = loop_counter(m, "row_q", rows);
  const int64_t last_word = (p.tile_words - 1) % row_words;
  const Cond tile_end =
      ends_tile(row, tile_rows) & (last_word == row_words - 1 ? word.last : Cond(word.value == last_word));
  const Cond row_end = word.last | tile_end;
  if (word.n > 1) {
    m.when(early, [&] {
      word.reg.next(
          choose(row_end, m.lit(0, word.value.shape()), (word.value + 1).trunc(word.value.width())));
    });
  }
  if (p.slots > 1) {
    const LoopCounter slot = loop_counter(m, "slot_q", p.slots);
    slot.advance(m, freed);
    std::vector<int64_t> first, next;
    for (int s = 0; s < p.slots; ++s) {
      first.push_back(s * tile_rows);
      next.push_back((s + 1) % p.slots * tile_rows);
    }
    const Sig again = by_runs(m, slot.value, first, row.value.shape());
    const Sig on = by_runs(m, slot.value, next, row.value.shape());
    const Sig jump = mux(sweep_end.sig(m), on, again);
    m.when((Cond(early) & row_end).sig(m),
           [&] { row.reg.next(choose(tile_end, jump, (row.value + 1).trunc(row.value.width()))); });
  } else {
    row.advance(m, Cond(early) & row_end);
  }

  const hdl::RamStyle style =
      params.style == spec::MemoryStyle::logic ? hdl::RamStyle::distributed : ram_style(params.style);
  std::vector<Sig> parts;
  for (int b = 0; b < banks; ++b) {
    const int width = banks == 1 ? row_bits : std::min(p.data_bits, p.word_bits - b * p.data_bits);
    const std::string name = banks == 1 ? "words" : fmt::format("words{}", b);
    const Cond here = banks == 1 ? Cond(true) : Cond(bank.value == b);
    parts.push_back(build_ram(m, name, {.width = width, .depth = rows}, style,
                              {.write_enable = (Cond(fill) & here).sig(m),
                               .write_address = write_row.value,
                               .write_data = data.slice(0, width),
                               .read_name = name + "_row",
                               .read_enable = early,
                               .read_address = row.value}));
  }
  Sig out = pack(parts);
  if (chooses) {
    const Reg chosen = m.reg("chosen_q", word.value.shape(), {.reset = std::nullopt});
    m.when(early, [&] { chosen.next(word.value); });
    const std::vector<Sig> words = hdl::lanes(out, p.word_bits);
    out = m.delay("word_chosen", choose_word(m, params.technology, "u_word", words, chosen), 1);
  }
  m.output("word", out);
  return m;
}

void forward_fetch(hdl::Module& m, const spec::FetchParams& p, const hdl::Instance& buffer) {
  for (const char* name : {"fetch_soon", "fetch_address", "fetch_length"}) m.output(name, buffer.out(name));
  buffer.in("fetch_grant", m.input("fetch_grant", u(1)));
  buffer.in("fill_valid", m.input("fill_valid", u(1)));
  buffer.in("fill_data", m.input("fill_data", u(p.data_bits)));
}

}  // namespace elb::hw
