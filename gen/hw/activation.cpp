#include "hw/activation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/assert.hpp"
#include "base/sha256.hpp"
#include "hw/threshold_search.hpp"

namespace elb::hw {

using namespace hdl;
using spec::ActivationKind;
using spec::ActivationParams;
using spec::ChannelConstants;
using spec::kSplitBits;

namespace {

// What every lane of every pixel sees, lane (m, p) at m*P + p.
std::vector<Sig> accumulators(const ActivationParams& p, Sig word) {
  std::vector<Sig> t = lanes(word, p.in_bits);
  if (p.in_signed) {
    for (Sig& x : t) x = x.as_signed();
  }
  return t;
}

// ---- affine, raw
// -----------------------------------------------------------------------------------------------------

// One constant per kernel lane.
std::vector<Sig> per_lane(const ActivationParams& p, const TileConstants& constants) {
  std::vector<Sig> out;
  for (int lane = 0; lane < p.p; ++lane) out.push_back(constants.entry(lane));
  return out;
}

Sig low_part(Sig x, int bits) {
  return (x.width() > bits ? x.trunc(bits) : x.ext({bits + 1, x.is_signed()}).trunc(bits)).as_unsigned();
}

// (alpha * T + beta) >> shift, clamped: T, one or two products, the sum, the code.
class Affine {
 public:
  Affine(Module& m, const ActivationParams& p, TileIndex tile) : m_(m), p_(p), tile_(tile) {}

  std::vector<Sig> codes(const std::vector<Sig>& accumulators) {
    const std::optional<spec::AffineProduct> product =
        spec::affine_product(spec::affine_t_bits(p_), spec::affine_alpha_bits(p_));
    ELB_ASSERT(product, "a product of an affine stage is two DSP slices at most");
    t_shape_ = {p_.in_bits, p_.in_signed};
    if (p_.factor_bits > 0) t_shape_ = p_.in_signed ? s(p_.factor_bits) : u(p_.factor_bits - 1);
    in_leaf_ = p_.technology == spec::Technology::xcup && product->slices == 1;
    const std::vector<Sig> t = saturated(accumulators);
    return clamped(in_leaf_ ? leaf(t) : product->slices == 1 ? one_slice(t) : cascade(t, product->split));
  }

 private:
  void next_cycle() { tile_ = later(m_, tile_, ++cycle_); }
  size_t lane_of(size_t i) const { return i % static_cast<size_t>(p_.p); }

  template <class F>
  std::vector<Sig> constants(const std::string& name, F value) {
    return per_lane(p_, TileConstants(m_, name, table_of(p_, value), tile_, file_part(p_.mem_file, name)));
  }
  // A register stage with the widest of these shapes.
  std::vector<Sig> stage(const std::string& name, const std::vector<Sig>& values) {
    Shape shape = values.front().shape();
    for (const Sig& v : values) shape = join(shape, v.shape());
    return lane_registers(m_, name, values, shape);
  }

  std::vector<Sig> saturated(const std::vector<Sig>& accumulators) {
    std::vector<Sig> t;
    if (spec::saturates_in_two_cycles(p_)) {
      // Cut, and beside it whether that changed anything.
      std::vector<Sig> cut, changed, negative;
      for (const Sig& x : accumulators) {
        const int from = t_shape_.is_signed ? t_shape_.width - 1 : t_shape_.width;
        const Sig above = x.slice(from, x.width() - from);
        cut.push_back(x.trunc(from).as_unsigned());
        negative.push_back(p_.in_signed ? x.msb() : m_.lit(0, u(1)));
        changed.push_back(p_.in_signed ? above.any() & ~above.all() : above.any());
      }
      cut = lane_registers(m_, "t_cut", cut, cut.front().shape());
      changed = lane_registers(m_, "t_changed", changed, u(1));
      if (p_.in_signed) negative = lane_registers(m_, "t_negative", negative, u(1));
      next_cycle();
      for (size_t i = 0; i < cut.size(); ++i) {
        const Sig end = replicate(~negative[i], cut[i].width());
        const Sig value = mux(changed[i], end, cut[i]);
        t.push_back(p_.in_signed ? cat({negative[i], value}).as_signed() : value);
      }
    } else {
      for (const Sig& x : accumulators) t.push_back(p_.factor_bits > 0 ? x.sat(t_shape_) : x);
    }
    if (!in_leaf_ || !t_in_leaf()) t = lane_registers(m_, "t_in", t, t_shape_);
    next_cycle();
    return t;
  }

  // The register of T stands in the slice, but for one that saturation sets and resets.
  bool t_in_leaf() const { return p_.factor_bits == 0 || spec::saturates_in_two_cycles(p_); }

  // yosys packs no registers into a DSP48E2 that it infers: the slice as an instance of its own.
  std::vector<Sig> leaf(const std::vector<Sig>& t) {
    const std::vector<Sig> alpha = constants("alpha", [](const ChannelConstants& c) { return c.alpha; });
    next_cycle();
    const std::vector<Sig> beta = constants("beta", [](const ChannelConstants& c) { return c.beta; });
    Shape shape = (t[0] * alpha[0] + beta[0]).shape();
    for (size_t i = 0; i < t.size(); ++i)
      shape = join(shape, (t[i] * alpha[lane_of(i)] + beta[lane_of(i)]).shape());
    const auto twos_complement = [](Sig x) { return x.is_signed() ? x : x.ext(s(x.width() + 1)); };
    std::vector<Sig> sums;
    for (size_t i = 0; i < t.size(); ++i) {
      const Sig x = twos_complement(t[i]), a = twos_complement(alpha[lane_of(i)]),
                b = twos_complement(beta[lane_of(i)]);
      const Instance slice =
          m_.instance(m_.design().leaf(ELB_PRIM_DIR, "elb_mul_add"), fmt::format("u_mul_add_{}", i),
                      {{"T_BITS", int64_t{x.width()}},
                       {"T_REG", int64_t{t_in_leaf()}},
                       {"ALPHA_BITS", int64_t{a.width()}},
                       {"BETA_BITS", int64_t{b.width()}},
                       {"SUM_BITS", int64_t{shape.width}}});
      slice.in("t", x.as_unsigned()).in("alpha", a.as_unsigned()).in("beta", b.as_unsigned());
      const Sig sum = slice.out("sum");
      sums.push_back(shape.is_signed ? sum.as_signed() : sum);
    }
    return shifted(sums, p_.shift);
  }

  std::vector<Sig> one_slice(const std::vector<Sig>& t) {
    const std::vector<Sig> alpha = constants("alpha", [](const ChannelConstants& c) { return c.alpha; });
    std::vector<Sig> values;
    for (size_t i = 0; i < t.size(); ++i) values.push_back(t[i] * alpha[lane_of(i)]);
    const std::vector<Sig> product = stage("product", values);
    next_cycle();
    const std::vector<Sig> beta = constants("beta", [](const ChannelConstants& c) { return c.beta; });
    values.clear();
    for (size_t i = 0; i < t.size(); ++i) values.push_back(product[i] + beta[lane_of(i)]);
    return shifted(stage("sum", values), p_.shift);
  }

  // The second slice takes the first one's sum, shifted.
  std::vector<Sig> cascade(const std::vector<Sig>& t, spec::AffineProduct::Split split) {
    const bool of_alpha = split == spec::AffineProduct::Split::alpha, whole = spec::beta_in_first_slice(p_);
    const auto low = [](int64_t v) { return v & ((int64_t{1} << kSplitBits) - 1); };
    const auto high = [](int64_t v) { return v >> kSplitBits; };
    const std::vector<Sig> beta =
        whole ? constants("beta", [](const ChannelConstants& c) { return c.beta; })
              : constants("beta_low", [&](const ChannelConstants& c) { return low(c.beta); });
    std::vector<Sig> alpha, values;
    if (of_alpha) {
      alpha = constants("alpha_low", [&](const ChannelConstants& c) { return low(c.alpha); });
    } else {
      alpha = constants("alpha", [](const ChannelConstants& c) { return c.alpha; });
    }
    for (size_t i = 0; i < t.size(); ++i) {
      const Sig sum = (of_alpha ? t[i] : low_part(t[i], kSplitBits)) * alpha[lane_of(i)] + beta[lane_of(i)];
      values.push_back(sum.width() > spec::kSumBits ? sum.trunc(hdl::s(spec::kSumBits)) : sum);
    }
    const std::vector<Sig> first = stage("first", values);
    const std::vector<Sig> t_high = lane_registers(m_, "t_high", t, t_shape_);
    next_cycle();
    if (of_alpha) {
      alpha = constants("alpha_high", [&](const ChannelConstants& c) { return high(c.alpha); });
    } else {
      alpha = stage("alpha_high", alpha);
    }
    values.clear();
    for (size_t i = 0; i < t.size(); ++i)
      values.push_back((of_alpha ? t_high[i] : t_high[i].shr(kSplitBits)) * alpha[lane_of(i)] +
                       first[i].shr(kSplitBits));
    std::vector<Sig> sum = stage("second", values);
    std::vector<Sig> rest;  // below the split: only a small shift looks at it
    for (const Sig& v : first) rest.push_back(low_part(v, kSplitBits));
    rest = lane_registers(m_, "rest_a", rest, u(kSplitBits));
    if (!whole) {
      next_cycle();
      const std::vector<Sig> beta_high =
          constants("beta_high", [&](const ChannelConstants& c) { return high(c.beta); });
      values.clear();
      for (size_t i = 0; i < t.size(); ++i) values.push_back(sum[i] + beta_high[lane_of(i)]);
      sum = stage("sum", values);
      rest = lane_registers(m_, "rest_b", rest, u(kSplitBits));
    }
    if (p_.shift >= kSplitBits) return shifted(sum, p_.shift - kSplitBits);
    for (size_t i = 0; i < t.size(); ++i) {
      const Sig joined = cat({sum[i].as_unsigned(), rest[i]});
      sum[i] = sum[i].is_signed() ? joined.as_signed() : joined;
    }
    return shifted(sum, p_.shift);
  }

  static std::vector<Sig> shifted(std::vector<Sig> values, int by) {
    for (Sig& v : values) v = v.shr(by);
    return values;
  }

  // Where a value of these, all of one shape, lies; then its code.
  std::vector<Sig> clamped(const std::vector<Sig>& values) {
    const int bits = bits_for(p_.steps);
    const Shape shape = values.front().shape();
    const int value_bits = shape.is_signed ? shape.width - 1 : shape.width;
    std::vector<Sig> found, codes;
    for (const Sig& v : values) found.push_back(low_part(v, bits));
    const auto flag = [&](const std::string& name, bool varies, auto of) {
      std::vector<Sig> flags;
      for (size_t i = 0; i < values.size(); ++i) flags.push_back(varies ? of(i) : m_.lit(0, u(1)));
      return varies ? lane_registers(m_, name, flags, u(1)) : flags;
    };
    std::vector<std::vector<Sig>> above;
    const int flags = spec::clamp_flags(value_bits - bits);
    for (int n = 0, from = bits; n < flags; ++n) {
      const int width = static_cast<int>(ceil_div(value_bits - from, flags - n));
      above.push_back(flag(flags == 1 ? "above" : fmt::format("above{}", n), true,
                           [&](size_t i) { return values[i].slice(from, width).any(); }));
      from += width;
    }
    const std::vector<Sig> beyond =
        flag("beyond", p_.steps < (1 << bits) - 1, [&](size_t i) { return found[i] > p_.steps; });
    const std::vector<Sig> negative =
        flag("negative", shape.is_signed, [&](size_t i) { return values[i].msb(); });
    found = lane_registers(m_, "found", found, u(bits));
    for (size_t i = 0; i < values.size(); ++i) {
      Sig greater = beyond[i];
      for (const std::vector<Sig>& part : above) greater = greater | part[i];
      codes.push_back(mux(negative[i], 0, mux(greater, p_.steps, found[i])));
    }
    return lane_registers(m_, "code", codes, u(bits));
  }

  Module& m_;
  const ActivationParams& p_;
  TileIndex tile_;
  Shape t_shape_;
  bool in_leaf_ = false;
  int cycle_ = 0;
};

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
  return lane_registers(m, "acc", acc, s(p.out_bits));
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
  text += fmt::format("{} {} {} {}\n", static_cast<int>(p.technology), p.factor_bits,
                      p.t_lo.value_or(INT64_MIN), p.t_hi.value_or(INT64_MAX));
  if (p.sweep_tiles > 0) text += fmt::format("swept {}\n", p.sweep_tiles);
  if (p.preset) text += "preset\n";
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
  const TileIndex tile = p.sweep_tiles > 1
                             ? count_swept_tiles(m, p.tiles, in.valid, in.tile_end, in.sweep_end)
                         : p.sweep_tiles == 1 ? count_tiles(m, p.tiles, in.valid & in.sweep_end)
                                              : count_tiles(m, p.tiles, in.valid);
  const std::vector<Sig> t = accumulators(p, in.t);
  std::vector<Sig> codes;
  switch (p.kind) {
    case ActivationKind::threshold:
      codes = threshold_search(m, p, t, tile);
      break;
    case ActivationKind::affine:
      codes = Affine(m, p, tile).codes(t);
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
