// All modules of one piece of hardware, the mistakes made while describing it, and the way to Verilog.
//
//   Design d;
//   build(d.module("elb_top"));
//   std::map<std::string, std::string> files = d.emit();   // "elb_top.v" -> text, or UserError
//                                                           // with all mistakes
#pragma once
#include <any>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/diag.hpp"
#include "base/version.hpp"
#include "hdl/module.hpp"

namespace elb::hdl {

struct DesignOptions {
  std::string generator = std::string("elbgen ") + version();  // in every file's header
  bool locations = true;                                       // trailing `// file.cpp:line` on declarations
  bool build_twice = false;  // build every component a second time and compare (guards their purity)
};

// How a component's module is built; `mapped` where it has a second body (component.hpp).
struct ModuleBodies {
  std::function<void(Module&)> plain, mapped = {};
};
enum class Bodies { plain, mapped };  // of modules that have both

// The files of one way to look at a design, each sorted.
struct Sources {
  std::vector<std::string> modules;  // of those that emit() prints
  std::vector<std::string> leaves;   // paths of rtl_templates/prim
};

class Design {
 public:
  explicit Design(DesignOptions options = {});
  ~Design();
  Design(const Design&) = delete;
  Design& operator=(const Design&) = delete;

  Module& module(const std::string& name, ModuleOptions options = {}, SrcLoc loc = SrcLoc::here());
  const std::vector<std::unique_ptr<Module>>& modules() const;  // in the order of creation, every body
  const Module* find(const std::string& name) const;            // of two bodies the plain one
  const DesignOptions& options() const;
  // A leaf of rtl_templates/prim, read once. Mistakes are reported like all others.
  const Leaf& leaf(const std::string& dir, const std::string& name);

  void error(SrcLoc loc, Diag diag);  // `diag.place` is filled in
  // Completes and checks everything; the mistakes sorted by place. Nothing can be added afterwards.
  const Diags& check();
  // check(), lower, print. One file per body of a module, "<module>.v" and "<module>_mapped.v". Throws
  // UserError with all mistakes.
  std::map<std::string, std::string> emit();
  // "conv1_w.mem" -> text for $readmemh, of memories given with both init_file and init.
  std::map<std::string, std::string> mem_files() const;
  // What a tool reads; leaves are the files that stand for them on a technology, or plain Verilog. sources()
  // simulates fastest, sources(Bodies::mapped) simulates the wiring that sources(Bodies::mapped, "xc7")
  // synthesises.
  Sources sources(Bodies bodies = Bodies::plain, const std::string& technology = "") const;

  // For instantiate(): the component module `name`, built by `build` when it is not there yet. Two different
  // parameter sets under one name are an error (hdl-params).
  const Module& component(const std::string& name, const std::any& params,
                          const std::function<bool(const std::any&, const std::any&)>& equal,
                          const ModuleBodies& bodies, SrcLoc loc);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace elb::hdl
