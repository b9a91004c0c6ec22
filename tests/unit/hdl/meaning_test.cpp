// The meaning of every operator, held against 64-bit integers twice: folded at generation, when all operands
// are literals, and computed by the printed Verilog in Icarus. Values grow by default, so that every
// intermediate result is the mathematical one.
#include <fmt/format.h>

#include <random>

#include "hdl/design.hpp"
#include "support/catch.hpp"
#include "unit/hdl/tools.hpp"

using namespace elb;
using namespace elb::hdl;

namespace {

constexpr int kVectors = 24;

struct Value {
  Sig sig;                    // in the module under test
  std::vector<Sig> literals;  // the same expression over literals, one per vector
  std::vector<int64_t> v;     // what it is
};

int64_t wrap_to(int64_t v, Shape to) {
  const uint64_t mask = (uint64_t{1} << to.width) - 1;
  const uint64_t p = static_cast<uint64_t>(v) & mask;
  if (to.is_signed && ((p >> (to.width - 1)) & 1)) return static_cast<int64_t>(p | ~mask);
  return static_cast<int64_t>(p);
}

class Random {
 public:
  Random(Module& m, Module& folded, std::mt19937& rng) : m_(m), folded_(folded), rng_(rng) {}

  Value input(const std::string& name) {
    const Shape shape{pick(1, 9), pick(0, 1) == 1};
    Value x;
    x.sig = m_.input(name, shape);
    for (int i = 0; i < kVectors; ++i) {
      const int64_t lo = min_value(shape), hi = max_value(shape);
      x.v.push_back(i == 0   ? lo
                    : i == 1 ? hi
                             : lo + static_cast<int64_t>(rng_() % static_cast<uint64_t>(hi - lo + 1)));
      x.literals.push_back(folded_.lit(x.v.back(), shape));
    }
    return x;
  }

  int pick(int lo, int hi) { return lo + static_cast<int>(rng_() % static_cast<unsigned>(hi - lo + 1)); }

  template <class F, class G>
  Value one(const Value& a, F build, G compute) {
    Value r{build(a.sig), {}, {}};
    for (int i = 0; i < kVectors; ++i) {
      r.literals.push_back(build(a.literals[i]));
      r.v.push_back(compute(a.v[i]));
    }
    return r;
  }
  template <class F, class G>
  Value two(const Value& a, const Value& b, F build, G compute) {
    Value r{build(a.sig, b.sig), {}, {}};
    for (int i = 0; i < kVectors; ++i) {
      r.literals.push_back(build(a.literals[i], b.literals[i]));
      r.v.push_back(compute(a.v[i], b.v[i]));
    }
    return r;
  }

  Value expression(const Value& a, const Value& b, const Value& c) {
    const Shape sa = a.sig.shape(), sb = b.sig.shape();
    const int low = pick(0, sa.width - 1), width = pick(1, sa.width - low), k = pick(0, 3),
              n = pick(1, sa.width);
    const Shape to{pick(1, 8), pick(0, 1) == 1};
    const int64_t lit = pick(-9, 9);
    using S = Sig;
    using I = int64_t;
    switch (pick(0, 27)) {
      case 0:
        return two(
            a, b, [](S x, S y) { return x + y; }, [](I x, I y) { return x + y; });
      case 1:
        return two(
            a, b, [](S x, S y) { return x - y; }, [](I x, I y) { return x - y; });
      case 2:
        return two(
            a, b, [](S x, S y) { return x * y; }, [](I x, I y) { return x * y; });
      case 3:
        return one(
            a, [](S x) { return -x; }, [](I x) { return -x; });
      case 4:
        return two(
            a, b, [](S x, S y) { return x == y; }, [](I x, I y) { return I{x == y}; });
      case 5:
        return two(
            a, b, [](S x, S y) { return x != y; }, [](I x, I y) { return I{x != y}; });
      case 6:
        return two(
            a, b, [](S x, S y) { return x < y; }, [](I x, I y) { return I{x < y}; });
      case 7:
        return two(
            a, b, [](S x, S y) { return x <= y; }, [](I x, I y) { return I{x <= y}; });
      case 8:
        return two(
            a, b, [](S x, S y) { return x > y; }, [](I x, I y) { return I{x > y}; });
      case 9:
        return two(
            a, b, [](S x, S y) { return x >= y; }, [](I x, I y) { return I{x >= y}; });
      case 10:
        return one(
            a, [=](S x) { return x < lit; }, [=](I x) { return I{x < lit}; });
      case 11:
        return one(
            a, [=](S x) { return x == lit; }, [=](I x) { return I{x == lit}; });
      case 12:
        return one(
            a, [=](S x) { return lit - x * lit; }, [=](I x) { return lit - x * lit; });
      case 13:
        return one(
            a, [=](S x) { return ~x; }, [=](I x) { return wrap_to(~x, sa); });
      case 14:
        return one(
            a, [=](S x) { return x.slice(low, width); }, [=](I x) { return wrap_to(x >> low, u(width)); });
      case 15:
        return one(
            a, [=](S x) { return x.trunc(n); },
            [=](I x) {
              return wrap_to(x, {n, sa.is_signed});
            });
      case 16:
        return one(
            a, [=](S x) { return x.sat(to); },
            [=](I x) { return std::max(min_value(to), std::min(max_value(to), x)); });
      case 17:
        return one(
            a, [=](S x) { return x.shl(k); }, [=](I x) { return x * (I{1} << k); });
      case 18:
        return one(
            a, [=](S x) { return x.shr(k); }, [=](I x) { return k < sa.width ? x >> k
                                                                : x < 0      ? -1
                                                                             : 0; });
      case 19:
        return two(
            a, b,
            [](S x, S y) {
              return cat({x, y});
            },
            [=](I x, I y) { return (wrap_to(x, u(sa.width)) << sb.width) | wrap_to(y, u(sb.width)); });
      case 20:
        return one(
            a, [](S x) { return x.any(); }, [](I x) { return I{x != 0}; });
      case 21:
        return one(
            a, [](S x) { return x.parity(); },
            [=](I x) { return I{__builtin_parityll(static_cast<uint64_t>(wrap_to(x, u(sa.width))))}; });
      case 22:
        return two(
            a, b, [](S x, S y) { return mux(x.any(), y, x - 1); },
            [](I x, I y) { return x != 0 ? y : x - 1; });
      case 23:
        return two(
            a, b, [](S x, S y) { return shr(x, y.as_unsigned().slice(0, 1)); },
            [](I x, I y) { return x >> (y & 1); });
      case 24:
        return two(
            a, b, [](S x, S y) { return shl(x, y.slice(0, 1)); },
            [=](I x, I y) { return wrap_to(x * (I{1} << (y & 1)), sa); });
      case 25:
        return two(
            a, b, [](S x, S y) { return max(x, y) - min(x, y); },
            [](I x, I y) { return std::max(x, y) - std::min(x, y); });
      case 26: {
        Value r = two(
            a, b, [](S x, S y) { return select(x).is(1, y).is(-1, 5).is(0, x).otherwise(-3); },
            [](I x, I y) {
              return x == 1 ? y : x == -1 ? 5 : x == 0 ? x : -3;
            });
        return r;
      }
      default: {
        Value r{index({a.sig, b.sig, c.sig, a.sig + b.sig}, c.sig.slice(0, 1)), {}, {}};
        for (int i = 0; i < kVectors; ++i) {
          const S x = a.literals[i], y = b.literals[i], z = c.literals[i];
          r.literals.push_back(index({x, y, z, x + y}, z.slice(0, 1)));
          r.v.push_back((c.v[i] & 1) ? b.v[i] : a.v[i]);
        }
        return r;
      }
    }
  }

 private:
  Module& m_;
  Module& folded_;
  std::mt19937& rng_;
};

int64_t folded_value(const Sig& x) {
  const Graph& g = x.module()->graph();
  REQUIRE(g[x.node()].op == Op::constant);
  const Bits p = g.constant_value(x.node());
  return x.is_signed() ? p.to_i64() : static_cast<int64_t>(p.to_u64());
}

}  // namespace

TEST_CASE("operators mean what integers mean, folded and in Icarus") {
  std::mt19937 rng(test::seed());
  for (int round = 0; round < 6; ++round) {
    Design d;
    Module& m = d.module("elb_meaning");
    Module& folded = d.module("elb_folded");
    Random random(m, folded, rng);
    std::vector<Value> pool, inputs;
    for (int i = 0; i < 8; ++i) inputs.push_back(random.input(fmt::format("in{}", i)));
    pool = inputs;
    const auto any = [&] {
      return pool[static_cast<size_t>(random.pick(0, static_cast<int>(pool.size()) - 1))];
    };
    std::vector<Value> outputs;
    for (int i = 0; i < 120; ++i) {
      Value r = random.expression(any(), any(), any());
      for (int k = 0; k < kVectors; ++k) REQUIRE(folded_value(r.literals[k]) == r.v[k]);
      if (r.sig.width() <= 24) pool.push_back(r);
      outputs.push_back(r);
    }
    std::string bench = "`timescale 1ns/1ns\nmodule tb;\n";
    std::string pins;
    for (size_t i = 0; i < inputs.size(); ++i) {
      bench += fmt::format("reg [{}:0] in{};\n", inputs[i].sig.width() - 1, i);
      pins += fmt::format("{}.in{}(in{})", i ? ", " : "", i, i);
    }
    for (size_t i = 0; i < outputs.size(); ++i) {
      m.output(fmt::format("out{}", i), outputs[i].sig);
      bench += fmt::format("wire [{}:0] out{};\n", outputs[i].sig.width() - 1, i);
      pins += fmt::format(", .out{}(out{})", i, i);
    }
    bench += fmt::format("elb_meaning u_m ({});\ninitial begin\n", pins);
    for (int k = 0; k < kVectors; ++k) {
      for (size_t i = 0; i < inputs.size(); ++i) {
        bench += fmt::format("in{} = {}'h{};\n", i, inputs[i].sig.width(),
                             Bits::from_int(inputs[i].sig.width(), inputs[i].v[k]).hex());
      }
      bench += "#1;\n";
      for (size_t i = 0; i < outputs.size(); ++i) {
        const int w = outputs[i].sig.width();
        bench += fmt::format("if (out{} !== {}'h{}) $display(\"vector {}: out{} is %h\", out{});\n", i, w,
                             Bits::from_int(w, outputs[i].v[k]).hex(), k, i, i);
      }
    }
    bench += "$display(\"done\");\nend\nendmodule\n";
    REQUIRE(test::simulate(d, bench) == "done\n");
    REQUIRE(test::lint(d, "elb_meaning") == "");
  }
}
