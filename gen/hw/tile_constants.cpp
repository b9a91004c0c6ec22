#include "hw/tile_constants.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "spec/activation.hpp"

namespace elb::hw {

using namespace hdl;

namespace {

constexpr int kWordsInVerilog = 64;  // deeper ROMs have a file

// A place among the tiles, and whether it is the last one.
struct Place {
  Sig at, last;
};

Place behind(Place place, int tiles) {
  const Sig next = (place.at + 1).trunc(place.at.width());
  if (spec::tile_count_wraps(tiles)) return {next, {}};
  const bool kept = place.last.is_set();
  return {mux(kept ? place.last : place.at == tiles - 1, 0, next), kept ? place.at == tiles - 2 : Sig{}};
}

// A register that holds a place.
class PlaceReg {
 public:
  PlaceReg(Module& m, const std::string& name, int tiles, int64_t reset = 0)
      : at_(m.reg(name, u(address_bits(tiles)), {.reset = reset})) {
    if (spec::keeps_tile_end(tiles)) last_ = m.reg(name + "_last", u(1));
  }
  Place value() const { return {at_, last_.is_set() ? Sig(last_) : Sig{}}; }
  void next(Place p) const {
    at_.next(p.at);
    if (last_.is_set()) last_.next(p.last);
  }

 private:
  Reg at_, last_;
};

Place choose(Sig which, Place a, Place b) {
  return {mux(which, a.at, b.at), a.last.is_set() ? mux(which, a.last, b.last) : Sig{}};
}

}  // namespace

TileTable make_tile_table(int tiles, int lanes, std::vector<int64_t> values) {
  int64_t lo = 0, hi = 0;
  for (const int64_t v : values) lo = std::min(lo, v), hi = std::max(hi, v);
  return {.tiles = tiles, .lanes = lanes, .shape = fit(lo, hi), .values = std::move(values)};
}

TileIndex count_tiles(Module& m, int tiles, Sig advance) {
  if (tiles == 1) return {};
  const Shape shape = u(address_bits(tiles));
  const Reg tile = m.reg("tile", shape);
  if (!spec::tile_table_in_rom(tiles)) {
    m.when(advance, [&] { tile.next(behind({tile, {}}, tiles).at); });
    return {.now = tile, .ahead = {}, .read = {}};
  }
  // The tile behind, so that a read begins at a register; the first one is read in the cycle behind reset.
  const PlaceReg following(m, "following_tile", tiles);
  const Reg begun = m.reg("begun", u(1));
  const Sig read = (advance | ~begun).named("read_tile");
  begun.next(1);
  m.when(read, [&] {
    tile.next(following.value().at);
    following.next(behind(following.value(), tiles));
  });
  return {.now = tile, .ahead = following.value().at, .read = read};
}

TileIndex count_swept_tiles(Module& m, int tiles, Sig valid, Sig end, Sig sweep_end) {
  ELB_ASSERT(tiles > 1, "several tiles come to a place");
  const Shape shape = u(address_bits(tiles));
  const Reg tile = m.reg("tile", shape), first = m.reg("first_tile", shape);
  const PlaceReg following(m, "following_tile", tiles), behind_first(m, "behind_first", tiles, 1);
  const Reg begun = m.reg("begun", u(1));
  const Sig again = (valid & end & ~sweep_end).named("again"), read = (valid | ~begun).named("read_tile");
  const Sig next = mux(again, first, following.value().at).named("tile_ahead");
  const Place behind_following = behind(following.value(), tiles);
  begun.next(1);
  m.when(read, [&] {
    tile.next(next);
    following.next(choose(again, behind_first.value(), behind_following));
  });
  m.when(valid & end & sweep_end, [&] {
    first.next(following.value().at);
    behind_first.next(behind_following);
  });
  return {.now = tile, .ahead = next, .read = read};
}

TileIndex later(Module& m, const TileIndex& index, int stage, RegOptions options) {
  if (!index.now.is_set()) return index;
  return {.now = m.delay(fmt::format("tile_s{}", stage), index.now, 1, options),
          .ahead = index.now,
          .read = m.lit(1, u(1))};
}

TileConstants::TileConstants(Module& m, const std::string& name, TileTable table, TileIndex index,
                             const std::string& file)
    : m_(m), table_(std::move(table)), index_(index) {
  ELB_ASSERT(static_cast<int>(table_.values.size()) == table_.tiles * table_.lanes,
             "constants for every tile and lane");
  if (!spec::tile_table_in_rom(table_.tiles)) return;
  std::vector<int> stored;  // the lanes that change
  for (int lane = 0; lane < table_.lanes; ++lane) {
    rom_lane_.push_back(fixed(lane) ? -1 : static_cast<int>(stored.size()));
    if (!fixed(lane)) stored.push_back(lane);
  }
  if (stored.empty()) return;
  const int width = table_.shape.width, words = static_cast<int>(stored.size());
  RamOptions options{.depth = table_.tiles, .word = u(words * width)};
  if (table_.tiles > kWordsInVerilog) options.init_file = file;
  for (int t = 0; t < table_.tiles; ++t) {
    Bits word(options.word.width);
    for (int i = 0; i < words; ++i)
      word.set(i * width, width,
               Bits::from_int(width, table_.at(t, stored[static_cast<size_t>(i)])).to_u64());
    options.init.push_back(std::move(word));
  }
  word_ = m.ram(name, options).read(name + "_q", index_.read, index_.ahead);
}

std::optional<int64_t> TileConstants::fixed(int lane) const {
  const int64_t value = table_.at(0, lane);
  for (int t = 0; t < table_.tiles; ++t) {
    if (table_.at(t, lane) != value) return std::nullopt;
  }
  return value;
}

Sig TileConstants::entry(int lane) const {
  if (const std::optional<int64_t> constant = fixed(lane))
    return m_.lit(*constant, fit(*constant, *constant));
  if (word_.is_set()) {
    const Sig bits = word_.lane(rom_lane_[static_cast<size_t>(lane)], table_.shape.width);
    return table_.shape.is_signed ? bits.as_signed() : bits;
  }
  std::vector<Sig> words;
  for (int t = 0; t < table_.tiles; ++t)
    words.push_back(m_.lit(table_.at(t, lane), fit(table_.at(t, lane), table_.at(t, lane))));
  return index(words, index_.now);
}

}  // namespace elb::hw
