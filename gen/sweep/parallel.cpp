#include "sweep/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace elb::sweep {

void for_each_point(size_t n, const Threads& threads, const std::function<void(size_t, int)>& work,
                    const std::function<void(size_t)>& done) {
  std::atomic<size_t> next{0};
  std::mutex mutex;
  size_t count = 0, failed_at = n;
  std::exception_ptr failed;
  // False: stop.
  const auto one = [&](size_t i, int thread) {
    try {
      work(i, thread);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (i < failed_at) {
        failed_at = i;
        failed = std::current_exception();
      }
      next = n;
      return false;
    }
    const std::lock_guard lock(mutex);
    ++count;
    if (done) done(count);
    return true;
  };
  const auto run = [&](int thread) {
    for (size_t begin = next.fetch_add(threads.block); begin < n; begin = next.fetch_add(threads.block)) {
      for (size_t i = begin; i < std::min(n, begin + threads.block); ++i) {
        if (!one(i, thread)) return;
      }
    }
  };
  const size_t blocks = (n + threads.block - 1) / threads.block;
  std::vector<std::thread> others;
  for (int t = 1; t < threads.count && static_cast<size_t>(t) < blocks; ++t) others.emplace_back(run, t);
  run(0);
  for (std::thread& t : others) t.join();
  if (failed) std::rethrow_exception(failed);
}

}  // namespace elb::sweep
