// A Verilog module under construction. See sig.hpp, memory.hpp, stream.hpp for what it hands out.
//
//   Module& m = d.module("elb_acc");
//   Sig en  = m.input("en", u(1)), x = m.input("x", s(6));
//   Reg acc = m.reg("acc", s(12));                       // synchronous reset to 0
//   m.when(en, [&] { acc.next((acc + x).trunc(12)); })
//    .otherwise_when(x == 0, [&] { acc.next(0); });      // no branch taken: the register holds
//   m.output("y", acc.sat(s(8)));
//
// makes
//   always @(posedge clk)
//     if (rst) acc <= 12'sd0;
//     else if (en) acc <= acc + {{6{x[5]}}, x};
//     else if (x == 6'd0) acc <= 12'sd0;
//
// Names are required and unique in the module; mistakes are collected in the Design and reported by check().
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hdl/blackbox.hpp"
#include "hdl/memory.hpp"
#include "hdl/sig.hpp"
#include "hdl/stream.hpp"

namespace elb::hdl {

class Design;
class Module;
class Builder;  // module_build.hpp: what the DSL's own sources use

struct ModuleOptions {
  std::string clock = "clk";
  std::string reset = "rst";
  bool reset_active_low = false;  // the port; inside, reset is always high
  bool reset_registered = false;  // one flip-flop between the port and the module
  bool mapped = false;            // the body of a component that is made of leaves (component.hpp)
};
// What stands above the module in its file.
struct ModuleDoc {
  std::string purpose;              // one sentence
  std::string params = {};          // "lanes=16 act_bits=2"
  std::optional<int> latency = {};  // cycles
  std::optional<int> interval = {};
  std::vector<std::string> notes = {};  // further lines
};
struct RegOptions {
  std::optional<int64_t> reset = 0;  // std::nullopt: datapath, no reset
};

class When {
 public:
  When(Module* module, int chain) : module_(module), chain_(chain) {}
  template <class F>
  When otherwise_when(Operand condition, F&& body, SrcLoc loc = SrcLoc::here());
  template <class F>
  void otherwise(F&& body, SrcLoc loc = SrcLoc::here());

 private:
  Module* module_;
  int chain_;
};

// Connections of an instance, by port name. An unknown name or one connected twice is an error.
class Instance {
 public:
  Instance() = default;
  Instance(Module* module, int index) : module_(module), index_(index) {}
  const Instance& in(const std::string& port, Operand value, SrcLoc loc = SrcLoc::here()) const;
  Sig out(const std::string& port, SrcLoc loc = SrcLoc::here()) const;
  // All ports of a stream port of the instantiated module.
  const Instance& in(const std::string& stream, const Stream& s, SrcLoc loc = SrcLoc::here()) const;
  Stream stream_out(const std::string& stream, SrcLoc loc = SrcLoc::here()) const;

 private:
  Module* module_ = nullptr;
  int index_ = 0;
};

class Module {
 public:
  Module(Design& design, std::string name, ModuleOptions options, SrcLoc loc);
  ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  const std::string& name() const;
  Design& design() const;
  void doc(ModuleDoc doc, SrcLoc loc = SrcLoc::here());  // the file that calls is named as its source

  // Ports. An output's shape is its value's unless said; the last form is driven later.
  Sig input(const std::string& name, Shape shape, SrcLoc loc = SrcLoc::here());
  void output(const std::string& name, Operand value, SrcLoc loc = SrcLoc::here());
  void output(const std::string& name, Shape shape, Operand value, SrcLoc loc = SrcLoc::here());
  Wire output(const std::string& name, Shape shape, SrcLoc loc = SrcLoc::here());
  // <name>_tdata, <name>_<field>, <name>_tlast, <name>_tvalid, <name>_tready
  Stream stream_in(const std::string& name, StreamShape shape, SrcLoc loc = SrcLoc::here());
  StreamSink stream_out(const std::string& name, StreamShape shape, SrcLoc loc = SrcLoc::here());

  // Constants. `k` must fit the shape.
  Sig lit(int64_t k, Shape shape, SrcLoc loc = SrcLoc::here());
  Sig lit(const Bits& pattern, bool is_signed = false, SrcLoc loc = SrcLoc::here());
  Sig reset();  // this module's synchronous reset as a signal, high

  // State and forward references.
  Reg reg(const std::string& name, Shape shape, RegOptions options = {}, SrcLoc loc = SrcLoc::here());
  Wire wire(const std::string& name, Shape shape, SrcLoc loc = SrcLoc::here());
  // x, n cycles later: registers <name>_1 .. <name>_n without enable. RegOptions{.reset = std::nullopt} for
  // datapaths.
  Sig delay(const std::string& name, Operand x, int n, RegOptions options = {std::nullopt},
            SrcLoc loc = SrcLoc::here());
  template <class F>
  When when(Operand condition, F&& body, SrcLoc loc = SrcLoc::here());
  Ram ram(const std::string& name, RamOptions options, SrcLoc loc = SrcLoc::here());

  // A stream that starts here, from a valid and the values of shape.all().
  Stream stream(const std::string& name, StreamShape shape, Operand valid, const std::vector<Sig>& payload,
                SrcLoc loc = SrcLoc::here());

  // Hierarchy. The instantiated module must have its ports already; it may be completed later.
  Instance instance(const Module& of, const std::string& name, SrcLoc loc = SrcLoc::here());
  Instance instance(const Leaf& leaf, const std::string& name, LeafParams params = {},
                    SrcLoc loc = SrcLoc::here());

  // A name that is not taken: `stem`, then `stem_2`, ...
  std::string unique(const std::string& stem) const;

  const Graph& graph() const;  // complete after Design::check()
  const ModuleOptions& options() const;
  const ModuleDoc& docs() const;
  SrcLoc loc() const;       // of doc(), else of its creation
  bool uses_clock() const;  // the subtree; after Design::check()
  bool uses_reset() const;
  bool uses_mem_dir() const;

  Builder& builder() const { return *builder_; }

 private:
  friend class When;
  struct Scope {
    Module* module;
    ~Scope();
  };
  Scope open_branch(int& chain, const Operand* condition, SrcLoc loc);
  std::unique_ptr<Builder> builder_;
};

template <class F>
When Module::when(Operand condition, F&& body, SrcLoc loc) {
  int chain = -1;
  {
    const Scope scope = open_branch(chain, &condition, loc);
    body();
  }
  return When(this, chain);
}
template <class F>
When When::otherwise_when(Operand condition, F&& body, SrcLoc loc) {
  const Module::Scope scope = module_->open_branch(chain_, &condition, loc);
  body();
  return *this;
}
template <class F>
void When::otherwise(F&& body, SrcLoc loc) {
  const Module::Scope scope = module_->open_branch(chain_, nullptr, loc);
  body();
}

}  // namespace elb::hdl
