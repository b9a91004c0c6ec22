// The memory behind a design's read port (spec/fetch.hpp), holding its image at a random multiple of 4096.
//
//   for (cycle = 0;; ++cycle) {
//     memory.drive(cycle);  // arready and the beat of this cycle
//     ...                   // wires settle
//     memory.watch(cycle);  // takes an address, checks the protocol
//   }
//
// It answers as spec::DramClock says, with arready always 1: the memory of the prediction. Or, to be nasty,
// each burst after a random latency, with a share of the cycles refused (arready low, no beat). Beats come in
// the order of their addresses; between them the data wires carry random bits, as weights_base does behind
// reset.
//
// The first address that breaks a rule is remembered: INCR, whole beats, at most the burst length that the
// manifest says, no 4096-byte boundary crossed, nothing outside the image, no more bursts under way than
// agreed, address held until it is taken, rready always 1, err_rresp exactly behind a beat that failed and
// no address after it.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "sim/harness/beats.hpp"
#include "sim/harness/manifest.hpp"
#include "spec/dram_timing.hpp"

namespace elb::harness {

struct RandomDram {
  uint64_t seed = 1;
  int max_latency = 0;  // cycles; of every burst 0 .. max_latency
  int percent = 0;      // of the cycles in which it refuses: 0 .. 99
};

struct DramOptions {
  std::optional<spec::DramTiming> timing = {};  // else the manifest's
  std::optional<RandomDram> random = {};        // instead of fixed timing
  std::optional<int64_t> error_beat = {};       // answered SLVERR; beats count from 0

  bool as_predicted() const { return !timing && !random && !error_beat; }
};

// Wires of the simulated model; little-endian byte strings.
struct MemoryWires {
  const uint8_t *address, *length, *size, *burst, *address_valid;
  uint8_t *address_ready, *data, *response, *last, *valid;
  const uint8_t* ready;
  uint8_t* base;
  const uint8_t* error;
};

class AxiMemory {
 public:
  // Sets all wires that it drives; the design is under reset until the first drive().
  AxiMemory(const MemoryPort& port, std::string image, MemoryWires wires, const DramOptions& options,
            uint64_t seed);
  void drive(int64_t cycle);
  // True when a beat passes.
  bool watch(int64_t cycle);

  uint64_t base() const { return base_; }
  int64_t bursts() const { return bursts_taken_; }
  int64_t beats() const { return beats_sent_; }
  bool idle() const { return waiting_.empty(); }
  const std::optional<std::string>& first_violation() const { return violation_; }

  struct ReadError {
    int64_t cycle = 0;
    uint64_t address = 0;
  };
  const std::optional<ReadError>& read_error() const { return read_error_; }

 private:
  struct Address {
    uint64_t address = 0;
    int length = 0, size = 0, burst = 0;
    bool operator==(const Address&) const = default;
  };
  struct Burst {
    uint64_t address;  // of its next beat
    int64_t left;
    int64_t first_cycle;  // random latency only
  };
  Address address_wires() const;
  void take(const Address& a, int64_t cycle);
  void check_address(const Address& a, int64_t cycle);
  bool comes(int64_t cycle);
  void send();
  void send_noise();
  void check_error_wire(int64_t cycle);
  void violate(int64_t cycle, uint64_t address, const std::string& what);

  MemoryPort port_;
  std::string image_;
  MemoryWires wires_;
  DramOptions options_;
  spec::DramClock clock_;
  Random random_, noise_;
  uint64_t base_ = 0;
  std::deque<Burst> waiting_;
  std::optional<Address> held_;  // offered in the cycle before, not taken
  bool refused_beat_ = false;    // offered in the cycle before, not taken
  int64_t bursts_taken_ = 0, beats_sent_ = 0;
  std::optional<ReadError> read_error_;
  std::optional<std::string> violation_;
};

}  // namespace elb::harness
