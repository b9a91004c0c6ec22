// How far a long run is, on stderr: "planning 230/576, 130/s, 3 s to go", and in the end
// "planning: 576 in 4.4 s, 130/s".
#pragma once
#include <chrono>
#include <cstddef>
#include <string>

namespace elb::cli {

// On a terminal one line that changes; elsewhere a line every ten seconds.
class Progress {
 public:
  Progress(std::string what, size_t total);
  void done(size_t count);  // of `total`; call it as often as you like
  ~Progress();

 private:
  using Clock = std::chrono::steady_clock;
  std::string what_;
  size_t total_, done_ = 0;
  bool terminal_;
  Clock::time_point began_, shown_;
  size_t width_ = 0;  // of the line that stands on the terminal
};

}  // namespace elb::cli
