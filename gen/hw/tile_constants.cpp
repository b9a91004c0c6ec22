#include "hw/tile_constants.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/assert.hpp"

namespace elb::hw {

using namespace hdl;

namespace {

// In LUTs a lane's words share the lookup of (tile, selector), in a ROM each needs a multiplexer behind it:
// 15 points of 12 bits take 110 against 213 LUT cells a lane at 16 tiles, 151 against 254 at 32 (yosys 0.23).
// More would be much text.
constexpr int kTilesInLogic = 64, kWordsInLogic = 256;

Sig choose(Module& m, const std::vector<int64_t>& values, const std::vector<Sig>& select_high_to_low) {
  std::vector<Sig> words;
  for (const int64_t v : values) words.push_back(m.lit(v, fit(v, v)));
  if (words.size() == 1) return words.front();
  return index(words, cat(select_high_to_low));
}

}  // namespace

bool tile_table_in_rom(int tiles, int entries) {
  return tiles > kTilesInLogic || (tiles > 1 && int64_t{tiles} * entries > kWordsInLogic);
}

TileIndex count_tiles(Module& m, int tiles, Sig advance) {
  if (tiles == 1) return {};
  const Reg tile = m.reg("tile", u(address_bits(tiles)));
  const Sig next =
      mux(advance, mux(tile == tiles - 1, 0, (tile + 1).trunc(tile.width())), tile).named("tile_ahead");
  tile.next(next);
  return {.now = tile, .ahead = next};
}

TileIndex later(Module& m, const TileIndex& index, int stage) {
  if (!index.now.is_set()) return index;
  return {.now = m.delay(fmt::format("tile_s{}", stage), index.now, 1), .ahead = index.now};
}

TileConstants::TileConstants(Module& m, const std::string& name, TileTable table, TileIndex index,
                             const std::string& file)
    : m_(m), table_(std::move(table)), index_(index) {
  ELB_ASSERT(static_cast<int>(table_.values.size()) == table_.tiles * table_.lanes,
             "constants for every tile and lane");
  const int entries = table_.entries(), width = table_.shape.width;
  if (!tile_table_in_rom(table_.tiles, entries)) return;
  std::vector<int> stored;  // the lanes that change
  for (int lane = 0; lane < table_.lanes; ++lane) {
    rom_lane_.push_back(fixed(lane) ? -1 : static_cast<int>(stored.size()));
    if (!fixed(lane)) stored.push_back(lane);
  }
  if (stored.empty()) return;
  const auto words = static_cast<int>(stored.size()) * entries;
  RamOptions options{.depth = table_.tiles, .word = u(words * width), .init_file = file};
  for (int t = 0; t < table_.tiles; ++t) {
    Bits word(options.word.width);
    for (int i = 0; i < words; ++i) {
      const int64_t value = table_.at(t, stored[static_cast<size_t>(i / entries)], i % entries);
      word.set(i * width, width, Bits::from_int(width, value).to_u64());
    }
    options.init.push_back(std::move(word));
  }
  word_ = m.ram(name, options).read(name + "_q", 1, index_.ahead);
}

std::optional<int64_t> TileConstants::fixed(int lane) const {
  const int64_t value = table_.at(0, lane, 0);
  for (int t = 0; t < table_.tiles; ++t) {
    for (int e = 0; e < table_.entries(); ++e) {
      if (table_.at(t, lane, e) != value) return std::nullopt;
    }
  }
  return value;
}

Sig TileConstants::entry(int lane, Sig selector) const {
  if (const std::optional<int64_t> constant = fixed(lane))
    return m_.lit(*constant, fit(*constant, *constant));
  const int entries = table_.entries(), width = table_.shape.width;
  if (word_.is_set()) {
    std::vector<Sig> words;
    for (int e = 0; e < entries; ++e) {
      const Sig bits = word_.lane(rom_lane_[static_cast<size_t>(lane)] * entries + e, width);
      words.push_back(table_.shape.is_signed ? bits.as_signed() : bits);
    }
    return entries == 1 ? words.front() : index(words, selector);
  }
  std::vector<int64_t> values;
  for (int t = 0; t < table_.tiles; ++t) {
    for (int e = 0; e < entries; ++e) values.push_back(table_.at(t, lane, e));
  }
  std::vector<Sig> select;
  if (table_.tiles > 1) select.push_back(index_.now);
  if (entries > 1) select.push_back(selector);
  return choose(m_, values, select);
}

}  // namespace elb::hw
