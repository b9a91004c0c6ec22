// Running the steps.
#include "hdl/eval/tape.hpp"
#include "hdl/eval/words.hpp"

namespace elb::hdl::eval {
namespace {

std::vector<Bits> leaf_inputs(const FlatLeaf& leaf, const uint64_t* v) {
  std::vector<Bits> in(leaf.ports.size());
  for (size_t i = 0; i < in.size(); ++i) {
    if (leaf.ports[i].slot >= 0) in[i] = load(v + leaf.ports[i].slot, leaf.ports[i].shape.width);
  }
  return in;
}

void read_ram(const Tape& tape, const Step& s, uint64_t* v, const std::vector<uint64_t>& memory) {
  const FlatRam& r = tape.rams[s.b];
  const uint64_t address = v[s.a];
  const bool inside = address < static_cast<uint64_t>(r.def->depth);
  for (int i = 0; i < r.words; ++i)
    v[s.to + i] = inside ? memory[r.first + static_cast<int64_t>(address) * r.words + i] : 0;
}

}  // namespace

void settle(const Tape& tape, std::vector<uint64_t>& values, const std::vector<uint64_t>& memory) {
  uint64_t* const v = values.data();
  for (const Step& s : tape.steps) {
    switch (s.what) {
      case Do::ext:
        v[s.to] = static_cast<uint64_t>(signed_value(v[s.a], s.x)) & s.mask;
        break;
      case Do::neg:
        v[s.to] = (~v[s.a] + 1) & s.mask;
        break;
      case Do::not_:
        v[s.to] = ~v[s.a] & s.mask;
        break;
      case Do::red_and:
        v[s.to] = v[s.a] == s.mask;
        break;
      case Do::red_or:
        v[s.to] = v[s.a] != 0;
        break;
      case Do::red_xor:
        v[s.to] = static_cast<uint64_t>(__builtin_parityll(v[s.a]));
        break;
      case Do::add:
        v[s.to] = (v[s.a] + v[s.b]) & s.mask;
        break;
      case Do::sub:
        v[s.to] = (v[s.a] - v[s.b]) & s.mask;
        break;
      case Do::mul:
        v[s.to] = (v[s.a] * v[s.b]) & s.mask;
        break;
      case Do::mul_signed:
        v[s.to] = (static_cast<uint64_t>(signed_value(v[s.a], s.x)) *
                   static_cast<uint64_t>(signed_value(v[s.b], s.y))) &
                  s.mask;
        break;
      case Do::and_:
        v[s.to] = v[s.a] & v[s.b];
        break;
      case Do::or_:
        v[s.to] = v[s.a] | v[s.b];
        break;
      case Do::xor_:
        v[s.to] = v[s.a] ^ v[s.b];
        break;
      case Do::eq:
        v[s.to] = v[s.a] == v[s.b];
        break;
      case Do::ne:
        v[s.to] = v[s.a] != v[s.b];
        break;
      case Do::less:
        v[s.to] = v[s.a] < v[s.b];
        break;
      case Do::less_signed:
        v[s.to] = signed_value(v[s.a], s.x) < signed_value(v[s.b], s.x);
        break;
      case Do::less_equal:
        v[s.to] = v[s.a] <= v[s.b];
        break;
      case Do::less_equal_signed:
        v[s.to] = signed_value(v[s.a], s.x) <= signed_value(v[s.b], s.x);
        break;
      case Do::shl:
        v[s.to] = v[s.b] < 64 ? (v[s.a] << v[s.b]) & s.mask : 0;
        break;
      case Do::shr:
        v[s.to] = v[s.b] < 64 ? v[s.a] >> v[s.b] : 0;
        break;
      case Do::shr_signed:
        v[s.to] = static_cast<uint64_t>(signed_value(v[s.a], s.x) >> (v[s.b] < 64 ? v[s.b] : 63)) & s.mask;
        break;
      case Do::mux:
        v[s.to] = v[s.a] ? v[s.b] : v[s.c];
        break;
      case Do::slice:
        v[s.to] = (v[s.a] >> s.x) & s.mask;
        break;
      case Do::slice_words:
        v[s.to] = word_at(v + s.a, s.c, s.b) & s.mask;
        break;
      case Do::cat:
        v[s.to] = v[s.a] << s.x | v[s.b];
        break;
      case Do::ram_read:
        read_ram(tape, s, v, memory);
        break;
      case Do::wide:
        run_wide(tape.wides[s.a], v);
        break;
      case Do::leaf: {
        const LeafOutput& o = tape.leaf_outputs[s.a];
        const FlatLeaf& leaf = tape.leaves[o.leaf];
        store(leaf.model->output(static_cast<size_t>(o.port), leaf_inputs(leaf, v)), v + o.to.slot);
        break;
      }
    }
  }
}

}  // namespace elb::hdl::eval
