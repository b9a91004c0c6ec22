#include "hw/window_writer.hpp"

#include <algorithm>

#include "base/int_math.hpp"

namespace elb::hw {

using hdl::Reg;
using hdl::Sig;
using hdl::u;

int group_count_bits(const spec::WindowParams& w) {
  // Differences of counts stay within a frame, a ring and one stride; one more bit holds their sign.
  const int64_t stride = int64_t{w.sh} * spec::groups_per_row(w);
  return bits_for(spec::groups_per_frame(w) + w.capacity + stride + w.in_columns) + 1;
}

int64_t ring_words(const spec::WindowParams& w) {
  return int64_t{w.capacity} * spec::words_per_group(w);
}

WindowWriter build_window_writer(hdl::Module& m, const spec::WindowParams& w, const hdl::Stream& in,
                                 Sig released_next) {
  const int nb = spec::banks(w), vw = spec::sub_columns(w), sub_beats = spec::sub_beats(w), sets = nb / vw;
  const int words = spec::words_per_group(w), gi = spec::groups_per_row(w);
  const int row_beats = static_cast<int>(ceil_div(w.w, w.in_columns));
  const int n = group_count_bits(w);
  const int64_t ring = ring_words(w);
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
  const LoopCounter sub = loop_counter(m, "wr_sub_q", sub_beats);
  const LoopCounter word = loop_counter(m, "wr_word_q", words);
  const LoopCounter beat = loop_counter(m, "wr_beat_q", row_beats);
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

  // Position of the current sub-beat: bank set, group count, ring pointer of the group.
  const Reg group = m.reg("wr_group_q", u(n));
  const Reg slot = m.reg("wr_slot_q", u(pointer_bits));
  const auto count_step = [&](int64_t groups) { return floor_mod(groups, int64_t{1} << n); };
  const auto ring_step = [&](int64_t groups) { return floor_mod(groups * words, ring); };
  const Cond group_end = set.last;
  Sig group_on = choose(group_end, (group + 1).trunc(n), group);
  Sig slot_on = choose(group_end, add_mod(m, slot, ring_step(1), ring), slot);
  const Sig set_zero = m.lit(0, set.value.shape());
  Sig set_on = set.n == 1 ? set.value : choose(set.last, set_zero, (set.value + 1).trunc(set.value.width()));
  // At a row's end the group advances past what was dropped, whatever the bank set.
  group_on = choose(row_end, (group + m.lit(count_step(1 - overshoot), u(n))).trunc(n), group_on);
  slot_on = choose(row_end, add_mod(m, slot, ring_step(1 - overshoot), ring), slot_on);
  set_on = choose(row_end, set_zero, set_on);
  if (!rewind.is_false() && sub_beats > 1) {
    const Reg group_first = m.reg("wr_group_first_q", u(n));
    const Reg slot_first = m.reg("wr_slot_first_q", u(pointer_bits));
    group_on = choose(rewind, group_first, group_on);
    slot_on = choose(rewind, slot_first, slot_on);
    Sig set_first = set_zero;
    if (set.n > 1) {
      const Reg first = m.reg("wr_set_first_q", set.value.shape());
      set_first = first;
      m.when((Cond(accept) & beat_end).sig(m), [&] { first.next(set_on); });
    }
    const Sig group_saved = group_on, slot_saved = slot_on;
    set_on = choose(rewind, set_first, set_on);
    m.when((Cond(accept) & beat_end).sig(m), [&] {
      group_first.next(group_saved);
      slot_first.next(slot_saved);
    });
  } else {
    group_on = choose(rewind, group, group_on);
    slot_on = choose(rewind, slot, slot_on);
    set_on = choose(rewind, set.value, set_on);
  }
  const Sig group_next = mux(accept, group_on, group).named("wr_group_next");
  group.next(group_next);
  m.when(accept, [&] { slot.next(slot_on); });
  if (set.n > 1) m.when(accept, [&] { set.reg.next(set_on); });

  // A group is complete with the last word of its last sub-beat.
  const Cond completes = Cond(accept) & word.last & !dropped & (group_end | (beat.last & sub.last));
  const Reg stored = m.reg("stored_q", u(n));
  const Sig stored_next = choose(completes, (stored + 1).trunc(n), stored).named("stored_next");
  stored.next(stored_next);

  // Room for the next sub-beat, registered: ready never depends on anything of this cycle.
  Cond dropped_next = false;
  if (!dropped.is_false()) {
    const Cond at_last = beat.n == 1 ? Cond(true) : Cond(beat.next(Cond(accept) & beat_end) == beat.n - 1);
    dropped_next = at_last & (first_dropped == 0 ? Cond(true) : Cond(sub.next(Sig(accept)) >= first_dropped));
  }
  const Sig ahead = (group_next - released_next).as_unsigned().trunc(n).as_signed().named("wr_ahead");
  const Reg room = m.reg("wr_room_q", u(1), {.reset = 1});
  room.next((dropped_next | Cond(ahead < w.capacity)).sig(m));
  in.drive_ready(room);
  accept.drive(in.valid() & room);

  WindowWriter out;
  out.write = (Cond(accept) & !dropped).sig(m);
  out.address = words == 1 ? Sig(slot) : (slot + word.value).trunc(pointer_bits);
  for (int b = 0; b < sets; ++b) out.bank_set.push_back(sets == 1 ? Cond(true) : Cond(set.value == b));
  out.stored_next = stored_next;
  return out;
}

}  // namespace elb::hw
