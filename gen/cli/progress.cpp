#include "cli/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>

namespace elb::cli {

Progress::Progress(std::string what, size_t total)
    : what_(std::move(what)),
      total_(total),
      terminal_(::isatty(STDERR_FILENO) != 0),
      began_(Clock::now()),
      shown_(began_) {}

void Progress::done(size_t count) {
  done_ = count;
  const Clock::time_point now = Clock::now();
  const std::chrono::duration<double> since = now - shown_, all = now - began_;
  if (since.count() < (terminal_ ? 0.2 : 10)) return;
  shown_ = now;
  const double per_second = static_cast<double>(count) / all.count();
  const double left = static_cast<double>(total_ - count) / per_second;
  std::string line =
      fmt::format("{} {}/{}, {:.3g}/s, {:.0f} s to go", what_, count, total_, per_second, std::ceil(left));
  if (terminal_) {
    const size_t size = line.size();
    if (size < width_) line.append(width_ - size, ' ');
    width_ = size;
  }
  terminal_ ? fmt::print(stderr, "\r{}", line) : fmt::print(stderr, "{}\n", line);
  std::fflush(stderr);
}

Progress::~Progress() {
  if (width_ > 0) fmt::print(stderr, "\r{:{}}\r", "", width_);
  const std::chrono::duration<double> all = Clock::now() - began_;
  if (done_ == total_ && total_ > 0)
    fmt::print(stderr, "{}: {} in {:.1f} s, {:.3g}/s\n", what_, total_, all.count(),
               static_cast<double>(total_) / all.count());
}

}  // namespace elb::cli
