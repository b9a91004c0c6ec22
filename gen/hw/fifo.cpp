#include "hw/fifo.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "hw/block_ram.hpp"
#include "hw/cond.hpp"

namespace elb::hw {

using namespace hdl;

namespace {

// {last, data} as one word.
Sig word_of(const Stream& s) {
  return cat({s.last(), s.data()});
}

Stream stream_of(Module& m, const Fifo::Params& p, Sig valid, Sig word) {
  return m.stream("head", link_shape(p.data_bits), valid, {word.slice(0, p.data_bits), word.msb()});
}

Fifo::Out build_one(Module& m, const Fifo::Params& p, const Stream& in) {
  const Reg valid = m.reg("valid", u(1));
  const Reg word = m.reg("word", u(p.data_bits + 1), {.reset = std::nullopt});
  const Stream out = stream_of(m, p, valid, word);
  in.drive_ready(~valid);
  m.when(~valid, [&] {
     valid.next(in.valid());
     word.next(word_of(in));
   }).otherwise_when(out.ready(), [&] { valid.next(0); });
  return {out};
}

Fifo::Out build_two(Module& m, const Fifo::Params& p, const Stream& in) {
  const Reg valid = m.reg("valid", u(1));
  const Reg full = m.reg("full", u(1));
  const Reg word = m.reg("word", u(p.data_bits + 1), {.reset = std::nullopt});
  const Reg behind = m.reg("behind", u(p.data_bits + 1), {.reset = std::nullopt});
  const Stream out = stream_of(m, p, valid, word);
  in.drive_ready(~full);
  const Sig moves = (out.ready() | ~valid).named("moves");
  m.when(~full, [&] { behind.next(word_of(in)); });
  m.when(moves, [&] {
     word.next(mux(full, behind, word_of(in)));
     valid.next(full | in.valid());
     full.next(0);
   }).otherwise_when(~full, [&] { full.next(in.valid()); });
  return {out};
}

// Where the head lies. Its lowest bit has an enable of its own: a register of one enable yosys would take for
// that of a synchronous read, and make a second one of the place behind it, reached by `pop` through all of
// its counter.
Sig read_place(Module& m, int64_t places, Sig pop) {
  const Reg odd = m.reg("read_odd", u(1));
  const LoopCounter pair = loop_counter(m, "read_pair", places / 2);
  m.when(pop, [&] { odd.next(~odd); });
  pair.advance(m, pop & odd);
  return pair.n == 1 ? Sig(odd) : cat({pair.value, Sig(odd)});
}

Fifo::Out build_ring(Module& m, const Fifo::Params& p, const Stream& in) {
  const Shape word = u(p.data_bits + 1);
  const Reg valid = m.reg("valid", u(1));
  const Reg full = m.reg("full", u(1));
  const Reg count = m.reg("count", u(bits_for(p.depth)));
  const int64_t places = spec::ring_places(p);
  const LoopCounter write_at = loop_counter(m, "write_at", places);
  const Wire head = m.wire("head_word", word);
  const Stream out = stream_of(m, p, valid, head);
  in.drive_ready(~full);
  const Sig push = (in.valid() & ~full).named("push");
  const Sig pop = (out.ready() & valid).named("pop");

  // Up or down by push alone: `pop`, which comes late, is an enable.
  m.when(push ^ pop, [&] {
    const Sig step =
        mux(push, m.lit(1, count.shape()), m.lit((int64_t{1} << count.width()) - 1, count.shape()));
    count.next((count + step).trunc(count.width()));
    valid.next(push | (count != 1));
    full.next(push & (count == p.depth - 1));
  });
  write_at.advance(m, push);
  if (p.style != spec::MemoryStyle::block) {
    const RamStyle style = p.style == spec::MemoryStyle::logic ? RamStyle::registers : RamStyle::distributed;
    const Ram ring = m.ram("ring", {.depth = places, .word = word, .style = style});
    ring.write(push, write_at.value, word_of(in));
    head.drive(ring.read_async("ring_head", read_place(m, places, pop)));
    return {out};
  }
  const LoopCounter read_at = loop_counter(m, "read_at", places);
  read_at.advance(m, pop);
  // The word that is written now is the one to show next exactly when nothing else stays behind in the ring.
  const Reg bypass = m.reg("bypass", u(1));
  const Reg written = m.reg("written", word, {.reset = std::nullopt});
  bypass.next(push & (~valid | (pop & (count == 1))));
  written.next(word_of(in));
  const Sig behind = build_ram(m, "ring", {.width = word.width, .depth = p.depth}, RamStyle::block,
                               {.write_enable = push,
                                .write_address = write_at.value,
                                .write_data = word_of(in),
                                .read_name = "ring_head",
                                .read_enable = m.lit(1, u(1)),
                                .read_address = read_at.next(pop)});
  head.drive(mux(bypass, written, behind));
  return {out};
}

}  // namespace

std::string Fifo::name(const Params& p) {
  const char* style = p.depth <= 2                                ? ""
                      : p.style == spec::MemoryStyle::block       ? "_block"
                      : p.style == spec::MemoryStyle::distributed ? "_lutram"
                                                                  : "_regs";
  return fmt::format("elb_fifo_w{}_d{}{}", p.data_bits, p.depth, style);
}

Fifo::Out Fifo::build(Module& m, const Params& p, const In& in) {
  ELB_ASSERT(p.style != spec::MemoryStyle::ultra, "no FIFO lies in UltraRAM");
  ELB_ASSERT(p.depth >= 1 && p.data_bits >= 1, "a FIFO holds at least one beat of one bit");
  m.doc({.purpose = fmt::format("FIFO of {} beats, ready and valid from registers", p.depth),
         .params = fmt::format("data_bits={} depth={}", p.data_bits, p.depth),
         .latency = spec::FifoTiming::kPushToPop,
         .interval = p.depth == 1 ? 2 : 1});
  if (p.depth == 1) return build_one(m, p, in.in);
  if (p.depth == 2) return build_two(m, p, in.in);
  return build_ring(m, p, in.in);
}

}  // namespace elb::hw
