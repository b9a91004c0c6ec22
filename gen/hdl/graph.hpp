// The checked expression graph of one module: what the checks, the lowerings, the emitter and the interpreter
// walk.
//
// Nodes lie in one array; a NodeId is an index. The arguments of an operator have smaller ids than the
// operator, so that ascending order evaluates everything except what passes through a wire (a forward
// reference) or an instance. Every operand is extended explicitly: add, sub, mux, and/or/xor and comparisons
// find arguments of one width and, where it matters, of one sign. Only mul extends by itself.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/bits.hpp"
#include "base/mem_image.hpp"
#include "base/src_loc.hpp"
#include "hdl/shape.hpp"

namespace elb::hdl {

class Module;
struct Leaf;
using NodeId = int32_t;
constexpr NodeId kNone = -1;

enum class Op : uint8_t {
  // Sources. `aux` is the index into ports, wires, regs, ...
  constant,  // Graph::constant_value()
  input,     // ports[aux]
  reset,     // the synchronous reset of this module, u1
  wire,      // wires[aux]: has the value of wires[aux].value
  reg,       // regs[aux]: its value before the clock edge
  ram_read,  // rams[aux].reads[arg[0]]
  inst_out,  // instances[aux], port arg[0] of its definition
  // One argument.
  named,  // alias with a name: names[aux]
  cast,   // same bits, other sign
  ext,    // to `width` by the argument's sign
  slice,  // bits aux .. aux + width - 1
  neg,    // same width as the argument
  not_,
  red_and,  // u1
  red_or,
  red_xor,
  // Two arguments.
  add,  // modulo 2^width, arguments as wide as the result
  sub,
  mul,  // modulo 2^width; arguments of any width, both of one sign, read by that sign
  and_,
  or_,
  xor_,
  eq,  // u1; arguments of one width
  ne,
  lt,  // u1; arguments of one width and sign, compared by that sign
  le,
  gt,
  ge,
  shl,  // a << b, b unsigned of any width; zeros come in
  shr,  // a >> b; arithmetic when a is signed
  // Three arguments.
  mux,  // a (u1) ? b : c
  // Any number.
  cat,  // first argument in the highest bits
};
const char* op_name(Op op);

struct Node {
  Op op = Op::constant;
  bool is_signed = false;
  bool wrapped = false;  // made by trunc(): a pattern that fits targets of its width and either sign
  int32_t width = 1;
  NodeId arg[3] = {kNone, kNone,
                   kNone};  // see Graph::args(); cat: first index into cat_args, count; inst_out: port
  int32_t aux = 0;
  SrcLoc loc = {};
  Shape shape() const { return {width, is_signed}; }
};

// Next value of a register: the first whose condition holds; none: the register holds its value.
struct Choice {
  NodeId condition = kNone;  // kNone: always
  NodeId value = kNone;
};

enum class Dir : uint8_t { input, output };
struct PortDef {
  std::string name;
  Dir dir = Dir::input;
  Shape shape;
  NodeId node = kNone;  // input: the leaf; output: the value
  std::string group;    // stream or interface it belongs to, "" if none
  SrcLoc loc;
};
struct WireDef {
  std::string name;
  Shape shape;
  NodeId node = kNone;
  NodeId value = kNone;
  bool is_port = false;  // the output port of this name
  bool is_link = false;  // made by a stream's verb: dissolves when it is another signal's second name
  SrcLoc loc;
};
struct RegDef {
  std::string name;
  Shape shape;
  std::optional<Bits> reset;  // reset wins over every choice
  NodeId node = kNone;
  std::vector<Choice> next;
  SrcLoc loc;
};

enum class RamStyle : uint8_t { automatic, block, distributed, registers, ultra };
enum class ReadUnderWrite : uint8_t { undefined, old_value, new_value };
struct RamRead {
  std::string name;       // of the output register
  NodeId node = kNone;    // the leaf
  NodeId enable = kNone;  // kNone: always. Not enabled: the output holds
  NodeId address = kNone;
  bool synchronous = true;  // one cycle of latency; else combinational
  SrcLoc loc;
};
struct RamWrite {
  NodeId enable = kNone;  // kNone: always
  NodeId address = kNone;
  NodeId data = kNone;
  SrcLoc loc;
};
struct RamDef {
  std::string name;
  int64_t depth = 0;
  Shape word;
  RamStyle style = RamStyle::automatic;
  ReadUnderWrite ruw = ReadUnderWrite::undefined;
  std::string init_file;  // loaded by $readmemh({MEM_DIR, init_file}, ...)
  std::vector<Bits>
      init;  // word 0 first; may be shorter than depth; with init_file: the content of that file
  std::shared_ptr<const MemImage> image;  // or the content of init_file as an image
  std::vector<RamRead> reads;
  std::vector<RamWrite> writes;
  SrcLoc loc;
  bool is_rom() const { return writes.empty(); }
};

using ParamValue = std::variant<int64_t, std::string, Bits>;
struct InstanceDef {
  std::string name;
  const Module* module = nullptr;  // one of the two
  const Leaf* leaf = nullptr;
  std::vector<std::pair<std::string, ParamValue>> params;
  std::vector<NodeId>
      ports;  // one per port of the definition: an input's value, an output's leaf (kNone: not asked for)
  SrcLoc loc;
};

struct Graph {
  std::vector<Node> nodes;
  std::vector<NodeId> cat_args;
  std::vector<Bits> wide_constants;  // of constants wider than 64 bits
  std::vector<std::string> names;    // of Op::named
  std::vector<PortDef> ports;        // in the order of declaration
  std::vector<WireDef> wires;
  std::vector<RegDef> regs;
  std::vector<RamDef> rams;
  std::vector<InstanceDef> instances;

  const Node& operator[](NodeId id) const { return nodes[static_cast<size_t>(id)]; }
  std::span<const NodeId> args(NodeId id) const;
  Bits constant_value(NodeId id) const;
  uint64_t small_constant(const Node& n) const;  // of at most 64 bits
};
int arg_count(Op op);  // 0 .. 3; -1: cat

}  // namespace elb::hdl
