#include "hdl/module_build.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/assert.hpp"
#include "base/text.hpp"

namespace elb::hdl {

std::string place_of(SrcLoc loc) {
  return fmt::format("{}:{}", loc.base_name(), loc.line);
}

std::string role_of(const std::string& instance) {
  const bool role = instance.size() > 2 && instance.rfind("u_", 0) == 0 &&
                    std::isalpha(static_cast<unsigned char>(instance[2]));
  return role ? instance.substr(2) : instance;
}

bool is_keyword(const std::string& word) {
  static const std::set<std::string> words = {
      "always", "and", "assign", "automatic", "begin", "buf", "bufif0", "bufif1", "case", "casex", "casez",
      "cell", "cmos", "config", "deassign", "default", "defparam", "design", "disable", "edge", "else", "end",
      "endcase", "endconfig", "endfunction", "endgenerate", "endmodule", "endprimitive", "endspecify",
      "endtable", "endtask", "event", "for", "force", "forever", "fork", "function", "generate", "genvar",
      "highz0", "highz1", "if", "ifnone", "incdir", "include", "initial", "inout", "input", "instance",
      "integer", "join", "large", "liblist", "library", "localparam", "macromodule", "medium", "module",
      "nand", "negedge", "nmos", "nor", "noshowcancelled", "not", "notif0", "notif1", "or", "output",
      "parameter", "pmos", "posedge", "primitive", "pull0", "pull1", "pulldown", "pullup",
      "pulsestyle_onevent", "pulsestyle_ondetect", "rcmos", "real", "realtime", "reg", "release", "repeat",
      "rnmos", "rpmos", "rtran", "rtranif0", "rtranif1", "scalared", "showcancelled", "signed", "small",
      "specify", "specparam", "strong0", "strong1", "supply0", "supply1", "table", "task", "time", "tran",
      "tranif0", "tranif1", "tri", "tri0", "tri1", "triand", "trior", "trireg", "unsigned", "use", "uwire",
      "vectored", "wait", "wand", "weak0", "weak1", "while", "wire", "wor", "xnor", "xor",
      // SystemVerilog and VHDL words that a mixed flow would stumble over.
      "bit", "byte", "logic", "int", "enum", "struct", "union", "interface", "package", "program", "property",
      "sequence", "class", "final", "do", "return", "break", "continue", "priority", "unique", "type", "var",
      "void", "expect", "assert", "assume", "cover", "this", "new", "string", "ref", "const", "import",
      "export", "extends", "static", "virtual", "local", "protected", "rand", "constraint", "checker",
      "global", "let", "matches", "packed", "tagged", "throughout", "typedef", "within", "with", "in", "out",
      "signal", "entity"};
  return words.count(word) != 0;
}

Builder::Builder(Design& d, Module& m, std::string n, ModuleOptions o, SrcLoc l)
    : design(d), module(m), name(std::move(n)), options(std::move(o)), loc(l) {
  taken_ = {options.clock, options.reset, "clk", "rst", "MEM_DIR"};
}

void Builder::error(SrcLoc at, const char* code, std::string text, std::vector<std::string> notes,
                    std::string help) {
  design.error(at, Diag{.code = code,
                        .place = "",
                        .text = std::move(text),
                        .notes = std::move(notes),
                        .help = std::move(help)});
}

std::string Builder::take_name(const std::string& wanted, const char* what, SrcLoc at) {
  ELB_ASSERT(!completed, "a module is frozen after check()");
  std::string fixed = wanted;
  if (!is_identifier(wanted) || wanted[0] == '_') {
    error(at, "hdl-name-taken",
          fmt::format("{} name \"{}\" in '{}' is no plain identifier", what, wanted, name), {},
          "letters, digits and '_', beginning with a letter");
    fixed = "bad";
  } else if (is_keyword(wanted)) {
    error(at, "hdl-name-taken", fmt::format("{} name '{}' in '{}' is a keyword", what, wanted, name));
  } else if (taken_.count(wanted) != 0) {
    error(at, "hdl-name-taken", fmt::format("{} name '{}' is already taken in '{}'", what, wanted, name));
  } else {
    taken_.insert(wanted);
    return wanted;
  }
  int n = 2;
  while (taken_.count(fmt::format("{}_{}", fixed, n)) != 0) ++n;
  fixed = fmt::format("{}_{}", fixed, n);
  taken_.insert(fixed);
  return fixed;
}

bool Builder::is_taken(const std::string& word) const {
  return taken_.count(word) != 0 || is_keyword(word);
}

NodeId Builder::use(const Operand& x) {
  ELB_ASSERT(!completed, "a module is frozen after check()");
  if (x.is_literal) return nodes.number(x.literal, fit(x.literal, x.literal), x.loc);
  if (!x.sig.is_set()) {
    error(x.loc, "hdl-unconnected", fmt::format("a signal that was never set is used in '{}'", name));
    return nodes.number(0, u(1), x.loc);
  }
  if (x.sig.module() == &module) return x.sig.node();
  error(x.loc, "hdl-cross-module",
        fmt::format("a signal of '{}' is used in '{}'", x.sig.module()->name(), name), {},
        "pass it through a port");
  return nodes.number(0, x.sig.shape(), x.loc);
}

NodeId Builder::fit_to(const Operand& x, Shape target, const std::string& what) {
  if (!x.is_literal && !x.sig.is_set()) {
    error(x.loc, "hdl-unconnected", fmt::format("{} gets a signal that was never set", what));
    return nodes.number(0, target, x.loc);
  }
  if (x.is_literal) {
    if (!holds(target, x.literal)) {
      error(x.loc, "hdl-width",
            fmt::format("{} is {}, the literal {} needs {}", what, to_string(target), x.literal,
                        to_string(fit(x.literal, x.literal))));
    }
    return nodes.number(x.literal, target, x.loc);
  }
  const NodeId v = use(x);
  const Node n = graph[v];
  if (holds(target, n.shape())) return nodes.ext(v, target, x.loc);
  if (n.width == target.width && n.wrapped) return nodes.cast(v, target.is_signed, x.loc);
  const std::string shape = to_string(target);
  std::vector<std::string> notes;
  if (n.loc.line != 0) notes.push_back(fmt::format("the value is made here ({})", place_of(n.loc)));
  std::string help = fmt::format(".trunc({}) drops high bits, .sat({}) clamps, or widen the target",
                                 std::min(target.width, n.width),
                                 (target.is_signed ? "s(" : "u(") + std::to_string(target.width) + ")");
  if (n.width <= target.width)
    help = "the value may be negative: .as_unsigned() keeps its bits, .sat(u(n)) clamps";
  error(x.loc, "hdl-width", fmt::format("{} is {}, the value is {}", what, shape, to_string(n.shape())),
        notes, help);
  return nodes.number(0, target, x.loc);
}

int Builder::find_port(const std::string& port) const {
  for (size_t i = 0; i < graph.ports.size(); ++i) {
    if (graph.ports[i].name == port) return static_cast<int>(i);
  }
  return -1;
}

int Builder::add_port(const std::string& port, Dir dir, Shape shape, SrcLoc at) {
  PortDef def;
  def.name = take_name(port, "port", at);
  def.dir = dir;
  def.shape = shape;
  def.loc = at;
  const int i = static_cast<int>(graph.ports.size());
  if (dir == Dir::input) def.node = nodes.leaf(Op::input, shape, i, kNone, at);
  graph.ports.push_back(std::move(def));
  return i;
}

Wire Builder::link(const std::string& stem, SrcLoc at) {
  const Wire w = module.wire(module.unique(stem), u(1), at);
  graph.wires.back().is_link = true;
  return w;
}

int Builder::open_scope(int chain, NodeId condition) {
  BranchChain& c = chains[static_cast<size_t>(chain)];
  ELB_ASSERT(c.parent == scope, "a branch is added from outside of its when()");
  ELB_ASSERT(!c.closed, "a branch after otherwise()");
  c.closed = condition == kNone;
  BranchScope made{.parent = scope, .chain = chain, .branch = static_cast<int>(c.branches.size())};
  made.depth = scopes[static_cast<size_t>(scope)].depth + 1;
  made.condition = condition;
  c.branches.push_back(static_cast<int>(scopes.size()));
  scope = static_cast<int>(scopes.size());
  scopes.push_back(made);
  return scope;
}

}  // namespace elb::hdl
