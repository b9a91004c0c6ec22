#include "hdl/memory.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "hdl/module_build.hpp"

namespace elb::hdl {
namespace {

NodeId use_enable(Builder& b, const Operand& enable) {
  const NodeId e = b.fit_to(enable, u(1), "a memory's enable");
  return b.nodes.is_ones(e) ? kNone : e;
}

NodeId use_address(Builder& b, const RamDef& def, const Operand& address) {
  return b.fit_to(address, u(address_bits(def.depth)), "an address of memory '" + def.name + "'");
}

}  // namespace

Ram Module::ram(const std::string& name, RamOptions options, SrcLoc loc) {
  Builder& b = *builder_;
  RamDef def;
  def.name = b.take_name(name, "memory", loc);
  def.depth = options.depth;
  def.word = options.word;
  def.style = options.style;
  def.ruw = options.ruw;
  def.init_file = options.init_file;
  def.init = std::move(options.init);
  def.image = std::move(options.image);
  if (def.image && (def.init_file.empty() || !def.init.empty() || def.image->depth() != def.depth ||
                    def.image->width() != def.word.width)) {
    b.error(
        loc, "hdl-width",
        fmt::format("memory '{}' is {} x {} bits, its image {} x {} (an image needs init_file and no init)",
                    name, def.depth, def.word.width, def.image->depth(), def.image->width()));
    def.image = nullptr;
  }
  def.loc = loc;
  if (def.depth < 1) {
    b.error(loc, "hdl-ram-ports", fmt::format("memory '{}' has a depth of {}", name, def.depth));
    def.depth = 1;
  }
  if (static_cast<int64_t>(def.init.size()) > def.depth) {
    b.error(loc, "hdl-width",
            fmt::format("memory '{}' has {} words, its contents {}", name, def.depth, def.init.size()));
    def.init.resize(static_cast<size_t>(def.depth));
  }
  for (const Bits& w : def.init) {
    if (w.width() == def.word.width) continue;
    b.error(loc, "hdl-width",
            fmt::format("memory '{}' has words of {} bits, its contents have {}", name, def.word.width,
                        w.width()));
    def.init.clear();
    break;
  }
  if (def.style == RamStyle::ultra && (!def.init_file.empty() || !def.init.empty())) {
    b.error(loc, "hdl-ram-ports", fmt::format("memory '{}': UltraRAM has no initial contents", name), {},
            "RamStyle::block has");
  }
  b.graph.rams.push_back(std::move(def));
  return Ram(this, static_cast<int>(b.graph.rams.size()) - 1);
}

void Ram::write(Operand enable, Operand address, Operand data, SrcLoc loc) const {
  Builder& b = module_->builder();
  RamWrite w;
  w.enable = use_enable(b, enable);
  w.address = use_address(b, b.graph.rams[index_], address);
  w.data = b.fit_to(data, word(), "a word of memory '" + b.graph.rams[index_].name + "'");
  w.loc = loc;
  b.graph.rams[index_].writes.push_back(w);
}

Sig Ram::read(const std::string& name, Operand enable, Operand address, SrcLoc loc) const {
  Builder& b = module_->builder();
  RamRead r;
  r.name = b.take_name(name, "memory output", loc);
  r.enable = use_enable(b, enable);
  r.address = use_address(b, b.graph.rams[index_], address);
  r.loc = loc;
  RamDef& def = b.graph.rams[index_];
  r.node = b.nodes.leaf(Op::ram_read, def.word, index_, static_cast<int>(def.reads.size()), loc);
  def.reads.push_back(r);
  return b.sig(r.node);
}

Sig Ram::read_async(const std::string& name, Operand address, SrcLoc loc) const {
  Builder& b = module_->builder();
  RamRead r;
  r.name = b.take_name(name, "memory output", loc);
  r.address = use_address(b, b.graph.rams[index_], address);
  r.synchronous = false;
  r.loc = loc;
  RamDef& def = b.graph.rams[index_];
  r.node = b.nodes.leaf(Op::ram_read, def.word, index_, static_cast<int>(def.reads.size()), loc);
  def.reads.push_back(r);
  return b.sig(r.node);
}

int Ram::address_width() const {
  return address_bits(module_->graph().rams[index_].depth);
}

Shape Ram::word() const {
  return module_->graph().rams[index_].word;
}

}  // namespace elb::hdl
