// From assignments under when() to choices: for every register the list "first true condition wins", for
// every wire one expression.
//
//   when(a, [&] { r.next(x); }).otherwise([&] { when(b, [&] { r.next(y); }); })     if (a) r <= x; else if
//   (b) r <= y;
//
// Later statements override earlier ones. A condition that earlier entries of the list already exclude is not
// repeated.
#include <fmt/format.h>

#include "base/assert.hpp"
#include "hdl/module_build.hpp"

namespace elb::hdl {
namespace {

class Flatten {
 public:
  Flatten(Builder& b, const std::vector<Assignment>& all, std::string what)
      : b_(b), all_(all), what_(std::move(what)) {}

  // The choices, highest priority first. `covered`: some value is always assigned.
  std::vector<Choice> run(bool& covered) {
    covered = block(0, all_.size(), 0, kNone);
    return std::move(out_);
  }

 private:
  NodeId both(NodeId a, NodeId c, SrcLoc loc) {
    return a == kNone ? c : b_.nodes.binary(Op::and_, a, c, loc);
  }

  // The scope directly below `scope` in which assignment i lies.
  int child(size_t i, int scope) const {
    int at = all_[i].scope;
    while (b_.scopes[at].parent != scope) at = b_.scopes[at].parent;
    return at;
  }

  void dead(size_t lo, size_t hi, SrcLoc by) {
    for (size_t i = lo; i < hi; ++i) {
      b_.error(by, "hdl-multi-driven",
               fmt::format("{} is assigned a second time: the first has no effect", what_),
               {fmt::format("the first is here ({})", place_of(all_[i].loc))}, "");
    }
  }

  bool block(size_t lo, size_t hi, int scope, NodeId path) {
    size_t end = hi;
    while (end > lo) {
      const size_t i = end - 1;
      if (all_[i].scope == scope) {
        out_.push_back({path, all_[i].value});
        dead(lo, i, all_[i].loc);
        return true;
      }
      const int chain = b_.scopes[child(i, scope)].chain;
      size_t begin = i;
      while (begin > lo && all_[begin - 1].scope != scope &&
             b_.scopes[child(begin - 1, scope)].chain == chain)
        --begin;
      if (branches(begin, end, scope, chain, path)) {
        dead(lo, begin, all_[begin].loc);
        return true;
      }
      end = begin;
    }
    return false;
  }

  // Assignments lo..hi lie in branches of one chain, in the order of the source.
  bool branches(size_t lo, size_t hi, int scope, int chain, NodeId path) {
    const BranchChain& c = b_.chains[chain];
    bool all_covered = c.closed;
    std::vector<NodeId> open;  // conditions of earlier branches that the list so far does not exclude
    size_t at = lo;
    for (int branch : c.branches) {
      const BranchScope& s = b_.scopes[branch];
      size_t end = at;
      while (end < hi && child(end, scope) == branch) ++end;
      NodeId here = path;
      bool possible = true;
      bool certain = false;
      if (end > at) {
        const SrcLoc loc = all_[at].loc;
        for (NodeId earlier : open) here = both(here, b_.nodes.unary(Op::not_, earlier, loc), loc);
        if (s.condition != kNone) here = both(here, s.condition, loc);
        possible = here == kNone || !b_.nodes.is_zero(here);
        certain = here != kNone && b_.nodes.is_ones(here);
      }
      const bool covered = end > at && possible && block(at, end, branch, certain ? kNone : here);
      if (end > at && possible && certain && covered)
        return true;  // a constant condition: nothing comes behind it
      if (s.condition != kNone && !covered) open.push_back(s.condition);
      all_covered = all_covered && (covered || !possible);
      at = end;
    }
    ELB_ASSERT(at == hi, "assignments outside of their branches");
    return all_covered;
  }

  Builder& b_;
  const std::vector<Assignment>& all_;
  std::string what_;
  std::vector<Choice> out_;
};

}  // namespace

void Builder::complete() {
  ELB_ASSERT(scope == 0, "check() inside of a when()");
  if (completed) return;
  for (size_t i = 0; i < graph.regs.size(); ++i) {
    RegDef& r = graph.regs[i];
    bool covered = false;
    r.next = Flatten(*this, reg_assignments[i], "register '" + r.name + "'").run(covered);
    if (reg_assignments[i].empty()) {
      error(r.loc, "hdl-undriven", fmt::format("register '{}' in '{}' has no next value", r.name, name));
    }
  }
  for (size_t i = 0; i < graph.wires.size(); ++i) {
    const std::string what =
        fmt::format("{} '{}'", graph.wires[i].is_port ? "output" : "wire", graph.wires[i].name);
    const SrcLoc at = graph.wires[i].loc;
    bool covered = false;
    const std::vector<Choice> choices = Flatten(*this, wire_assignments[i], what).run(covered);
    NodeId value = nodes.number(0, graph.wires[i].shape, at);
    if (wire_assignments[i].empty()) {
      error(at, "hdl-undriven", fmt::format("{} in '{}' is never driven", what, name));
    } else if (!covered) {
      error(
          wire_assignments[i].front().loc, "hdl-incomplete",
          fmt::format("{} is driven inside when(): it would have no value when the condition is false", what),
          {}, "drive a default before, or in otherwise()");
    } else {
      value = choices.back().value;
      for (size_t k = choices.size() - 1; k-- > 0;) {
        value = nodes.mux(choices[k].condition, choices[k].value, value, graph[choices[k].value].loc);
      }
    }
    graph.wires[i].value = value;
  }
  completed = true;
}

}  // namespace elb::hdl
