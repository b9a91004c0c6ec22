// Memories. Style and read-under-write are said, not hoped for.
//
//   Ram w = m.ram("weights", {.depth = 1024, .word = u(72), .style = RamStyle::block, .init_file =
//   "conv1_w.mem"}); w.write(we, waddr, wdata); Sig q = w.read("weights_q", en, raddr);      // one cycle
//   later; holds while en = 0
//
// What an FPGA offers, and so what is accepted (hdl-ram-ports otherwise):
//   block, ultra            at most one write and one read port, or two reads of a ROM; synchronous reads;
//   ultra: no contents distributed, registers  one write port, any number of reads, synchronous or not
//   automatic               one write port; any reads
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/mem_image.hpp"
#include "hdl/sig.hpp"

namespace elb::hdl {

struct RamOptions {
  int64_t depth = 0;  // words, >= 1; need not be a power of two
  Shape word = {};
  RamStyle style = RamStyle::automatic;
  ReadUnderWrite ruw = ReadUnderWrite::undefined;
  std::string init_file = {};  // name below MEM_DIR
  std::vector<Bits> init =
      {};  // without init_file: written into the Verilog; with it: Design::mem_files() writes that file
  std::shared_ptr<const MemImage> image = {};  // instead of init, with init_file: large contents, shared
};

class Ram {
 public:
  Ram() = default;
  Ram(Module* module, int index) : module_(module), index_(index) {}
  // Addresses may be narrower than address_bits(depth), not wider.
  void write(Operand enable, Operand address, Operand data, SrcLoc loc = SrcLoc::here()) const;
  // Synchronous: the word of this cycle's address in the next cycle; holds while not enabled.
  Sig read(const std::string& name, Operand enable, Operand address, SrcLoc loc = SrcLoc::here()) const;
  // Combinational; distributed, registers or small automatic ones only.
  Sig read_async(const std::string& name, Operand address, SrcLoc loc = SrcLoc::here()) const;
  int address_width() const;
  Shape word() const;

 private:
  Module* module_ = nullptr;
  int index_ = 0;
};

}  // namespace elb::hdl
