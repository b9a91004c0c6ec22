// FIFOs as yosys 0.23 synthesises them, beside what spec/cost says.
#include <fmt/format.h>

#include <cstdlib>

#include "hw/fifo.hpp"
#include "spec/cost.hpp"
#include "support/catch.hpp"
#include "support/synthesised.hpp"

namespace elb::test {

TEST_CASE("FIFOs in LUT RAM take the LUTs and registers that they are said to") {
  for (const int depth : {3, 4, 5, 8, 9, 16, 17, 20, 31, 32, 36, 64, 92}) {
    const spec::FifoParams p = spec::fifo(4, depth);
    hdl::Design d;
    const std::string name = hdl::component_module<hw::Fifo>(d, p).name();
    const Synthesised s = synthesise(d, name, spec::Technology::xc7);
    const spec::Resources r = spec::cost(p);
    INFO(fmt::format("depth {}: estimated {} {}, synthesised {} {}", depth, r.lut, r.ff, s.lut, s.ff));
    CHECK(std::abs(r.lut - s.lut) <= 3);
    CHECK(r.ff == s.ff);
  }
}

}  // namespace elb::test
