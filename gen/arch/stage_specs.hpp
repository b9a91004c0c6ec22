// Plan and network become what hw/ builds: one spec per stage, with every constant in the domain that the
// hardware computes in (nn/codes.hpp).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "arch/plan.hpp"
#include "spec/stage.hpp"

namespace elb::arch {

// One per stage of the plan, in its order; modules are named "<top>_<stage>". The network is folded and the
// one that the plan was made for.
// Cost and times need no images of the weights, and those of large networks take a while.
enum class WeightImages { made, left_out };
std::vector<spec::StageSpec> stage_specs(const nn::Network& net, const Plan& plan, const std::string& top,
                                         WeightImages images = WeightImages::made);
// To specs without.
void add_weight_images(std::vector<spec::StageSpec>& specs, const nn::Network& net, const Plan& plan);

// spec::latency of the array of a compute stage, before there are specs. The layer is folded.
int compute_latency(const nn::Layer& layer, const Stage& stage, spec::Technology technology);
// DSP slices that it can use, 0 where there is no choice (spec::most_dsp).
int64_t most_dsp(const nn::Layer& layer, const Stage& stage, spec::Technology technology);
// The number that its kAllDsp stands for, so that its row says all there is to know; where there is no choice
// it stays.
int settled_dsp(const nn::Layer& layer, const Stage& stage, spec::Technology technology);

// The port behind which the weights of `specs` lie, its clients in the order of the stages; none where
// nothing is fetched.
std::optional<spec::MemoryPortParams> memory_port(const Plan& plan,
                                                  const std::vector<spec::StageSpec>& specs);

// The RAMs of a store and of a buffer of streamed weights: shallow ones fit distributed RAM better, unless
// they shall be UltraRAM.
spec::MemoryStyle store_style(const spec::WindowParams& window, bool ultra = false);
spec::MemoryStyle weight_buffer_style(const spec::FetchParams& fetch, bool ultra = false);

// "conv 3x3, 16 -> 32 channels of 14x14, ternary weights, u4": for headers and tables.
std::string stage_title(const nn::Network& net, const Stage& stage);

}  // namespace elb::arch
