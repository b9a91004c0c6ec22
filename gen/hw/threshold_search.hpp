// The bisection of a threshold stage: every level's points where spec/threshold.hpp says, compared with T.
//
//   level from logic, ahead, sign   1 cycle: T, code so far -> one bit more
//   level that reads                2 cycles: the point's address, then the comparison; one more between them
//                                   where block RAMs stand one above the other, to choose
#pragma once
#include <string>
#include <vector>

#include "hw/tile_constants.hpp"
#include "spec/activation.hpp"

namespace elb::hw {

// One register per lane: a wide register of all lanes would be shifted and masked apart in simulation.
std::vector<hdl::Sig> lane_registers(hdl::Module& m, const std::string& name,
                                     const std::vector<hdl::Sig>& values, hdl::Shape lane);
// "conv1_act.mem", "l2" -> "conv1_act_l2.mem"
std::string file_part(const std::string& mem_file, const std::string& part);
// One value per (tile, lane) of the stage's constants.
template <class F>
TileTable table_of(const spec::ActivationParams& p, F value) {
  std::vector<int64_t> values;
  for (const spec::ChannelConstants& c : p.constants) values.push_back(value(c));
  return make_tile_table(p.tiles, p.p, values);
}

// Codes of all lanes, lane (m, p) at m*P + p, from their T.
std::vector<hdl::Sig> threshold_search(hdl::Module& m, const spec::ActivationParams& p,
                                       std::vector<hdl::Sig> t, TileIndex tile);

}  // namespace elb::hw
