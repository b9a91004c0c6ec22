#include "hw/repack.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/assert.hpp"
#include "hw/cond.hpp"

namespace elb::hw {

using namespace hdl;

namespace {

// The lanes of all columns that move together, and back.
class Grains {
 public:
  Grains(Module& m, const spec::RepackParams& p) : m_(m), p_(p), s_(spec::repack_sources(p)) {}
  const spec::RepackSources& sources() const { return s_; }
  int in() const { return s_.in; }    // of a beat
  int out() const { return s_.out; }  // of a word
  int bits() const { return p_.columns * s_.grain_lanes * p_.bits; }

  std::vector<Sig> of_beat(Sig data) const {
    std::vector<Sig> grains;
    const int part = s_.grain_lanes * p_.bits;
    for (int i = 0; i < s_.in; ++i) {
      std::vector<Sig> columns;
      for (int v = 0; v < p_.columns; ++v) columns.push_back(data.slice((v * s_.in + i) * part, part));
      grains.push_back(pack(columns));
    }
    return grains;
  }
  Sig to_word(const std::vector<Sig>& grains) const {
    const int part = s_.grain_lanes * p_.bits;
    std::vector<Sig> parts;
    for (int v = 0; v < p_.columns; ++v) {
      for (int i = 0; i < s_.out; ++i) parts.push_back(grains[i].slice(v * part, part));
    }
    return pack(parts);
  }
  // A register for what waits as grain q; not set where nothing does.
  std::vector<Reg> rest() const {
    std::vector<Reg> regs(s_.out);
    for (int q = 0; q < s_.out; ++q) {
      bool waits = false;
      for (int w = 0; w < s_.words; ++w) waits = waits || s_.rest(q, w) >= 0;
      if (waits) regs[q] = m_.reg(fmt::format("rest_{}", q), u(bits()), {std::nullopt});
    }
    return regs;
  }
  // The word under way; `sent` says which, zeros stand behind the pixel's end.
  Sig word(const std::vector<Sig>& head, const std::vector<Reg>& rest, Sig sent,
           const Cond& last_word) const {
    std::vector<Sig> grains;
    for (int q = 0; q < s_.out; ++q) {
      const auto value = [&](int from, bool last) {
        if (from == spec::RepackSources::kNone) return m_.lit(0, u(bits()));
        const Sig all = from >= 0 ? head[from] : Sig(rest[q]);
        return last ? within(q, all) : all;
      };
      std::vector<Sig> values;
      for (int w = 0; w < s_.words; ++w)
        values.push_back(value(s_.word(q, w), !s_.repeats && w + 1 == s_.words));
      Sig grain = index(values, sent);
      if (s_.repeats) grain = choose(last_word, value(s_.last(q), true), grain);
      grains.push_back(grain);
    }
    return to_word(grains);
  }
  // What shall wait as grain q when a beat is taken, where `kept` says for which word. Where words are wider
  // than beats the choice is complete, since then it is the same for every in()-th grain.
  Sig waits(int q, const std::vector<Sig>& head, Sig kept, int first_word) const {
    std::vector<int> from;
    for (int w = 0; w < s_.words; ++w) from.push_back(s_.rest(q, (w + first_word) % s_.words));
    const int first = *std::find_if(from.begin(), from.end(), [](int i) { return i >= 0; });
    const bool differ = std::any_of(from.begin(), from.end(), [&](int i) { return i >= 0 && i != first; });
    int last = first;
    std::vector<Sig> values;
    for (int w = 0; w < s_.words; ++w) {
      if (differ && s_.out > s_.in)
        last = static_cast<int>((int64_t{(w + first_word) % s_.words} * s_.out + q) % s_.in);
      else if (from[static_cast<size_t>(w)] >= 0)
        last = from[static_cast<size_t>(w)];
      values.push_back(head[last]);
    }
    return index(values, kept);
  }

 private:
  // Of a grain of the pixel's last word, lanes behind its end as 0.
  Sig within(int q, Sig grain) const {
    const int left = s_.last_lanes - q * s_.grain_lanes;
    if (left >= s_.grain_lanes) return grain;
    std::vector<Sig> columns;
    for (int v = 0; v < p_.columns; ++v) {
      columns.push_back(grain.slice(v * s_.grain_lanes * p_.bits, left * p_.bits));
      columns.push_back(m_.lit(0, u((s_.grain_lanes - left) * p_.bits)));
    }
    return pack(columns);
  }

  Module& m_;
  spec::RepackParams p_;
  spec::RepackSources s_;
};

// Is the phase one of these?
Cond phase_in(Sig phase, const std::vector<int>& phases, int count) {
  if (phases.empty()) return false;
  if (static_cast<int>(phases.size()) == count) return true;
  Cond any = false;
  for (int i : phases) any = any | Cond(phase == i);
  return any;
}

// Which of a pixel's steps (beats taken, words sent) hold a condition: those of these phases, `also` one of
// the last ones, and the last one. `steps` counts a pixel's, `phase` restarts with it.
class StepFlag {
 public:
  StepFlag(const LoopCounter& steps, const LoopCounter& phase, std::vector<bool> of_phase, int except = -1)
      : steps_(steps), phase_(phase), of_phase_(std::move(of_phase)), except_(except) {}

  // A function of the counters; of more bits than leave room in the LUT that it goes into, a register that
  // changes at `step`.
  Cond build(Module& m, const Sig& step) const {
    const bool one = steps_.n == phase_.n;
    const int bits =
        (steps_.n > 1 ? bits_for(steps_.n - 1) : 0) + (one || phase_.n == 1 ? 0 : bits_for(phase_.n - 1));
    if (bits <= 3) return (in_phases(0) & !at(except_)) | steps_.last;
    const bool first = steps_.n == 1 || (of_phase_[0] && except_ != 0);
    const Reg q = m.reg("word_ends", u(1), {.reset = first});
    const Cond on = (in_phases(1) & !at(except_ - 1)) | steps_.before_last();
    m.when(step, [&] { q.next(choose(steps_.last, m.lit(first, u(1)), on.sig(m))); });
    return Sig(q);
  }

 private:
  Cond at(int64_t step) const {
    return step < 0 || step >= steps_.n ? Cond(false) : Cond(steps_.value == step);
  }
  // The phase after `ahead` steps is one of those.
  Cond in_phases(int ahead) const {
    std::vector<int> phases;
    const int count = static_cast<int>(of_phase_.size());
    for (int i = 0; i < count; ++i) {
      if (of_phase_[static_cast<size_t>((i + ahead) % count)]) phases.push_back(i);
    }
    return phase_in(phase_.value, phases, count);
  }

  const LoopCounter& steps_;
  const LoopCounter& phase_;
  std::vector<bool> of_phase_;
  int64_t except_;
};

// A phase counts along and begins again with every pixel.
void restart(Module& m, const LoopCounter& phase, Sig step, const Cond& pixel_ends) {
  if (phase.n == 1) return;
  m.when(step, [&] {
    const Sig zero = m.lit(0, phase.value.shape());
    phase.reg.next(choose(pixel_ends | phase.last, zero, (phase.value + 1).trunc(phase.value.width())));
  });
}

Stream out_stream(Module& m, const spec::RepackParams& p, Sig valid, Sig word, const Cond& last) {
  std::vector<Sig> payload{word};
  if (p.last) payload.push_back(last.sig(m));
  return m.stream("word", {.data = u(p.columns * p.out_lanes * p.bits), .last = p.last}, valid, payload);
}

// Lanes behind the pixel's last channel as 0 while `last_word`.
Sig mask_tail(Module& m, const spec::RepackParams& p, Sig word, const Cond& last_word) {
  const int tail = p.channels - (spec::words_per_pixel(p) - 1) * p.out_lanes;
  if (tail == p.out_lanes) return word;
  std::vector<Sig> columns;
  for (int v = 0; v < p.columns; ++v) {
    const Sig column = word.lane(v, p.out_lanes * p.bits);
    const Sig zero = m.lit(0, u((p.out_lanes - tail) * p.bits));
    const Sig behind = column.slice(tail * p.bits, (p.out_lanes - tail) * p.bits);
    columns.push_back(cat({choose(last_word, zero, behind), column.slice(0, tail * p.bits)}));
  }
  return pack(columns);
}

Stream build_wires(Module& m, const spec::RepackParams& p, const Stream& in) {
  const bool mask = spec::words_per_pixel(p) * p.out_lanes != p.channels;
  const LoopCounter beat = counter_with_last(m, "beat", mask ? spec::beats_per_pixel(p) : 1);
  std::vector<Sig> columns;
  for (int v = 0; v < p.columns; ++v) {
    const int kept = std::min(p.in_lanes, p.out_lanes);
    const Sig column = in.data().slice(v * p.in_lanes * p.bits, kept * p.bits);
    columns.push_back(kept == p.out_lanes ? column
                                          : cat({m.lit(0, u((p.out_lanes - kept) * p.bits)), column}));
  }
  const Stream out = out_stream(m, p, in.valid(), mask_tail(m, p, pack(columns), beat.last),
                                p.last ? Cond(in.last()) : Cond(false));
  in.drive_ready(out.ready());
  beat.advance(m, out.fire());
  return out;
}

// L < S. Beat j of a pixel goes to grains o .. of the word under way, o = j L mod S.
Stream build_widen(Module& m, const spec::RepackParams& p, const Stream& in) {
  const Grains g(m, p);
  const int beats = spec::beats_per_pixel(p), phases = std::min(beats, g.out());
  const bool flushes = spec::has_flush(p);
  const LoopCounter beat = counter_with_last(m, "beat", beats);
  const LoopCounter phase = phases == beats ? beat : loop_counter(m, "phase", phases);
  const auto offset = [&](int i) { return i * g.in() % g.out(); };

  std::vector<bool> ending;  // phases in which a beat that is not the pixel's last ends a word
  for (int i = 0; i < phases; ++i) ending.push_back(i < beats - 1 && offset(i) + g.in() >= g.out());
  const Wire take = m.wire("take", u(1));
  const Cond ends = StepFlag(beat, phase, ending).build(m, take);
  const Reg flush = flushes ? m.reg("flush", u(1)) : Reg();
  const Cond flushing = flushes ? Cond(flush) : Cond(false);
  const std::vector<Sig> head = g.of_beat(in.data());
  const std::vector<Reg> rest = g.rest();
  // Which word is sent, and to which a beat's rest goes: counters, so that a lane's choice is a LUT from
  // registers.
  const spec::RepackSources& sources = g.sources();
  const LoopCounter sent = loop_counter(m, "sent_q", sources.words);
  const LoopCounter kept = loop_counter(m, "kept_q", sources.words);
  const Cond last_word = flushes ? flushing : beat.last;
  const Reg last_waits = p.last && flushes ? m.reg("last_waits", u(1), {std::nullopt}) : Reg();
  Cond last = false;
  if (p.last) last = flushes ? flushing & Cond(last_waits) : Cond(in.last());
  const Stream out = out_stream(m, p, (flushing | (Cond(in.valid()) & ends)).sig(m),
                                g.word(head, rest, sent.value, last_word), last);
  in.drive_ready((Cond(out.ready()) | !(flushing | ends)).sig(m));
  take.drive(in.fire());
  beat.advance(m, take);
  if (phases < beats) restart(m, phase, take, beat.last);
  restart(m, sent, out.fire(), last_word);
  if (kept.n > 1) {
    // The next beat's rest goes to the word behind that which it ends.
    std::vector<int> stepping;
    for (int i = 0; i < phases; ++i) {
      if (offset((i + 1) % phases) + g.in() >= g.out()) stepping.push_back(i);
    }
    const Sig zero = m.lit(0, kept.value.shape());
    const Sig on = choose(kept.last, zero, (kept.value + 1).trunc(kept.value.width()));
    const Sig next = choose(phase_in(phase.value, stepping, phases), on, kept.value);
    m.when(take, [&] { kept.reg.next(choose(beat.last, zero, next)); });
  }
  for (int q = 0; q < g.out(); ++q) {
    if (!rest[q].is_set()) continue;
    std::vector<int>
        writing;  // phases whose beat has a grain that waits as q, of the word under way or the next
    for (int i = 0; i < phases; ++i) {
      const bool next_word = offset(i) + g.in() >= g.out();
      const int from = q - offset(i) + (next_word ? g.out() : 0);
      if (from >= 0 && from < g.in()) writing.push_back(i);
    }
    const Cond write = phase_in(phase.value, writing, phases) & Cond(take);
    m.when(write.sig(m), [&] { rest[q].next(g.waits(q, head, kept.value, 0)); });
  }
  if (flushes) {
    const Cond starts = Cond(take) & beat.last;
    m.when(starts.sig(m), [&] { flush.next(1); }).otherwise_when(out.ready(), [&] { flush.next(0); });
    if (p.last) m.when(starts.sig(m), [&] { last_waits.next(in.last()); });
  }
  return out;
}

// L > S. Word w of a pixel ends at grain e of the beat at hand, e - 1 = ((w + 1) S - 1) mod L.
Stream build_narrow(Module& m, const spec::RepackParams& p, const Stream& in) {
  const Grains g(m, p);
  const int words = spec::words_per_pixel(p), beats = spec::beats_per_pixel(p),
            phases = std::min(words, g.in());
  const LoopCounter word_count = counter_with_last(m, "word_count", words);
  const LoopCounter phase = phases == words ? word_count : loop_counter(m, "phase", phases);
  const auto end = [&](int i) { return ((i + 1) * g.out() - 1) % g.in() + 1; };
  // Where the pixel ends before the last word's lanes would: the word lies in the last beat wholly or in
  // part.
  const int last_phase = (words - 1) % phases;
  const int last_start = static_cast<int>(
      (int64_t{words - 1} * p.out_lanes - int64_t{beats - 1} * p.in_lanes) / g.sources().grain_lanes);
  const bool last_differs = last_start != end(last_phase) - g.out();
  const std::vector<Sig> head = g.of_beat(in.data());

  std::vector<bool> taking;  // phases in which the beat is used up behind its word
  for (int i = 0; i < phases; ++i) taking.push_back(end(i) + g.out() > g.in());
  const Wire sent = m.wire("sent", u(1));
  const Cond takes =
      StepFlag(word_count, phase, taking, last_differs && words >= 2 ? words - 2 : -1).build(m, sent);

  // The rest: grains e .. of a beat that was taken, the first grains of the next word.
  const std::vector<Reg> rest = g.rest();
  const Stream out = out_stream(m, p, in.valid(), g.word(head, rest, phase.value, word_count.last),
                                p.last ? Cond(in.last()) & word_count.last : Cond(false));
  in.drive_ready((Cond(out.ready()) & takes).sig(m));
  sent.drive(out.fire());
  word_count.advance(m, sent);
  if (phases < words) restart(m, phase, sent, word_count.last);
  for (int q = 0; q < g.out(); ++q) {
    if (rest[q].is_set()) m.when(in.fire(), [&] { rest[q].next(g.waits(q, head, phase.value, 1)); });
  }
  return out;
}

}  // namespace

std::string Repack::name(const Params& p) {
  return fmt::format("elb_repack_v{}_b{}_c{}_l{}_s{}{}", p.columns, p.bits, p.channels, p.in_lanes,
                     p.out_lanes, p.last ? "_last" : "");
}

Repack::Out Repack::build(Module& m, const Params& p, const In& in) {
  m.doc({.purpose = "beats of L channels become words of S, each pixel from lane 0, zeros behind its end",
         .params = fmt::format("columns={} lane_bits={} channels={} L={} S={}", p.columns, p.bits, p.channels,
                               p.in_lanes, p.out_lanes),
         .latency = 0,
         .interval = spec::cycles_per_pixel(p)});
  switch (spec::repack_kind(p)) {
    case spec::RepackKind::wires:
      return {build_wires(m, p, in.in)};
    case spec::RepackKind::widen:
      return {build_widen(m, p, in.in)};
    case spec::RepackKind::narrow:
      return {build_narrow(m, p, in.in)};
  }
  ELB_ASSERT(false, "a repack is of one of three kinds");
}

}  // namespace elb::hw
