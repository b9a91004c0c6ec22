#include "arch/fetch_machine.hpp"

#include <algorithm>

namespace elb::arch {

FetchClient::FetchClient(const spec::FetchParams& p)
    : p_(p), tile_beats_(spec::beats_per_tile(p)), region_(spec::region_beats(p)), free_slots_(p.slots) {}

void FetchClient::find_burst() {
  const int64_t to_boundary = p_.burst_beats - (p_.first_beat + address_) % p_.burst_beats;
  burst_ = std::min(left_, to_boundary);
}

bool FetchClient::receive(int64_t cycle) {
  ++beats_;
  if (++received_ < tile_beats_) return false;
  received_ = 0;
  tiles_.push_back(cycle + spec::FetchTiming::kBeatToIssue);
  return true;
}

void FetchClient::clock(int64_t cycle, bool granted) {
  while (!frees_.empty() && frees_.front() <= cycle) {
    ++free_slots_;
    frees_.pop_front();
  }
  if (left_ > 0) {
    if (!granted) return;
    left_ -= burst_;
    address_ += burst_;
    if (address_ == region_) address_ = 0;
  } else if (free_slots_ > 0) {
    --free_slots_;
    left_ = tile_beats_;
  } else {
    return;
  }
  find_burst();
}

// Who is next to be granted a burst.
std::optional<size_t> PortMachine::asking() const {
  for (size_t i = 0; i < clients_.size(); ++i) {
    const size_t c = next_ + i < clients_.size() ? next_ + i : next_ + i - clients_.size();
    if (clients_[c]->asks() > 0) return c;
  }
  return {};
}

bool PortMachine::clock(int64_t cycle) {
  if (address_beats_ > 0) memory_.request(cycle, address_beats_);
  const bool beat = memory_.beat(cycle);
  std::optional<size_t> granted;
  if (address_beats_ == 0 && under_way_ < outstanding_) granted = asks_;
  address_beats_ = 0;
  completed_.reset();
  if (beat) {
    ++beats_;
    if (clients_[senders_.front()]->receive(cycle)) completed_ = senders_.front();
    if (memory_.last()) {
      senders_.pop_front();
      --under_way_;
    }
  }
  if (granted) {
    address_beats_ = clients_[*granted]->asks();
    senders_.push_back(*granted);
    ++under_way_;
    next_ = *granted + 1 < clients_.size() ? *granted + 1 : 0;
  }
  wake_ = memory_.next();
  for (size_t i = 0; i < clients_.size(); ++i) {
    clients_[i]->clock(cycle, granted == i);
    wake_ = std::min(wake_, clients_[i]->wake(cycle));
  }
  asks_ = asking();
  if (address_beats_ > 0 || (under_way_ < outstanding_ && asks_)) wake_ = cycle + 1;
  return beat || granted;
}

}  // namespace elb::arch
