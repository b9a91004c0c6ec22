#include "hdl/module.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "hdl/module_build.hpp"

namespace elb::hdl {

Module::Module(Design& design, std::string name, ModuleOptions options, SrcLoc loc)
    : builder_(std::make_unique<Builder>(design, *this, std::move(name), std::move(options), loc)) {}
Module::~Module() = default;

const std::string& Module::name() const {
  return builder_->name;
}
Design& Module::design() const {
  return builder_->design;
}
void Module::doc(ModuleDoc doc, SrcLoc loc) {
  builder_->doc = std::move(doc);
  builder_->doc_loc = loc;
}

Sig Module::input(const std::string& name, Shape shape, SrcLoc loc) {
  const int port = builder_->add_port(name, Dir::input, shape, loc);
  return builder_->sig(builder_->graph.ports[port].node);
}

void Module::output(const std::string& name, Operand value, SrcLoc loc) {
  const NodeId v = builder_->use(value);
  const int port = builder_->add_port(name, Dir::output, builder_->nodes.shape(v), loc);
  builder_->graph.ports[port].node = v;
}

void Module::output(const std::string& name, Shape shape, Operand value, SrcLoc loc) {
  const NodeId v = builder_->fit_to(value, shape, "output '" + name + "'");
  const int port = builder_->add_port(name, Dir::output, shape, loc);
  builder_->graph.ports[port].node = v;
}

Wire Module::output(const std::string& name, Shape shape, SrcLoc loc) {
  Builder& b = *builder_;
  const int port = b.add_port(name, Dir::output, shape, loc);
  const NodeId node = b.nodes.leaf(Op::wire, shape, static_cast<int>(b.graph.wires.size()), kNone, loc);
  b.graph.ports[port].node = node;
  b.graph.wires.push_back({.name = b.graph.ports[port].name,
                           .shape = shape,
                           .node = node,
                           .value = kNone,
                           .is_port = true,
                           .loc = loc});
  b.wire_assignments.emplace_back();
  return Wire(this, node);
}

Sig Module::lit(int64_t k, Shape shape, SrcLoc loc) {
  return builder_->sig(builder_->fit_to(Operand(k, loc), shape, "constant"));
}

Sig Module::lit(const Bits& pattern, bool is_signed, SrcLoc loc) {
  ELB_ASSERT(pattern.width() >= 1, "a constant of no bits");
  return builder_->sig(builder_->nodes.constant(pattern, is_signed, loc));
}

Sig Module::reset() {
  if (builder_->reset_node == kNone) {
    builder_->reset_node = builder_->nodes.leaf(Op::reset, u(1), 0, kNone, builder_->loc);
  }
  return builder_->sig(builder_->reset_node);
}

Reg Module::reg(const std::string& name, Shape shape, RegOptions options, SrcLoc loc) {
  Builder& b = *builder_;
  RegDef def;
  def.name = b.take_name(name, "register", loc);
  def.shape = shape;
  def.loc = loc;
  if (options.reset) {
    if (!holds(shape, *options.reset)) {
      b.error(loc, "hdl-width",
              fmt::format("register '{}' is {}, its reset value {} needs {}", def.name, to_string(shape),
                          *options.reset, to_string(fit(*options.reset, *options.reset))));
    }
    def.reset = Bits::from_int(shape.width, *options.reset);
  }
  def.node = b.nodes.leaf(Op::reg, shape, static_cast<int>(b.graph.regs.size()), kNone, loc);
  b.graph.regs.push_back(std::move(def));
  b.reg_assignments.emplace_back();
  return Reg(this, b.graph.regs.back().node);
}

Wire Module::wire(const std::string& name, Shape shape, SrcLoc loc) {
  Builder& b = *builder_;
  const std::string taken = b.take_name(name, "wire", loc);
  const NodeId node = b.nodes.leaf(Op::wire, shape, static_cast<int>(b.graph.wires.size()), kNone, loc);
  b.graph.wires.push_back(
      {.name = taken, .shape = shape, .node = node, .value = kNone, .is_port = false, .loc = loc});
  b.wire_assignments.emplace_back();
  return Wire(this, node);
}

Sig Module::delay(const std::string& name, Operand x, int n, RegOptions options, SrcLoc loc) {
  ELB_ASSERT(n >= 0, "a delay by a negative number");
  const int outer = std::exchange(builder_->scope, 0);  // without enable, wherever it is written
  Sig at = builder_->sig(builder_->use(x));
  for (int i = 1; i <= n; ++i) {
    const Reg r = reg(fmt::format("{}_{}", name, i), at.shape(), options, loc);
    r.next(Operand(at, loc), loc);
    at = r;
  }
  builder_->scope = outer;
  return at;
}

Module::Scope::~Scope() {
  Builder& b = module->builder();
  b.scope = b.scopes[static_cast<size_t>(b.scope)].parent;
}

Module::Scope Module::open_branch(int& chain, const Operand* condition, SrcLoc loc) {
  Builder& b = *builder_;
  if (chain < 0) {
    chain = static_cast<int>(b.chains.size());
    b.chains.push_back({.parent = b.scope, .branches = {}, .closed = false});
  }
  NodeId c = kNone;
  if (condition) {
    c = b.use(*condition);
    if (b.nodes.width(c) != 1) {
      b.error(condition->loc, "hdl-width",
              fmt::format("a condition is {}, one bit is asked", to_string(b.nodes.shape(c))), {},
              "x != 0, or x.any()");
      c = b.nodes.number(1, u(1), loc);
    }
    c = b.nodes.cast(c, false, loc);
  }
  b.open_scope(chain, c);
  return Scope{this};
}

std::string Module::unique(const std::string& stem) const {
  if (!builder_->is_taken(stem)) return stem;
  int n = 2;
  while (builder_->is_taken(fmt::format("{}_{}", stem, n))) ++n;
  return fmt::format("{}_{}", stem, n);
}

const Graph& Module::graph() const {
  return builder_->graph;
}
const ModuleOptions& Module::options() const {
  return builder_->options;
}
const ModuleDoc& Module::docs() const {
  return builder_->doc;
}
SrcLoc Module::loc() const {
  return builder_->doc_loc.line != 0 ? builder_->doc_loc : builder_->loc;
}
bool Module::uses_clock() const {
  return builder_->uses_clock;
}
bool Module::uses_reset() const {
  return builder_->uses_reset;
}
bool Module::uses_mem_dir() const {
  return builder_->uses_mem_dir;
}

}  // namespace elb::hdl
