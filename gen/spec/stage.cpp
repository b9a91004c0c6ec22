#include "spec/stage.hpp"

namespace elb::spec {

TileBeats tile_beats(const ComputeStage& s) {
  return {.m = s.compute.m,
          .p = s.compute.p,
          .l = s.out.channels,
          .kernels = s.kernels,
          .groups = s.window.groups};
}

SerializerParams serializer(const ComputeStage& s) {
  return {.technology = s.compute.technology,
          .tile = tile_beats(s),
          .bits = s.compute.acc_bits,
          .swept = s.sweep.has_value()};
}

int datapath_latency(const ComputeStage& s) {
  return latency(s.compute) + serializer_latency(tile_beats(s)) + latency(s.activation);
}

}  // namespace elb::spec
