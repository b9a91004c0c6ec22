// The seed of a random test: ELB_SEED replays a run, without it every run is the same.
#pragma once
#include <cstdint>
#include <cstdlib>

namespace elb::test {

inline uint64_t seed_of_run(uint64_t otherwise) {
  const char* given = std::getenv("ELB_SEED");
  return given ? std::strtoull(given, nullptr, 0) : otherwise;
}

}  // namespace elb::test
