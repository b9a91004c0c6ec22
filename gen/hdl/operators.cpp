// The operators of sig.hpp: shapes from the table of shape.hpp, operands extended explicitly.
#include <fmt/format.h>

#include <functional>

#include "base/assert.hpp"
#include "hdl/module_build.hpp"
#include "hdl/sig.hpp"

namespace elb::hdl {

Builder& builder_of(std::initializer_list<const Operand*> operands) {
  for (const Operand* x : operands) {
    if (x->sig.is_set()) return x->sig.module()->builder();
  }
  assert_failed("an operand is a signal", "an expression of signals that were never set",
                (*operands.begin())->loc);
}

namespace {

struct Pair {
  Builder& b;
  NodeId x, y;
};

Pair use_both(const Operand& x, const Operand& y) {
  Builder& b = builder_of({&x, &y});
  return {b, b.use(x), b.use(y)};
}

Sig extended(Op op, const Operand& x, const Operand& y, Shape (*rule)(Shape, Shape)) {
  const Pair p = use_both(x, y);
  const Shape shape = rule(p.b.nodes.shape(p.x), p.b.nodes.shape(p.y));
  return p.b.sig(
      p.b.nodes.binary(op, p.b.nodes.ext(p.x, shape, x.loc), p.b.nodes.ext(p.y, shape, x.loc), x.loc));
}

// & | ^: equal widths asked, because a mask that is silently widened is a mistake more often than not.
Sig bitwise(Op op, const char* symbol, const Operand& x, const Operand& y) {
  Builder& b = builder_of({&x, &y});
  const auto adapt = [&](const Operand& literal, const Operand& other) {
    const Shape shape = b.nodes.shape(b.use(other));
    const bool fits = shape.width >= 63 || (literal.literal >= -(int64_t{1} << (shape.width - 1)) &&
                                            literal.literal <= max_value(u(shape.width)));
    if (!fits) {
      b.error(literal.loc, "hdl-width",
              fmt::format("literal {} does not fit {} bits", literal.literal, shape.width));
    }
    return b.nodes.number(literal.literal, shape, literal.loc);
  };
  NodeId nx = x.is_literal ? adapt(x, y) : b.use(x);
  NodeId ny = y.is_literal ? adapt(y, x) : b.use(y);
  const Shape sx = b.nodes.shape(nx), sy = b.nodes.shape(ny);
  if (sx.width != sy.width) {
    b.error(x.loc, "hdl-width",
            fmt::format("'{}' of {} and {}: equal widths are asked", symbol, to_string(sx), to_string(sy)),
            {}, ".ext(shape) widens the narrower one");
    const Shape wide = join(sx, sy);
    nx = b.nodes.ext(nx, wide, x.loc);
    ny = b.nodes.ext(ny, wide, x.loc);
  }
  const bool is_signed = b.nodes.shape(nx).is_signed && b.nodes.shape(ny).is_signed;
  return b.sig(
      b.nodes.binary(op, b.nodes.cast(nx, is_signed, x.loc), b.nodes.cast(ny, is_signed, x.loc), x.loc));
}

// A comparison with a constant outside of the other's range is known; tools warn about it otherwise.
std::optional<bool> known_comparison(Op op, Shape shape, int64_t k) {
  // Beyond 62 bits the range is wider than any constant compared here, except that unsigned starts at 0.
  const bool wide = shape.width > 62;
  const int64_t lo = !wide ? min_value(shape) : shape.is_signed ? INT64_MIN : 0;
  const int64_t hi = wide ? INT64_MAX : max_value(shape);
  switch (op) {
    case Op::eq:
      return k < lo || k > hi ? std::optional(false) : std::nullopt;
    case Op::ne:
      return k < lo || k > hi ? std::optional(true) : std::nullopt;
    case Op::lt:
      return k <= lo ? std::optional(false) : k > hi ? std::optional(true) : std::nullopt;
    case Op::le:
      return k < lo ? std::optional(false) : k >= hi ? std::optional(true) : std::nullopt;
    case Op::gt:
      return k >= hi ? std::optional(false) : k < lo ? std::optional(true) : std::nullopt;
    case Op::ge:
      return k > hi ? std::optional(false) : k <= lo ? std::optional(true) : std::nullopt;
    default:
      return std::nullopt;
  }
}

Op mirrored(Op op) {
  switch (op) {
    case Op::lt:
      return Op::gt;
    case Op::le:
      return Op::ge;
    case Op::gt:
      return Op::lt;
    case Op::ge:
      return Op::le;
    default:
      return op;
  }
}

std::optional<int64_t> constant_of(const Builder& b, NodeId id) {
  if (b.nodes.is_zero(id)) return 0;
  const std::optional<uint64_t> p = b.nodes.pattern(id);
  const Shape shape = b.nodes.shape(id);
  if (!p || shape.width > 62) return std::nullopt;
  return shape.is_signed ? Bits::from_int(shape.width, static_cast<int64_t>(*p)).to_i64()
                         : static_cast<int64_t>(*p);
}

Sig compare(Op op, const Operand& x, const Operand& y) {
  const Pair p = use_both(x, y);
  std::optional<bool> known;
  if (const auto k = constant_of(p.b, p.y)) known = known_comparison(op, p.b.nodes.shape(p.x), *k);
  if (const auto k = constant_of(p.b, p.x); k && !known) {
    known = known_comparison(mirrored(op), p.b.nodes.shape(p.y), *k);
  }
  if (known) return p.b.sig(p.b.nodes.number(*known, u(1), x.loc));
  return extended(op, x, y, join);
}

}  // namespace

Sig operator+(Operand a, Operand b) {
  return extended(Op::add, a, b, add_shape);
}
Sig operator-(Operand a, Operand b) {
  return extended(Op::sub, a, b, sub_shape);
}
Sig operator-(Operand a) {
  Builder& b = builder_of({&a});
  const NodeId x = b.use(a);
  return b.sig(b.nodes.unary(Op::neg, b.nodes.ext(x, neg_shape(b.nodes.shape(x)), a.loc), a.loc));
}
Sig operator*(Operand a, Operand b) {
  const Pair p = use_both(a, b);
  const Shape sx = p.b.nodes.shape(p.x), sy = p.b.nodes.shape(p.y), result = mul_shape(sx, sy);
  NodeId x = p.x, y = p.y;
  if (result.is_signed && !sx.is_signed) x = p.b.nodes.ext(x, s(sx.width + 1), a.loc);
  if (result.is_signed && !sy.is_signed) y = p.b.nodes.ext(y, s(sy.width + 1), a.loc);
  return p.b.sig(p.b.nodes.mul(x, y, result, a.loc));
}
Sig operator&(Operand a, Operand b) {
  return bitwise(Op::and_, "&", a, b);
}
Sig operator|(Operand a, Operand b) {
  return bitwise(Op::or_, "|", a, b);
}
Sig operator^(Operand a, Operand b) {
  return bitwise(Op::xor_, "^", a, b);
}
Sig operator~(Operand a) {
  Builder& b = builder_of({&a});
  return b.sig(b.nodes.unary(Op::not_, b.use(a), a.loc));
}
Sig operator!(Operand a) {
  Builder& b = builder_of({&a});
  NodeId x = b.use(a);
  if (b.nodes.width(x) != 1) {
    b.error(a.loc, "hdl-width", fmt::format("'!' of {}: one bit is asked", to_string(b.nodes.shape(x))), {},
            "x == 0, or ~x for every bit");
    x = b.nodes.number(0, u(1), a.loc);
  }
  return b.sig(b.nodes.unary(Op::not_, b.nodes.cast(x, false, a.loc), a.loc));
}
Sig operator==(Operand a, Operand b) {
  return compare(Op::eq, a, b);
}
Sig operator!=(Operand a, Operand b) {
  return compare(Op::ne, a, b);
}
Sig operator<(Operand a, Operand b) {
  return compare(Op::lt, a, b);
}
Sig operator<=(Operand a, Operand b) {
  return compare(Op::le, a, b);
}
Sig operator>(Operand a, Operand b) {
  return compare(Op::gt, a, b);
}
Sig operator>=(Operand a, Operand b) {
  return compare(Op::ge, a, b);
}

Sig mux(Operand condition, Operand when_true, Operand when_false) {
  Builder& b = builder_of({&condition, &when_true, &when_false});
  NodeId c = b.use(condition);
  if (b.nodes.width(c) != 1) {
    b.error(condition.loc, "hdl-width",
            fmt::format("a condition is {}, one bit is asked", to_string(b.nodes.shape(c))), {},
            "x != 0, or x.any()");
    c = b.nodes.number(0, u(1), condition.loc);
  }
  const NodeId x = b.use(when_true), y = b.use(when_false);
  const Shape shape = join(b.nodes.shape(x), b.nodes.shape(y));
  const SrcLoc loc = condition.loc;
  return b.sig(b.nodes.mux(c, b.nodes.ext(x, shape, loc), b.nodes.ext(y, shape, loc), loc));
}

Sig cat(const std::vector<Sig>& high_to_low, SrcLoc loc) {
  ELB_ASSERT(!high_to_low.empty(), "a concatenation of nothing");
  const Operand first(high_to_low[0], loc);
  Builder& b = builder_of({&first});
  std::vector<NodeId> parts;
  parts.reserve(high_to_low.size());
  for (const Sig& x : high_to_low) parts.push_back(b.use(Operand(x, loc)));
  return b.sig(b.nodes.cat(parts, loc));
}

Sig pack(const std::vector<Sig>& lanes, SrcLoc loc) {
  return cat(std::vector<Sig>(lanes.rbegin(), lanes.rend()), loc);
}

std::vector<Sig> lanes(Sig x, int width, SrcLoc loc) {
  std::vector<Sig> out;
  for (int low = 0; low + width <= x.width(); low += width) out.push_back(x.slice(low, width, loc));
  return out;
}

Sig replicate(Sig x, int n, SrcLoc loc) {
  ELB_ASSERT(n >= 1, "a replication of nothing");
  return cat(std::vector<Sig>(static_cast<size_t>(n), x), loc);
}

namespace {

Sig dynamic_shift(Op op, const Operand& x, const Operand& amount) {
  Builder& b = builder_of({&x, &amount});
  NodeId n = b.use(amount);
  if (b.nodes.shape(n).is_signed) {
    b.error(amount.loc, "hdl-width", "a shift amount is signed", {},
            ".as_unsigned(), if it cannot be negative");
    n = b.nodes.cast(n, false, amount.loc);
  }
  return b.sig(b.nodes.shift(op, b.use(x), n, x.loc));
}

}  // namespace

Sig shl(Operand x, Operand amount) {
  return dynamic_shift(Op::shl, x, amount);
}
Sig shr(Operand x, Operand amount) {
  return dynamic_shift(Op::shr, x, amount);
}
Sig min(Operand a, Operand b) {
  return mux(Operand(compare(Op::lt, a, b), a.loc), a, b);
}
Sig max(Operand a, Operand b) {
  return mux(Operand(compare(Op::gt, a, b), a.loc), a, b);
}

Sig sum(const std::vector<Sig>& terms, SrcLoc loc) {
  ELB_ASSERT(!terms.empty(), "a sum of nothing");
  std::vector<Sig> level = terms;
  while (level.size() > 1) {
    std::vector<Sig> next;
    for (size_t i = 0; i + 1 < level.size(); i += 2)
      next.push_back(Operand(level[i], loc) + Operand(level[i + 1], loc));
    if (level.size() % 2 == 1) next.push_back(level.back());
    level = std::move(next);
  }
  return level[0];
}

Sig index(const std::vector<Sig>& values, Operand sel) {
  ELB_ASSERT(!values.empty(), "an index into nothing");
  Builder& b = builder_of({&sel});
  const NodeId s = b.nodes.cast(b.use(sel), false, sel.loc);
  Operand first(values[0], sel.loc);
  Shape shape = b.nodes.shape(b.use(first));
  for (const Sig& v : values) shape = join(shape, b.nodes.shape(b.use(Operand(v, sel.loc))));
  std::vector<NodeId> level;
  for (const Sig& v : values) level.push_back(b.nodes.ext(b.use(Operand(v, sel.loc)), shape, sel.loc));
  // A tree by the selector's bits, lowest first; a level of odd length passes its last value on.
  const int bits = std::min(b.nodes.width(s), address_bits(static_cast<int64_t>(values.size())));
  for (int bit = 0; bit < bits; ++bit) {
    const NodeId choose = b.nodes.slice(s, bit, 1, sel.loc);
    std::vector<NodeId> next;
    for (size_t i = 0; i < level.size(); i += 2) {
      next.push_back(i + 1 < level.size() ? b.nodes.mux(choose, level[i + 1], level[i], sel.loc) : level[i]);
    }
    level = std::move(next);
  }
  if (b.nodes.width(s) <= bits) return b.sig(level[0]);
  const NodeId beyond =
      b.nodes.unary(Op::red_or, b.nodes.slice(s, bits, b.nodes.width(s) - bits, sel.loc), sel.loc);
  return b.sig(b.nodes.mux(beyond, b.nodes.ext(b.use(Operand(values.back(), sel.loc)), shape, sel.loc),
                           level[0], sel.loc));
}

Select& Select::is(Operand match, Operand value) {
  cases_.emplace_back(match, value);
  return *this;
}

Sig Select::otherwise(Operand value) {
  if (cases_.empty())
    return builder_of({&value, &selector_}).sig(builder_of({&value, &selector_}).use(value));
  Operand result = value;
  for (size_t i = cases_.size(); i-- > 0;) {
    result = Operand(mux(Operand(compare(Op::eq, selector_, cases_[i].first), cases_[i].first.loc),
                         cases_[i].second, result),
                     value.loc);
  }
  return result.sig;
}

}  // namespace elb::hdl
