// One of up to spec::kMostWays words by a number, in a leaf (rtl_templates/prim/elb_choose): of technologies
// with primitives.
#pragma once
#include <string>
#include <vector>

#include "hdl/design.hpp"

namespace elb::hw {

// words[at]; `at` beyond them chooses as the tree of the leaf does.
hdl::Sig choose_word(hdl::Module& m, const std::string& instance, const std::vector<hdl::Sig>& words,
                     hdl::Sig at);

}  // namespace elb::hw
