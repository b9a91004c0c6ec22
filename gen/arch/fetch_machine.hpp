// Weights from memory in the cycle model: a stage's side of the fetch, and the port that all stages share
// (spec/fetch.hpp), with the memory behind it (spec/dram_timing.hpp).
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "spec/dram_timing.hpp"
#include "spec/fetch.hpp"

namespace elb::arch {

// A stage's side: what it asks for, and the tiles that it has. Used by its machine and by the port.
class FetchClient {
 public:
  explicit FetchClient(const spec::FetchParams& p);

  // For the machine.
  bool tile_ready(int64_t cycle) const { return !tiles_.empty() && tiles_.front() <= cycle; }
  int64_t tile_from() const { return tiles_.empty() ? INT64_MAX : tiles_.front(); }
  // The first tile of a sweep issues.
  void begin_sweep() { tiles_.pop_front(); }
  // The last tile of a sweep issues: F words are read, then the slot is free.
  void end_sweep(int64_t issue) {
    frees_.push_back(issue + spec::FetchTiming::kIssueToRead + p_.tile_words - 1 +
                     spec::FetchTiming::kReadToFree);
  }

  // For the port, all of cycle t.
  int64_t asks() const { return left_ == 0 ? 0 : burst_; }  // beats, 0: none
  bool receive(int64_t cycle);                              // a beat; does it complete a tile?
  void clock(int64_t cycle, bool granted);
  // Behind clock(cycle): before this cycle it changes nothing unless it is granted something.
  int64_t wake(int64_t cycle) const {
    if (left_ > 0) return INT64_MAX;
    if (free_slots_ > 0) return cycle + 1;
    return frees_.empty() ? INT64_MAX : frees_.front();
  }
  int64_t beats_read() const { return beats_; }

 private:
  void find_burst();
  spec::FetchParams p_;
  int64_t tile_beats_, region_;
  int64_t left_ = 0, address_ = 0, burst_ = 0;  // address: from the region's first beat on
  int free_slots_;
  int64_t received_ = 0, beats_ = 0;
  std::deque<int64_t> frees_, tiles_;  // a slot is free, a tile may issue: from this cycle on
};

class PortMachine {
 public:
  PortMachine(int outstanding, const spec::DramTiming& timing)
      : outstanding_(outstanding), timing_(timing), memory_(timing) {}
  void add(FetchClient* client) { clients_.push_back(client); }
  // Did anything move? Cycles before wake() in which no stage ends a sweep may be left out.
  bool clock(int64_t cycle);
  int64_t wake() const { return clients_.empty() ? INT64_MAX : wake_; }
  // The stage, by the order of add(), to which the beat of the last clock() has completed a tile.
  std::optional<size_t> completed() const { return completed_; }
  int64_t beats_read() const { return beats_; }
  // Cycles between a grant and its first beat, or between two beats, at most.
  int64_t longest_wait() const {
    return clients_.empty() ? 0 : timing_.latency + timing_.cycles / timing_.beats + 2;
  }

 private:
  std::optional<size_t> asking() const;
  int outstanding_, under_way_ = 0;
  spec::DramTiming timing_;
  spec::DramClock memory_;
  std::vector<FetchClient*> clients_;
  std::deque<size_t> senders_;  // whom the bursts under way are for
  size_t next_ = 0;             // behind the last granted
  int64_t address_beats_ = 0;   // of the address that waits; 0: none
  int64_t beats_ = 0, wake_ = 0;
  std::optional<size_t> asks_;  // in the next cycle
  std::optional<size_t> completed_;
};

}  // namespace elb::arch
