// Which step computes a node: a one-word one where operands and result have at most 64 bits.
#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "hdl/eval/tape.hpp"
#include "hdl/eval/words.hpp"

namespace elb::hdl::eval {
namespace {

// One word; the masks and widths that its operator needs.
Step narrow_step(const Node& n, Slot to, const std::vector<Value>& args) {
  const Shape first = args[0].shape;
  Step s{
      .what = Do::add, .x = 0, .y = 0, .to = to, .a = args[0].slot, .b = 0, .c = 0, .mask = mask_of(n.width)};
  if (args.size() > 1) s.b = args[1].slot;
  if (args.size() > 2) s.c = args[2].slot;
  const auto plain = [&](Do what) {
    s.what = what;
    return s;
  };
  const auto by_sign = [&](Do what, Do what_signed) {
    s.what = first.is_signed ? what_signed : what;
    s.x = static_cast<uint8_t>(first.width);
    return s;
  };
  switch (n.op) {
    case Op::ext:
      s.x = static_cast<uint8_t>(first.width);
      return plain(Do::ext);
    case Op::slice:
      s.x = static_cast<uint8_t>(n.aux);
      return plain(Do::slice);
    case Op::neg:
      return plain(Do::neg);
    case Op::not_:
      return plain(Do::not_);
    case Op::red_and:
      s.mask = mask_of(first.width);
      return plain(Do::red_and);
    case Op::red_or:
      return plain(Do::red_or);
    case Op::red_xor:
      return plain(Do::red_xor);
    case Op::add:
      return plain(Do::add);
    case Op::sub:
      return plain(Do::sub);
    case Op::mul:
      s.y = static_cast<uint8_t>(args[1].shape.width);
      return by_sign(Do::mul, Do::mul_signed);
    case Op::and_:
      return plain(Do::and_);
    case Op::or_:
      return plain(Do::or_);
    case Op::xor_:
      return plain(Do::xor_);
    case Op::eq:
      return plain(Do::eq);
    case Op::ne:
      return plain(Do::ne);
    case Op::lt:
      return by_sign(Do::less, Do::less_signed);
    case Op::le:
      return by_sign(Do::less_equal, Do::less_equal_signed);
    case Op::gt:
      std::swap(s.a, s.b);
      return by_sign(Do::less, Do::less_signed);
    case Op::ge:
      std::swap(s.a, s.b);
      return by_sign(Do::less_equal, Do::less_equal_signed);
    case Op::shl:
      return plain(Do::shl);
    case Op::shr:
      return by_sign(Do::shr, Do::shr_signed);
    case Op::mux:
      return plain(Do::mux);
    case Op::cat:
      s.x = static_cast<uint8_t>(args[1].shape.width);
      return plain(Do::cat);
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
  return s;
}

}  // namespace

void append_step(Tape& tape, const Node& n, Slot to, const std::vector<Value>& args) {
  const bool narrow = n.width <= 64 && std::all_of(args.begin(), args.end(),
                                                   [](const Value& a) { return a.shape.width <= 64; });
  if (narrow) {
    tape.steps.push_back(narrow_step(n, to, args));
    // Further parts of a concatenation are shifted in from below.
    for (size_t i = 2; n.op == Op::cat && i < args.size(); ++i)
      tape.steps.push_back(narrow_step(n, to, {{to, n.shape()}, args[i]}));
  } else if (n.op == Op::slice && n.width <= 64) {
    tape.steps.push_back({.what = Do::slice_words,
                          .x = 0,
                          .y = 0,
                          .to = to,
                          .a = args[0].slot,
                          .b = n.aux,
                          .c = word_count(args[0].shape.width),
                          .mask = mask_of(n.width)});
  } else {
    tape.steps.push_back(
        {.what = Do::wide, .x = 0, .y = 0, .to = to, .a = static_cast<Slot>(tape.wides.size())});
    tape.wides.push_back({n.op, {to, n.shape()}, args, n.aux});
  }
}

}  // namespace elb::hdl::eval
