// What stands between a link and a window store: the chain of converters that hardware builds and the cycle
// model runs.
//
//   mask      lanes that do not exist are zeroed          (fc over a map: they become inputs with weight 0)
//   repack    L -> S channels, per V columns; through Lg channels first where groups need it
//   split     V -> Vw columns
#pragma once
#include <vector>

#include "spec/convert.hpp"
#include "spec/link.hpp"
#include "spec/window.hpp"

namespace elb::spec {

struct Feed {
  bool mask = false;
  std::vector<ConvertStep> repacks;  // one or two
  int fifo_before_split = 0;         // depth, 0: none (spec/convert.hpp says when)
  int columns = 1;                   // V behind the repacks
  int sub_columns = 1;               // Vw
};

// `flatten`: all lanes of all beats of a frame are one vector (window.channels long). Codes keep the bits
// that they have on the link.
Feed make_feed(const Link& in, bool flatten, const WindowParams& window);
// Cycles per frame in which the chain's slowest part is busy at least.
int64_t feed_cycles(const Link& in, bool flatten, const WindowParams& window);

}  // namespace elb::spec
