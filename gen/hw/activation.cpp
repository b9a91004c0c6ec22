#include "hw/activation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/assert.hpp"
#include "base/sha256.hpp"
#include "hw/tile_constants.hpp"

namespace elb::hw {

using namespace hdl;
using spec::ActivationKind;
using spec::ActivationParams;
using spec::ChannelConstants;

namespace {

// What every lane of every pixel sees, lane (m, p) at m*P + p.
std::vector<Sig> accumulators(const ActivationParams& p, Sig word) {
  std::vector<Sig> t = lanes(word, p.in_bits);
  if (p.in_signed) {
    for (Sig& x : t) x = x.as_signed();
  }
  return t;
}

// A level's registers, one per lane: a wide register of all lanes would be shifted and masked apart in
// simulation.
std::vector<Sig> stage_reg(Module& m, const std::string& name, const std::vector<Sig>& values, Shape lane) {
  std::vector<Sig> out;
  for (const Sig& v : values) {
    const Reg r = m.reg(fmt::format("{}_{}", name, out.size()), lane, {.reset = std::nullopt});
    r.next(v.width() == lane.width ? (lane.is_signed ? v.as_signed() : v.as_unsigned()) : v.ext(lane));
    out.push_back(r);
  }
  return out;
}

std::string file_part(const std::string& mem_file, const std::string& part) {
  const size_t dot = mem_file.rfind('.');
  return dot == std::string::npos ? mem_file + "_" + part
                                  : mem_file.substr(0, dot) + "_" + part + mem_file.substr(dot);
}

// A table with one entry per (tile, lane).
template <class F>
TileTable table_of(const ActivationParams& p, F value) {
  TileTable table{.tiles = p.tiles, .lanes = p.p, .shape = {}, .values = {}};
  int64_t lo = 0, hi = 0;
  for (const ChannelConstants& c : p.constants) {
    const int64_t v = value(c);
    lo = std::min(lo, v);
    hi = std::max(hi, v);
    table.values.push_back({v});
  }
  table.shape = fit(lo, hi);
  return table;
}

// ---- threshold
// -------------------------------------------------------------------------------------------------------

struct Range {
  int64_t lo, hi;
};
Range range_of(const ActivationParams& p) {
  const Shape t{p.in_bits, p.in_signed};
  return {min_value(t), max_value(t)};
}

// All 2^bits - 1 points of a channel, inside lo..hi+1: beyond it no T tells them apart from the ends.
std::vector<int64_t> padded_points(const ActivationParams& p, const ChannelConstants& c, int bits) {
  const Range r = range_of(p);
  ELB_ASSERT(static_cast<int>(c.points.size()) <= p.steps, "no more points than steps");
  std::vector<int64_t> points;
  for (const int64_t v : c.points) points.push_back(std::clamp(v, r.lo, r.hi + 1));
  // Points that are not there (lanes without a kernel) never hold.
  points.resize(static_cast<size_t>(p.steps), r.hi + 1);
  ELB_ASSERT(std::is_sorted(points.begin(), points.end()), "points ascend");
  const size_t pads = (size_t{1} << bits) - 1 - points.size();
  if (c.reversed) {
    points.insert(points.begin(), pads, r.lo);
  } else {
    points.insert(points.end(), pads, r.hi + 1);
  }
  return points;
}

TileTable level_table(const ActivationParams& p, const std::vector<std::vector<int64_t>>& points, int bits,
                      int level) {
  TileTable table{.tiles = p.tiles, .lanes = p.p, .shape = {}, .values = {}};
  const int stride = 1 << (bits - 1 - level);
  int64_t lo = 0, hi = 0;
  for (const std::vector<int64_t>& channel : points) {
    std::vector<int64_t> entries;
    for (int prefix = 0; prefix < (1 << level); ++prefix) {
      entries.push_back(channel[static_cast<size_t>((prefix * 2 + 1) * stride - 1)]);
      lo = std::min(lo, entries.back());
      hi = std::max(hi, entries.back());
    }
    table.values.push_back(std::move(entries));
  }
  table.shape = fit(lo, hi);
  return table;
}

std::vector<Sig> threshold(Module& m, const ActivationParams& p, std::vector<Sig> t, TileIndex tile) {
  const int bits = bits_for(p.steps);
  const Range range = range_of(p);
  std::vector<std::vector<int64_t>> points;
  for (const ChannelConstants& c : p.constants) points.push_back(padded_points(p, c, bits));
  const TileTable reversed = table_of(p, [](const ChannelConstants& c) { return int64_t{c.reversed}; });
  std::vector<Sig> code(t.size());
  for (int level = 0; level < bits; ++level) {
    const std::string l = std::to_string(level);
    const bool is_last = level == bits - 1;
    const TileConstants point(m, "points_l" + l, level_table(p, points, bits, level), tile,
                              file_part(p.mem_file, "l" + l));
    std::vector<Sig> next;
    for (size_t i = 0; i < t.size(); ++i) {
      const int lane = static_cast<int>(i) % p.p;
      const std::optional<int64_t> fixed = point.fixed(lane);
      const bool never = fixed && *fixed > range.hi, always = fixed && *fixed <= range.lo;
      const Sig holds = never || always ? m.lit(always, u(1)) : t[i] >= point.entry(lane, code[i]);
      next.push_back(level == 0 ? holds : cat({code[i], holds}));
    }
    if (is_last) {
      const TileConstants flip(m, "reversed", reversed, tile, file_part(p.mem_file, "reversed"));
      for (size_t i = 0; i < t.size(); ++i) {
        const int lane = static_cast<int>(i) % p.p;
        if (const std::optional<int64_t> fixed = flip.fixed(lane)) {
          if (*fixed == 1) next[i] = ~next[i];
        } else {
          next[i] = next[i] ^ replicate(flip.entry(lane), bits);
        }
      }
    }
    code = stage_reg(m, "code_l" + l, next, u(level + 1));
    if (is_last) break;
    t = stage_reg(m, "t_l" + l, t, {p.in_bits, p.in_signed});
    tile = later(m, tile, level + 1);
  }
  return code;
}

// ---- affine, raw
// -----------------------------------------------------------------------------------------------------

std::vector<Sig> affine(Module& m, const ActivationParams& p, const std::vector<Sig>& t, TileIndex tile) {
  const TileTable alphas = table_of(p, [](const ChannelConstants& c) { return c.alpha; });
  const TileConstants alpha(m, "alpha", alphas, tile, file_part(p.mem_file, "alpha"));
  const Shape product_shape = mul_shape({p.in_bits, p.in_signed}, alphas.shape);
  std::vector<Sig> product, sum, code;
  for (size_t i = 0; i < t.size(); ++i) product.push_back(t[i] * alpha.entry(static_cast<int>(i) % p.p));
  product = stage_reg(m, "product", product, product_shape);

  tile = later(m, tile, 1);
  const TileTable betas = table_of(p, [](const ChannelConstants& c) { return c.beta; });
  const TileConstants beta(m, "beta", betas, tile, file_part(p.mem_file, "beta"));
  const Shape sum_shape = add_shape(product_shape, betas.shape);
  for (size_t i = 0; i < t.size(); ++i) sum.push_back(product[i] + beta.entry(static_cast<int>(i) % p.p));
  sum = stage_reg(m, "sum", sum, sum_shape);

  const int bits = bits_for(p.steps);
  for (const Sig& value : sum) {
    const Sig clamped = value.shr(p.shift).sat(u(bits));
    code.push_back(p.steps == (1 << bits) - 1 ? clamped : min(clamped, p.steps).trunc(bits));
  }
  return stage_reg(m, "code", code, u(bits));
}

std::vector<Sig> raw(Module& m, const ActivationParams& p, const std::vector<Sig>& t, TileIndex tile) {
  const TileTable offsets = table_of(p, [](const ChannelConstants& c) { return c.offset; });
  const TileConstants offset(m, "offset", offsets, tile, file_part(p.mem_file, "offset"));
  std::vector<Sig> acc;
  for (size_t i = 0; i < t.size(); ++i) {
    const Sig scaled = p.kappa == 1 ? t[i] : t[i] * p.kappa;
    const Sig value = scaled + offset.entry(static_cast<int>(i) % p.p);
    acc.push_back(value.width() > p.out_bits ? value.trunc(p.out_bits)
                                             : value.ext({p.out_bits, value.is_signed()}));
  }
  return stage_reg(m, "acc", acc, s(p.out_bits));
}

const char* kind_name(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::threshold:
      return "threshold";
    case ActivationKind::affine:
      return "affine";
    case ActivationKind::raw:
      return "raw";
  }
  return "";
}

// Everything that the module is made from, for its name.
std::string content(const ActivationParams& p) {
  std::string text = fmt::format("{} {} {} {} {} {} {} {} {} {} {}\n", kind_name(p.kind), p.p, p.m, p.tiles,
                                 p.in_bits, p.in_signed, p.out_bits, p.steps, p.shift, p.kappa, p.mem_file);
  if (p.swept) text += "swept\n";
  for (const ChannelConstants& c : p.constants) {
    text += fmt::format("{} {} {} {}", c.reversed, c.alpha, c.beta, c.offset);
    for (const int64_t v : c.points) text += fmt::format(" {}", v);
    text += '\n';
  }
  return text;
}

}  // namespace

std::string ActivationUnit::name(const Params& p) {
  if (!p.module.empty()) return p.module;
  return fmt::format("elb_{}_p{}_m{}_{}", kind_name(p.kind), p.p, p.m, sha256_hex(content(p)).substr(0, 8));
}

ActivationUnit::Out ActivationUnit::build(Module& m, const Params& p, const In& in) {
  ELB_ASSERT(static_cast<int>(p.constants.size()) == p.tiles * p.p, "constants for every tile and lane");
  ELB_ASSERT(p.kind == ActivationKind::raw || p.out_bits >= bits_for(p.steps), "a code has room");
  m.doc({.purpose = p.kind == ActivationKind::threshold
                        ? fmt::format("code = number of the channel's {} points <= T", p.steps)
                    : p.kind == ActivationKind::affine
                        ? fmt::format("code = (alpha * T + beta) >> {}, clamped to 0..{}", p.shift, p.steps)
                        : std::string("accumulator = kappa * T + offset"),
         .params = fmt::format("kernels={} pixels={} tiles={}", p.p, p.m, p.tiles),
         .latency = spec::latency(p),
         .interval = 1});
  const TileIndex tile = count_tiles(m, p.tiles, p.swept ? in.valid & in.advance : in.valid);
  const std::vector<Sig> t = accumulators(p, in.t);
  std::vector<Sig> codes;
  switch (p.kind) {
    case ActivationKind::threshold:
      codes = threshold(m, p, t, tile);
      break;
    case ActivationKind::affine:
      codes = affine(m, p, t, tile);
      break;
    case ActivationKind::raw:
      codes = raw(m, p, t, tile);
      break;
  }
  for (Sig& c : codes) {
    if (c.width() < p.out_bits) c = c.ext({p.out_bits, c.is_signed()});
    c = c.as_unsigned();
  }
  return {.valid = m.delay("valid", in.valid, spec::latency(p), {.reset = 0}), .codes = pack(codes)};
}

}  // namespace elb::hw
