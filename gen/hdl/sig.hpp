// Signals: handles to nodes of a module's graph, with operators that never lose a bit silently.
//
//   Sig y = (a + b).trunc(8);      // a + b grows by one bit; narrowing is a word one can search
//   Sig z = mux(en, x, 0);         // literals adapt
//   Sig w = cat({hi, lo});         // hi in the upper bits
//
// Operators take Operand, to which Sig and integers convert implicitly: its constructor's default argument
// knows the line of the caller, which a trailing default argument of an operator could not.
#pragma once
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/src_loc.hpp"
#include "hdl/graph.hpp"
#include "hdl/shape.hpp"

namespace elb::hdl {

// A constant index with the place where it was written.
struct Index {
  template <std::integral T>
  Index(T i, SrcLoc l = SrcLoc::here()) : value(static_cast<int64_t>(i)), loc(l) {}  // implicit on purpose
  int64_t value;
  SrcLoc loc;
};

class Sig {
 public:
  Sig() = default;
  Sig(Module* module, NodeId node) : module_(module), node_(node) {}
  bool is_set() const { return module_ != nullptr; }
  Module* module() const { return module_; }
  NodeId node() const { return node_; }
  Shape shape() const;
  int width() const { return shape().width; }
  bool is_signed() const { return shape().is_signed; }

  // Parts, always unsigned.
  Sig operator[](Index bit) const;                                 // u1
  Sig bits(int high, int low, SrcLoc loc = SrcLoc::here()) const;  // as in Verilog: x[high:low]
  Sig slice(int low, int width, SrcLoc loc = SrcLoc::here()) const;
  Sig lane(int i, int width, SrcLoc loc = SrcLoc::here()) const { return slice(i * width, width, loc); }
  Sig msb(SrcLoc loc = SrcLoc::here()) const { return slice(width() - 1, 1, loc); }

  // Other widths. A truncated value is a pattern: it may be driven into a target of its width and either
  // sign.
  Sig trunc(int width, SrcLoc loc = SrcLoc::here()) const;  // drops high bits, keeps the sign's kind
  Sig trunc(Shape shape, SrcLoc loc = SrcLoc::here()) const;
  Sig ext(Shape shape, SrcLoc loc = SrcLoc::here()) const;  // by this signal's sign; narrowing is an error
  Sig sat(Shape shape, SrcLoc loc = SrcLoc::here()) const;  // clamps to the values of shape
  Sig as_signed(SrcLoc loc = SrcLoc::here()) const;         // same bits
  Sig as_unsigned(SrcLoc loc = SrcLoc::here()) const;
  Sig shl(int n, SrcLoc loc = SrcLoc::here()) const;  // n bits wider
  Sig shr(int n, SrcLoc loc = SrcLoc::here()) const;  // floor(x / 2^n), n bits narrower, at least 1
  // u1.
  Sig any(SrcLoc loc = SrcLoc::here()) const;
  Sig all(SrcLoc loc = SrcLoc::here()) const;
  Sig parity(SrcLoc loc = SrcLoc::here()) const;

  // A wire of its own with this name: `wire [7:0] t = ...;`
  Sig named(const std::string& name, SrcLoc loc = SrcLoc::here()) const;

 private:
  Module* module_ = nullptr;
  NodeId node_ = kNone;
};

// A signal or a literal, and where it was written.
struct Operand {
  Operand(Sig v, SrcLoc l = SrcLoc::here()) : sig(v), loc(l) {}  // implicit on purpose
  template <std::integral T>
  Operand(T k, SrcLoc l = SrcLoc::here()) : literal(static_cast<int64_t>(k)), loc(l), is_literal(true) {}
  Sig sig;
  int64_t literal = 0;
  SrcLoc loc;
  bool is_literal = false;  // else `sig`; one that was never set is an error
};

// A register: reads as its present value.
class Reg : public Sig {
 public:
  using Sig::Sig;
  // The value after the next clock edge, under the conditions of the enclosing when()s. Later calls win.
  void next(Operand value, SrcLoc loc = SrcLoc::here()) const;
};

// A forward reference. Driven in every case exactly once (a default, then overriding when()s, is fine).
class Wire : public Sig {
 public:
  using Sig::Sig;
  void drive(Operand value, SrcLoc loc = SrcLoc::here()) const;
};

Sig operator+(Operand a, Operand b);
Sig operator-(Operand a, Operand b);
Sig operator-(Operand a);
Sig operator*(Operand a, Operand b);
Sig operator&(Operand a, Operand b);  // equal widths; literals adapt
Sig operator|(Operand a, Operand b);
Sig operator^(Operand a, Operand b);
Sig operator~(Operand a);
Sig operator!(Operand a);  // u1 only; beside & and | write ~a, which C++ compilers do not warn about
Sig operator==(Operand a, Operand b);
Sig operator!=(Operand a, Operand b);
Sig operator<(Operand a, Operand b);
Sig operator<=(Operand a, Operand b);
Sig operator>(Operand a, Operand b);
Sig operator>=(Operand a, Operand b);

Sig mux(Operand condition, Operand when_true, Operand when_false);
Sig cat(const std::vector<Sig>& high_to_low, SrcLoc loc = SrcLoc::here());
Sig pack(const std::vector<Sig>& lanes, SrcLoc loc = SrcLoc::here());   // lane 0 in the lowest bits
std::vector<Sig> lanes(Sig x, int width, SrcLoc loc = SrcLoc::here());  // the inverse
Sig replicate(Sig x, int n, SrcLoc loc = SrcLoc::here());
Sig shl(Operand x, Operand amount);  // shape of x, high bits fall off
Sig shr(Operand x, Operand amount);  // shape of x, arithmetic when signed
Sig min(Operand a, Operand b);       // shape: join
Sig max(Operand a, Operand b);
Sig sum(const std::vector<Sig>& terms, SrcLoc loc = SrcLoc::here());  // balanced tree, grows per level
// values[sel] as a tree of multiplexers; beyond the end it is some value of the list. Shape: join of all.
Sig index(const std::vector<Sig>& values, Operand sel);

// select(x).is(0, a).is(1, b).otherwise(c): only otherwise() returns a Sig, an incomplete choice does not
// compile.
class Select {
 public:
  explicit Select(Operand selector) : selector_(selector) {}
  Select& is(Operand match, Operand value);
  Sig otherwise(Operand value);

 private:
  Operand selector_;
  std::vector<std::pair<Operand, Operand>> cases_;
};
inline Select select(Operand selector) {
  return Select(selector);
}

}  // namespace elb::hdl
