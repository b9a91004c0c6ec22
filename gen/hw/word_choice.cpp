#include "hw/word_choice.hpp"

namespace elb::hw {

using namespace hdl;

Sig choose_word(Module& m, spec::Technology technology, const std::string& instance,
                const std::vector<Sig>& words, Sig at) {
  if (!spec::has_primitives(technology) || static_cast<int>(words.size()) > spec::kMostWays)
    return index(words, at);
  const Instance i =
      m.instance(m.design().leaf(ELB_PRIM_DIR, "elb_choose"), instance,
                 {{"WAYS", static_cast<int64_t>(words.size())}, {"BITS", int64_t{words[0].width()}}});
  i.in("d", pack(words)).in("s", at.ext(u(bits_for(spec::kMostWays - 1))));
  return i.out("y");
}

Sig late_and(Module& m, spec::Technology technology, const std::string& instance, Sig late, Sig rest) {
  if (!spec::has_primitives(technology)) return late & rest;
  return choose_word(m, technology, instance, {m.lit(0, u(1)), rest}, late);
}

}  // namespace elb::hw
