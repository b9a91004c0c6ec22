#include "hdl/sig.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "hdl/module_build.hpp"

namespace elb::hdl {
namespace {

// What a mistaken expression becomes, so that one run shows all mistakes.
Sig zero(Builder& b, Shape shape, SrcLoc loc) {
  return b.sig(b.nodes.number(0, shape, loc));
}

Builder& builder_of(const Sig& x) {
  ELB_ASSERT(x.is_set(), "a signal that was never set");
  return x.module()->builder();
}

}  // namespace

Shape Sig::shape() const {
  return builder_of(*this).graph[node_].shape();
}

Sig Sig::operator[](Index bit) const {
  return slice(static_cast<int>(bit.value), 1, bit.loc);
}

Sig Sig::bits(int high, int low, SrcLoc loc) const {
  return slice(low, high - low + 1, loc);
}

Sig Sig::slice(int low, int width, SrcLoc loc) const {
  Builder& b = builder_of(*this);
  const int have = this->width();
  if (low < 0 || width < 1 || low > have - width) {
    b.error(loc, "hdl-width",
            fmt::format("bits {}..{} are asked of a signal of {} bits", low, low + width - 1, have));
    return zero(b, u(width < 1 ? 1 : width), loc);
  }
  return b.sig(b.nodes.slice(node_, low, width, loc));
}

Sig Sig::trunc(int width, SrcLoc loc) const {
  return trunc(Shape{width, is_signed()}, loc);
}

Sig Sig::trunc(Shape to, SrcLoc loc) const {
  Builder& b = builder_of(*this);
  if (to.width < 1 || to.width > width()) {
    b.error(loc, "hdl-width", fmt::format("trunc({}) of a signal of {} bits", to.width, width()), {},
            ".ext(shape) widens");
    return zero(b, Shape{to.width < 1 ? 1 : to.width, to.is_signed}, loc);
  }
  const NodeId low = to.width == width() ? node_ : b.nodes.slice(node_, 0, to.width, loc);
  return b.sig(b.nodes.wrap(b.nodes.cast(low, to.is_signed, loc), loc));
}

Sig Sig::ext(Shape to, SrcLoc loc) const {
  Builder& b = builder_of(*this);
  if (!holds(to, shape())) {
    b.error(loc, "hdl-width",
            fmt::format("ext({}) of a signal of shape {}", to_string(to), to_string(shape())), {},
            ".trunc(n) drops high bits, .sat(shape) clamps");
    return zero(b, to, loc);
  }
  return b.sig(b.nodes.ext(node_, to, loc));
}

Sig Sig::sat(Shape to, SrcLoc loc) const {
  Builder& b = builder_of(*this);
  if (holds(to, shape())) return ext(to, loc);
  // All bits above the result's value bits equal: it fits. Else clamp by the sign.
  const Shape from = shape();
  const int value_bits = to.is_signed ? to.width - 1 : to.width;
  const Bits top = [&] {
    Bits v(to.width);
    for (int i = 0; i < value_bits; ++i) v.set_bit(i, true);
    return v;
  }();
  Bits bottom(to.width);
  if (to.is_signed) bottom.set_bit(to.width - 1, true);
  const Sig high = b.sig(b.nodes.constant(top, to.is_signed, loc));
  const Sig low = b.sig(b.nodes.constant(bottom, to.is_signed, loc));
  const Sig negative = from.is_signed ? msb(loc) : zero(b, u(1), loc);
  const int from_value_bits = from.is_signed ? from.width - 1 : from.width;
  Sig fits_low = width() >= to.width ? trunc(to.width, loc) : *this;
  fits_low = b.sig(b.nodes.ext(b.nodes.cast(fits_low.node(), to.is_signed && from.is_signed, loc), to, loc));
  if (from_value_bits <= value_bits)
    return mux(Operand(negative, loc), Operand(low, loc), Operand(fits_low, loc));
  const Sig above = slice(value_bits, from_value_bits - value_bits, loc);
  if (!from.is_signed) return mux(Operand(above.any(loc), loc), Operand(high, loc), Operand(fits_low, loc));
  const Sig too_high = Operand(!Operand(negative, loc), loc) & Operand(above.any(loc), loc);
  if (!to.is_signed) {
    return mux(Operand(negative, loc), Operand(low, loc),
               Operand(mux(Operand(above.any(loc), loc), Operand(high, loc), Operand(fits_low, loc)), loc));
  }
  const Sig too_low = Operand(negative, loc) & Operand(!Operand(above.all(loc), loc), loc);
  return mux(Operand(too_high, loc), Operand(high, loc),
             Operand(mux(Operand(too_low, loc), Operand(low, loc), Operand(fits_low, loc)), loc));
}

Sig Sig::as_signed(SrcLoc loc) const {
  Builder& b = builder_of(*this);
  return b.sig(b.nodes.cast(node_, true, loc));
}

Sig Sig::as_unsigned(SrcLoc loc) const {
  Builder& b = builder_of(*this);
  return b.sig(b.nodes.cast(node_, false, loc));
}

Sig Sig::shl(int n, SrcLoc loc) const {
  Builder& b = builder_of(*this);
  ELB_ASSERT(n >= 0, "a shift by a negative number");
  if (n == 0) return *this;
  const NodeId wide = b.nodes.cat(std::vector<NodeId>{node_, b.nodes.number(0, u(n), loc)}, loc);
  return b.sig(b.nodes.cast(wide, is_signed(), loc));
}

Sig Sig::shr(int n, SrcLoc loc) const {
  Builder& b = builder_of(*this);
  ELB_ASSERT(n >= 0, "a shift by a negative number");
  if (n == 0) return *this;
  if (n >= width()) return is_signed() ? b.sig(b.nodes.cast(msb(loc).node(), true, loc)) : zero(b, u(1), loc);
  return b.sig(b.nodes.cast(b.nodes.slice(node_, n, width() - n, loc), is_signed(), loc));
}

Sig Sig::any(SrcLoc loc) const {
  Builder& b = builder_of(*this);
  return b.sig(b.nodes.unary(Op::red_or, node_, loc));
}

Sig Sig::all(SrcLoc loc) const {
  Builder& b = builder_of(*this);
  return b.sig(b.nodes.unary(Op::red_and, node_, loc));
}

Sig Sig::parity(SrcLoc loc) const {
  Builder& b = builder_of(*this);
  return b.sig(b.nodes.unary(Op::red_xor, node_, loc));
}

Sig Sig::named(const std::string& name, SrcLoc loc) const {
  Builder& b = builder_of(*this);
  return b.sig(b.nodes.named(node_, b.take_name(name, "signal", loc), loc));
}

void Reg::next(Operand value, SrcLoc loc) const {
  Builder& b = builder_of(*this);
  const RegDef& def = b.graph.regs[b.graph[node()].aux];
  const NodeId v = b.fit_to(value, def.shape, "register '" + def.name + "'");
  b.reg_assignments[b.graph[node()].aux].push_back({b.scope, v, loc});
}

void Wire::drive(Operand value, SrcLoc loc) const {
  Builder& b = builder_of(*this);
  const WireDef& def = b.graph.wires[b.graph[node()].aux];
  const NodeId v = b.fit_to(value, def.shape, (def.is_port ? "output '" : "wire '") + def.name + "'");
  b.wire_assignments[b.graph[node()].aux].push_back({b.scope, v, loc});
}

}  // namespace elb::hdl
