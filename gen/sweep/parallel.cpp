#include "sweep/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace elb::sweep {

void for_each_point(size_t n, int threads, const std::function<void(size_t)>& work,
                    const std::function<void(size_t)>& done) {
  std::atomic<size_t> next{0};
  std::mutex mutex;
  size_t count = 0, failed_at = n;
  std::exception_ptr failed;
  const auto run = [&] {
    for (size_t i = next++; i < n; i = next++) {
      try {
        work(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (i < failed_at) {
          failed_at = i;
          failed = std::current_exception();
        }
        next = n;
        return;
      }
      const std::lock_guard lock(mutex);
      ++count;
      if (done) done(count);
    }
  };
  std::vector<std::thread> others;
  for (int t = 1; t < std::min<int>(threads, static_cast<int>(std::min<size_t>(n, 1024))); ++t)
    others.emplace_back(run);
  run();
  for (std::thread& t : others) t.join();
  if (failed) std::rethrow_exception(failed);
}

}  // namespace elb::sweep
