// Runs a checked design cycle by cycle: the meaning of the graph, against which the printed Verilog is held.
//
//   Simulator sim(design, "elb_top");
//   sim.reset();
//   sim.set("en", 1);
//   sim.set("x", -3);
//   sim.step();                                  // one clock edge
//   sim.get("y");                                // by the port's sign
//   sim.peek("u_window.stored_q");               // any port, register, wire, named signal, memory output
//
// Two-valued: what Verilog calls x is 0 here, or random bits when `power_up` gives a seed. Reads beyond a
// memory's depth give 0, writes there do nothing.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "base/bits.hpp"
#include "hdl/design.hpp"
#include "hdl/eval/leaf_model.hpp"

namespace elb::hdl {

struct SimulatorOptions {
  // 0: registers, memory outputs and memories without contents start as 0, and a memory whose
  // read-under-write is undefined gives the old word. Else the seed of random bits for all of these.
  uint64_t power_up = 0;
  std::string mem_dir = {};  // where init_file lies, for memories that were not also given `init`
  LeafModels leaves = {};
};

// A port or a signal, looked up once.
struct SimSignal {
  int slot = 0;
  Shape shape;
};

class Simulator {
 public:
  // Checks the design. UserError: its mistakes (all of them), a leaf without a model (hdl-leaf-model), a
  // memory file that cannot be read (hdl-memory-file).
  Simulator(Design& design, const std::string& top, SimulatorOptions options = {});
  ~Simulator();
  Simulator(Simulator&&) noexcept;

  // Inputs of the top. A value that the port cannot hold is an InternalError; bits may come as a pattern of
  // the port's width.
  void set(const std::string& port, int64_t value);
  void set(const std::string& port, const Bits& value);
  // Values of the present state and inputs. get(): at most 64 bits, by the signal's sign.
  int64_t get(const std::string& name);
  Bits get_bits(const std::string& name);
  int64_t peek(const std::string& path) { return get(path); }
  void poke(const std::string& reg, const Bits& value);  // a register or the output register of a memory
  Bits peek_memory(const std::string& ram, int64_t address) const;
  void poke_memory(const std::string& ram, int64_t address, const Bits& word);

  // The same without looking names up.
  SimSignal find(const std::string& path) const;  // InternalError naming the nearest when there is none
  void set(SimSignal port, int64_t value);
  void set(SimSignal port, const Bits& value);
  int64_t get(SimSignal signal);
  Bits get_bits(SimSignal signal);

  void eval();                 // settles combinational values; get() does it by itself
  void step(int cycles = 1);   // clock edges
  void reset(int cycles = 2);  // holds the top's reset active for that many edges, then releases it
  int64_t cycle() const;       // edges so far
  const Module& top() const;
  size_t steps_per_cycle() const;  // evaluations of one settling

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace elb::hdl
