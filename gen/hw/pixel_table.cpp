#include "hw/pixel_table.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>

#include "base/assert.hpp"

namespace elb::hw {

using namespace hdl;

namespace {

constexpr int kPixels = 256;

// Bit `b` of a table's codes as a wire: a pixel bit, possibly inverted, or a constant.
struct BitWire {
  int from = -1;  // -1: constant
  bool inverted = false;
};

std::optional<BitWire> as_wire(const std::vector<int>& table, int b) {
  for (int from = -1; from < 8; ++from) {
    for (const bool inverted : {false, true}) {
      bool equal = true;
      for (int x = 0; x < kPixels && equal; ++x) {
        equal = ((table[x] >> b) & 1) == ((from < 0 ? 0 : (x >> from) & 1) ^ (inverted ? 1 : 0));
      }
      if (equal) return BitWire{from, inverted};
    }
  }
  return std::nullopt;
}

// The table as wires, where every bit is one.
std::optional<std::vector<BitWire>> as_wires(const std::vector<int>& table, int bits) {
  std::vector<BitWire> wires;
  for (int b = 0; b < bits; ++b) {
    const std::optional<BitWire> w = as_wire(table, b);
    if (!w) return std::nullopt;
    wires.push_back(*w);
  }
  return wires;
}

Sig wire_up(Module& m, const std::vector<BitWire>& wires, Sig pixel) {
  std::vector<Sig> bits;
  for (const BitWire& w : wires) {
    if (w.from < 0) {
      bits.push_back(m.lit(w.inverted ? 1 : 0, u(1)));
    } else {
      bits.push_back(w.inverted ? ~pixel[w.from] : pixel[w.from]);
    }
  }
  return pack(bits);
}

}  // namespace

Sig look_up(Module& m, const spec::Link& link, const std::vector<std::vector<int>>& tables, Sig pixels,
            Sig channel_beat) {
  ELB_ASSERT(tables.size() == 1 || static_cast<int>(tables.size()) == link.c,
             "one pixel table, or one per channel");
  for (const auto& t : tables) ELB_ASSERT(t.size() == kPixels, "a pixel table has 256 entries");
  std::map<std::vector<std::vector<int>>, Ram> roms;
  std::vector<Sig> codes;
  for (int v = 0; v < link.columns; ++v) {
    for (int l = 0; l < link.channels; ++l) {
      const Sig pixel = pixels.lane(v * link.channels + l, 8);
      // The tables that this lane needs, one per channel beat; channels that do not exist repeat the first.
      std::vector<std::vector<int>> mine;
      for (int j = 0; j < link.channel_beats(); ++j) {
        const int c = j * link.channels + l;
        mine.push_back(tables.size() == 1 || c >= link.c ? tables[tables.size() == 1 || l >= link.c ? 0 : l]
                                                         : tables[c]);
      }
      bool same = true;
      for (const auto& t : mine) same = same && t == mine[0];
      if (same) mine.resize(1);
      if (same) {
        if (const auto wires = as_wires(mine[0], link.bits)) {
          codes.push_back(wire_up(m, *wires, pixel));
          continue;
        }
      }
      if (!roms.contains(mine)) {
        std::vector<Bits> words;
        for (const auto& t : mine) {
          for (int x = 0; x < kPixels; ++x) words.push_back(Bits::from_int(link.bits, t[x]));
        }
        roms[mine] = m.ram(fmt::format("table_{}", roms.size()), {.depth = static_cast<int64_t>(words.size()),
                                                                  .word = u(link.bits),
                                                                  .style = RamStyle::automatic,
                                                                  .init = words});
      }
      const Sig address = same ? pixel : cat({channel_beat, pixel});
      codes.push_back(roms[mine].read_async(fmt::format("code_{}_{}", v, l), address));
    }
  }
  return pack(codes);
}

}  // namespace elb::hw
