#include "hw/repack.hpp"

#include <fmt/format.h>

#include <numeric>
#include <vector>

#include "base/assert.hpp"
#include "hw/cond.hpp"

namespace elb::hw {

using namespace hdl;

namespace {

// The lanes of all columns that move together, and back.
class Grains {
 public:
  explicit Grains(const spec::RepackParams& p)
      : p_(p),
        lanes_(std::gcd(p.in_lanes, p.out_lanes)),
        in_(p.in_lanes / lanes_),
        out_(p.out_lanes / lanes_) {}
  int lanes() const { return lanes_; }
  int in() const { return in_; }    // of a beat
  int out() const { return out_; }  // of a word
  int bits() const { return p_.columns * lanes_ * p_.bits; }

  std::vector<Sig> of_beat(Sig data) const {
    std::vector<Sig> grains;
    const int part = lanes_ * p_.bits;
    for (int i = 0; i < in_; ++i) {
      std::vector<Sig> columns;
      for (int v = 0; v < p_.columns; ++v) columns.push_back(data.slice((v * in_ + i) * part, part));
      grains.push_back(pack(columns));
    }
    return grains;
  }
  Sig to_word(const std::vector<Sig>& grains) const {
    const int part = lanes_ * p_.bits;
    std::vector<Sig> parts;
    for (int v = 0; v < p_.columns; ++v) {
      for (int i = 0; i < out_; ++i) parts.push_back(grains[i].slice(v * part, part));
    }
    return pack(parts);
  }

 private:
  spec::RepackParams p_;
  int lanes_, in_, out_;
};

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

// One of several sources by the phase; phases that never matter are not named.
struct PhaseChoice {
  std::vector<std::pair<int, Sig>> cases;
  void add(int phase, Sig value) { cases.emplace_back(phase, value); }
  Sig pick(Sig phase) const {
    std::vector<Sig> values;  // distinct, in order of appearance
    for (const auto& c : cases) {
      bool known = false;
      for (const Sig& v : values) known = known || v.node() == c.second.node();
      if (!known) values.push_back(c.second);
    }
    Sig result = values.back();
    for (size_t i = values.size() - 1; i-- > 0;) {
      std::vector<Sig> hits;
      for (const auto& c : cases) {
        if (c.second.node() == values[i].node()) hits.push_back(phase == c.first);
      }
      Sig hit = hits.front();
      for (size_t k = 1; k < hits.size(); ++k) hit = hit | hits[k];
      result = mux(hit, values[i], result);
    }
    return result;
  }
};

// Is the phase one of these?
Cond phase_in(Sig phase, const std::vector<int>& phases, int count) {
  if (phases.empty()) return false;
  if (static_cast<int>(phases.size()) == count) return true;
  Cond any = false;
  for (int i : phases) any = any | Cond(phase == i);
  return any;
}

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

Stream build_wires(Module& m, const spec::RepackParams& p, const Stream& in) {
  const bool mask = spec::words_per_pixel(p) * p.out_lanes != p.channels;
  const LoopCounter beat = loop_counter(m, "beat", mask ? spec::beats_per_pixel(p) : 1);
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
  const Grains g(p);
  const int beats = spec::beats_per_pixel(p), phases = std::min(beats, g.out());
  const bool flushes = spec::has_flush(p);
  const LoopCounter beat = loop_counter(m, "beat", beats);
  const LoopCounter phase = phases == beats ? beat : loop_counter(m, "phase", phases);
  const int last_phase = (beats - 1) % phases;
  const auto offset = [&](int i) { return i * g.in() % g.out(); };

  std::vector<int> ending;  // phases in which a beat that is not the pixel's last ends a word
  for (int i = 0; i < phases; ++i) {
    if (i < beats - 1 && offset(i) + g.in() >= g.out()) ending.push_back(i);
  }
  const Cond ends = beat.last | phase_in(phase.value, ending, phases);
  const Reg flush = flushes ? m.reg("flush", u(1)) : Reg();
  const Cond flushing = flushes ? Cond(flush) : Cond(false);
  const std::vector<Sig> head = g.of_beat(in.data());
  // Which grain of the beat goes to grain q of the rest in phase i, or -1: lanes of the word under way, or of
  // the next.
  const auto kept = [&](int i, int q) {
    int from = q - offset(i);
    if (offset(i) + g.in() >= g.out()) from += g.out();
    return from >= 0 && from < g.in() ? from : -1;
  };
  std::vector<Sig> rest;
  std::vector<Reg> rest_regs(g.out());
  for (int q = 0; q < g.out(); ++q) {
    bool written = false;
    for (int i = 0; i < phases; ++i) written = written || kept(i, q) >= 0;
    if (written) rest_regs[q] = m.reg(fmt::format("rest_{}", q), u(g.bits()), {std::nullopt});
    rest.push_back(written ? Sig(rest_regs[q]) : m.lit(0, u(g.bits())));
  }

  std::vector<Sig> word;
  for (int q = 0; q < g.out(); ++q) {
    PhaseChoice source;
    for (int i = 0; i < phases; ++i) {
      const bool matters = i == last_phase || offset(i) + g.in() >= g.out();
      if (!matters) continue;
      const int from = q - offset(i);
      if (from >= g.in()) continue;  // behind the last beat's end: masked, whatever stands there
      source.add(i, from < 0 ? rest[q] : head[from]);
    }
    const Sig sent = source.cases.empty() ? rest[q] : source.pick(phase.value);
    word.push_back(choose(flushing, rest[q], sent));
  }
  const Cond last_word = flushes ? flushing : beat.last;
  const Reg last_waits = p.last && flushes ? m.reg("last_waits", u(1), {std::nullopt}) : Reg();
  Cond last = false;
  if (p.last) last = flushes ? flushing & Cond(last_waits) : Cond(in.last());
  const Stream out = out_stream(m, p, (flushing | (Cond(in.valid()) & ends)).sig(m),
                                mask_tail(m, p, g.to_word(word), last_word), last);
  in.drive_ready((Cond(out.ready()) | !(flushing | ends)).sig(m));
  const Sig take = in.fire().named("take");
  beat.advance(m, take);
  if (phases < beats) restart(m, phase, take, beat.last);
  for (int q = 0; q < g.out(); ++q) {
    PhaseChoice source;
    std::vector<int> writing;
    for (int i = 0; i < phases; ++i) {
      const int from = kept(i, q);
      if (from < 0) continue;
      writing.push_back(i);
      source.add(i, head[from]);
    }
    if (writing.empty()) continue;
    const Cond write = phase_in(phase.value, writing, phases) & Cond(take);
    m.when(write.sig(m), [&] { rest_regs[q].next(source.pick(phase.value)); });
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
  const Grains g(p);
  const int words = spec::words_per_pixel(p), beats = spec::beats_per_pixel(p),
            phases = std::min(words, g.in());
  const LoopCounter word_count = loop_counter(m, "word_count", words);
  const LoopCounter phase = phases == words ? word_count : loop_counter(m, "phase", phases);
  const auto end = [&](int i) { return ((i + 1) * g.out() - 1) % g.in() + 1; };
  // Where the pixel ends before the last word's lanes would: the word lies in the last beat wholly or in
  // part.
  const int last_phase = (words - 1) % phases;
  const int last_start =
      static_cast<int>((int64_t{words - 1} * p.out_lanes - int64_t{beats - 1} * p.in_lanes) / g.lanes());
  const bool last_differs = last_start != end(last_phase) - g.out();
  const std::vector<Sig> head = g.of_beat(in.data());

  std::vector<int> taking;  // phases in which the beat is used up behind its word
  for (int i = 0; i < phases; ++i) {
    if (end(i) + g.out() > g.in()) taking.push_back(i);
  }
  Cond takes = phase_in(phase.value, taking, phases);
  if (last_differs && words >= 2) takes = takes & !Cond(word_count.value == words - 2);
  takes = takes | word_count.last;

  // The rest: grains e .. of a beat that was taken, the first grains of the next word.
  int rest_grains = 0;
  for (int i : taking) rest_grains = std::max(rest_grains, g.in() - end(i));
  std::vector<Reg> rest;
  for (int q = 0; q < rest_grains; ++q)
    rest.push_back(m.reg(fmt::format("rest_{}", q), u(g.bits()), {std::nullopt}));

  std::vector<Sig> word;
  const auto source_of = [&](int start, int q) {  // not set: behind the pixel's end
    const int from = start + q;
    if (from >= g.in()) return Sig();
    return from >= 0 ? head[from] : Sig(rest[q]);
  };
  for (int q = 0; q < g.out(); ++q) {
    PhaseChoice source;
    for (int i = 0; i < phases; ++i) {
      if (words <= g.in() && i == words - 1 && last_differs) continue;  // only ever the last word's phase
      source.add(i, source_of(end(i) - g.out(), q));
    }
    Sig sent = source.cases.empty() ? Sig() : source.pick(phase.value);
    const Sig at_end = last_differs ? source_of(last_start, q) : Sig();
    if (at_end.is_set()) sent = sent.is_set() ? choose(word_count.last, at_end, sent) : at_end;
    if (!sent.is_set()) sent = m.lit(0, u(g.bits()));
    word.push_back(sent);
  }
  const Stream out = out_stream(m, p, in.valid(), mask_tail(m, p, g.to_word(word), word_count.last),
                                p.last ? Cond(in.last()) & word_count.last : Cond(false));
  in.drive_ready((Cond(out.ready()) & takes).sig(m));
  const Sig sent = out.fire().named("sent");
  word_count.advance(m, sent);
  if (phases < words) restart(m, phase, sent, word_count.last);
  for (int q = 0; q < rest_grains; ++q) {
    PhaseChoice source;
    for (int i : taking) {
      if (end(i) + q < g.in()) source.add(i, head[end(i) + q]);
    }
    m.when(in.fire(), [&] { rest[q].next(source.pick(phase.value)); });
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
