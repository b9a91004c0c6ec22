// Random modules from the whole vocabulary of the DSL: every operator, registers under nested conditions,
// memories of every style, instances; and random chains of stream verbs with the function they compute.
#pragma once
#include <cstdint>
#include <functional>
#include <random>
#include <string>

#include "hdl/design.hpp"
#include "hdl/eval/stream_bench.hpp"

namespace elb::property {

// Builds module `name` (and the modules that it instantiates) from the seed.
void random_module(hdl::Design& d, const std::string& name, uint64_t seed);

// A module with stream `s` in and stream `m` out; what it does to each beat.
struct StreamModule {
  hdl::StreamShape shape;
  std::function<hdl::Beat(const hdl::Beat&)> meaning;
};
StreamModule random_stream_module(hdl::Design& d, const std::string& name, uint64_t seed);

}  // namespace elb::property
