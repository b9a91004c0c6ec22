// Components: a module as a pure function of its parameters.
//
//   struct DotTernary {
//     struct Params { int lanes; int act_bits; bool operator==(const Params&) const = default; };
//     struct In  { Sig act, wgt, en; };
//     struct Out { Sig sum; };
//     static std::string name(const Params& p);            // elb_dot_ternary_n16_a2
//     template <class Io> static void ports(const Params& p, Io&& io) {
//       io.in ("act", &In::act, u(p.lanes * p.act_bits));  // the port list is the documentation
//       io.in ("en",  &In::en,  u(1));
//       io.stream_in("s", &In::s, {.data = u(8)});         // a member `Stream s`
//       io.out("sum", &Out::sum, sum_shape(p));
//     }
//     static Out build(Module& m, const Params& p, const In& in);
//   };
//   auto lo   = instantiate<DotTernary>(m, "u_dot_lo", {.lanes = 16, .act_bits = 2}, {.act = a, .wgt = w, .en
//   = go}); auto flat = DotTernary::build(m, p, in);               // same code inlined: hierarchy is one
//   word
//
// Modules are shared by name(params), the first use builds. In and Out members are Sig or Stream; an In
// member left empty is hdl-unconnected.
//
// A component that build() makes of leaves may have a second body, the same values in the same cycles in
// plain Verilog, which simulators run fast:
//
//     static bool is_mapped(const Params& p);                // false: these Params have one body alone,
//     build()'s static Out behaviour(Module& m, const Params& p, const In& in);
//
// Both bodies are modules of one name and one list of ports: <name>.v is the behaviour, <name>_mapped.v is
// what build() makes (Design::sources).
#pragma once
#include <string>

#include "hdl/design.hpp"

namespace elb::hdl {

namespace detail {

template <class In, class Out>
struct DeclareInputs {  // inside the new module: inputs and streams that come in
  Module& m;
  In& inputs;
  void in(const char* name, Sig In::*member, Shape shape, SrcLoc loc = SrcLoc::here()) {
    inputs.*member = m.input(name, shape, loc);
  }
  void stream_in(const char* name, Stream In::*member, StreamShape shape, SrcLoc loc = SrcLoc::here()) {
    inputs.*member = m.stream_in(name, shape, loc);
  }
  void out(const char*, Sig Out::*, Shape) {}
  void stream_out(const char*, Stream Out::*, StreamShape) {}
};
template <class In, class Out>
struct DeclareOutputs {
  Module& m;
  const Out& outputs;
  void in(const char*, Sig In::*, Shape) {}
  void stream_in(const char*, Stream In::*, StreamShape) {}
  void out(const char* name, Sig Out::*member, Shape shape, SrcLoc loc = SrcLoc::here()) {
    m.output(name, shape, Operand(outputs.*member, loc), loc);
  }
  void stream_out(const char* name, Stream Out::*member, StreamShape shape, SrcLoc loc = SrcLoc::here()) {
    m.stream_out(name, shape, loc).connect(outputs.*member, loc);
  }
};
template <class In, class Out>
struct Connect {
  const Instance& instance;
  const In& inputs;
  Out& outputs;
  SrcLoc loc;
  void in(const char* name, Sig In::*member, Shape) { instance.in(name, Operand(inputs.*member, loc), loc); }
  void stream_in(const char* name, Stream In::*member, StreamShape) {
    instance.in(name, inputs.*member, loc);
  }
  void out(const char* name, Sig Out::*member, Shape) { outputs.*member = instance.out(name, loc); }
  void stream_out(const char* name, Stream Out::*member, StreamShape) {
    outputs.*member = instance.stream_out(name, loc);
  }
};

}  // namespace detail

// The component's module, built on first use.
template <class C>
const Module& component_module(Design& d, const typename C::Params& params, SrcLoc loc = SrcLoc::here()) {
  using In = typename C::In;
  using Out = typename C::Out;
  using Params = typename C::Params;
  const auto equal = [](const std::any& a, const std::any& b) {
    const Params* pa = std::any_cast<Params>(&a);
    const Params* pb = std::any_cast<Params>(&b);
    return pa && pb && *pa == *pb;
  };
  const auto body = [params](Out (*make)(Module&, const Params&, const In&)) {
    return [params, make](Module& inner) {
      In inputs{};
      C::ports(params, detail::DeclareInputs<In, Out>{inner, inputs});
      const Out outputs = make(inner, params, inputs);
      C::ports(params, detail::DeclareOutputs<In, Out>{inner, outputs});
    };
  };
  if constexpr (requires { C::behaviour; }) {
    if (C::is_mapped(params)) {
      const ModuleBodies bodies{body(&C::behaviour), body(&C::build)};
      return d.component(C::name(params), params, equal, bodies, loc);
    }
  }
  return d.component(C::name(params), params, equal, {.plain = body(&C::build)}, loc);
}

template <class C>
typename C::Out instantiate(Module& m, const std::string& instance_name, const typename C::Params& params,
                            const typename C::In& in, SrcLoc loc = SrcLoc::here()) {
  const Instance inst = m.instance(component_module<C>(m.design(), params, loc), instance_name, loc);
  typename C::Out out{};
  C::ports(params, detail::Connect<typename C::In, typename C::Out>{inst, in, out, loc});
  return out;
}

}  // namespace elb::hdl
