// Work on many points by a few threads, with its progress.
#pragma once
#include <cstddef>
#include <functional>

namespace elb::sweep {

// Calls work(i) for every i in [0, n), from `threads` threads at once; `done(count)` after each, one call at
// a time and from any of them. What work(i) throws for the least such i is thrown here, after all threads
// ended, so that the same mistake is reported whatever the threads.
void for_each_point(size_t n, int threads, const std::function<void(size_t)>& work,
                    const std::function<void(size_t)>& done = {});

}  // namespace elb::sweep
