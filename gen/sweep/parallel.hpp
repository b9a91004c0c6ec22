// Work on many points by a few threads, with its progress.
#pragma once
#include <cstddef>
#include <functional>

namespace elb::sweep {

struct Threads {
  int count = 1;
  size_t block = 1;  // points in a row that one thread takes at once
};

// Calls work(i, thread) for every i in [0, n), thread in [0, count); done(points) after each, one call at a
// time and from any thread. What work throws for the least such i is thrown here, after all threads ended,
// so that the same mistake is reported whatever the threads.
void for_each_point(size_t n, const Threads& threads, const std::function<void(size_t, int)>& work,
                    const std::function<void(size_t)>& done = {});

}  // namespace elb::sweep
