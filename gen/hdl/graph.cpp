#include "hdl/graph.hpp"

#include "base/assert.hpp"

namespace elb::hdl {

const char* op_name(Op op) {
  switch (op) {
    case Op::constant:
      return "constant";
    case Op::input:
      return "input";
    case Op::reset:
      return "reset";
    case Op::wire:
      return "wire";
    case Op::reg:
      return "register";
    case Op::ram_read:
      return "memory read";
    case Op::inst_out:
      return "instance output";
    case Op::named:
      return "named";
    case Op::cast:
      return "cast";
    case Op::ext:
      return "extension";
    case Op::slice:
      return "slice";
    case Op::neg:
      return "negation";
    case Op::not_:
      return "~";
    case Op::red_and:
      return "and-reduction";
    case Op::red_or:
      return "or-reduction";
    case Op::red_xor:
      return "xor-reduction";
    case Op::add:
      return "+";
    case Op::sub:
      return "-";
    case Op::mul:
      return "*";
    case Op::and_:
      return "&";
    case Op::or_:
      return "|";
    case Op::xor_:
      return "^";
    case Op::eq:
      return "==";
    case Op::ne:
      return "!=";
    case Op::lt:
      return "<";
    case Op::le:
      return "<=";
    case Op::gt:
      return ">";
    case Op::ge:
      return ">=";
    case Op::shl:
      return "<<";
    case Op::shr:
      return ">>";
    case Op::mux:
      return "mux";
    case Op::cat:
      return "cat";
  }
  return "";
}

int arg_count(Op op) {
  switch (op) {
    case Op::constant:
    case Op::input:
    case Op::reset:
    case Op::wire:
    case Op::reg:
    case Op::ram_read:
    case Op::inst_out:
      return 0;
    case Op::named:
    case Op::cast:
    case Op::ext:
    case Op::slice:
    case Op::neg:
    case Op::not_:
    case Op::red_and:
    case Op::red_or:
    case Op::red_xor:
      return 1;
    case Op::add:
    case Op::sub:
    case Op::mul:
    case Op::and_:
    case Op::or_:
    case Op::xor_:
    case Op::eq:
    case Op::ne:
    case Op::lt:
    case Op::le:
    case Op::gt:
    case Op::ge:
    case Op::shl:
    case Op::shr:
      return 2;
    case Op::mux:
      return 3;
    case Op::cat:
      return -1;
  }
  return 0;
}

std::span<const NodeId> Graph::args(NodeId id) const {
  const Node& n = (*this)[id];
  const int count = arg_count(n.op);
  if (count < 0) return {cat_args.data() + n.arg[0], static_cast<size_t>(n.arg[1])};
  return {n.arg, static_cast<size_t>(count)};
}

uint64_t Graph::small_constant(const Node& n) const {
  ELB_ASSERT(n.op == Op::constant && n.width <= 64, "a constant of at most 64 bits");
  return static_cast<uint32_t>(n.arg[0]) | static_cast<uint64_t>(static_cast<uint32_t>(n.arg[1])) << 32;
}

Bits Graph::constant_value(NodeId id) const {
  const Node& n = (*this)[id];
  if (n.width > 64) return wide_constants[static_cast<size_t>(n.aux)];
  return Bits::from_int(n.width, static_cast<int64_t>(small_constant(n)));
}

}  // namespace elb::hdl
