// What a lanewise stage hands to its parts: derived once, for hardware and model.
#pragma once
#include "spec/stage.hpp"

namespace elb::spec {

// The store as the sequencer sees it: channel folds are groups of S channels, one tile each.
inline WindowParams lane_window(const WindowParams& w) {
  WindowParams lanes = w;
  lanes.groups = static_cast<int>(ceil_div(w.channels, w.s));
  lanes.channels = w.s;
  return lanes;
}

inline LaneReduceParams lane_reduce_params(const LanewiseStage& s) {
  return {.op = s.op,
          .s = s.window.s,
          .m = s.window.m,
          .bits = s.window.bits,
          .padded = s.op != LaneOp::multiply && pads(s.window),
          .base = s.base,
          .step = s.step,
          .pad_value = s.pad_value,
          .weight = s.weight,
          .weight_bits = s.weight_bits,
          .folds = s.window.kh * s.window.kw,
          .acc_bits = s.acc_bits,
          .acc_signed = s.acc_signed};
}

}  // namespace elb::spec
