#include "arch/sweep_buffers.hpp"

#include <algorithm>

#include "arch/buffers.hpp"
#include "base/assert.hpp"
#include "base/int_math.hpp"

namespace elb::arch {

spec::SweepParams sweep_params(const Stage& stage) {
  ELB_ASSERT(stage.weights == Residence::stream, "sweeps are of streamed weights");
  return {.rows = stage.band_rows,
          .frames = stage.band_rows > 0 ? 0 : stage.b,
          .places = std::max(1, stage.reorder_places)};
}

int64_t pass_patience(const Plan& plan, const Stage& stage) {
  if (sweep_params(stage).frames <= 1) return 0;
  int burst = 1;
  for (const Stage& s : plan.stages) {
    if (&s == &stage) break;
    if (s.weights == Residence::stream && s.band_rows == 0) burst = std::max(burst, s.b);
  }
  if (burst >= stage.b) burst = 1;  // its frames are then as close as they are sent
  return ceil_div(3 * plan.cycles_per_frame * burst, 2);
}

int sweep_capacity(const Stage& stage, int64_t cycles_per_frame) {
  const spec::WindowParams& w = *stage.window;
  const spec::SweepParams sweep = sweep_params(stage);
  if (sweep.frames > 0) return 2 * sweep.frames;
  const int64_t least = spec::min_capacity(w, sweep), map = spec::groups_per_frame(w);
  const int64_t arrives = ceil_div(int64_t{w.h} * sweep.rows, w.out_h) * spec::groups_per_row(w);
  const int64_t in_flight = ceil_div(kRingLatency, std::max<int64_t>(1, cycles_per_frame / map)) +
                            ceil_div(w.in_columns, spec::banks(w));
  return static_cast<int>(std::max(least, std::min(least + arrives, 2 * map) + in_flight));
}

int reorder_places(const Stage& stage, int latency, int hold, int64_t cycles_per_frame) {
  const spec::SweepParams sweep = sweep_params(stage);
  const int64_t band = spec::places_per_band(*stage.window, sweep);
  // All times in cycles * places of a frame.
  const int64_t places =
      sweep.frames > 0 ? 1 : int64_t{stage.window->out_h} * spec::output_groups_per_row(*stage.window);
  const int64_t sweeps = stage.stage_cycles / (places * stage.tile_cycles);
  const int64_t tile = stage.tile_cycles * places;
  const int64_t drain = stage.out.beats_per_frame() / places * hold * places;
  const int64_t pace = std::max(drain, std::max(cycles_per_frame, stage.stage_cycles));
  const int64_t first_free = (sweeps - 1) * band * tile + latency * places + drain;
  const int64_t later = ceil_div(std::max<int64_t>(0, first_free + places - (band - 1) * tile), pace);
  return static_cast<int>(std::max(band, band - 1 + later));
}

}  // namespace elb::arch
