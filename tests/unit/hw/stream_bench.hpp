// Drives a module's streams from a cycle-exact timing model, four ways: free, idle source, stalled sink,
// both.
#pragma once
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/bits.hpp"
#include "hdl/design.hpp"
#include "spec/convert.hpp"
#include "spec/link.hpp"
#include "vector_bench.hpp"

namespace elb::test {

struct Beat {
  Bits data;
  Bits care;  // lanes that must match; of inputs: not used
  bool last = false;
};

// What a module does with valid and ready, cycle by cycle.
class Timing {
 public:
  virtual ~Timing() = default;
  struct Outs {
    std::vector<bool> in_ready, out_valid;
  };
  virtual Outs evaluate(const std::vector<bool>& in_valid, const std::vector<bool>& out_ready) = 0;
  virtual void clock(const std::vector<bool>& in_valid, const std::vector<bool>& out_ready) = 0;
};

// Parts of timing models.
struct FifoModel {
  int depth = 2, count = 0;
  bool valid() const { return count > 0; }
  bool ready() const { return count < depth; }
  void clock(bool in_valid, bool out_ready) {
    const bool push = in_valid && ready(), pop = out_ready && valid();
    count += (push ? 1 : 0) - (pop ? 1 : 0);
  }
};
// One input through a chain of repacks into an optional FIFO in front and behind.
class PipeTiming : public Timing {
 public:
  int front = 0;  // depth, 0: none
  std::vector<spec::ConvertStep> steps;
  int back = 0;
  Outs evaluate(const std::vector<bool>& in_valid, const std::vector<bool>& out_ready) override;
  void clock(const std::vector<bool>& in_valid, const std::vector<bool>& out_ready) override;

 private:
  FifoModel front_, back_;
  spec::ChainTiming chain_;
  bool started_ = false;
  void start();
};

struct StreamPort {
  std::string name;
  int data_bits = 1;
  bool last = true;
  std::vector<Beat> beats;
};

struct StreamCase {
  std::string module;
  std::vector<StreamPort> inputs, outputs;
  std::function<std::unique_ptr<Timing>()> timing;
};

struct RunResult {
  std::string error;                // "" when every cycle agreed
  std::vector<int64_t> frame_ends;  // free run: cycles of the last beats on the first output
};
// Runs all four ways; the times are those of the free one.
RunResult run_streams(hdl::Design& d, const StreamCase& c, unsigned seed);

// A frame of random codes [y][x][c], and its beats on a link. Don't-care lanes of inputs are random.
using Map = std::vector<int64_t>;
Map random_map(const spec::Link& link, std::mt19937& rng);
std::vector<Beat> beats_of(const spec::Link& link, const Map& map, std::mt19937& rng);

}  // namespace elb::test
