#include "hw/window_store.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"
#include "base/int_math.hpp"
#include "hw/block_ram.hpp"
#include "hw/cond.hpp"
#include "hw/sweep_reader.hpp"
#include "hw/window_reader.hpp"
#include "hw/window_writer.hpp"

namespace elb::hw {

using hdl::Reg;
using hdl::Sig;
using hdl::u;

namespace {

// values[kx], by equality with few distinct values folded together.
Sig by_tap(hdl::Module& m, const LoopCounter& kx, const std::vector<int64_t>& values, int width) {
  return by_runs(m, kx.value, values, u(width));
}

// A lane is inside the map at loop value i for lo[k] <= i <= hi[k], k the tap.
struct Bounds {
  std::vector<int64_t> lo, hi;
};

// Output positions i of `count` for which i * step + offset[k] lies in 0 .. size-1; positions from `real` on
// are don't-care.
Bounds bounds(int count, int real, int step, const std::vector<int>& offsets, int size) {
  Bounds b;
  for (int offset : offsets) {
    int lo = count, hi = -1;
    for (int i = 0; i < count; ++i) {
      const int64_t x = int64_t{i} * step + offset;
      if (x >= 0 && x < size) {
        lo = std::min(lo, i);
        hi = i;
      }
    }
    if (hi == real - 1) hi = count - 1;
    b.lo.push_back(lo);
    b.hi.push_back(hi);
  }
  return b;
}

Cond inside(hdl::Module& m, const LoopCounter& position, const LoopCounter& tap, const Bounds& b) {
  const int width = bits_for(position.n);
  const auto value_at_tap = [&](const std::vector<int64_t>& v) { return by_tap(m, tap, v, width); };
  Cond good = true;
  if (std::any_of(b.lo.begin(), b.lo.end(), [](int64_t v) { return v > 0; }))
    good = good & Cond(position.value >= value_at_tap(b.lo));
  // hi = -1 (never inside) goes with lo = count, which already excludes every position.
  std::vector<int64_t> hi = b.hi;
  for (int64_t& v : hi) v = std::max<int64_t>(v, 0);
  if (std::any_of(b.hi.begin(), b.hi.end(), [&](int64_t v) { return v < position.n - 1; }))
    good = good & Cond(position.value <= value_at_tap(hi));
  return good;
}

std::vector<int> tap_offsets(int taps, int dilation, int origin) {
  std::vector<int> out;
  for (int k = 0; k < taps; ++k) out.push_back(k * dilation + origin);
  return out;
}

Cond delayed(hdl::Module& m, const std::string& name, const Cond& c, int n) {
  if (c.is_true() || c.is_false()) return c;
  return m.delay(name, c.sig(m), n);
}

}  // namespace

hdl::Module& build_window_store(hdl::Design& d, const WindowStoreParams& p) {
  const spec::WindowParams& w = p.window;
  const int nb = spec::banks(w), vw = spec::sub_columns(w), word_bits = w.s * w.bits;
  const auto [stride, ring] = spec::window_ring(w);
  const int words = spec::words_per_group(w);
  const int pointer_bits = bits_for(ring - 1);
  hdl::Module& m = d.module(p.module);
  m.doc({.purpose = p.title,
         .params = fmt::format("map {}x{}x{} window {}x{} m={} s={} banks={} ring={} column groups", w.h, w.w,
                               w.channels * w.groups, w.kh, w.kw, w.m, w.s, nb, w.capacity),
         .latency = spec::WindowTiming::kIssueToTap,
         .interval = p.tile_cycles});
  const hdl::Stream in = m.stream_in("in", {.data = u(vw * word_bits)});
  const Sig pop = p.sweep ? Sig() : m.input("pop", u(1));
  const Cond weights_ok = p.gated || p.sweep ? Cond(m.input("weights_ok", u(1))) : Cond(true);
  const Sig freed = p.sweep ? m.input("freed", u(1)) : Sig();
  const hdl::Wire released = m.wire("released", u(spec::group_count_bits(w)));
  const WindowWriter writer = build_window_writer(m, p, in, released);
  const SweepReader sweep =
      p.sweep ? build_sweep_reader(m, p, writer.completes, weights_ok.sig(m), freed, released)
              : SweepReader{.reader = build_window_reader(m, p, writer.completes, pop, weights_ok, released)};
  const WindowReader& r = sweep.reader;

  // t: which column group of its row each bank reads at tap kx, for the lane that it serves there.
  std::vector<std::vector<int64_t>> offset(nb, std::vector<int64_t>(w.kw, 0));
  std::vector<std::vector<int64_t>> bank_of_lane(w.m, std::vector<int64_t>(w.kw, 0));
  for (int kx = 0; kx < w.kw; ++kx) {
    for (int lane = 0; lane < w.m; ++lane) {
      const int64_t x = int64_t{lane} * w.sw - w.left + int64_t{kx} * w.dw;
      const int64_t group = floor_div(x, nb);
      const int64_t bank = x - group * nb;
      bank_of_lane[lane][kx] = bank;
      offset[bank][kx] = floor_mod(group * stride, ring);
    }
  }
  const Sig word_late = words == 1 ? r.word : m.delay("word_q", r.word, 1);
  const Reg tap1 = m.reg("tap1_q", u(1));
  const Reg tap2 = m.reg("tap2_q", u(1));
  const Reg tap3 = m.reg("tap3_q", u(1));
  const Reg tap4 = m.reg("tap4_q", u(1));
  tap1.next(r.step.sig(m));
  tap2.next(tap1);
  tap3.next(tap2);
  tap4.next(tap3);

  std::vector<Sig> bank_word;
  for (int b = 0; b < nb; ++b) {
    // t: unreduced ring position; t + 1: reduced, plus the word; t + 2: read.
    const Sig offset_now = by_tap(m, r.kx, offset[b], pointer_bits);
    const Reg sum = m.reg(fmt::format("bank{}_sum_q", b), u(pointer_bits + 1), {std::nullopt});
    sum.next(r.row_pointer + offset_now);
    const Sig reduced = wrap_mod(m, sum, ring);
    const Reg address = m.reg(fmt::format("bank{}_address_q", b), u(pointer_bits), {std::nullopt});
    address.next(words == 1 ? reduced : (reduced + word_late).trunc(pointer_bits));
    bank_word.push_back(build_ram(m, fmt::format("bank{}", b), {.width = word_bits, .depth = ring},
                                  ram_style(p.style),
                                  {.write_enable = (Cond(writer.write) & writer.bank_set[b / vw]).sig(m),
                                   .write_address = writer.address,
                                   .write_data = in.data().lane(b % vw, word_bits),
                                   .read_name = fmt::format("bank{}_word", b),
                                   .read_enable = tap2,
                                   .read_address = address}));
  }

  // t + 3: each lane takes its bank; taps outside the map read the pad code.
  const Sig kx3 = w.kw == 1 ? r.kx.value : m.delay("kx_q", r.kx.value, 3);
  const Cond row_inside = delayed(
      m, "row_inside_q",
      inside(m, r.row, r.ky, bounds(w.out_h, w.out_h, w.sh, tap_offsets(w.kh, w.dh, -w.top), w.h)), 3);
  const int tail = w.channels % w.s;
  const Cond fold_last3 = delayed(m, "fold_last_q", r.fold.last, 3);
  const int columns = spec::output_groups_per_row(w);
  std::vector<Sig> act, padded;
  for (int lane = 0; lane < w.m; ++lane) {
    std::vector<Sig> choices;
    for (int kx = 0; kx < w.kw; ++kx) choices.push_back(bank_word[bank_of_lane[lane][kx]]);
    const bool one_bank = std::all_of(bank_of_lane[lane].begin(), bank_of_lane[lane].end(),
                                      [&](int64_t b) { return b == bank_of_lane[lane][0]; });
    Sig value = one_bank ? choices[0] : index(choices, kx3);
    const int real = lane < w.out_w ? static_cast<int>(ceil_div(w.out_w - lane, w.m)) : 0;
    const Bounds x = bounds(columns, real, w.m * w.sw, tap_offsets(w.kw, w.dw, lane * w.sw - w.left), w.w);
    const Cond column_inside =
        delayed(m, fmt::format("lane{}_inside_q", lane), inside(m, r.column, r.kx, x), 3);
    const Cond in_map = (row_inside & column_inside);
    if (!in_map.is_true()) {
      Bits pad(word_bits), pad_tail(word_bits);
      for (int s = 0; s < w.s; ++s) {
        pad.set(s * w.bits, w.bits, static_cast<uint64_t>(p.pad_code));
        if (tail == 0 || s < tail) pad_tail.set(s * w.bits, w.bits, static_cast<uint64_t>(p.pad_code));
      }
      value = choose(in_map, value, choose(fold_last3, m.lit(pad_tail), m.lit(pad)));
    }
    const Reg q = m.reg(fmt::format("lane{}_q", lane), u(word_bits), {std::nullopt});
    q.next(value);
    act.push_back(q);
    if (p.padded_flags) padded.push_back(m.delay(fmt::format("lane{}_padded_q", lane), (!in_map).sig(m), 1));
  }
  if (p.early) m.output("early", tap3);
  if (p.ahead) m.output("ahead", tap2);
  if (p.sweep) {
    m.output("take", sweep.take);
    const Cond ahead = delayed(m, "sweep_end_q", sweep.sweep_end, 2);
    if (p.ahead) m.output("sweep_end_ahead", ahead.sig(m));
    m.output("sweep_end", delayed(m, "sweep_end_early_q", ahead, 1).sig(m));
  }
  m.output("tap", tap4);
  if (spec::folds(w) > 1) {
    m.output("first", delayed(m, "first_q", r.first, 4).sig(m));
    m.output("last", delayed(m, "last_q", r.last, 4).sig(m));
  }
  m.output("act", pack(act));
  if (p.padded_flags) m.output("padded", pack(padded));
  return m;
}

}  // namespace elb::hw
