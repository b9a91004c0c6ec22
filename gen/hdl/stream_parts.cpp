#include "hdl/stream_parts.hpp"

#include <fmt/format.h>

#include "base/bits.hpp"

namespace elb::hdl {
namespace {

const char* style_suffix(RamStyle style) {
  switch (style) {
    case RamStyle::automatic:
      return "_auto";
    case RamStyle::block:
      return "_block";
    case RamStyle::distributed:
      return "";
    case RamStyle::registers:
      return "_reg";
    case RamStyle::ultra:
      return "_ultra";
  }
  return "";
}

// A pointer into `depth` words that steps when `step`.
struct Pointer {
  Reg now;
  Sig next;
};
Pointer pointer(Module& m, const std::string& name, int depth, Sig step) {
  const int bits = address_bits(depth);
  const Reg p = m.reg(name, u(bits));
  const Sig after = mux(p == depth - 1, m.lit(0, u(bits)), (p + 1).trunc(bits));
  m.when(step, [&] { p.next(after); });
  return {p, after};
}

}  // namespace

std::string FifoPart::name(const Params& p) {
  return fmt::format("elb_fifo_w{}_d{}{}", p.width, p.depth, style_suffix(p.style));
}

FifoPart::Out FifoPart::build(Module& m, const Params& p, const In& in) {
  m.doc({.purpose = "first in, first out; ready and valid come from registers",
         .params = fmt::format("width={} depth={}", p.width, p.depth),
         .latency = 1,
         .interval = 1});
  const int bits = bits_for(p.depth);
  const Reg ready_q = m.reg("ready_q", u(1));
  const Reg valid_q = m.reg("valid_q", u(1));
  const Reg count_q = m.reg("count_q", u(bits));
  const Wire pop = m.wire("pop", u(1));
  const Sig push = (in.s.valid() & ready_q).named("push");
  in.s.drive_ready(ready_q);

  m.when(push & !pop, [&] { count_q.next((count_q + 1).trunc(bits)); });
  m.when(pop & !push, [&] { count_q.next((count_q - 1).trunc(bits)); });
  const Sig fills = (count_q == p.depth - 1) & push;
  const Sig empties = (count_q == 1) & !push;
  ready_q.next(pop | ~(fills | (count_q == p.depth)));
  valid_q.next(push | (valid_q & !(pop & empties)));

  Sig data;
  if (p.depth == 1) {
    const Reg data_q = m.reg("data_q", u(p.width), {.reset = std::nullopt});
    m.when(push, [&] { data_q.next(in.s.data()); });
    data = data_q;
  } else {
    const bool block = p.style == RamStyle::block || p.style == RamStyle::ultra;
    const Ram mem = m.ram("mem", {.depth = p.depth,
                                  .word = u(p.width),
                                  .style = p.style,
                                  .ruw = block ? ReadUnderWrite::new_value : ReadUnderWrite::undefined});
    const Pointer write = pointer(m, "write_q", p.depth, push);
    const Pointer read = pointer(m, "read_q", p.depth, pop);
    mem.write(push, write.now, in.s.data());
    // A block RAM answers one cycle later, so it is asked for the word that will be the first then.
    data = block ? mem.read("mem_q", 1, mux(pop, read.next, read.now)) : mem.read_async("head", read.now);
  }
  const Stream out = m.stream("head_s", {.data = u(p.width)}, valid_q, {data});
  pop.drive(out.fire());
  return {.m = out};
}

std::string RegSlicePart::name(const Params& p) {
  const char* kind = p.kind == Stream::Slice::full      ? "full"
                     : p.kind == Stream::Slice::forward ? "fwd"
                                                        : "bwd";
  return fmt::format("elb_slice_{}_w{}", kind, p.width);
}

RegSlicePart::Out RegSlicePart::build(Module& m, const Params& p, const In& in) {
  const StreamShape shape{.data = u(p.width)};
  const RegOptions datapath{.reset = std::nullopt};
  if (p.kind == Stream::Slice::forward) {
    m.doc({.purpose = "register slice: valid and payload are registers, ready passes",
           .params = fmt::format("width={}", p.width),
           .latency = 1,
           .interval = 1});
    const Reg valid_q = m.reg("valid_q", u(1));
    const Reg data_q = m.reg("data_q", u(p.width), datapath);
    const Stream out = m.stream("out", shape, valid_q, {data_q});
    const Sig load = (~valid_q | out.ready()).named("load");
    m.when(load, [&] { valid_q.next(in.s.valid()); });
    m.when(load & in.s.valid(), [&] { data_q.next(in.s.data()); });
    in.s.drive_ready(load);
    return {.m = out};
  }
  // One place to put the beat that arrives while ready still says yes.
  const bool full = p.kind == Stream::Slice::full;
  m.doc({.purpose = full ? "register slice: valid, payload and ready are registers"
                         : "register slice: ready is a register, valid and payload pass",
         .params = fmt::format("width={}", p.width),
         .latency = full ? 1 : 0,
         .interval = 1});
  const Reg ready_q = m.reg("ready_q", u(1));
  const Reg skid_valid_q = m.reg("skid_valid_q", u(1));
  const Reg skid_data_q = m.reg("skid_data_q", u(p.width), datapath);
  const Sig push = (in.s.valid() & ready_q).named("push");
  const Sig any = (push | skid_valid_q).named("any");
  const Sig data = mux(skid_valid_q, skid_data_q, in.s.data());
  in.s.drive_ready(ready_q);
  const Wire moves = m.wire("moves", u(1));  // what is held or arrives goes on
  const Sig held = (any & !moves).named("held");
  skid_valid_q.next(held);
  ready_q.next(!held);
  m.when(push, [&] { skid_data_q.next(in.s.data()); });
  if (!full) {
    const Stream out = m.stream("out", shape, any, {data});
    moves.drive(out.ready());
    return {.m = out};
  }
  const Reg valid_q = m.reg("valid_q", u(1));
  const Reg data_q = m.reg("data_q", u(p.width), datapath);
  const Stream out = m.stream("out", shape, valid_q, {data_q});
  moves.drive(~valid_q | out.ready());
  m.when(moves, [&] {
    valid_q.next(any);
    data_q.next(data);
  });
  return {.m = out};
}

}  // namespace elb::hdl
