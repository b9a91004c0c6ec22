// A whole design, flattened into one list of steps over one array of words.
//
// Every value has a slot: the index of its first word. Wires, names, casts, ports of instances and
// zero-extensions within one word have the slot of what they stand for and cost nothing. The steps stand in
// an order in which one pass settles all combinational values.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hdl/eval/leaf_model.hpp"
#include "hdl/graph.hpp"

namespace elb::hdl::eval {

using Slot = int32_t;

enum class Do : uint8_t {
  // Operands and result of at most 64 bits.
  ext,  // sign-extension from `x` bits
  neg,
  not_,
  red_and,  // `mask`: of the operand
  red_or,
  red_xor,
  add,
  sub,
  mul,
  mul_signed,  // from `x` and `y` bits
  and_,
  or_,
  xor_,
  eq,
  ne,
  less,
  less_signed,  // of `x` bits
  less_equal,
  less_equal_signed,
  shl,
  shr,
  shr_signed,
  mux,
  slice,        // `x` bits down
  slice_words,  // bits from `b` of an operand of `c` words
  cat,          // a << x | b
  // Any width.
  ram_read,  // word [a] of ram b
  wide,      // wides[a]
  leaf,      // leaf_outputs[a]
};
struct Step {
  Do what = Do::add;
  uint8_t x = 0, y = 0;
  Slot to = 0, a = 0, b = 0, c = 0;
  uint64_t mask = 0;
};
struct Value {
  Slot slot = 0;
  Shape shape;
};
struct WideStep {
  Op op = Op::add;
  Value to;
  std::vector<Value> args;
  int32_t low = 0;  // of a slice
};
struct LeafOutput {
  int leaf = 0;
  int port = 0;
  Value to;
};
struct FlatLeaf {
  std::unique_ptr<LeafModel> model;
  std::vector<Value> ports;  // as in Leaf::ports; inputs only
};

struct FlatChoice {
  Slot condition = -1;  // -1: always
  Slot value = 0;
};
struct FlatReg {
  Value value;
  Slot reset = -1;  // -1: none
  Slot reset_value = 0;
  int first = 0, count = 0;  // choices
};
struct FlatRead {
  Value value;
  Slot enable = -1, address = 0;
};
struct FlatWrite {
  Slot enable = -1, address = 0, data = 0;
};
struct FlatRam {
  const RamDef* def = nullptr;
  std::string path;
  int words = 1;      // of one entry
  int64_t first = 0;  // word of memory
  std::vector<FlatRead> reads;
  std::vector<FlatWrite> writes;
};

enum class Kind : uint8_t { input, state, other };
struct NamedValue {
  Value value;
  Kind kind = Kind::other;
};

struct Tape {
  std::vector<Step> steps;
  std::vector<WideStep> wides;
  std::vector<LeafOutput> leaf_outputs;
  std::vector<FlatLeaf> leaves;
  std::vector<FlatReg> regs;
  std::vector<FlatChoice> choices;
  std::vector<FlatRam> rams;
  std::vector<uint64_t> initial;  // values: constants, zeros elsewhere
  int64_t memory_words = 0;
  std::map<std::string, NamedValue> names;  // "u_window.stored_q"; ports of the top without a dot
};

// The design must have passed check(). A leaf without a model is an error (UserError, hdl-leaf-model).
Tape flatten(const Module& top, const LeafModels& models);
// Adds what computes node `n` from its arguments into `to`.
void append_step(Tape& tape, const Node& n, Slot to, const std::vector<Value>& args);
// Settles all steps over `values`; `memory` holds the rams.
void settle(const Tape& tape, std::vector<uint64_t>& values, const std::vector<uint64_t>& memory);
void run_wide(const WideStep& step, uint64_t* values);

}  // namespace elb::hdl::eval
