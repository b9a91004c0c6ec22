#include "sim/harness/axi_memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/assert.hpp"

namespace elb::harness {
namespace {

constexpr uint64_t kPage = 4096;
constexpr int kIncr = 1, kOkay = 0, kSlverr = 2;

uint64_t read_wires(const uint8_t* wires, int bits) {
  uint64_t v = 0;
  std::memcpy(&v, wires, static_cast<size_t>(bits + 7) / 8);
  return v;
}

void write_wires(uint8_t* wires, int bits, uint64_t value) {
  if (bits < 64) value &= (uint64_t{1} << bits) - 1;
  std::memcpy(wires, &value, static_cast<size_t>(bits + 7) / 8);
}

// A page at which the image can begin.
uint64_t random_base(const MemoryPort& port, uint64_t image_bytes, Random& random) {
  const int bits = std::min(port.address_bits, 63);
  ELB_ASSERT(image_bytes <= uint64_t{1} << bits, "the image lies within the port's addresses");
  return random.next() % (((uint64_t{1} << bits) - image_bytes) / kPage + 1) * kPage;
}

int log2_of(int power) {
  int n = 0;
  while (1 << n < power) ++n;
  return n;
}

}  // namespace

AxiMemory::AxiMemory(const MemoryPort& port, std::string image, MemoryWires wires, const DramOptions& options,
                     uint64_t seed)
    : port_(port),
      image_(std::move(image)),
      wires_(wires),
      options_(options),
      clock_(options.timing.value_or(port.timing)),
      random_(options.random ? options.random->seed : 0),
      noise_(seed ^ 0xd7a3) {
  base_ = random_base(port_, image_.size(), noise_);
  write_wires(wires_.base, port_.address_bits, base_);
  *wires_.address_ready = 0;
  send_noise();
}

void AxiMemory::violate(int64_t cycle, uint64_t address, const std::string& what) {
  if (violation_) return;
  violation_ = fmt::format("memory port, cycle {}, address {:#x} (weights_base {:#x}): {}", cycle, address,
                           base_, what);
}

AxiMemory::Address AxiMemory::address_wires() const {
  return {.address = read_wires(wires_.address, port_.address_bits),
          .length = *wires_.length + 1,
          .size = *wires_.size,
          .burst = *wires_.burst};
}

void AxiMemory::send_noise() {
  const auto bytes = static_cast<size_t>(port_.beat_bytes());
  for (size_t at = 0; at < bytes; at += 8) {
    const uint64_t v = noise_.next();
    std::memcpy(wires_.data + at, &v, std::min<size_t>(8, bytes - at));
  }
  *wires_.response = static_cast<uint8_t>(noise_.next() & 3);
  *wires_.last = static_cast<uint8_t>(noise_.next() & 1);
  *wires_.valid = 0;
}

bool AxiMemory::comes(int64_t cycle) {
  if (!options_.random) return clock_.beat(cycle);
  const bool refused = random_.percent(options_.random->percent);
  return !refused && !waiting_.empty() && waiting_.front().first_cycle <= cycle;
}

void AxiMemory::send() {
  const Burst& burst = waiting_.front();
  const auto bytes = static_cast<size_t>(port_.beat_bytes());
  const uint64_t at = burst.address - base_;
  if (at <= image_.size() && image_.size() - at >= bytes) std::memcpy(wires_.data, image_.data() + at, bytes);
  *wires_.response = beats_sent_ == options_.error_beat ? kSlverr : kOkay;
  *wires_.last = burst.left == 1;
  *wires_.valid = 1;
}

void AxiMemory::drive(int64_t cycle) {
  write_wires(wires_.base, port_.address_bits, noise_.next());
  *wires_.address_ready = !options_.random || !random_.percent(options_.random->percent);
  if (refused_beat_) return;
  if (comes(cycle)) {
    send();
  } else if (*wires_.valid) {
    send_noise();
  }
}

void AxiMemory::check_address(const Address& a, int64_t cycle) {
  const auto beat_bytes = static_cast<uint64_t>(port_.beat_bytes());
  const uint64_t bytes = static_cast<uint64_t>(a.length) * beat_bytes, end = base_ + image_.size();
  const auto wrong = [&](const std::string& what) { violate(cycle, a.address, what); };
  if (a.burst != kIncr) wrong(fmt::format("arburst is {}, a burst that increments is 1", a.burst));
  if (a.size != log2_of(port_.beat_bytes()))
    wrong(fmt::format("arsize is {}, whole beats of {} bytes are {}", a.size, beat_bytes,
                      log2_of(port_.beat_bytes())));
  if (a.address % beat_bytes != 0) wrong(fmt::format("is no multiple of the {} bytes of a beat", beat_bytes));
  if (a.length > port_.burst_beats)
    wrong(fmt::format("a burst of {} beats, {} are the most", a.length, port_.burst_beats));
  if (a.address / kPage != (a.address + bytes - 1) / kPage)
    wrong(fmt::format("a burst of {} bytes crosses a 4096-byte boundary", bytes));
  if (a.address < base_ || a.address >= end || end - a.address < bytes)
    wrong(fmt::format("a burst of {} bytes outside the image of {} bytes", bytes, image_.size()));
  if (static_cast<int>(waiting_.size()) >= port_.outstanding)
    wrong(fmt::format("a burst more than the {} that may be under way", port_.outstanding));
}

void AxiMemory::take(const Address& a, int64_t cycle) {
  ++bursts_taken_;
  Burst burst{.address = a.address, .left = a.length, .first_cycle = cycle + 1};
  if (options_.random) {
    burst.first_cycle +=
        static_cast<int64_t>(random_.next() % static_cast<uint64_t>(options_.random->max_latency + 1));
  } else {
    clock_.request(cycle, a.length);
  }
  waiting_.push_back(burst);
}

void AxiMemory::check_error_wire(int64_t cycle) {
  const bool wanted = read_error_ && read_error_->cycle < cycle;
  if ((*wires_.error != 0) == wanted) return;
  if (wanted) {
    violate(cycle, read_error_->address,
            fmt::format("err_rresp is low after the read error of cycle {}", read_error_->cycle));
  } else {
    violate(cycle, address_wires().address, "err_rresp is set, and no read was answered by an error");
  }
}

bool AxiMemory::watch(int64_t cycle) {
  check_error_wire(cycle);
  const Address a = address_wires();
  const bool offered = *wires_.address_valid != 0;
  if (held_ && !offered) violate(cycle, held_->address, "arvalid fell before the address was taken");
  if (held_ && offered && !(a == *held_))
    violate(cycle, held_->address, "the address changed before it was taken");
  if (offered && !held_) {
    check_address(a, cycle);
    // A burst granted in the cycle of the error is offered in the next.
    if (read_error_ && cycle > read_error_->cycle + 1)
      violate(cycle, a.address, "an address after a read error");
  }
  held_.reset();
  if (offered && *wires_.address_ready) {
    take(a, cycle);
  } else if (offered) {
    held_ = a;
  }

  const bool passes = *wires_.valid && *wires_.ready;
  refused_beat_ = *wires_.valid && !*wires_.ready;
  if (refused_beat_) violate(cycle, waiting_.front().address, "rready is low, and a beat waits");
  if (!passes) return false;
  Burst& burst = waiting_.front();
  if (*wires_.response != kOkay) read_error_ = ReadError{.cycle = cycle, .address = burst.address};
  ++beats_sent_;
  burst.address += static_cast<uint64_t>(port_.beat_bytes());
  if (--burst.left == 0) waiting_.pop_front();
  return true;
}

}  // namespace elb::harness
