// Nodes of two and three arguments: what is known without a node, and the node otherwise.
#include <algorithm>

#include "base/assert.hpp"
#include "hdl/nodes.hpp"
#include "hdl/pattern.hpp"

namespace elb::hdl {

NodeId Nodes::fold(Op op, NodeId a, NodeId b, SrcLoc loc) {
  const Shape shape = this->shape(a);
  const std::optional<uint64_t> pa = pattern(a), pb = pattern(b);
  if (!pa || !pb) return kNone;
  const uint64_t x = *pa, y = *pb;
  const int64_t sx = as_signed_value(x, shape.width), sy = as_signed_value(y, shape.width);
  switch (op) {
    case Op::add:
      return small(x + y, shape, loc);
    case Op::sub:
      return small(x - y, shape, loc);
    case Op::and_:
      return small(x & y, shape, loc);
    case Op::or_:
      return small(x | y, shape, loc);
    case Op::xor_:
      return small(x ^ y, shape, loc);
    case Op::eq:
      return small(x == y, u(1), loc);
    case Op::ne:
      return small(x != y, u(1), loc);
    case Op::lt:
      return small(shape.is_signed ? sx < sy : x < y, u(1), loc);
    case Op::le:
      return small(shape.is_signed ? sx <= sy : x <= y, u(1), loc);
    case Op::gt:
      return small(shape.is_signed ? sx > sy : x > y, u(1), loc);
    case Op::ge:
      return small(shape.is_signed ? sx >= sy : x >= y, u(1), loc);
    default:
      return kNone;
  }
}

// What holds without knowing both values; kNone when nothing does.
NodeId Nodes::simplify(Op op, NodeId a, NodeId b, SrcLoc loc) {
  switch (op) {
    case Op::add:
      return is_zero(b) ? a : is_zero(a) ? b : kNone;
    case Op::sub:
      return is_zero(b) ? a : kNone;
    case Op::and_:
      return is_zero(a) || is_ones(b) || a == b ? a : is_zero(b) || is_ones(a) ? b : kNone;
    case Op::or_:
      return is_ones(a) || is_zero(b) || a == b ? a : is_ones(b) || is_zero(a) ? b : kNone;
    case Op::xor_:
      return is_zero(b) ? a : is_zero(a) ? b : a == b ? number(0, shape(a), loc) : kNone;
    case Op::eq:
      if (a == b) return small(1, u(1), loc);
      if (shape(a) == u(1) && is_ones(b)) return a;
      if (shape(a) == u(1) && is_zero(b)) return unary(Op::not_, a, loc);
      return kNone;
    case Op::ne:
      if (a == b) return small(0, u(1), loc);
      if (shape(a) == u(1) && is_zero(b)) return a;
      if (shape(a) == u(1) && is_ones(b)) return unary(Op::not_, a, loc);
      return kNone;
    case Op::lt:
    case Op::gt:
      return a == b ? small(0, u(1), loc) : kNone;
    case Op::le:
    case Op::ge:
      return a == b ? small(1, u(1), loc) : kNone;
    default:
      return kNone;
  }
}

NodeId Nodes::binary(Op op, NodeId a, NodeId b, SrcLoc loc) {
  ELB_ASSERT(shape(a) == shape(b), "operands of two shapes");
  if (const NodeId known = fold(op, a, b, loc); known != kNone) return known;
  if (const NodeId known = simplify(op, a, b, loc); known != kNone) return known;
  const bool compares = op >= Op::eq && op <= Op::ge;
  const Shape result = compares ? u(1) : shape(a);
  Node made{.op = op, .is_signed = result.is_signed, .wrapped = false, .width = result.width};
  made.arg[0] = a;
  made.arg[1] = b;
  made.loc = loc;
  return intern(made);
}

NodeId Nodes::mul(NodeId a, NodeId b, Shape to, SrcLoc loc) {
  ELB_ASSERT(shape(a).is_signed == shape(b).is_signed, "factors of two signs");
  if (is_zero(a) || is_zero(b)) return number(0, to, loc);
  for (int swap = 0; swap < 2; ++swap, std::swap(a, b)) {
    const std::optional<uint64_t> k = pattern(b);
    if (!k) continue;
    if (const std::optional<uint64_t> other = pattern(a); other && to.width <= 64) {
      const bool is_signed = shape(a).is_signed;
      const uint64_t x = is_signed ? static_cast<uint64_t>(as_signed_value(*other, width(a))) : *other;
      const uint64_t y = is_signed ? static_cast<uint64_t>(as_signed_value(*k, width(b))) : *k;
      return small(x * y, to, loc);
    }
    const bool positive = !shape(b).is_signed || as_signed_value(*k, width(b)) > 0;
    if (!positive || (*k & (*k - 1)) != 0) continue;
    const int n = __builtin_ctzll(*k);  // a power of two: a shift
    if (n >= to.width) return number(0, to, loc);
    const int kept = std::min(width(a), to.width - n);
    NodeId shifted = kept < width(a) ? cast(slice(a, 0, kept, loc), shape(a).is_signed, loc) : a;
    if (n > 0)
      shifted = cast(cat(std::vector<NodeId>{shifted, number(0, u(n), loc)}, loc), shape(a).is_signed, loc);
    return ext(shifted, to, loc);
  }
  Node made{.op = Op::mul, .is_signed = to.is_signed, .wrapped = false, .width = to.width};
  made.arg[0] = a;
  made.arg[1] = b;
  made.loc = loc;
  return intern(made);
}

NodeId Nodes::shift(Op op, NodeId a, NodeId b, SrcLoc loc) {
  ELB_ASSERT(!shape(b).is_signed, "a signed shift amount");
  const Shape result = shape(a);
  if (is_zero(b) || is_zero(a)) return a;
  if (const std::optional<uint64_t> k = pattern(b)) {
    const int n = static_cast<int>(std::min<uint64_t>(*k, static_cast<uint64_t>(result.width)));
    if (op == Op::shl) {
      if (n == result.width) return number(0, result, loc);
      const NodeId kept = slice(a, 0, result.width - n, loc);
      return cast(cat(std::vector<NodeId>{kept, number(0, u(n), loc)}, loc), result.is_signed, loc);
    }
    const int m = result.is_signed ? std::min(n, result.width - 1) : n;
    if (m == result.width) return number(0, result, loc);
    return ext(cast(slice(a, m, result.width - m, loc), result.is_signed, loc), result, loc);
  }
  Node made{.op = op, .is_signed = result.is_signed, .wrapped = false, .width = result.width};
  made.arg[0] = a;
  made.arg[1] = b;
  made.loc = loc;
  return intern(made);
}

NodeId Nodes::mux(NodeId condition, NodeId a, NodeId b, SrcLoc loc) {
  ELB_ASSERT(shape(condition).width == 1 && shape(a) == shape(b), "a choice between two shapes");
  if (is_ones(condition)) return a;
  if (is_zero(condition)) return b;
  if (a == b) return a;
  condition = cast(condition, false, loc);
  if (g_[condition].op == Op::not_) {
    condition = g_[condition].arg[0];
    std::swap(a, b);
  }
  if (shape(a) == u(1)) {
    if (is_ones(a)) return binary(Op::or_, condition, b, loc);
    if (is_zero(b)) return binary(Op::and_, condition, a, loc);
    if (is_ones(b)) return binary(Op::or_, unary(Op::not_, condition, loc), a, loc);
    if (is_zero(a)) return binary(Op::and_, unary(Op::not_, condition, loc), b, loc);
  }
  Node made{.op = Op::mux, .is_signed = shape(a).is_signed, .wrapped = false, .width = width(a)};
  made.arg[0] = condition;
  made.arg[1] = a;
  made.arg[2] = b;
  made.loc = loc;
  return intern(made);
}

}  // namespace elb::hdl
