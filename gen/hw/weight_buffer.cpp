#include "hw/weight_buffer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"
#include "hw/block_ram.hpp"
#include "hw/cond.hpp"

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

// Bursts asked for, tile by tile.
void build_asking(hdl::Module& m, const spec::FetchParams& p, Sig grant, const Cond& freed) {
  const int64_t tile_beats = spec::beats_per_tile(p), region = spec::region_beats(p);
  const int size_bits = spec::burst_size_bits(p);
  const Reg asking = m.reg("asking_q", u(1));
  const Reg left = m.reg("left_q", u(bits_for(tile_beats)));
  const Reg address = m.reg("address_q", u(spec::beat_address_bits(p)), {.reset = p.first_beat});
  const Reg free = m.reg("free_slots_q", u(bits_for(p.slots)), {.reset = p.slots});

  // Bursts end at multiples of burst_beats, and with the tile.
  Sig beats;
  Cond last = true;
  if (tile_beats % p.burst_beats == 0) {
    beats = m.lit(p.burst_beats, u(size_bits));
    last = left == p.burst_beats;
  } else if (p.burst_beats == 1) {
    beats = m.lit(1, u(size_bits));
    last = left == 1;
  } else {
    const int place_bits = std::min(bits_for(p.burst_beats) - 1, address.width());
    const Sig room = (p.burst_beats - address.trunc(place_bits)).as_unsigned();
    const Sig ends = (left <= room).named("ends");
    beats = mux(ends, left, room).trunc(size_bits);
    last = ends;
  }
  beats = beats.named("beats");
  // The region's last burst begins at the same address in every round.
  const int64_t end = p.first_beat + region;
  const int64_t last_burst = std::max(end - tile_beats, (end - 1) / p.burst_beats * p.burst_beats);
  const Sig moved = (address + beats).trunc(address.width());
  const Sig claim = (~asking & (free != 0)).named("claim");
  m.when(claim, [&] {
     asking.next(1);
     left.next(tile_beats);
   }).otherwise_when(grant, [&] {
    asking.next((!last).sig(m));
    left.next((left - beats).as_unsigned().trunc(left.width()));
    address.next(p.once ? moved : mux(address == last_burst, m.lit(p.first_beat, address.shape()), moved));
  });
  if (freed.is_false()) {
    m.when(claim, [&] { free.next((free - 1).as_unsigned().trunc(free.width())); });
  } else {
    free.next(((free + freed.sig(m)) - claim).as_unsigned().trunc(free.width()));
  }
  m.output("fetch_valid", asking);
  m.output("fetch_address", address);
  m.output("fetch_beats", u(size_bits), beats);
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
  const Cond freed = Cond(early) & sweep_end;
  build_asking(m, p, grant, freed);

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
      params.style == spec::MemoryStyle::block ? hdl::RamStyle::block : hdl::RamStyle::distributed;
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
  if (row_words > 1) {
    const Reg chosen = m.reg("chosen_q", word.value.shape(), {.reset = std::nullopt});
    m.when(early, [&] { chosen.next(word.value); });
    out = index(hdl::lanes(out, p.word_bits), chosen);
  }
  m.output("word", out);
  return m;
}

void forward_fetch(hdl::Module& m, const spec::FetchParams& p, const hdl::Instance& buffer) {
  m.output("fetch_valid", buffer.out("fetch_valid"));
  m.output("fetch_address", buffer.out("fetch_address"));
  m.output("fetch_beats", buffer.out("fetch_beats"));
  buffer.in("fetch_grant", m.input("fetch_grant", u(1)));
  buffer.in("fill_valid", m.input("fill_valid", u(1)));
  buffer.in("fill_data", m.input("fill_data", u(p.data_bits)));
}

}  // namespace elb::hw
