// Makes nodes of a Graph: equal expressions become one node, constants are folded, slices look through
// concatenations and extensions. The callers have checked widths and signs; what does not fit is an
// InternalError.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hdl/graph.hpp"

namespace elb::hdl {

class Nodes {
 public:
  explicit Nodes(Graph& g) : g_(g) {}
  const Graph& graph() const { return g_; }
  Shape shape(NodeId id) const { return g_[id].shape(); }
  int width(NodeId id) const { return g_[id].width; }

  NodeId leaf(Op op, Shape shape, int aux, int arg, SrcLoc loc);  // a source: a node of its own each time
  NodeId constant(const Bits& pattern, bool is_signed, SrcLoc loc);
  NodeId number(int64_t k, Shape shape, SrcLoc loc);  // k modulo 2^width
  NodeId named(NodeId a, const std::string& name, SrcLoc loc);
  NodeId cast(NodeId a, bool is_signed, SrcLoc loc);
  NodeId wrap(NodeId a, SrcLoc loc);                       // marks a truncated value
  NodeId ext(NodeId a, Shape shape, SrcLoc loc);           // shape.width >= width(a)
  NodeId slice(NodeId a, int low, int width, SrcLoc loc);  // unsigned
  NodeId unary(Op op, NodeId a, SrcLoc loc);               // neg not_ red_*
  // add sub and_ or_ xor_ eq ne lt le gt ge: both of one shape
  NodeId binary(Op op, NodeId a, NodeId b, SrcLoc loc);
  NodeId mul(NodeId a, NodeId b, Shape shape, SrcLoc loc);
  NodeId shift(Op op, NodeId a, NodeId b, SrcLoc loc);
  NodeId mux(NodeId condition, NodeId a, NodeId b, SrcLoc loc);  // both of one shape
  NodeId cat(std::span<const NodeId> high_to_low, SrcLoc loc);

  // The value of a constant of at most 64 bits, as a pattern.
  std::optional<uint64_t> pattern(NodeId id) const;
  bool is_zero(NodeId id) const;
  bool is_ones(NodeId id) const;

 private:
  NodeId intern(Node n);
  bool same(const Node& a, const Node& b) const;
  uint64_t hash(const Node& n) const;
  void grow();
  NodeId small(uint64_t pattern, Shape shape, SrcLoc loc);
  NodeId fold(Op op, NodeId a, NodeId b, SrcLoc loc);
  NodeId simplify(Op op, NodeId a, NodeId b, SrcLoc loc);
  NodeId slice_of_cat(NodeId cat, int low, int width, SrcLoc loc);

  Graph& g_;
  std::vector<NodeId> table_;
  size_t used_ = 0;
};

}  // namespace elb::hdl
