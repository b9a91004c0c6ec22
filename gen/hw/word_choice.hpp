// One of up to spec::kMostWays words by a number, in a leaf (rtl_templates/prim/elb_choose): of technologies
// with primitives.
#pragma once
#include <string>
#include <vector>

#include "hdl/design.hpp"
#include "spec/technology.hpp"

namespace elb::hw {

// words[at]; `at` beyond them chooses as the tree of the leaf does.
hdl::Sig choose_word(hdl::Module& m, const std::string& instance, const std::vector<hdl::Sig>& words,
                     hdl::Sig at);

// words[at], all of one bit, where `at` comes late: technologies with primitives choose by it in a leaf,
// since synthesis, which sees this module alone, would not keep it last.
hdl::Sig late_choice(hdl::Module& m, spec::Technology technology, const std::string& instance,
                     const std::vector<hdl::Sig>& words, hdl::Sig at);

}  // namespace elb::hw
