// Constants per kernel lane that change with the tile: a table entry(tile, lane).
//
// Few words are written into the Verilog as a choice over the tile, which synthesis folds into LUTs; more
// become a ROM of one word per tile, read one cycle ahead of the tile (spec::tile_table_in_rom).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hdl/module.hpp"

namespace elb::hw {

// values[tile * lanes + lane]
struct TileTable {
  int tiles = 1, lanes = 1;
  hdl::Shape shape;  // holds them all
  std::vector<int64_t> values;
  int64_t at(int tile, int lane) const { return values[static_cast<size_t>(tile) * lanes + lane]; }
};
TileTable make_tile_table(int tiles, int lanes, std::vector<int64_t> values);

// The tile whose constants are wanted in this cycle, and where those of the next cycle are read: at `ahead`
// in cycles with `read`, else they stay. Not set where there is one tile.
struct TileIndex {
  hdl::Sig now, ahead, read;
};
// Counts tiles up with `advance`.
TileIndex count_tiles(hdl::Module& m, int tiles, hdl::Sig advance);
// The same under sweeps: with `end` back to the first tile since the last `sweep_end`, which goes on.
TileIndex count_swept_tiles(hdl::Module& m, int tiles, hdl::Sig valid, hdl::Sig end, hdl::Sig sweep_end);
// The index as the next stage of a pipeline sees it, one cycle later.
TileIndex later(hdl::Module& m, const TileIndex& index, int stage,
                hdl::RegOptions options = {.reset = std::nullopt});

class TileConstants {
 public:
  // `name` is the stem of what is made; `file` of the ROM, where it is deep.
  TileConstants(hdl::Module& m, const std::string& name, TileTable table, TileIndex index,
                const std::string& file);
  // Of a lane, `shape` or narrower.
  hdl::Sig entry(int lane) const;
  // The lane's one value, if it has only one.
  std::optional<int64_t> fixed(int lane) const;

 private:
  hdl::Module& m_;
  TileTable table_;
  TileIndex index_;
  std::vector<int> rom_lane_;  // place of a lane in the ROM's word
  hdl::Sig word_;              // of the ROM; not set: written into the Verilog
};

}  // namespace elb::hw
