// What stands behind a Module while it is being described. For the DSL's own sources; engines include
// module.hpp.
#pragma once
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "hdl/design.hpp"
#include "hdl/module.hpp"
#include "hdl/nodes.hpp"

namespace elb::hdl {

// One assignment of a register or wire, under the conditions of a scope.
struct Assignment {
  int scope = 0;
  NodeId value = kNone;
  SrcLoc loc;
};

// The body of one branch of a when(). Scope 0 is the module itself.
struct BranchScope {
  int parent = -1;
  int chain = -1;
  int branch = 0;  // position in the chain
  int depth = 0;
  NodeId condition = kNone;  // kNone: otherwise
};
struct BranchChain {
  int parent = 0;  // scope in which the when() stands
  std::vector<int> branches;
  bool closed = false;  // has its otherwise
};

// The ports of one stream of a module.
struct StreamPort {
  std::string name;
  StreamShape shape;
  Dir dir = Dir::input;  // of the beats
  int valid = 0, ready = 0;
  std::vector<int> fields;
  SrcLoc loc;
};

class Builder {
 public:
  Builder(Design& design, Module& module, std::string name, ModuleOptions options, SrcLoc loc);

  // Mistakes. error() returns the place of `loc` in its text for notes.
  void error(SrcLoc loc, const char* code, std::string text, std::vector<std::string> notes = {},
             std::string help = "");
  // Reserves a name; a taken or unfit one is an error and gets a suffix.
  std::string take_name(const std::string& name, const char* what, SrcLoc loc);

  bool is_taken(const std::string& word) const;

  // The node of an operand in this module (literals in their narrowest shape); a signal of another module is
  // an error.
  NodeId use(const Operand& x);
  // The value in exactly this shape, for a target: widened by its own sign; narrowing is an error.
  NodeId fit_to(const Operand& x, Shape target, const std::string& what);
  Sig sig(NodeId id) { return Sig(&module, id); }

  int find_port(const std::string& port) const;  // -1: none
  int add_port(const std::string& port, Dir dir, Shape shape, SrcLoc loc);
  Wire link(const std::string& stem, SrcLoc loc);  // the ready wire of a stream
  int open_scope(int chain, NodeId condition);
  // Turns assignments into choices and wire values, once; reports what is missing.
  void complete();

  Design& design;
  Module& module;
  std::string name;
  ModuleOptions options;
  ModuleDoc doc;
  SrcLoc loc, doc_loc;
  Graph graph;
  Nodes nodes{graph};

  std::vector<std::vector<Assignment>> reg_assignments;   // parallel to graph.regs
  std::vector<std::vector<Assignment>> wire_assignments;  // parallel to graph.wires
  std::vector<BranchScope> scopes{1};
  std::vector<BranchChain> chains;
  int scope = 0;
  std::vector<StreamPort> streams;
  NodeId reset_node = kNone;
  bool completed = false;
  bool uses_clock = false, uses_reset = false, uses_mem_dir = false;
  std::string other_body;               // its file, where the module has two bodies
  std::vector<std::string> idle_ports;  // clock and reset that only the module's other body reads
  std::vector<std::vector<int>>
      comb_inputs;  // per port: the inputs that an output depends on in the same cycle

 private:
  std::unordered_set<std::string> taken_;
};

std::string place_of(SrcLoc loc);  // "fifo.cpp:63"
// What wires of an instance are named after: "conv" of "u_conv"; "u_1" stays, a name begins with a letter.
std::string role_of(const std::string& instance);
bool is_keyword(const std::string& word);  // of Verilog-2005

// The builder of the first operand that has one; InternalError when none has.
Builder& builder_of(std::initializer_list<const Operand*> operands);

}  // namespace elb::hdl
