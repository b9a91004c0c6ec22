// Choices in a leaf (rtl_templates/prim/elb_choose), of technologies with primitives: what synthesis, which
// sees one module alone, would spread over more LUTs, or put in front of what comes late.
#pragma once
#include <string>
#include <vector>

#include "hdl/design.hpp"
#include "spec/technology.hpp"

namespace elb::hw {

// words[at]. Of more than spec::kMostWays, and of generic technology, no leaf. `at` beyond them chooses any.
hdl::Sig choose_word(hdl::Module& m, spec::Technology technology, const std::string& instance,
                     const std::vector<hdl::Sig>& words, hdl::Sig at);
// late & rest, one bit each, of which `late` comes late.
hdl::Sig late_and(hdl::Module& m, spec::Technology technology, const std::string& instance, hdl::Sig late,
                  hdl::Sig rest);

}  // namespace elb::hw
