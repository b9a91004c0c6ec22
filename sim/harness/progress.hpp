// A line on the terminal that tells how far a run is: appears after two seconds, and only where stderr is a
// terminal.
//
//   Progress p("images", 1000);
//   p.update(done);    // "  412 of 1000 images, 31 s left"
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace elb::harness {

class Progress {
 public:
  Progress(std::string what, int64_t total);
  ~Progress();  // wipes the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  // `done` may be a fraction of an item; `note` stands behind it.
  void update(double done, const std::string& note = "");

 private:
  std::string what_;
  int64_t total_;
  bool terminal_, shown_ = false;
  std::chrono::steady_clock::time_point start_, last_;
};

// "31 s", "2 min 5 s", "1 h 3 min".
std::string human_seconds(double seconds);

}  // namespace elb::harness
