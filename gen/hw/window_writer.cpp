#include "hw/window_writer.hpp"

#include <algorithm>

#include "base/int_math.hpp"
#include "hw/word_choice.hpp"

namespace elb::hw {

using hdl::Reg;
using hdl::Sig;
using hdl::u;

Sig add_and_count(hdl::Module& m, Sig sum, Sig step, const Cond& one) {
  if (one.is_false()) return (sum + step).trunc(sum.width());
  const Sig both = hdl::cat({sum, m.lit(1, u(1))}), more = hdl::cat({step, one.sig(m)});
  return (both + more).slice(1, sum.width());
}

WindowWriter build_window_writer(hdl::Module& m, const WindowStoreParams& p, const hdl::Stream& in,
                                 Sig released) {
  const spec::WindowParams& w = p.window;
  const int nb = spec::banks(w), vw = spec::sub_columns(w), sub_beats = spec::sub_beats(w), sets = nb / vw;
  const int words = spec::words_per_group(w), gi = spec::groups_per_row(w);
  const int row_beats = static_cast<int>(ceil_div(w.w, w.in_columns));
  const int n = spec::group_count_bits(w);
  const auto [stride, ring] = spec::window_ring(w);
  const int pointer_bits = bits_for(ring - 1);

  // Columns behind the last group of a row: sub-beats of the row's last beat from first_dropped on; the group
  // they would reach lies `overshoot` groups behind the row's last one.
  const int last_beat_column = (row_beats - 1) * w.in_columns;
  int first_dropped = sub_beats, overshoot = 0;
  for (int j = sub_beats - 1; j >= 0; --j) {
    const int group = (last_beat_column + j * vw) / nb;
    if (group >= gi) first_dropped = j;
    overshoot = std::max(overshoot, group - (gi - 1));
  }

  const hdl::Wire accept = m.wire("wr_accept", u(1));
  const Reg room = m.reg("wr_room_q", u(1), {.reset = 1});
  // A sub-beat is accepted and more: of the two the beat's valid comes late, from a repack.
  const auto accepted_and = [&](const std::string& instance, const Cond& more) {
    return more.is_true() ? Cond(accept)
                          : Cond(late_and(m, p.technology, instance, in.valid(), (Cond(room) & more).sig(m)));
  };
  const LoopCounter sub = counter_with_last(m, "wr_sub_q", sub_beats);
  const LoopCounter word = counter_with_last(m, "wr_word_q", words);
  const LoopCounter beat = counter_with_last(m, "wr_beat_q", row_beats);
  const LoopCounter set = loop_counter(m, "wr_set_q", sets);
  sub.advance(m, Sig(accept));
  word.advance(m, Cond(accept) & sub.last);
  beat.advance(m, Cond(accept) & sub.last & word.last);

  const Cond beat_end = sub.last & word.last;
  const Cond row_end = beat_end & beat.last;
  const Cond rewind = sub.last & !word.last;  // the next word of the same columns
  Cond dropped = false;
  if (first_dropped < sub_beats) {
    dropped = beat.last & (first_dropped == 0 ? Cond(true) : Cond(sub.value >= first_dropped));
  }

  // Position of the current sub-beat: bank set, ring pointer of the group; at a row's end the group advances
  // past what was dropped, whatever the bank set.
  const Reg slot = m.reg("wr_slot_q", u(pointer_bits));
  const auto ring_step = [stride = stride, ring = ring](int64_t groups) {
    return floor_mod(groups * stride, ring);
  };
  const Cond group_end = set.last;
  Sig slot_on = choose(group_end, add_mod(m, slot, ring_step(1), ring), slot);
  const Sig set_zero = m.lit(0, set.value.shape());
  Sig set_on = set.n == 1 ? set.value : choose(set.last, set_zero, (set.value + 1).trunc(set.value.width()));
  slot_on = choose(row_end, add_mod(m, slot, ring_step(1 - overshoot), ring), slot_on);
  set_on = choose(row_end, set_zero, set_on);
  const bool rewinds = !rewind.is_false() && sub_beats > 1;
  if (rewinds) {
    const Reg slot_first = m.reg("wr_slot_first_q", u(pointer_bits));
    slot_on = choose(rewind, slot_first, slot_on);
    Sig set_first = set_zero;
    if (set.n > 1) {
      const Reg first = m.reg("wr_set_first_q", set.value.shape());
      set_first = first;
      m.when((Cond(accept) & beat_end).sig(m), [&] { first.next(set_on); });
    }
    const Sig slot_saved = slot_on;
    set_on = choose(rewind, set_first, set_on);
    m.when((Cond(accept) & beat_end).sig(m), [&] { slot_first.next(slot_saved); });
  } else {
    slot_on = choose(rewind, slot, slot_on);
    set_on = choose(rewind, set.value, set_on);
  }
  m.when(accept, [&] { slot.next(slot_on); });
  if (set.n > 1) m.when(accept, [&] { set.reg.next(set_on); });

  // The group under way less what is released less the capacity, negative where there is room. Steps: 1, at a
  // row's end 1 - overshoot, back to the beat's first group.
  const Reg beyond = m.reg("wr_beyond_q", u(n), {.reset = floor_mod(-w.capacity, int64_t{1} << n)});
  const Cond inside = (!rewind) & (!row_end) & group_end;
  Cond advances = overshoot == 0 ? row_end | (group_end & (!rewind)) : inside;
  Sig beyond_next;
  if (!rewinds && overshoot <= 1) {
    beyond_next =
        add_and_count(m, beyond, released, accepted_and("u_advances", advances)).named("wr_beyond_next");
  } else {
    // Three operands in one carry chain behind carry-save adders; what `accept` chooses is ready before it.
    const Sig zero = m.lit(0, u(n));
    Sig step = choose(row_end, m.lit(floor_mod(std::min(0, 1 - overshoot), int64_t{1} << n), u(n)), zero);
    if (rewinds) {
      const Reg since =
          m.reg("wr_since_q", u(bits_for(ceil_div(sub_beats, sets))));  // the beat's first group
      const Sig on = choose(inside, (since + 1).trunc(since.width()), since);
      m.when(accept, [&] { since.next(choose(sub.last, m.lit(0, since.shape()), on)); });
      step = choose(rewind, ~since.ext(u(n)), step);  // its complement; the carry in makes it -since
      advances = advances | rewind;
    }
    const Sig sums = beyond ^ released ^ step;
    const Sig carries = (beyond & released) | (step & (beyond | released));
    const Sig stays = (beyond + released).trunc(n);
    const Sig moves = (sums + hdl::cat({carries.slice(0, n - 1), advances.sig(m)})).trunc(n);
    beyond_next = mux(accept, moves, stays).named("wr_beyond_next");
  }
  beyond.next(beyond_next);

  // A group is complete with the last word of its last sub-beat.
  const Cond completes =
      accepted_and("u_completes", word.last & !dropped & (group_end | (beat.last & sub.last)));

  // Room for the next sub-beat, registered: ready never depends on anything of this cycle.
  Cond dropped_next = false;
  if (!dropped.is_false()) {
    const Cond at_last = choose(beat_end, beat.before_last(), beat.last);
    const Cond behind = first_dropped == 0 ? Cond(true) : Cond(sub.next(true) >= first_dropped);
    dropped_next = choose(accept, at_last & behind, dropped);
  }
  room.next((dropped_next | Cond(beyond_next.msb())).sig(m));
  in.drive_ready(room);
  accept.drive(in.valid() & room);

  WindowWriter out;
  out.write = (Cond(accept) & !dropped).sig(m);
  out.address = words == 1 ? Sig(slot) : (slot + word.value).trunc(pointer_bits);
  for (int b = 0; b < sets; ++b) out.bank_set.push_back(sets == 1 ? Cond(true) : Cond(set.value == b));
  out.completes = completes;
  return out;
}

}  // namespace elb::hw
