#include "hdl/nodes.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "hdl/pattern.hpp"

namespace elb::hdl {
namespace {

uint64_t mix(uint64_t h, uint64_t v) {
  h ^= v + 0x9e3779b97f4a7c15ull + (h << 6) + (h >> 2);
  return h * 0xff51afd7ed558ccdull;
}

}  // namespace

// ---- the table of equal nodes

uint64_t Nodes::hash(const Node& n) const {
  uint64_t h = mix(static_cast<uint64_t>(n.op) | static_cast<uint64_t>(n.is_signed) << 8 |
                       static_cast<uint64_t>(n.wrapped) << 9,
                   static_cast<uint64_t>(n.width));
  if (n.op == Op::cat) {
    for (int i = 0; i < n.arg[1]; ++i) h = mix(h, static_cast<uint64_t>(g_.cat_args[n.arg[0] + i]));
  } else if (n.op == Op::constant && n.width > 64) {
    const Bits& b = g_.wide_constants[n.aux];
    for (int low = 0; low < n.width; low += 64) h = mix(h, b.get(low, std::min(64, n.width - low)));
  } else {
    for (NodeId a : n.arg) h = mix(h, static_cast<uint32_t>(a));
    h = mix(h, static_cast<uint32_t>(n.aux));
  }
  return h ^ (h >> 29);
}

bool Nodes::same(const Node& a, const Node& b) const {
  if (a.op != b.op || a.is_signed != b.is_signed || a.wrapped != b.wrapped || a.width != b.width)
    return false;
  if (a.op == Op::cat) {
    const auto first = g_.cat_args.begin();
    return a.arg[1] == b.arg[1] &&
           std::equal(first + a.arg[0], first + a.arg[0] + a.arg[1], first + b.arg[0]);
  }
  if (a.op == Op::constant && a.width > 64) return g_.wide_constants[a.aux] == g_.wide_constants[b.aux];
  return std::equal(std::begin(a.arg), std::end(a.arg), std::begin(b.arg)) && a.aux == b.aux;
}

void Nodes::grow() {
  std::vector<NodeId> old(table_.empty() ? 256 : table_.size() * 2, kNone);
  old.swap(table_);
  for (NodeId id : old) {
    if (id == kNone) continue;
    size_t i = hash(g_[id]) & (table_.size() - 1);
    while (table_[i] != kNone) i = (i + 1) & (table_.size() - 1);
    table_[i] = id;
  }
}

NodeId Nodes::intern(Node n) {
  if (2 * used_ >= table_.size()) grow();
  size_t i = hash(n) & (table_.size() - 1);
  while (table_[i] != kNone) {
    if (same(g_[table_[i]], n)) return table_[i];
    i = (i + 1) & (table_.size() - 1);
  }
  const NodeId id = static_cast<NodeId>(g_.nodes.size());
  g_.nodes.push_back(n);
  table_[i] = id;
  ++used_;
  return id;
}

// ---- sources

NodeId Nodes::leaf(Op op, Shape shape, int aux, int arg, SrcLoc loc) {
  Node n{.op = op, .is_signed = shape.is_signed, .wrapped = false, .width = shape.width};
  n.arg[0] = arg;
  n.aux = aux;
  n.loc = loc;
  g_.nodes.push_back(n);
  return static_cast<NodeId>(g_.nodes.size() - 1);
}

NodeId Nodes::small(uint64_t pattern, Shape shape, SrcLoc loc) {
  pattern &= pattern_mask(shape.width);
  Node n{.op = Op::constant, .is_signed = shape.is_signed, .wrapped = false, .width = shape.width};
  n.arg[0] = static_cast<NodeId>(pattern);
  n.arg[1] = static_cast<NodeId>(pattern >> 32);
  n.loc = loc;
  return intern(n);
}

NodeId Nodes::constant(const Bits& pattern, bool is_signed, SrcLoc loc) {
  const Shape shape{pattern.width(), is_signed};
  if (pattern.width() <= 64) return small(pattern.to_u64(), shape, loc);
  Node n{.op = Op::constant, .is_signed = is_signed, .wrapped = false, .width = pattern.width()};
  n.aux = static_cast<int32_t>(g_.wide_constants.size());
  n.loc = loc;
  g_.wide_constants.push_back(pattern);
  const size_t before = g_.nodes.size();
  const NodeId id = intern(n);
  if (g_.nodes.size() == before) g_.wide_constants.pop_back();
  return id;
}

NodeId Nodes::number(int64_t k, Shape shape, SrcLoc loc) {
  if (shape.width <= 64) return small(static_cast<uint64_t>(k), shape, loc);
  return constant(Bits::from_int(shape.width, k), shape.is_signed, loc);
}

std::optional<uint64_t> Nodes::pattern(NodeId id) const {
  const Node& n = g_[id];
  if (n.op != Op::constant || n.width > 64) return std::nullopt;
  return g_.small_constant(n);
}

bool Nodes::is_zero(NodeId id) const {
  const Node& n = g_[id];
  if (n.op != Op::constant) return false;
  return n.width <= 64 ? g_.small_constant(n) == 0 : g_.wide_constants[n.aux] == Bits(n.width);
}

bool Nodes::is_ones(NodeId id) const {
  const Node& n = g_[id];
  if (n.op != Op::constant) return false;
  return n.width <= 64 ? g_.small_constant(n) == pattern_mask(n.width)
                       : g_.wide_constants[n.aux] == Bits::from_int(n.width, -1);
}

// ---- one argument

NodeId Nodes::named(NodeId a, const std::string& name, SrcLoc loc) {
  const NodeId id = leaf(Op::named, shape(a), static_cast<int>(g_.names.size()), a, loc);
  g_.names.push_back(name);
  return id;
}

NodeId Nodes::cast(NodeId a, bool is_signed, SrcLoc loc) {
  while (g_[a].op == Op::cast && g_[a].is_signed != is_signed) a = g_[a].arg[0];
  const Node& n = g_[a];
  if (n.is_signed == is_signed) return a;
  if (n.op == Op::constant) return constant(g_.constant_value(a), is_signed, loc);
  Node made{.op = Op::cast, .is_signed = is_signed, .wrapped = false, .width = n.width};
  made.arg[0] = a;
  made.loc = loc;
  return intern(made);
}

NodeId Nodes::wrap(NodeId a, SrcLoc loc) {
  if (g_[a].wrapped) return a;
  Node made = g_[a];
  if (made.op != Op::constant) {
    made = Node{.op = Op::cast, .is_signed = made.is_signed, .wrapped = true, .width = made.width};
    made.arg[0] = a;
    made.loc = loc;
  }
  made.wrapped = true;
  return intern(made);
}

NodeId Nodes::ext(NodeId a, Shape to, SrcLoc loc) {
  const Node n = g_[a];
  ELB_ASSERT(to.width >= n.width, "an extension that narrows");
  if (to.width == n.width) return cast(a, to.is_signed, loc);
  if (n.op == Op::constant) {
    if (to.width <= 64) {
      const uint64_t p = g_.small_constant(n);
      return small(n.is_signed ? static_cast<uint64_t>(as_signed_value(p, n.width)) : p, to, loc);
    }
    const Bits from = g_.constant_value(a);
    Bits wide = n.is_signed && from.bit(n.width - 1) ? Bits::from_int(to.width, -1) : Bits(to.width);
    for (int low = 0; low < n.width; low += 64) {
      const int count = std::min(64, n.width - low);
      wide.set(low, count, from.get(low, count));
    }
    return constant(wide, to.is_signed, loc);
  }
  // ext(ext(x)): the upper one repeats what the lower one put there.
  if (n.op == Op::ext && (n.is_signed || !g_[n.arg[0]].is_signed)) return ext(n.arg[0], to, loc);
  Node made{.op = Op::ext, .is_signed = to.is_signed, .wrapped = false, .width = to.width};
  made.arg[0] = a;
  made.loc = loc;
  return intern(made);
}

NodeId Nodes::slice(NodeId a, int low, int width, SrcLoc loc) {
  while (g_[a].op == Op::cast) a = g_[a].arg[0];
  const Node n = g_[a];
  ELB_ASSERT(low >= 0 && width >= 1 && low + width <= n.width, "a slice outside of its signal");
  if (width == n.width) return cast(a, false, loc);
  if (n.op == Op::constant) {
    Bits part(width);
    const Bits from = g_.constant_value(a);
    for (int i = 0; i < width; i += 64) {
      const int count = std::min(64, width - i);
      part.set(i, count, from.get(low + i, count));
    }
    return constant(part, false, loc);
  }
  if (n.op == Op::slice) return slice(n.arg[0], n.aux + low, width, loc);
  if (n.op == Op::cat) return slice_of_cat(a, low, width, loc);
  if (n.op == Op::ext) {
    const NodeId inner = n.arg[0];
    const int inner_width = this->width(inner);
    if (low + width <= inner_width) return slice(inner, low, width, loc);
    if (!g_[inner].is_signed && low >= inner_width) return number(0, u(width), loc);
    if (low < inner_width && !g_[inner].is_signed) {
      return ext(slice(inner, low, inner_width - low, loc), u(width), loc);
    }
    if (low == 0) return cast(ext(inner, s(width), loc), false, loc);
  }
  Node made{.op = Op::slice, .is_signed = false, .wrapped = false, .width = width};
  made.arg[0] = a;
  made.aux = low;
  made.loc = loc;
  return intern(made);
}

NodeId Nodes::slice_of_cat(NodeId id, int low, int width, SrcLoc loc) {
  const std::span<const NodeId> all = g_.args(id);
  const std::vector<NodeId> parts(all.begin(), all.end());
  std::vector<NodeId> kept;
  int part_low = g_[id].width;
  for (NodeId part : parts) {
    const int part_width = this->width(part);
    part_low -= part_width;
    const int from = std::max(low, part_low), to = std::min(low + width, part_low + part_width);
    if (from < to) kept.push_back(slice(part, from - part_low, to - from, loc));
    if (part_low <= low) break;
  }
  return cat(kept, loc);
}

NodeId Nodes::unary(Op op, NodeId a, SrcLoc loc) {
  const Node n = g_[a];
  const bool reduction = op == Op::red_and || op == Op::red_or || op == Op::red_xor;
  const Shape result = reduction ? u(1) : n.shape();
  if (n.op == Op::constant && n.width <= 64) {
    const uint64_t p = g_.small_constant(n);
    switch (op) {
      case Op::neg:
        return small(~p + 1, result, loc);
      case Op::not_:
        return small(~p, result, loc);
      case Op::red_and:
        return small(p == pattern_mask(n.width), result, loc);
      case Op::red_or:
        return small(p != 0, result, loc);
      case Op::red_xor:
        return small(static_cast<uint64_t>(__builtin_parityll(p)), result, loc);
      default:
        break;
    }
  }
  if (reduction && n.width == 1) return cast(a, false, loc);
  if (op == Op::not_) {
    switch (n.op) {
      case Op::not_:
        return n.arg[0];
      case Op::eq:
        return binary(Op::ne, n.arg[0], n.arg[1], loc);
      case Op::ne:
        return binary(Op::eq, n.arg[0], n.arg[1], loc);
      case Op::lt:
        return binary(Op::ge, n.arg[0], n.arg[1], loc);
      case Op::le:
        return binary(Op::gt, n.arg[0], n.arg[1], loc);
      case Op::gt:
        return binary(Op::le, n.arg[0], n.arg[1], loc);
      case Op::ge:
        return binary(Op::lt, n.arg[0], n.arg[1], loc);
      default:
        break;
    }
  }
  Node made{.op = op, .is_signed = result.is_signed, .wrapped = false, .width = result.width};
  made.arg[0] = a;
  made.loc = loc;
  return intern(made);
}

NodeId Nodes::cat(std::span<const NodeId> high_to_low, SrcLoc loc) {
  ELB_ASSERT(!high_to_low.empty(), "a concatenation of nothing");
  // Neighbouring slices of one signal are one slice; constants all through are a constant.
  std::vector<NodeId> parts;
  bool all_constant = true;
  int total = 0;
  for (NodeId id : high_to_low) {
    while (g_[id].op == Op::cast) id = g_[id].arg[0];
    total += width(id);
    all_constant = all_constant && g_[id].op == Op::constant;
    if (!parts.empty() && g_[parts.back()].op == Op::slice && g_[id].op == Op::slice) {
      const Node& up = g_[parts.back()];
      const Node& down = g_[id];
      if (up.arg[0] == down.arg[0] && up.aux == down.aux + down.width) {
        parts.back() = slice(up.arg[0], down.aux, up.width + down.width, loc);
        while (g_[parts.back()].op == Op::cast) parts.back() = g_[parts.back()].arg[0];
        continue;
      }
    }
    parts.push_back(id);
  }
  if (parts.size() == 1) return cast(parts[0], false, loc);
  if (all_constant) {
    Bits value(total);
    int high = total;
    for (NodeId id : parts) {
      const Bits part = g_.constant_value(id);
      high -= part.width();
      for (int low = 0; low < part.width(); low += 64) {
        const int count = std::min(64, part.width() - low);
        value.set(high + low, count, part.get(low, count));
      }
    }
    return constant(value, false, loc);
  }
  Node made{.op = Op::cat, .is_signed = false, .wrapped = false, .width = total};
  made.arg[0] = static_cast<NodeId>(g_.cat_args.size());
  made.arg[1] = static_cast<NodeId>(parts.size());
  made.loc = loc;
  const size_t before = g_.nodes.size();
  g_.cat_args.insert(g_.cat_args.end(), parts.begin(), parts.end());
  const NodeId id = intern(made);
  if (g_.nodes.size() == before) g_.cat_args.resize(static_cast<size_t>(made.arg[0]));
  return id;
}

}  // namespace elb::hdl
