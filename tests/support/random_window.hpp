// Random geometry of a window: map, kernel, stride, dilation, padding and the output map that follows.
#pragma once
#include <cstdint>
#include <random>

#include "spec/window.hpp"

namespace elb::test {

// Any of lo..hi.
inline int pick(std::mt19937_64& random, int lo, int hi) {
  return lo + static_cast<int>(random() % static_cast<uint64_t>(hi - lo + 1));
}

// The largest of each. Channels, bits, S and capacity are the caller's.
struct WindowLimits {
  int h = 12, w = 12, kh = 4, kw = 4, sh = 4, sw = 4, m = 5, in_columns = 5;
};

inline spec::WindowParams random_window(std::mt19937_64& random, const WindowLimits& most) {
  for (;;) {
    spec::WindowParams p;
    p.h = pick(random, 1, most.h);
    p.w = pick(random, 1, most.w);
    p.kh = pick(random, 1, most.kh);
    p.kw = pick(random, 1, most.kw);
    p.sh = pick(random, 1, most.sh);
    p.sw = pick(random, 1, most.sw);
    p.dh = pick(random, 1, 2);
    p.dw = pick(random, 1, 2);
    p.top = pick(random, 0, p.kh - 1);
    p.left = pick(random, 0, p.kw - 1);
    p.m = pick(random, 1, most.m);
    p.in_columns = pick(random, 1, most.in_columns);
    const int bottom = pick(random, 0, p.kh - 1), right = pick(random, 0, p.kw - 1);
    const int rows = p.h + p.top + bottom - (p.kh - 1) * p.dh - 1;
    const int columns = p.w + p.left + right - (p.kw - 1) * p.dw - 1;
    if (rows < 0 || columns < 0) continue;
    p.out_h = rows / p.sh + 1;
    p.out_w = columns / p.sw + 1;
    return p;
  }
}

}  // namespace elb::test
