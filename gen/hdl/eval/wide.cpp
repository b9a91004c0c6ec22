// Operators on values of more than 64 bits, word by word.
#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "hdl/eval/tape.hpp"
#include "hdl/eval/words.hpp"

namespace elb::hdl::eval {
namespace {

using Words = std::vector<uint64_t>;

bool negative(const uint64_t* v, const Value& a) {
  const int top = a.shape.width - 1;
  return a.shape.is_signed && ((v[a.slot + top / 64] >> (top % 64)) & 1) != 0;
}

// The value in `count` words, extended by its own sign.
Words extended(const uint64_t* v, const Value& a, int count) {
  Words w(static_cast<size_t>(count), negative(v, a) ? ~uint64_t{0} : 0);
  const int have = word_count(a.shape.width);
  for (int i = 0; i < std::min(have, count); ++i) w[i] = v[a.slot + i];
  if (negative(v, a) && have <= count) w[have - 1] |= ~mask_of((a.shape.width - 1) % 64 + 1);
  return w;
}

void add(Words& a, const Words& b, bool carry) {
  for (size_t i = 0; i < a.size(); ++i) {
    const uint64_t sum = a[i] + b[i];
    const uint64_t with = sum + (carry ? 1 : 0);
    carry = sum < a[i] || with < sum;
    a[i] = with;
  }
}
void invert(Words& a) {
  for (uint64_t& w : a) w = ~w;
}

Words multiply(const Words& a, const Words& b) {
  Words out(a.size(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    uint64_t carry = 0;
    for (size_t k = 0; i + k < a.size(); ++k) {
      __extension__ using Double = unsigned __int128;
      const Double t = static_cast<Double>(a[i]) * b[k] + out[i + k] + carry;
      out[i + k] = static_cast<uint64_t>(t);
      carry = static_cast<uint64_t>(t >> 64);
    }
  }
  return out;
}

// -1, 0, 1; arguments of one shape.
int compare(const uint64_t* v, const Value& a, const Value& b) {
  const bool na = negative(v, a), nb = negative(v, b);
  if (na != nb) return na ? -1 : 1;
  for (int i = word_count(a.shape.width); i-- > 0;) {
    if (v[a.slot + i] != v[b.slot + i]) return v[a.slot + i] < v[b.slot + i] ? -1 : 1;
  }
  return 0;
}

bool same(const uint64_t* v, const Value& a, const Value& b) {
  return std::equal(v + a.slot, v + a.slot + word_count(a.shape.width), v + b.slot);
}

// A shift amount, at most `limit`.
int amount(const uint64_t* v, const Value& a, int limit) {
  for (int i = 1; i < word_count(a.shape.width); ++i) {
    if (v[a.slot + i] != 0) return limit;
  }
  return static_cast<int>(std::min<uint64_t>(v[a.slot], static_cast<uint64_t>(limit)));
}

Words shift_left(const Words& a, int n) {
  Words out(a.size(), 0);
  for (size_t i = static_cast<size_t>(n / 64); i < a.size(); ++i) {
    const size_t from = i - static_cast<size_t>(n / 64);
    out[i] = a[from] << (n % 64);
    if (n % 64 != 0 && from > 0) out[i] |= a[from - 1] >> (64 - n % 64);
  }
  return out;
}

// Concatenation and choice are most of what wide values go through: no copies.
void concatenate(const WideStep& s, uint64_t* v) {
  uint64_t* const out = v + s.to.slot;
  const int count = word_count(s.to.shape.width);
  std::fill(out, out + count, 0);
  int low = s.to.shape.width;
  for (const Value& a : s.args) {
    low -= a.shape.width;
    const int first = low / 64, shift = low % 64;
    for (int i = 0; i < word_count(a.shape.width); ++i) {
      const uint64_t part = v[a.slot + i];
      out[first + i] |= part << shift;
      if (shift != 0 && first + i + 1 < count) out[first + i + 1] |= part >> (64 - shift);
    }
  }
}

bool all_ones(const uint64_t* v, const Value& a) {
  const int count = word_count(a.shape.width);
  for (int i = 0; i + 1 < count; ++i) {
    if (v[a.slot + i] != ~uint64_t{0}) return false;
  }
  return v[a.slot + count - 1] == mask_of((a.shape.width - 1) % 64 + 1);
}

Words one_bit(bool value) {
  return {value ? uint64_t{1} : 0};
}

Words result(const WideStep& s, const uint64_t* v) {
  const int count = word_count(s.to.shape.width);
  const auto arg = [&](size_t i) { return extended(v, s.args[i], count); };
  switch (s.op) {
    case Op::ext:
      return arg(0);
    case Op::slice: {
      Words out;
      const Value& a = s.args[0];
      for (int i = 0; i < count; ++i)
        out.push_back(word_at(v + a.slot, word_count(a.shape.width), s.low + 64 * static_cast<int64_t>(i)));
      return out;
    }
    case Op::neg: {
      Words out = arg(0);
      invert(out);
      add(out, Words(out.size(), 0), true);
      return out;
    }
    case Op::not_: {
      Words out = arg(0);
      invert(out);
      return out;
    }
    case Op::red_and:
      return one_bit(all_ones(v, s.args[0]));
    case Op::red_or: {
      const uint64_t* w = v + s.args[0].slot;
      return one_bit(
          std::any_of(w, w + word_count(s.args[0].shape.width), [](uint64_t x) { return x != 0; }));
    }
    case Op::red_xor: {
      uint64_t all = 0;
      for (int i = 0; i < word_count(s.args[0].shape.width); ++i) all ^= v[s.args[0].slot + i];
      return one_bit(__builtin_parityll(all) != 0);
    }
    case Op::add: {
      Words out = arg(0);
      add(out, arg(1), false);
      return out;
    }
    case Op::sub: {
      Words out = arg(0), b = arg(1);
      invert(b);
      add(out, b, true);
      return out;
    }
    case Op::mul:
      return multiply(arg(0), arg(1));
    case Op::and_:
    case Op::or_:
    case Op::xor_: {
      Words out = arg(0);
      const Words b = arg(1);
      for (size_t i = 0; i < out.size(); ++i)
        out[i] = s.op == Op::and_ ? out[i] & b[i] : s.op == Op::or_ ? out[i] | b[i] : out[i] ^ b[i];
      return out;
    }
    case Op::eq:
      return one_bit(same(v, s.args[0], s.args[1]));
    case Op::ne:
      return one_bit(!same(v, s.args[0], s.args[1]));
    case Op::lt:
      return one_bit(compare(v, s.args[0], s.args[1]) < 0);
    case Op::le:
      return one_bit(compare(v, s.args[0], s.args[1]) <= 0);
    case Op::gt:
      return one_bit(compare(v, s.args[0], s.args[1]) > 0);
    case Op::ge:
      return one_bit(compare(v, s.args[0], s.args[1]) >= 0);
    case Op::shl:
      return shift_left(arg(0), amount(v, s.args[1], s.to.shape.width));
    case Op::shr: {
      const int n = amount(v, s.args[1], s.to.shape.width);
      // Twice the words, so that sign bits can come in from above.
      const Words from = extended(v, s.args[0], 2 * count);
      Words out;
      for (int i = 0; i < count; ++i)
        out.push_back(word_at(from.data(), 2 * count, n + 64 * static_cast<int64_t>(i)));
      return out;
    }
    case Op::mux:
    case Op::cat:
    case Op::constant:
    case Op::input:
    case Op::reset:
    case Op::wire:
    case Op::reg:
    case Op::ram_read:
    case Op::inst_out:
    case Op::named:
    case Op::cast:
      break;
  }
  ELB_ASSERT(false, "a node that computes nothing has no step");
  return {};
}

}  // namespace

void run_wide(const WideStep& step, uint64_t* values) {
  if (step.op == Op::cat) return concatenate(step, values);
  if (step.op == Op::mux) {
    const uint64_t* from = values + step.args[values[step.args[0].slot] != 0 ? 1 : 2].slot;
    std::copy(from, from + word_count(step.to.shape.width), values + step.to.slot);
    return;
  }
  const Words out = result(step, values);
  std::copy(out.begin(), out.end(), values + step.to.slot);
  clear_above(values + step.to.slot, step.to.shape.width);
}

}  // namespace elb::hdl::eval
