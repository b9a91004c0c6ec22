// Constants per kernel lane that change with the tile: a table entry(tile, lane, selector).
//
// Few words are written into the Verilog as a choice over (tile, selector), which synthesis folds into LUTs;
// many become a ROM of one word per tile, read one cycle ahead of the tile, behind which only the selector
// chooses.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hdl/module.hpp"

namespace elb::hw {

// values[tile * lanes + lane] = the entries of one lane; all of one count, a power of two.
struct TileTable {
  int tiles = 1, lanes = 1;
  hdl::Shape shape;
  std::vector<std::vector<int64_t>> values;
  int entries() const { return static_cast<int>(values.front().size()); }
  int64_t at(int tile, int lane, int entry) const {
    return values[static_cast<size_t>(tile) * lanes + lane][entry];
  }
};

// The tile whose constants are wanted in this cycle, and the one of the next cycle. Not set where there is
// one tile.
struct TileIndex {
  hdl::Sig now, ahead;
};
// Counts tiles up with `advance`.
TileIndex count_tiles(hdl::Module& m, int tiles, hdl::Sig advance);
// The index as the next stage of a pipeline sees it, one cycle later.
TileIndex later(hdl::Module& m, const TileIndex& index, int stage);

class TileConstants {
 public:
  // `name` is the stem of what is made; `file` of the ROM.
  TileConstants(hdl::Module& m, const std::string& name, TileTable table, TileIndex index,
                const std::string& file);
  // The entry that `selector` (log2(entries) bits; not set: entry 0) chooses for a lane, `shape` or narrower.
  hdl::Sig entry(int lane, hdl::Sig selector = {}) const;
  // The lane's one value, if it has only one.
  std::optional<int64_t> fixed(int lane) const;

 private:
  hdl::Module& m_;
  TileTable table_;
  TileIndex index_;
  std::vector<int> rom_lane_;  // place of a lane in the ROM's word
  hdl::Sig word_;              // of the ROM; not set: written into the Verilog
};

// Does a table of so many words per lane go into a ROM?
bool tile_table_in_rom(int tiles, int entries);

}  // namespace elb::hw
