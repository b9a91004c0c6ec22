#include "hdl/eval/interpreter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>

#include "base/assert.hpp"
#include "base/splitmix.hpp"
#include "hdl/eval/tape.hpp"
#include "hdl/eval/words.hpp"

namespace elb::hdl {

using namespace eval;

namespace {

[[noreturn]] void bad_file(const std::string& path, const std::string& what) {
  throw UserError(Diag{.code = "hdl-memory-file", .place = path, .text = what});
}

// Words of a $readmemh file: hexadecimal numbers and // comments.
std::vector<Bits> read_hex(const std::string& path, int width) {
  std::ifstream in(path);
  if (!in) bad_file(path, "the contents of a memory cannot be read");
  std::vector<Bits> words;
  std::string line, token;
  while (std::getline(in, line)) {
    line = line.substr(0, line.find("//"));
    for (size_t at = 0; (at = line.find_first_not_of(" \t\r", at)) != std::string::npos;) {
      const size_t end = std::min(line.find_first_of(" \t\r", at), line.size());
      Bits word(width);
      int low = 0;
      for (size_t i = end; i-- > at;) {
        if (line[i] == '_') continue;
        const size_t digit = std::string("0123456789abcdef").find(static_cast<char>(std::tolower(line[i])));
        if (digit == std::string::npos) bad_file(path, fmt::format("'{}' is no hexadecimal digit", line[i]));
        for (int k = 0; k < 4; ++k, ++low) {
          if (((digit >> k) & 1) == 0) continue;
          if (low >= width) bad_file(path, fmt::format("a word needs more than {} bits", width));
          word.set_bit(low, true);
        }
      }
      words.push_back(word);
      at = end;
    }
  }
  return words;
}

}  // namespace

struct Simulator::Impl {
  const Module* top = nullptr;
  SimulatorOptions options;
  Tape tape;
  std::vector<uint64_t> values, memory, next;
  uint64_t random = 0;
  bool settled = false;
  int64_t cycles = 0;

  void randomize(uint64_t* words, int width) {
    for (int i = 0; i < word_count(width); ++i) words[i] = splitmix64(random);
    clear_above(words, width);
  }

  void power_up() {
    values = tape.initial;
    memory.assign(static_cast<size_t>(tape.memory_words), 0);
    size_t state = 0;
    for (const FlatReg& r : tape.regs) state += static_cast<size_t>(word_count(r.value.shape.width));
    for (const FlatRam& r : tape.rams) state += r.reads.size() * static_cast<size_t>(r.words);
    next.assign(state, 0);
    random = options.power_up;
    if (options.power_up != 0) {
      for (const FlatReg& r : tape.regs) randomize(values.data() + r.value.slot, r.value.shape.width);
      for (const FlatRam& r : tape.rams) {
        for (const FlatRead& read : r.reads)
          randomize(values.data() + read.value.slot, read.value.shape.width);
      }
    }
    for (const FlatRam& r : tape.rams) fill(r);
  }

  void fill(const FlatRam& r) {
    const int width = r.def->word.width;
    const bool from_file = r.def->init.empty() && !r.def->init_file.empty();
    const std::vector<Bits> content =
        from_file ? read_hex(options.mem_dir + "/" + r.def->init_file, width) : r.def->init;
    if (static_cast<int64_t>(content.size()) > r.def->depth)
      bad_file(r.def->init_file, fmt::format("{} words for a memory of {}", content.size(), r.def->depth));
    uint64_t* at = memory.data() + r.first;
    for (const Bits& word : content) {
      store(word, at);
      at += r.words;
    }
    if (!content.empty() || options.power_up == 0) return;
    for (int64_t i = 0; i < r.def->depth; ++i, at += r.words) randomize(at, width);
  }

  uint64_t* word_of(const FlatRam& r, uint64_t address) {
    return address < static_cast<uint64_t>(r.def->depth)
               ? memory.data() + r.first + static_cast<int64_t>(address) * r.words
               : nullptr;
  }

  bool enabled(Slot enable) const { return enable < 0 || values[enable] != 0; }

  // What the output register of a memory takes: the stored word, or what is being written, as it was said.
  void read(const FlatRam& r, const FlatRead& read, uint64_t* to) {
    if (!enabled(read.enable)) {
      std::copy_n(values.data() + read.value.slot, r.words, to);
      return;
    }
    const uint64_t address = values[read.address];
    const uint64_t* stored = word_of(r, address);
    if (stored) {
      std::copy_n(stored, r.words, to);
    } else {
      std::fill_n(to, r.words, 0);
    }
    for (const FlatWrite& w : r.writes) {
      if (!enabled(w.enable) || values[w.address] != address) continue;
      if (r.def->ruw == ReadUnderWrite::new_value) std::copy_n(values.data() + w.data, r.words, to);
      if (r.def->ruw == ReadUnderWrite::undefined && options.power_up != 0) randomize(to, r.def->word.width);
    }
  }

  void clock() {
    uint64_t* to = next.data();
    for (const FlatReg& r : tape.regs) {
      const int words = word_count(r.value.shape.width);
      Slot from = r.value.slot;
      if (r.reset >= 0 && values[r.reset] != 0) {
        from = r.reset_value;
      } else {
        for (int i = r.first; i < r.first + r.count; ++i) {
          if (!enabled(tape.choices[i].condition)) continue;
          from = tape.choices[i].value;
          break;
        }
      }
      for (int i = 0; i < words; ++i) *to++ = values[from + i];
    }
    for (const FlatRam& r : tape.rams) {
      for (const FlatRead& one : r.reads) {
        read(r, one, to);
        to += r.words;
      }
    }
    for (FlatLeaf& leaf : tape.leaves) clock_leaf(leaf);
    for (const FlatRam& r : tape.rams) {
      for (const FlatWrite& w : r.writes) {
        if (!enabled(w.enable)) continue;
        if (uint64_t* word = word_of(r, values[w.address]))
          std::copy_n(values.data() + w.data, r.words, word);
      }
    }
    const uint64_t* from = next.data();
    for (const FlatReg& r : tape.regs) {
      for (int i = 0; i < word_count(r.value.shape.width); ++i) values[r.value.slot + i] = *from++;
    }
    for (const FlatRam& r : tape.rams) {
      for (const FlatRead& one : r.reads) {
        for (int i = 0; i < r.words; ++i) values[one.value.slot + i] = *from++;
      }
    }
    ++cycles;
    settled = false;
  }

  void clock_leaf(FlatLeaf& leaf) {
    std::vector<Bits> in(leaf.ports.size());
    for (size_t i = 0; i < in.size(); ++i) {
      if (leaf.ports[i].slot >= 0)
        in[i] = load(values.data() + leaf.ports[i].slot, leaf.ports[i].shape.width);
    }
    leaf.model->clock(in);
  }

  const FlatRam& ram(const std::string& path) const {
    for (const FlatRam& r : tape.rams) {
      if (r.path == path) return r;
    }
    ELB_ASSERT(false, "no memory '" + path + "'");
    return tape.rams.front();
  }
};

Simulator::Simulator(Design& design, const std::string& top, SimulatorOptions options)
    : impl_(std::make_unique<Impl>()) {
  design.check().throw_if_any();
  impl_->top = design.find(top);
  ELB_ASSERT(impl_->top != nullptr, "no module '" + top + "'");
  impl_->options = std::move(options);
  impl_->tape = flatten(*impl_->top, impl_->options.leaves);
  impl_->power_up();
}
Simulator::~Simulator() = default;
Simulator::Simulator(Simulator&&) noexcept = default;

SimSignal Simulator::find(const std::string& path) const {
  const auto it = impl_->tape.names.find(path);
  if (it == impl_->tape.names.end()) {
    std::vector<std::string> all;
    for (const auto& [name, value] : impl_->tape.names) all.push_back(name);
    const std::string near = nearest(path, all);
    ELB_ASSERT(false, "no signal '" + path + "'" + (near.empty() ? "" : "; did you mean '" + near + "'?"));
  }
  return {it->second.value.slot, it->second.value.shape};
}

void Simulator::set(SimSignal port, int64_t value) {
  const int width = port.shape.width;
  const bool fits =
      width >= 64 || (value >= -(int64_t{1} << (width - 1)) && value <= static_cast<int64_t>(mask_of(width)));
  ELB_ASSERT(fits && (width <= 64 || value >= 0),
             fmt::format("{} for an input of {}", value, to_string(port.shape)));
  uint64_t* v = impl_->values.data() + port.slot;
  std::fill_n(v, word_count(width), 0);
  v[0] = static_cast<uint64_t>(value) & mask_of(width);
  impl_->settled = false;
}
void Simulator::set(SimSignal port, const Bits& value) {
  ELB_ASSERT(value.width() == port.shape.width,
             fmt::format("{} bits for an input of {}", value.width(), to_string(port.shape)));
  store(value, impl_->values.data() + port.slot);
  impl_->settled = false;
}
int64_t Simulator::get(SimSignal signal) {
  ELB_ASSERT(signal.shape.width <= 64, "get() of a signal wider than 64 bits");
  eval();
  const uint64_t v = impl_->values[signal.slot];
  return signal.shape.is_signed ? signed_value(v, signal.shape.width) : static_cast<int64_t>(v);
}
Bits Simulator::get_bits(SimSignal signal) {
  eval();
  return load(impl_->values.data() + signal.slot, signal.shape.width);
}

namespace {

SimSignal settable(const Simulator& sim, const Tape& tape, const std::string& name, Kind kind) {
  const SimSignal signal = sim.find(name);
  ELB_ASSERT(tape.names.at(name).kind == kind,
             "'" + name + (kind == Kind::input ? "' is no input of the top" : "' is no register"));
  return signal;
}

}  // namespace

void Simulator::set(const std::string& port, int64_t value) {
  set(settable(*this, impl_->tape, port, Kind::input), value);
}
void Simulator::set(const std::string& port, const Bits& value) {
  set(settable(*this, impl_->tape, port, Kind::input), value);
}
int64_t Simulator::get(const std::string& name) {
  return get(find(name));
}
Bits Simulator::get_bits(const std::string& name) {
  return get_bits(find(name));
}
void Simulator::poke(const std::string& reg, const Bits& value) {
  set(settable(*this, impl_->tape, reg, Kind::state), value);
}
Bits Simulator::peek_memory(const std::string& ram, int64_t address) const {
  const FlatRam& r = impl_->ram(ram);
  const uint64_t* word = impl_->word_of(r, static_cast<uint64_t>(address));
  ELB_ASSERT(word != nullptr, fmt::format("address {} of memory '{}'", address, ram));
  return load(word, r.def->word.width);
}
void Simulator::poke_memory(const std::string& ram, int64_t address, const Bits& word) {
  const FlatRam& r = impl_->ram(ram);
  ELB_ASSERT(address >= 0 && address < r.def->depth && word.width() == r.def->word.width,
             fmt::format("address {} of memory '{}'", address, ram));
  store(word, impl_->memory.data() + r.first + address * r.words);
  impl_->settled = false;
}

void Simulator::eval() {
  if (impl_->settled) return;
  settle(impl_->tape, impl_->values, impl_->memory);
  impl_->settled = true;
}
void Simulator::step(int count) {
  for (int i = 0; i < count; ++i) {
    eval();
    impl_->clock();
  }
}
void Simulator::reset(int count) {
  const ModuleOptions& o = impl_->top->options();
  set(o.reset, o.reset_active_low ? 0 : 1);
  step(count);
  set(o.reset, o.reset_active_low ? 1 : 0);
}
int64_t Simulator::cycle() const {
  return impl_->cycles;
}
const Module& Simulator::top() const {
  return *impl_->top;
}
size_t Simulator::steps_per_cycle() const {
  return impl_->tape.steps.size();
}

}  // namespace elb::hdl
