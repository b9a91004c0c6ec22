#include "hdl/emit/print.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"

namespace elb::hdl {
namespace {

// How tightly operators bind, as in IEEE 1364-2005, table 5-4.
constexpr int kChoice = 0, kOr = 1, kXor = 2, kAnd = 3, kEqual = 4, kOrder = 5, kShift = 6, kSum = 7,
              kProduct = 8, kUnary = 9, kPrimary = 10;

std::string parens(const std::string& text, bool needed) {
  return needed ? "(" + text + ")" : text;
}

}  // namespace

std::string print_range(int width) {
  return width == 1 ? "" : fmt::format("[{}:0]", width - 1);
}

std::string print_constant(const Bits& value, bool is_signed) {
  const int width = value.width();
  if (width <= 63) {
    const int64_t k = is_signed ? value.to_i64() : static_cast<int64_t>(value.to_u64());
    if (k >= 0 && k < 65536) return fmt::format("{}'{}d{}", width, is_signed ? "s" : "", k);
    if (k < 0 && k > -65536 && k != -(int64_t{1} << (width - 1))) return fmt::format("-{}'sd{}", width, -k);
  }
  if (value == Bits(width)) return fmt::format("{}'d0", width);
  if (width <= 256) return fmt::format("{}'{}h{}", width, is_signed ? "s" : "", value.hex());
  std::string out;
  for (int high = width; high > 0;) {
    const int low = (high - 1) / 256 * 256;
    Bits part(high - low);
    for (int i = low; i < high; i += 64)
      part.set(i - low, std::min(64, high - i), value.get(i, std::min(64, high - i)));
    out += (out.empty() ? "{" : ", ") + fmt::format("{}'h{}", part.width(), part.hex());
    high = low;
  }
  return out + "}";
}

std::string Printer::operand(NodeId id) const {
  return use(id).text;
}

std::string Printer::guard(NodeId id) const {
  const Text t = use(id);
  return parens(t.text, t.level < kUnary);
}

std::string Printer::definition(NodeId id) const {
  id = bare(g_, id);
  return print(id).text;
}

Printer::Text Printer::use(NodeId id) const {
  id = bare(g_, id);
  const std::string& name = plan_.name[id];
  if (!name.empty()) return {name, kPrimary, g_[id].is_signed};
  return print(id);
}

std::string Printer::part_select(const Node& slice) const {
  const NodeId of = bare(g_, slice.arg[0]);
  const std::string& name = plan_.name[of];
  ELB_ASSERT(!name.empty(), "a part of something without a name");
  if (g_[of].width == 1) return name;
  if (slice.width == 1) return fmt::format("{}[{}]", name, slice.aux);
  return fmt::format("{}[{}:{}]", name, slice.aux + slice.width - 1, slice.aux);
}

std::string Printer::extension(const Node& ext) const {
  const NodeId of = bare(g_, ext.arg[0]);
  const int more = ext.width - g_[of].width;
  const std::string text = use(of).text;
  if (!g_[ext.arg[0]].is_signed) return fmt::format("{{{}'d0, {}}}", more, text);
  std::string sign = text;
  if (g_[of].width > 1) {
    if (plan_.name[of].empty()) {  // a slice
      const Node& part = g_[of];
      sign = fmt::format("{}[{}]", plan_.name[bare(g_, part.arg[0])], part.aux + part.width - 1);
    } else {
      sign = fmt::format("{}[{}]", text, g_[of].width - 1);
    }
  }
  return more == 1 ? fmt::format("{{{}, {}}}", sign, text)
                   : fmt::format("{{{{{}{{{}}}}}, {}}}", more, sign, text);
}

std::string Printer::with_sign(NodeId id, const Text& t) const {
  const bool want = g_[id].is_signed;
  if (want == t.is_signed) return parens(t.text, t.level < kUnary);
  return fmt::format("{}({})", want ? "$signed" : "$unsigned", t.text);
}

// Verilog widens factors to the product's width. A negative literal is written as a pattern, because
// Verilator 5.006 warns about the width of `-4'sd7` in `a * -4'sd7`.
std::string Printer::factor(NodeId id) const {
  const NodeId of = bare(g_, id);
  if (g_[of].op != Op::constant || !g_[id].is_signed) return with_sign(id, use(id));
  return fmt::format("{}'sh{}", g_[of].width, g_.constant_value(of).hex());
}

// A literal takes after its neighbour: `count - 3'd1`, although the difference as such is signed.
Printer::Text Printer::beside(NodeId id, const Text& neighbour) const {
  id = bare(g_, id);
  if (neighbour.is_signed || g_[id].op != Op::constant || g_[id].width > 63) return use(id);
  const Bits value = g_.constant_value(id);
  if (g_[id].is_signed && value.bit(value.width() - 1)) return use(id);
  return {print_constant(value, false), kPrimary, false};
}

// `chains`: a op b op c needs no parentheses on the left.
Printer::Text Printer::binary(const Node& n, const char* symbol, int level, bool chains) const {
  const Text b0 = use(n.arg[1]), a = beside(n.arg[0], b0), b = beside(n.arg[1], a);
  const NodeId left = bare(g_, n.arg[0]);
  const bool same = chains && plan_.name[left].empty() && g_[left].op == n.op;
  return {parens(a.text, a.level < kUnary && !same) + " " + symbol + " " + parens(b.text, b.level < kUnary),
          level, a.is_signed && b.is_signed};
}

Printer::Text Printer::comparison(const Node& n, const char* symbol, int level) const {
  const Text a = use(n.arg[0]), b = use(n.arg[1]);
  const bool equality = level == kEqual;
  const std::string left = equality ? parens(a.text, a.level < kUnary) : with_sign(n.arg[0], a);
  const std::string right = equality ? parens(b.text, b.level < kUnary) : with_sign(n.arg[1], b);
  return {left + " " + symbol + " " + right, level, false};
}

Printer::Text Printer::print(NodeId id) const {
  const Node& n = g_[id];
  const auto unary = [&](const char* symbol, bool keeps_sign) {
    const Text a = use(n.arg[0]);
    return Text{symbol + parens(a.text, a.level < kPrimary), kUnary, keeps_sign && a.is_signed};
  };
  switch (n.op) {
    case Op::constant: {
      const std::string text = print_constant(g_.constant_value(id), n.is_signed);
      const bool is_signed = text.find("'s") != std::string::npos;
      return {text, text[0] == '-' ? kUnary : kPrimary, is_signed};
    }
    case Op::named:
      return use(n.arg[0]);
    case Op::cast:
      return use(id);
    case Op::ext:
      return {extension(n), kPrimary, false};
    case Op::slice:
      return {part_select(n), kPrimary, false};
    case Op::neg:
      return unary("-", true);
    case Op::not_:
      return unary("~", true);
    case Op::red_and:
      return unary("&", false);
    case Op::red_or:
      return unary("|", false);
    case Op::red_xor:
      return unary("^", false);
    case Op::add:
      return binary(n, "+", kSum, true);
    case Op::sub:
      return binary(n, "-", kSum, true);
    case Op::and_:
      return binary(n, "&", kAnd, true);
    case Op::or_:
      return binary(n, "|", kOr, true);
    case Op::xor_:
      return binary(n, "^", kXor, true);
    case Op::mul:
      return {factor(n.arg[0]) + " * " + factor(n.arg[1]), kProduct, g_[n.arg[0]].is_signed};
    case Op::eq:
      return comparison(n, "==", kEqual);
    case Op::ne:
      return comparison(n, "!=", kEqual);
    case Op::lt:
      return comparison(n, "<", kOrder);
    case Op::le:
      return comparison(n, "<=", kOrder);
    case Op::gt:
      return comparison(n, ">", kOrder);
    case Op::ge:
      return comparison(n, ">=", kOrder);
    case Op::shl:
    case Op::shr: {
      const Text a = use(n.arg[0]), b = use(n.arg[1]);
      const bool arithmetic = n.op == Op::shr && n.is_signed;
      const std::string left = arithmetic ? with_sign(n.arg[0], a) : parens(a.text, a.level < kUnary);
      const char* symbol = n.op == Op::shl ? "<<" : arithmetic ? ">>>" : ">>";
      return {left + " " + symbol + " " + parens(b.text, b.level < kUnary), kShift,
              arithmetic || a.is_signed};
    }
    case Op::mux: {
      const Text c = use(n.arg[0]), a = use(n.arg[1]), b = use(n.arg[2]);
      return {parens(c.text, c.level < kUnary) + " ? " + parens(a.text, a.level == kChoice) + " : " + b.text,
              kChoice, a.is_signed && b.is_signed};
    }
    case Op::cat: {
      const auto parts = g_.args(id);
      std::string text;
      for (size_t i = 0; i < parts.size();) {
        size_t run = 1;
        while (i + run < parts.size() && parts[i + run] == parts[i]) ++run;
        const std::string part = use(parts[i]).text;
        text += text.empty() ? "" : ", ";
        if (run == parts.size()) return {fmt::format("{{{}{{{}}}}}", run, part), kPrimary, false};
        text += run == 1 ? part : fmt::format("{{{}{{{}}}}}", run, part);
        i += run;
      }
      return {"{" + text + "}", kPrimary, false};
    }
    case Op::input:
    case Op::reset:
    case Op::wire:
    case Op::reg:
    case Op::ram_read:
    case Op::inst_out:
      break;
  }
  return {plan_.name[id], kPrimary, n.is_signed};
}

std::string wrap(int indent, const std::string& statement, const std::string& comment) {
  constexpr size_t kColumns = 100;
  std::string out;
  std::string pad(static_cast<size_t>(indent), ' ');
  size_t at = 0;
  const auto finish = [&](const std::string& last) {
    out += pad + last;
    if (!comment.empty()) {
      const std::string tail = "  // " + comment;
      if (pad.size() + last.size() + tail.size() > kColumns) {
        out += "\n" + pad + "// " + comment;
      } else {
        out += tail;
      }
    }
    return out + "\n";
  };
  while (pad.size() + (statement.size() - at) > kColumns) {
    // The best break in the right part of the line: behind ':' or ',' before any other.
    const size_t limit = at + kColumns - pad.size();
    size_t best = std::string::npos;
    int best_rank = -1;
    for (size_t i = limit; i > at + 1; --i) {
      if (statement[i] != ' ') continue;
      const char before = statement[i - 1];
      const int rank = (before == ':' ? 3 : before == ',' ? 2 : 1) - (i < at + (limit - at) / 2 ? 2 : 0);
      if (rank > best_rank) {
        best = i;
        best_rank = rank;
      }
    }
    if (best == std::string::npos) {
      best = statement.find(' ', limit);
      if (best == std::string::npos) break;
    }
    out += pad + statement.substr(at, best - at) + "\n";
    at = best + 1;
    pad.assign(static_cast<size_t>(indent) + 4, ' ');
  }
  return finish(statement.substr(at));
}

}  // namespace elb::hdl
