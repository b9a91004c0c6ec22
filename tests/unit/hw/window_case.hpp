// Random window stores, the maps that fill them, and the beats of these maps.
#pragma once
#include <random>
#include <string>
#include <vector>

#include "hdl/eval/stream_bench.hpp"
#include "hw/window_store.hpp"

namespace elb::test {

struct WindowCase {
  hw::WindowStoreParams p;
  int frames = 2;
  hdl::Stall stall = hdl::Stall::free;
  int pop_chance = 16;  // of 16
};
std::string describe(const WindowCase& c);
WindowCase random_window_case(std::mt19937_64& random);
int channel_folds(const spec::WindowParams& w);

// Codes of all frames, [frame][y][x][channel over all groups].
class WindowMaps {
 public:
  WindowMaps(const WindowCase& c, uint64_t seed);
  uint64_t code(int frame, int y, int x, int channel) const {
    return codes_[((static_cast<size_t>(frame) * w_.h + y) * w_.w + x) * w_.channels * w_.groups + channel];
  }
  // Word `word` of a column: S codes, the channel tail 0; columns behind the map hold anything.
  void put(int frame, int y, int x, int word, Bits& to, int low, std::mt19937_64& junk) const;

 private:
  spec::WindowParams w_;
  std::vector<uint64_t> codes_;
};

// The beats that fill the store, and how many column groups are complete after each.
struct Filling {
  std::vector<hdl::Beat> beats;
  std::vector<int64_t> group;     // that the beat writes to; -1: dropped
  std::vector<int64_t> complete;  // groups complete with this beat
};
Filling filling(const WindowCase& c, const WindowMaps& maps);

// What lane `lane` of the tile (oy, g) must show of channel `channel` of a group at tap (ky, kx).
struct TapCode {
  bool inside = false;
  uint64_t code = 0;
};
TapCode tap_code(const WindowCase& c, const WindowMaps& maps, int frame, int oy, int g, int lane, int group,
                 int channel, int ky, int kx);

// The writer is ready exactly when its next sub-beat has room. `releases`: from which cycle on how many
// groups are free; `ready` per cycle, `accept`: the cycle of each beat.
std::string check_room(const WindowCase& c, const Filling& f,
                       const std::vector<std::pair<int64_t, int64_t>>& releases,
                       const std::vector<char>& ready, const std::vector<int64_t>& accept);
// The cycle in which the n-th column group became complete.
std::vector<int64_t> stored_cycles(const Filling& f, const std::vector<int64_t>& accept);

}  // namespace elb::test
