#include "hw/cond.hpp"

#include "base/assert.hpp"
#include "base/bits.hpp"

namespace elb::hw {

using hdl::Sig;
using hdl::u;

Sig Cond::sig(hdl::Module& m, SrcLoc loc) const {
  return known_ ? m.lit(value_ ? 1 : 0, u(1), loc) : sig_;
}

Cond operator&(const Cond& a, const Cond& b) {
  if (a.is_false() || b.is_false()) return false;
  if (a.is_true()) return b;
  if (b.is_true()) return a;
  return hdl::operator&(a.sig_, b.sig_);
}

Cond operator|(const Cond& a, const Cond& b) {
  if (a.is_true() || b.is_true()) return true;
  if (a.is_false()) return b;
  if (b.is_false()) return a;
  return hdl::operator|(a.sig_, b.sig_);
}

Cond operator!(const Cond& a) {
  if (a.known_) return !a.value_;
  return ~a.sig_;
}

Sig choose(const Cond& c, Sig a, Sig b, SrcLoc loc) {
  if (c.is_true()) return a;
  if (c.is_false()) return b;
  return mux(hdl::Operand(c.sig(*a.module(), loc), loc), a, b);
}

Cond choose(const Cond& c, const Cond& a, const Cond& b) {
  return (c & a) | ((!c) & b);
}

Sig by_runs(hdl::Module& m, Sig counter, const std::vector<int64_t>& table, hdl::Shape shape, SrcLoc loc) {
  ELB_ASSERT(!table.empty(), "a table has at least one entry");
  Sig value = m.lit(table.back(), shape, loc);
  size_t run_begin = table.size() - 1;
  while (run_begin > 0 && table[run_begin - 1] == table.back()) --run_begin;
  while (run_begin > 0) {
    const size_t end = run_begin;  // the run before ends here
    run_begin = end - 1;
    while (run_begin > 0 && table[run_begin - 1] == table[end - 1]) --run_begin;
    const bool single = run_begin + 1 == end;
    const Sig here = single ? counter == hdl::Operand(static_cast<int64_t>(run_begin), loc)
                            : counter < hdl::Operand(static_cast<int64_t>(end), loc);
    value = mux(hdl::Operand(here, loc), m.lit(table[end - 1], shape, loc), value);
  }
  return value;
}

void LoopCounter::advance(hdl::Module& m, const Cond& step, SrcLoc loc) const {
  if (n == 1) return;
  const auto body = [&] {
    reg.next(choose(last, m.lit(0, value.shape(), loc), (value + 1).trunc(value.width(), loc), loc), loc);
    if (last_reg.is_set()) last_reg.next(before_last().sig(m, loc), loc);
  };
  if (step.is_true()) {
    body();
  } else {
    m.when(step.sig(m, loc), body, loc);
  }
}

Sig LoopCounter::next(const Cond& step) const {
  if (n == 1) return value;
  const Sig zero = value.module()->lit(0, value.shape());
  return choose(step, choose(last, zero, (value + 1).trunc(value.width())), value);
}

Cond LoopCounter::before_last() const {
  return n == 1 ? Cond(true) : Cond(value == n - 2);
}

LoopCounter counter_with_last(hdl::Module& m, const std::string& name, int64_t n, int64_t few, SrcLoc loc) {
  if (n <= few) return loop_counter(m, name, n, loc);
  LoopCounter c;
  c.n = n;
  c.reg = m.reg(name, u(bits_for(n - 1)), {}, loc);
  c.last_reg = m.reg(name + "_last", u(1), {}, loc);
  c.value = c.reg;
  c.last = Sig(c.last_reg);
  return c;
}

Cond nest_last(hdl::Module& m, const std::string& name, const Cond& step,
               const std::vector<LoopCounter>& nest, SrcLoc loc) {
  Cond next = true, last = true;
  int counting = 0;
  for (const LoopCounter& c : nest) {
    if (c.n == 1) continue;
    next = next & (counting == 0 ? c.before_last() : c.last);
    last = last & c.last;
    ++counting;
  }
  if (counting <= 1) return last;
  const hdl::Reg all = m.reg(name, u(1), {}, loc);
  m.when(
      step.sig(m, loc), [&] { all.next(next.sig(m, loc), loc); }, loc);
  return Sig(all);
}

LoopCounter loop_counter(hdl::Module& m, const std::string& name, int64_t n, SrcLoc loc) {
  LoopCounter c;
  c.n = n;
  if (n == 1) {
    c.value = m.lit(0, u(1), loc);
    return c;
  }
  c.reg = m.reg(name, u(bits_for(n - 1)), {}, loc);
  c.value = c.reg;
  c.last = (c.reg == hdl::Operand(n - 1, loc)).named(name + "_last", loc);
  return c;
}

Sig add_mod(hdl::Module& m, Sig a, int64_t b, int64_t n, SrcLoc loc) {
  ELB_ASSERT(b >= 0 && b < n, "the step is below the modulus");
  if (b == 0) return a;
  return add_mod(
      m, a, {b}, n, [](const std::vector<Sig>& values) { return values[0]; }, loc);
}

Sig add_mod(hdl::Module& m, Sig a, const std::vector<int64_t>& steps, int64_t n,
            const std::function<Sig(const std::vector<Sig>&)>& select, SrcLoc loc) {
  const int width = bits_for(n - 1);
  const auto sum = [&](int bits, int64_t less) {
    std::vector<Sig> values;
    for (const int64_t step : steps)
      values.push_back(m.lit((step - less) & ((int64_t{1} << bits) - 1), u(bits), loc));
    return (hdl::Operand(a.ext(u(bits), loc), loc) + select(values)).trunc(bits, loc);
  };
  const Sig whole = sum(width, 0);
  if (n == int64_t{1} << width) return whole;
  const Sig wrapped = sum(width + 1, n);  // negative where the sum is below n
  return mux(hdl::Operand(wrapped.msb(), loc), whole, wrapped.trunc(width, loc));
}

Sig wrap_mod(hdl::Module& m, Sig sum, int64_t n, SrcLoc loc) {
  const int width = bits_for(n - 1);
  const int64_t full = int64_t{1} << width;
  if (n == full) return sum.trunc(width, loc);
  const Sig all = sum.ext(u(width + 1), loc);
  const Sig wrapped = (hdl::Operand(all, loc) + m.lit(2 * full - n, u(width + 1), loc)).trunc(width + 1, loc);
  return mux(hdl::Operand(wrapped.msb(), loc), all.trunc(width, loc), wrapped.trunc(width, loc));
}

}  // namespace elb::hw
