#include "spec/serializer.hpp"

#include <algorithm>

namespace elb::spec {

int kernel_folds(const TileBeats& t) {
  return static_cast<int>(ceil_div(t.kernels, t.p));
}

int beats_of_tile(const TileBeats& t, int kernel_fold) {
  return static_cast<int>(ceil_div(std::min(t.p, t.kernels - kernel_fold * t.p), t.l));
}

int beats_per_tile(const TileBeats& t) {
  return beats_of_tile(t, 0);
}

int beats_of_last(const TileBeats& t) {
  return beats_of_tile(t, kernel_folds(t) - 1);
}

int beats_of_group(const TileBeats& t) {
  return (kernel_folds(t) - 1) * beats_per_tile(t) + beats_of_last(t);
}

const char* tile_beats_error(const TileBeats& t) {
  if (kernel_folds(t) > 1 && t.p % t.l != 0)
    return "with several kernel folds the channels of a beat must divide P";
  if (t.groups > 1 && t.kernels % t.l != 0)
    return "with several groups the channels of a beat must divide the kernels of a group";
  return "";
}

}  // namespace elb::spec
