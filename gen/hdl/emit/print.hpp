// Expressions as Verilog text, every literal sized and every operand of the result's width; and the wrapping
// of lines.
#pragma once
#include <string>

#include "hdl/emit/plan.hpp"
#include "hdl/graph.hpp"

namespace elb::hdl {

class Printer {
 public:
  Printer(const Graph& g, const EmitPlan& plan) : g_(g), plan_(plan) {}
  std::string operand(NodeId id) const;     // as used by others: its name when it has one
  std::string guard(NodeId id) const;       // as an operand of & (in parentheses where needed)
  std::string definition(NodeId id) const;  // what stands right of its `=`

 private:
  struct Text {
    std::string text;
    int level = 0;           // of its outermost operator; higher binds tighter
    bool is_signed = false;  // what Verilog takes it for
  };
  Text use(NodeId id) const;
  Text print(NodeId id) const;
  std::string factor(NodeId id) const;
  Text beside(NodeId id, const Text& neighbour) const;
  Text binary(const Node& n, const char* symbol, int level, bool chains) const;
  Text comparison(const Node& n, const char* symbol, int level) const;
  std::string part_select(const Node& slice) const;
  std::string extension(const Node& ext) const;
  std::string with_sign(NodeId id, const Text& t) const;

  const Graph& g_;
  const EmitPlan& plan_;
};

std::string print_constant(const Bits& value, bool is_signed);
std::string print_range(int width);  // "[7:0]", "" for one bit

// One statement, broken at spaces where it is longer than 100 columns; continuation lines are indented by
// four more. `comment` goes to the end of its last line.
std::string wrap(int indent, const std::string& statement, const std::string& comment = "");

}  // namespace elb::hdl
