// README.md of a generated design: ports, order, packing, timing, files.
#pragma once
#include <string>

#include "arch/dram_image.hpp"
#include "arch/plan.hpp"

namespace elb::top {

std::string interface_sheet(const nn::Network& net, const arch::Plan& plan, const arch::DramImage& dram,
                            const std::string& top);

}  // namespace elb::top
