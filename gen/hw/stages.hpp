// One builder per kind of stage: a pure function of its spec.
//
// Every stage is a module with clk, rst, streams `in` (or `in0`, `in1`, ...) and `out` (hdl::Stream ports: _tdata,
// _tvalid, _tready, _tlast). InputStage also has an output `frame_error`.
#pragma once
#include "hdl/design.hpp"
#include "spec/stage.hpp"

namespace elb::hw {

hdl::Module& build_stage(hdl::Design& d, const spec::InputStage& stage);
hdl::Module& build_stage(hdl::Design& d, const spec::ComputeStage& stage);
hdl::Module& build_stage(hdl::Design& d, const spec::LanewiseStage& stage);
hdl::Module& build_stage(hdl::Design& d, const spec::ElementwiseStage& stage);
hdl::Module& build_stage(hdl::Design& d, const spec::ConcatStage& stage);
hdl::Module& build_stage(hdl::Design& d, const spec::RankStage& stage);
hdl::Module& build_stage(hdl::Design& d, const spec::ConvertStage& stage);

}  // namespace elb::hw
