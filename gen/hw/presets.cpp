#include "hw/presets.hpp"

#include <fmt/format.h>

#include <vector>

#include "base/assert.hpp"
#include "hw/threshold_search.hpp"
#include "hw/tile_constants.hpp"
#include "spec/activation.hpp"

namespace elb::hw {

using namespace hdl;

Presets::Out Presets::build(Module& m, const Params& p, const In& in) {
  ELB_ASSERT(static_cast<int>(p.values.size()) == p.tiles * p.p, "a value for every tile and lane");
  m.doc({.purpose = fmt::format("what the accumulators of {} kernels begin a tile with", p.p),
         .params = fmt::format("kernels={} tiles={}", p.p, p.tiles),
         .latency = spec::kPresetLatency,
         .interval = spec::kPresetLatency});
  const TileIndex tile = count_tiles(m, p.tiles, in.advance);
  const TileConstants values(m, "preset", make_tile_table(p.tiles, p.p, p.values), tile,
                             file_part(p.mem_file, "preset"));
  const Shape shape = s(p.bits);
  const bool chosen = p.tiles > 1 && !spec::tile_table_in_rom(p.tiles);
  std::vector<Sig> out;
  for (int lane = 0; lane < p.p; ++lane) {
    Sig value = values.entry(lane).ext(shape);
    if (chosen && !values.fixed(lane)) {
      const Reg r = m.reg(fmt::format("preset_{}", lane), shape, {.reset = std::nullopt});
      r.next(value);
      value = r;
    }
    out.push_back(value.as_unsigned());
  }
  return {.values = pack(out)};
}

}  // namespace elb::hw
