#include "hw/word_choice.hpp"

#include "spec/serializer.hpp"

namespace elb::hw {

using namespace hdl;

Sig choose_word(Module& m, const std::string& instance, const std::vector<Sig>& words, Sig at) {
  const Instance i =
      m.instance(m.design().leaf(ELB_PRIM_DIR, "elb_choose"), instance,
                 {{"WAYS", static_cast<int64_t>(words.size())}, {"BITS", int64_t{words[0].width()}}});
  i.in("d", pack(words)).in("s", at.ext(u(bits_for(spec::kMostWays - 1))));
  return i.out("y");
}

Sig late_choice(Module& m, spec::Technology technology, const std::string& instance,
                const std::vector<Sig>& words, Sig at) {
  return spec::has_primitives(technology) ? choose_word(m, instance, words, at) : index(words, at);
}

}  // namespace elb::hw
