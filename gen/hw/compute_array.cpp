#include "hw/compute_array.hpp"

#include <fmt/format.h>

#include <functional>
#include <map>
#include <tuple>
#include <vector>

#include "base/assert.hpp"
#include "hw/dot.hpp"
#include "hw/lut_multiplier.hpp"
#include "hw/plain_dot.hpp"
#include "hw/product_dot.hpp"
#include "hw/select_dot.hpp"
#include "spec/product_dot.hpp"

namespace elb::hw {

using namespace hdl;

namespace {

// The low bits of T hold it: partial sums may wrap.
Sig fit_to(Sig value, int width) {
  if (value.width() == width) return value;
  return value.width() > width ? value.trunc(width) : value.ext({width, value.is_signed()});
}

// What a dot product makes of a word: the true sum less a constant.
struct Word {
  Sig sum;
  uint64_t constant = 0;
  Sig spare = {};  // of weight 1, to be added too
};

int64_t preset(const Word& word, const spec::ComputeParams& p) {
  const uint64_t all = word.constant * static_cast<uint64_t>(p.folds);
  return static_cast<int64_t>(all & ((uint64_t{1} << p.acc_bits) - 1));
}

// What the accumulator of a kernel lane begins a tile with.
Sig begin_of(Module& m, const spec::ComputeParams& p, const Word& word, int lane, Sig presets) {
  if (p.preset) return presets.lane(lane, p.acc_bits);
  return m.lit(preset(word, p), u(p.acc_bits));
}

// (first ? begin : acc) + sum + carry_in, in one carry chain whatever synthesis makes of three operands.
Sig accumulated(Module& m, const std::string& name, Sig first, Sig begin, Sig acc, Sig sum, Sig carry_in) {
  const Instance i =
      m.instance(m.design().leaf(ELB_PRIM_DIR, "elb_accumulate"), name, {{"BITS", int64_t{acc.width()}}});
  i.in("first", first).in("begin_with", begin).in("acc", acc).in("sum", sum).in("carry_in", carry_in);
  return i.out("y");
}

// The accumulators that stand in slices, lane by lane. Their sums have no constant of their own.
std::vector<Sig> in_slices(Module& m, const spec::ComputeParams& p, Sig first, Sig presets,
                           const std::vector<Word>& words) {
  const int64_t count = spec::accumulators_in_slices(p);
  std::vector<Sig> t;
  while (static_cast<int64_t>(t.size()) < count) {
    const auto begin = words.begin() + static_cast<std::ptrdiff_t>(t.size());
    const auto lanes =
        std::min<int64_t>(spec::accumulators_of_slice(p.acc_bits), count - static_cast<int64_t>(t.size()));
    std::vector<Sig> sums, begins;
    for (auto word = begin; word != begin + lanes; ++word) {
      sums.push_back(fit_to(word->sum, p.acc_bits).as_unsigned());
      begins.push_back(begin_of(m, p, *word, static_cast<int>(word - words.begin()) % p.p, presets));
    }
    const Instance slice =
        m.instance(m.design().leaf(ELB_PRIM_DIR, "elb_accumulate_lanes"), fmt::format("u_acc_{}", t.size()),
                   {{"LANES", lanes}, {"BITS", int64_t{p.acc_bits}}});
    slice.in("first", first).in("begin_with", pack(begins)).in("sum", pack(sums));
    const Sig acc = slice.out("acc");
    for (int lane = 0; lane < lanes; ++lane) t.push_back(acc.lane(lane, p.acc_bits));
  }
  return t;
}

// One dot product per pixel and kernel, pixel by pixel.
template <class DotProduct>
std::vector<Word> dot_words(Module& m, const spec::ComputeParams& p, const ComputeArray::In& in,
                            const typename DotProduct::Params& dot) {
  std::vector<Word> words;
  for (int x = 0; x < p.m; ++x) {
    for (int k = 0; k < p.p; ++k) {
      const Dot::In operands{.act = in.act.lane(x, p.s * p.act_bits),
                             .wgt = in.wgt.lane(k, p.s * p.weight_bits)};
      words.push_back({instantiate<DotProduct>(m, fmt::format("u_dot_m{}_p{}", x, k), dot, operands).sum});
    }
  }
  return words;
}

// Dot products of integer weights, and the operands that their LUT multipliers share.
class Products {
 public:
  Products(Module& m, const spec::ComputeParams& p, const ComputeArray::In& in) : m_(m), p_(p), in_(in) {}

  // In the order of spec::product_units, all as late as the latest.
  std::vector<Word> words() {
    const int depth = spec::dot_latency(p_);
    std::vector<Word> words(static_cast<size_t>(p_.m * p_.p));
    int x = 0, k = 0;
    for (const spec::ProductUnits& units : spec::product_units(p_)) {
      const spec::ProductDotParams& dot = units.dot;
      const spec::ProductDot& plan = spec::plan_product_dot(dot);
      const int pixels = dot.share_weights ? dot.dots : 1, kernels = dot.share_weights ? 1 : dot.dots;
      for (int i = 0; i < units.count; ++i) {
        const std::string at = fmt::format("m{}_p{}", x, k);
        const ProductDot::In operands = operands_of(dot, x, pixels, k, kernels);
        const ProductDot::Out out = instantiate<ProductDot>(m_, "u_dot_" + at, dot, operands);
        const int early = depth - spec::latency(dot);
        const Sig sums = m_.delay("sum_" + at, out.sum, early, {.reset = 0});
        const Sig spares =
            out.spare.is_set() ? m_.delay("spare_" + at, out.spare, early, {.reset = 0}) : Sig{};
        for (int d = 0; d < dot.dots; ++d) {
          const int lane = (x + (dot.share_weights ? d : 0)) * p_.p + k + (dot.share_weights ? 0 : d);
          Word& word = words[static_cast<size_t>(lane)];
          word.sum = sums.lane(d, plan.columns());
          if (!dot.add_constant) word.constant = plan.constants[static_cast<size_t>(d)];
          if (plan.trees[static_cast<size_t>(d)].spare_bit) word.spare = spares[d];
        }
        k += kernels;
        if (k < p_.p) continue;
        k = 0;
        x += pixels;
      }
    }
    return words;
  }

 private:
  Sig act(int x, int lane, int lanes) const {
    return in_.act.slice((x * p_.s + lane) * p_.act_bits, lanes * p_.act_bits);
  }
  Sig wgt(int k, int lane, int lanes) const {
    return in_.wgt.slice((k * p_.s + lane) * p_.weight_bits, lanes * p_.weight_bits);
  }

  ProductDot::In operands_of(const spec::ProductDotParams& dot, int x, int pixels, int k, int kernels) {
    const int raw = dot.raw_lanes();
    std::vector<Sig> act_raw, wgt_raw, prepared, skewed;
    for (int d = 0; d < pixels; ++d) {
      if (raw > 0) act_raw.push_back(act(x + d, 0, raw));
      for (const spec::LutLanes& lanes : spec::lut_lanes(dot)) prepared.push_back(prepare(x + d, lanes));
    }
    for (int d = 0; d < kernels; ++d) {
      if (raw > 0) wgt_raw.push_back(wgt(k + d, 0, raw));
      for (const spec::LutLanes& lanes : spec::lut_lanes(dot)) skewed.push_back(skew(k + d, lanes));
    }
    ProductDot::In in;
    if (!act_raw.empty()) {
      in.act = pack(act_raw);
      in.wgt = pack(wgt_raw);
    }
    if (!prepared.empty()) {
      in.prepared = pack(prepared);
      in.skewed = pack(skewed);
    }
    return in;
  }

  Sig prepare(int x, const spec::LutLanes& lanes) {
    const int n = lanes.multiplier.lanes;
    Sig& made = prepared_[{x, lanes.first, n}];
    if (!made.is_set()) {
      made = prepare_activations(m_, fmt::format("act_m{}_s{}_{}", x, lanes.first, n), lanes.multiplier,
                                 act(x, lanes.first, n));
    }
    return made;
  }

  Sig skew(int k, const spec::LutLanes& lanes) {
    const int n = lanes.multiplier.lanes;
    Sig& made = skewed_[{k, lanes.first, n}];
    if (!made.is_set()) {
      made = skew_weights(m_, fmt::format("wgt_p{}_s{}_{}", k, lanes.first, n), lanes.multiplier,
                          wgt(k, lanes.first, n));
    }
    return made;
  }

  Module& m_;
  const spec::ComputeParams& p_;
  const ComputeArray::In& in_;
  std::map<std::tuple<int, int, int>, Sig> prepared_, skewed_;  // by pixel or kernel, first lane, lanes
};

ComputeArray::Out array_of(Module& m, const spec::ComputeParams& p, const ComputeArray::In& in, Bodies body,
                           const std::function<std::vector<Word>()>& make_words) {
  m.doc({.purpose = fmt::format("{} kernels x {} pixels, dot products of {} inputs{}", p.p, p.m, p.s,
                                p.folds > 1 ? ", summed over a tile's words" : ""),
         .params = fmt::format("weights={} act_bits={} acc_bits={}", weight_name(p.weight, p.weight_bits),
                               p.act_bits, p.acc_bits),
         .latency = spec::latency(p),
         .interval = 1});
  ELB_ASSERT(!p.preset || (p.folds > 1 && !spec::is_product_array(p)),
             "accumulators of selectors take presets");
  const int depth = spec::dot_latency(p);
  const Sig valid = m.delay("valid", in.valid, depth, {.reset = 0});
  const Sig first = p.folds > 1 ? m.delay("first", in.first, depth) : Sig{};
  const std::vector<Word> words = make_words();
  std::vector<Sig> t = p.folds > 1 ? in_slices(m, p, first, in.preset, words) : std::vector<Sig>{};
  for (int x = 0; x < p.m; ++x) {
    for (int k = 0; k < p.p; ++k) {
      const size_t lane = static_cast<size_t>(x * p.p + k);
      if (lane < t.size()) continue;
      const Word& word = words[lane];
      const Sig sum = fit_to(word.sum, p.acc_bits).as_unsigned();
      if (p.folds == 1) {
        t.push_back(sum);
        continue;
      }
      // One carry chain: DI is the sum, the LUT chooses what it is added to.
      const Reg acc = m.reg(fmt::format("acc_m{}_p{}", x, k), u(p.acc_bits), {.reset = std::nullopt});
      const Sig begin = begin_of(m, p, word, k, in.preset);
      // Of a sum as wide that begins with 0, or of a preset, synthesis would put the choice into LUTs of its
      // own.
      const bool chosen_apart =
          p.preset || (spec::is_product_array(p) && preset(word, p) == 0 && word.sum.width() >= p.acc_bits);
      const bool as_leaf = word.spare.is_set() || (body == Bodies::mapped && chosen_apart);
      acc.next(as_leaf ? accumulated(m, fmt::format("u_acc_m{}_p{}", x, k), first, begin, acc, sum,
                                     word.spare.is_set() ? word.spare : m.lit(0, u(1)))
                       : (mux(first, begin, acc) + sum).trunc(p.acc_bits));
      t.push_back(acc);
    }
  }
  if (p.folds == 1) return {.valid = valid, .t = pack(t)};
  const Reg out_valid = m.reg("valid_acc", u(1));
  out_valid.next(valid & m.delay("last", in.last, depth));
  ComputeArray::Out out{.valid = out_valid, .t = pack(t)};
  if (p.preset) out.begun = valid & first;
  return out;
}

}  // namespace

std::string ComputeArray::name(const Params& p) {
  const bool mapped = spec::is_product_array(p) || spec::is_mapped(spec::dot_of(p));
  const bool slices = spec::is_product_array(p) || spec::used_dsp(p) > 0;
  return fmt::format("elb_array_{}_p{}_s{}_m{}_a{}_f{}_acc{}{}{}{}{}", weight_name(p.weight, p.weight_bits),
                     p.p, p.s, p.m, p.act_bits, p.folds, p.acc_bits, p.acc_signed ? "s" : "",
                     p.preset ? "_preset" : "", slices ? fmt::format("_d{}", spec::used_dsp(p)) : "",
                     mapped ? spec::module_suffix(p.technology) : "");
}

ComputeArray::Out ComputeArray::build(Module& m, const Params& p, const In& in) {
  return array_of(m, p, in, Bodies::mapped, [&] {
    if (spec::is_product_array(p)) return Products(m, p, in).words();
    const spec::DotParams dot = spec::dot_of(p);
    return spec::is_mapped(dot) ? dot_words<SelectDot>(m, p, in, dot) : dot_words<Dot>(m, p, in, dot);
  });
}

ComputeArray::Out ComputeArray::behaviour(Module& m, const Params& p, const In& in) {
  return array_of(m, p, in, Bodies::plain, [&] {
    PlainDot::Params plain{.dot = spec::dot_of(p), .latency = spec::dot_latency(p)};
    plain.dot.technology = spec::Technology::generic;
    return dot_words<PlainDot>(m, p, in, plain);
  });
}

}  // namespace elb::hw
