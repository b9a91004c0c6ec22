#include "property/random_module.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace elb::property {

using namespace hdl;

namespace {

constexpr int kWidest = 130;

class Grow {
 public:
  Grow(Module& m, uint64_t seed) : m_(m), random_(seed) {}

  int below(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }
  bool chance(int one_in) { return below(one_in) == 0; }
  // Small widths often, word boundaries sometimes, anything else now and then.
  int width() {
    switch (below(6)) {
      case 0:
        return 1 + below(kWidest);
      case 1:
        return 62 + below(5);
      case 2:
        return 1;
      default:
        return 1 + below(18);
    }
  }
  Shape shape() { return {width(), chance(2)}; }
  Bits pattern(int width) {
    Bits b(width);
    for (int low = 0; low < width; low += 32) {
      const int count = std::min(32, width - low);
      b.set(low, count, random_() & ((uint64_t{1} << count) - 1));
    }
    return b;
  }

  void add(Sig x) {
    if (x.width() > kWidest) x = chance(2) ? x.trunc(kWidest) : x.slice(x.width() - kWidest, kWidest);
    pool_.push_back(x);
  }
  // Recent signals more often, so that expressions get deep.
  Sig pick() {
    const int n = static_cast<int>(pool_.size());
    return pool_[static_cast<size_t>(chance(2) ? n - 1 - below(std::min(n, 8)) : below(n))];
  }
  Sig as(Sig x, Shape to) {
    if (x.width() > to.width) return chance(3) && !is_constant(x) ? x.sat(to) : x.trunc(to);
    const Shape wide{to.width, x.is_signed()};
    const Sig y = x.width() < to.width ? x.ext(wide) : x;
    return to.is_signed ? y.as_signed() : y.as_unsigned();
  }
  bool is_constant(Sig x) const { return m_.graph()[x.node()].op == Op::constant; }
  // Something that can change: tools warn about expressions of constants alone.
  Sig pick_live() {
    Sig x = pick();
    while (is_constant(x)) x = pick();
    return x;
  }
  Sig pick_as(Shape to) { return as(pick(), to); }
  Sig pick_bit() {
    Sig x = pick_live();
    x = x.width() == 1 ? x.as_unsigned() : x[below(x.width())];
    return is_constant(x) ? pool_[0][0] : x;
  }
  int64_t literal(Shape shape) {
    const int bits = std::min(shape.width, 40);
    const int64_t v = static_cast<int64_t>(random_() & ((uint64_t{1} << bits) - 1));
    return shape.is_signed ? v - (int64_t{1} << (bits - 1)) : v;
  }

  void inputs() {
    const int n = 3 + below(3);
    for (int i = 0; i < n; ++i) pool_.push_back(m_.input(fmt::format("i{}", i), shape()));
  }

  Sig unary(Sig a) {
    switch (below(14)) {
      case 0:
        return -a;
      case 1:
        return ~a;
      case 2:
        return a.any();
      case 3:
        return a.all();
      case 4:
        return a.parity();
      case 5:
        return a.slice(below(a.width()), 1);
      case 6: {
        const int low = below(a.width());
        return a.slice(low, 1 + below(a.width() - low));
      }
      case 7:
        return a.trunc(1 + below(a.width()));
      case 8:
        return a.sat(shape());
      case 9:
        return a.ext({a.width() + 1 + below(5), a.is_signed() || chance(2)});
      case 10:
        return a.shl(below(5));
      case 11:
        return a.shr(below(a.width() + 2));
      case 12:
        return chance(2) ? a.as_signed() : a.as_unsigned();
      default:
        return a.named(fmt::format("n{}", names_++));
    }
  }

  Sig binary(Sig a, Sig b) {
    switch (below(12)) {
      case 0:
        return a + b;
      case 1:
        return a - b;
      case 2:
        return a * b;
      case 3:
        return a & as(b, {a.width(), chance(2)});
      case 4:
        return a | as(b, {a.width(), chance(2)});
      case 5:
        return a ^ as(b, {a.width(), chance(2)});
      case 6:
        return shl(a, as(b, u(1 + below(8))));
      case 7:
        return shr(a, as(b, u(1 + below(8))));
      case 8:
        return chance(2) ? min(a, b) : max(a, b);
      case 9:
        return cat({a, b});
      case 10:
        return replicate(as(a, u(1 + below(5))), 1 + below(6));
      default:
        return mux(pick_bit(), a, b);
    }
  }

  Sig compare(Operand a, Operand b) {
    switch (below(6)) {
      case 0:
        return a == b;
      case 1:
        return a != b;
      case 2:
        return a < b;
      case 3:
        return a <= b;
      case 4:
        return a > b;
      default:
        return a >= b;
    }
  }

  // With a literal on one side.
  Sig with_literal(Sig a) {
    const int64_t k = literal(a.shape());
    switch (below(6)) {
      case 0:
        return a + k;
      case 1:
        return k - a;
      case 2:
        return a * (k % 64);
      case 3:
        return a ^ k;
      case 4:
        return mux(pick_bit(), k, a);
      default:
        return chance(2) ? compare(a, k) : compare(k, a);
    }
  }

  Sig choice() {
    const int n = 1 + below(6);
    if (chance(2)) {
      std::vector<Sig> values;
      for (int i = 0; i < n; ++i) values.push_back(pick());
      return index(values, pick_as(u(1 + below(4))));
    }
    const Sig x = pick_as(u(3));
    Select s = select(x);
    for (int i = 0; i < n; ++i) s.is(i, pick());
    return s.otherwise(pick());
  }

  void expression() {
    switch (below(8)) {
      case 0:
      case 1:
        return add(unary(pick_live()));
      case 2:
      case 3:
      case 4:
        return add(binary(pick_live(), pick()));
      case 5:
        return add(chance(2) ? compare(pick_live(), pick()) : with_literal(pick_live()));
      case 6:
        return add(choice());
      default:
        return add(chance(3) ? sum({pick_live(), pick(), pick()}) : m_.lit(pattern(width()), chance(2)));
    }
  }

  // What is assigned where: an assignment, then perhaps a when() that overrides it in some cases.
  struct Body {
    bool assigns = false;
    std::vector<Body> branches;
    bool otherwise = false;  // the last branch
    bool covers() const {
      if (assigns) return true;
      return otherwise &&
             std::all_of(branches.begin(), branches.end(), [](const Body& b) { return b.covers(); });
    }
  };
  Body plan(int depth) {
    Body b;
    if (depth == 0 || (depth < 3 && chance(2))) {
      for (int i = 1 + below(3); i-- > 0;) b.branches.push_back(plan(depth + 1));
      b.otherwise = b.branches.size() > 1 && chance(2);
    }
    // An assignment that the when() overrides in every case would be refused.
    b.assigns = !b.covers() && (b.branches.empty() ? !chance(4) : chance(3));
    return b;
  }
  void carry_out(const Body& b, const std::function<void()>& assign) {
    if (b.assigns) assign();
    if (b.branches.empty()) return;
    When w = m_.when(pick_bit(), [&] { carry_out(b.branches[0], assign); });
    for (size_t i = 1; i < b.branches.size(); ++i) {
      const auto branch = [&] { carry_out(b.branches[i], assign); };
      if (b.otherwise && i + 1 == b.branches.size()) {
        w.otherwise(branch);
      } else {
        w = w.otherwise_when(pick_bit(), branch);
      }
    }
  }

  void registers() {
    const int n = 2 + below(4);
    for (int i = 0; i < n; ++i) {
      const Shape s = shape();
      RegOptions o;
      if (chance(3)) o.reset = std::nullopt;
      if (o.reset && chance(2)) o.reset = literal(s);
      regs_.push_back(m_.reg(fmt::format("r{}", i), s, o));
      pool_.push_back(regs_.back());
    }
  }
  void drive_registers() {
    for (const Reg& r : regs_) {
      if (chance(3)) {
        r.next(pick_as(r.shape()));
        continue;
      }
      bool any = false;
      carry_out(plan(0), [&] {
        r.next(pick_as(r.shape()));
        any = true;
      });
      if (!any) m_.when(pick_bit(), [&] { r.next(pick_as(r.shape())); });
    }
  }

  // Driven from what was there before the wire: no loops.
  void wire() {
    const Shape s = shape();
    const Wire w = m_.wire(fmt::format("w{}", names_++), s);
    Body body = plan(0);
    if (!body.covers()) body.assigns = true;
    carry_out(body, [&] { w.drive(pick_as(s)); });
    pool_.push_back(w);
  }

  Sig address(int64_t depth) {
    const Sig a = pick_as(u(address_bits(depth)));
    return mux(a < depth, a, 0).trunc(address_bits(depth));
  }

  void memory() {
    static constexpr RamStyle kStyles[] = {RamStyle::automatic, RamStyle::block, RamStyle::distributed,
                                           RamStyle::registers, RamStyle::ultra};
    static constexpr ReadUnderWrite kRuw[] = {ReadUnderWrite::undefined, ReadUnderWrite::old_value,
                                              ReadUnderWrite::new_value};
    RamOptions o;
    o.depth = 2 + below(20);
    o.word = shape();
    o.style = kStyles[below(5)];
    o.ruw = kRuw[below(3)];
    const bool rom = chance(3) && o.style != RamStyle::ultra;
    const bool hard = o.style == RamStyle::block || o.style == RamStyle::ultra;
    if (rom && o.style != RamStyle::block) o.style = RamStyle::automatic;
    if (rom || (chance(2) && o.style != RamStyle::ultra)) {
      for (int64_t i = rom ? 0 : below(2); i < o.depth; ++i) o.init.push_back(pattern(o.word.width));
    }
    const int id = names_++;
    const Ram ram = m_.ram(fmt::format("mem{}", id), o);
    if (!rom) ram.write(pick_bit(), address(o.depth), pick_as(o.word));
    const int reads = hard && !rom ? 1 : 1 + below(2);
    for (int i = 0; i < reads; ++i) {
      const std::string name = fmt::format("mem{}_q{}", id, i);
      const bool synchronous = hard || rom || chance(2);
      pool_.push_back(synchronous ? ram.read(name, pick_bit(), address(o.depth))
                                  : ram.read_async(name, address(o.depth)));
    }
  }

  void instance(const Module& of) {
    const Instance i = m_.instance(of, fmt::format("u_{}", names_++));
    for (const PortDef& p : of.graph().ports) {
      if (p.dir == Dir::input) i.in(p.name, pick_as(p.shape));
    }
    for (const PortDef& p : of.graph().ports) {
      if (p.dir == Dir::output && !chance(6)) add(i.out(p.name));
    }
  }

  void outputs() {
    const int n = 2 + below(3);
    for (int i = 0; i < n; ++i) {
      const Sig x = pick();
      m_.output(fmt::format("o{}", i), chance(2) ? x.shape() : Shape{x.width() + 3, true}, x);
    }
    // A part of almost everything: few differences stay hidden, and not every bit is asked for.
    std::vector<Sig> bits;
    for (const Sig& x : pool_) {
      const int low = chance(2) ? 0 : below(x.width());
      if (bits.empty() || !chance(4)) bits.push_back(x.slice(low, 1 + below(x.width() - low)));
    }
    m_.output("all", cat(bits));
  }

  void body(int size, const std::vector<const Module*>& parts) {
    inputs();
    registers();
    for (int i = 0; i < size; ++i) {
      if (chance(12)) {
        wire();
      } else if (chance(16)) {
        memory();
      } else if (!parts.empty() && chance(16)) {
        instance(*parts[static_cast<size_t>(below(static_cast<int>(parts.size())))]);
      } else {
        expression();
      }
    }
    if (chance(2)) pool_.push_back(m_.delay("late", pick(), 1 + below(3), {.reset = 0}));
    drive_registers();
    outputs();
  }

 private:
  Module& m_;
  std::mt19937_64 random_;
  std::vector<Sig> pool_;
  std::vector<Reg> regs_;
  int names_ = 0;
};

}  // namespace

void random_module(Design& d, const std::string& name, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<const Module*> parts;
  for (int i = static_cast<int>(random() % 3); i-- > 0;) {
    Module& part = d.module(fmt::format("{}_part{}", name, i));
    Grow(part, random()).body(12, parts);
    parts.push_back(&part);
  }
  Module& m = d.module(name);
  Grow(m, random()).body(24 + static_cast<int>(random() % 40), parts);
}

StreamModule random_stream_module(Design& d, const std::string& name, uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<uint64_t>(n)); };
  StreamModule made;
  const int width = 1 + below(70);
  made.shape = {
      .data = {width, below(2) == 0}, .last = below(2) == 0, .fields = {{"tuser", u(1 + below(4))}}};
  Module& m = d.module(name);
  Stream s = m.stream_in("s", made.shape);
  std::vector<std::function<void(Beat&)>> steps;
  for (int i = 1 + below(5); i-- > 0;) {
    switch (below(7)) {
      case 0:
        s = s.reg_slice(Stream::Slice::full);
        break;
      case 1:
        s = s.reg_slice(Stream::Slice::forward);
        break;
      case 2:
        s = s.reg_slice(Stream::Slice::backward);
        break;
      case 3: {
        static constexpr RamStyle kStyles[] = {RamStyle::distributed, RamStyle::block, RamStyle::registers,
                                               RamStyle::automatic};
        s = s.fifo(1 + below(9), kStyles[below(4)]);
        break;
      }
      case 4:
        s = s.map(made.shape.data, [](Sig x) { return ~x; });
        steps.push_back([](Beat& b) {
          for (int k = 0; k < b[0].width(); ++k) b[0].set_bit(k, !b[0].bit(k));
        });
        break;
      case 5:
        s = s.map_payload(made.shape, [](const Payload& p) {
          std::vector<Sig> v = p.values;
          v[1] = (p["tuser"] + 1).trunc(p["tuser"].width());
          return v;
        });
        steps.push_back(
            [](Beat& b) { b[1] = Bits::from_int(b[1].width(), static_cast<int64_t>(b[1].to_u64()) + 1); });
        break;
      default: {
        const Stream::Fork kind = below(2) == 0 ? Stream::Fork::eager : Stream::Fork::lockstep;
        const std::vector<Stream> two = s.fork(2, kind);
        s = join({two[0].fifo(1 + below(4)), two[1].fifo(1 + below(4)).reg_slice()}, fmt::format("both{}", i),
                 made.shape, [](const std::vector<Payload>& p) {
                   std::vector<Sig> v = p[0].values;
                   v[0] = p[1].values[0];
                   return v;
                 });
      }
    }
  }
  m.stream_out("m", made.shape).connect(s.reg_slice(Stream::Slice::full));
  made.meaning = [steps](const Beat& in) {
    Beat out = in;
    for (const auto& step : steps) step(out);
    return out;
  };
  return made;
}

}  // namespace elb::property
