// The memory behind a port against traces written by hand: when beats come, what they hold, and every rule
// seen to be checked.
#include "sim/harness/axi_memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <set>
#include <vector>

#include "support/catch.hpp"

using namespace elb::harness;
using elb::spec::DramTiming;

namespace {

constexpr int kImageBytes = 4096 + 64;

std::string image() {
  std::string out;
  for (int i = 0; i < kImageBytes; ++i) out += static_cast<char>(i * 7 + i / 256);
  return out;
}

// A port of 64 bits; the test plays the design, by setting wires before watch().
struct Bench {
  alignas(8) uint8_t address[8] = {}, data[8] = {}, base[8] = {};
  uint8_t length = 0, size = 3, burst = 1, address_valid = 0, address_ready = 0, response = 0, last = 0,
          valid = 0, ready = 1, error = 0;
  AxiMemory memory;
  int64_t cycle = 0;

  explicit Bench(const DramOptions& options = {}, DramTiming timing = {}, uint64_t seed = 1)
      : memory({.data_bits = 64,
                .address_bits = 40,
                .burst_beats = 16,
                .outstanding = 2,
                .timing = timing,
                .image = "dram.bin",
                .image_bytes = kImageBytes},
               image(),
               {.address = address,
                .length = &length,
                .size = &size,
                .burst = &burst,
                .address_valid = &address_valid,
                .address_ready = &address_ready,
                .data = data,
                .response = &response,
                .last = &last,
                .valid = &valid,
                .ready = &ready,
                .base = base,
                .error = &error},
               options, seed) {}

  void offer(int64_t offset, int beats) {
    const uint64_t at = memory.base() + static_cast<uint64_t>(offset);
    std::memcpy(address, &at, 8);
    length = static_cast<uint8_t>(beats - 1);
    address_valid = 1;
  }
  uint64_t word() const {
    uint64_t v;
    std::memcpy(&v, data, 8);
    return v;
  }
  // One cycle in which the design's wires are what `set` makes them.
  void step(const std::function<void()>& set = [] {}) {
    memory.drive(cycle);
    set();
    memory.watch(cycle);
    if (address_valid && address_ready) address_valid = 0;
    ++cycle;
  }
  std::string violation() const { return memory.first_violation().value_or("none"); }
};

uint64_t word_at(int64_t offset) {
  uint64_t v;
  const std::string bytes = image();
  std::memcpy(&v, bytes.data() + offset, 8);
  return v;
}

// What the first broken rule is called after one burst that `set` describes.
std::string violation_of(const std::function<void(Bench&)>& set) {
  Bench b;
  b.step([&] { set(b); });
  return b.violation();
}

bool says(const std::string& text, const std::string& what) {
  INFO(text);
  CHECK(text.find("memory port, cycle ") == 0);
  return text.find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("beats come when the trace of dram_timing.hpp says, with the words of the image") {
  // latency 2, a beat in two cycles: addresses taken in cycles 0 and 1, of 2 and 1 beats.
  Bench b({}, {.latency = 2, .beats = 1, .cycles = 2});
  std::vector<int> valid, last;
  std::vector<uint64_t> words;
  for (int cycle = 0; cycle < 10; ++cycle) {
    b.step([&] {
      CHECK(b.address_ready == 1);
      if (cycle == 0) b.offer(8, 2);
      if (cycle == 1) b.offer(4096, 1);
    });
    valid.push_back(b.valid);
    last.push_back(b.valid && b.last);
    if (b.valid) words.push_back(b.word());
  }
  CHECK(valid == std::vector<int>{0, 0, 0, 1, 0, 1, 0, 1, 0, 0});
  CHECK(last == std::vector<int>{0, 0, 0, 0, 0, 1, 0, 1, 0, 0});
  CHECK(words == std::vector<uint64_t>{word_at(8), word_at(16), word_at(4096)});
  CHECK(b.memory.bursts() == 2);
  CHECK(b.memory.beats() == 3);
  CHECK(b.memory.idle());
  CHECK(b.violation() == "none");
}

TEST_CASE("options replace the manifest's timing") {
  Bench b({.timing = DramTiming{.latency = 0}}, {.latency = 50});
  b.step([&] { b.offer(0, 1); });
  b.step();
  CHECK(b.valid == 1);
}

TEST_CASE("the image lies at a random page, and the port's base is noise behind reset") {
  std::set<uint64_t> bases;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Bench b({}, {}, seed);
    uint64_t base;
    std::memcpy(&base, b.base, 8);
    CHECK(base == b.memory.base());
    CHECK(base % 4096 == 0);
    CHECK(base + kImageBytes <= uint64_t{1} << 40);
    bases.insert(base);
    b.step();
    std::memcpy(&base, b.base, 8);
    CHECK(base != b.memory.base());
  }
  CHECK(bases.size() == 20);
}

TEST_CASE("a random memory refuses, waits, and answers everything in order") {
  Bench b({.random = RandomDram{.seed = 5, .max_latency = 20, .percent = 30}});
  int64_t asked = 0, got = 0, refused = 0, silent = 0, longest = 0;
  while (got < 512) {
    b.step([&] {
      if (!b.address_valid && asked < 512) {
        b.offer(8 * asked, 4);
        asked += 4;
      }
      refused += !b.address_ready;
    });
    silent = b.valid ? 0 : silent + 1;
    longest = std::max(longest, silent);
    if (!b.valid) continue;
    CHECK(b.word() == word_at(8 * got));
    CHECK(b.last == (got % 4 == 3));
    ++got;
    REQUIRE(b.cycle < 10000);
    if (b.memory.bursts() - got / 4 >= 2 && b.address_valid) b.address_valid = 0, asked -= 4;
  }
  const double share = static_cast<double>(refused) / static_cast<double>(b.cycle);
  CHECK(share > 0.25);
  CHECK(share < 0.35);
  CHECK(longest >= 10);
}

TEST_CASE("every rule of an address is checked") {
  const auto at = [](int64_t offset, int beats) { return [=](Bench& b) { b.offer(offset, beats); }; };
  CHECK(violation_of(at(0, 16)) == "none");
  CHECK(violation_of(at(kImageBytes - 8, 1)) == "none");
  CHECK(says(violation_of(at(4096 - 8, 2)), "crosses a 4096-byte boundary"));
  CHECK(says(violation_of(at(0, 17)), "a burst of 17 beats, 16 are the most"));
  CHECK(says(violation_of(at(kImageBytes - 8, 2)), "outside the image of 4160 bytes"));
  CHECK(says(violation_of(at(-128, 16)), "outside the image"));
  CHECK(says(violation_of(at(4, 1)), "is no multiple of the 8 bytes of a beat"));
  CHECK(says(violation_of([](Bench& b) {
               b.offer(0, 1);
               b.size = 2;
             }),
             "arsize is 2, whole beats of 8 bytes are 3"));
  CHECK(says(violation_of([](Bench& b) {
               b.offer(0, 1);
               b.burst = 0;
             }),
             "arburst is 0"));
}

TEST_CASE("a violation names cycle and address") {
  Bench b;
  b.step();
  b.step([&] { b.offer(4096 - 8, 2); });
  const std::string at = fmt::format("{:#x}", b.memory.base() + 4096 - 8);
  CHECK(b.violation().find("memory port, cycle 1, address " + at) == 0);
}

TEST_CASE("no more bursts are under way than agreed") {
  Bench b({}, {.latency = 3});
  b.step([&] { b.offer(0, 1); });
  b.step([&] { b.offer(8, 1); });
  CHECK(b.violation() == "none");
  b.step([&] { b.offer(16, 1); });
  CHECK(says(b.violation(), "a burst more than the 2 that may be under way"));
}

TEST_CASE("an address stands until it is taken") {
  const DramOptions slow{.random = RandomDram{.seed = 1, .max_latency = 0, .percent = 99}};
  const auto after_refusal = [&](const std::function<void(Bench&)>& next) {
    Bench b(slow);
    b.step([&] { b.offer(0, 4); });
    REQUIRE(b.memory.bursts() == 0);
    b.step([&] { next(b); });
    return b.violation();
  };
  CHECK(after_refusal([](Bench&) {}) == "none");
  CHECK(says(after_refusal([](Bench& b) { b.address_valid = 0; }), "arvalid fell"));
  CHECK(says(after_refusal([](Bench& b) { b.offer(8, 4); }), "the address changed"));
  CHECK(says(after_refusal([](Bench& b) { b.offer(0, 5); }), "the address changed"));
}

TEST_CASE("rready that falls is a violation, and its beat waits") {
  Bench b;
  b.step([&] { b.offer(0, 2); });
  b.step([&] { b.ready = 0; });
  CHECK(says(b.violation(), "rready is low"));
  CHECK(b.memory.beats() == 0);
  b.step([&] { b.ready = 1; });
  CHECK(b.word() == word_at(0));
  CHECK(b.memory.beats() == 1);
}

TEST_CASE("a read error is answered once, and what err_rresp and the addresses do then is checked") {
  const auto run = [](int rises, int asks) {
    Bench b({.error_beat = 1});
    for (int cycle = 0; cycle < 8; ++cycle) {
      b.step([&] {
        if (cycle == 0) b.offer(0, 3);  // beats in cycles 1, 2 and 3
        if (cycle == asks) b.offer(64, 1);
        b.error = cycle >= rises;
        if (b.valid) CHECK(b.response == (cycle == 2 ? 2 : 0));
      });
    }
    REQUIRE(b.memory.read_error());
    CHECK(b.memory.read_error()->cycle == 2);
    CHECK(b.memory.read_error()->address == b.memory.base() + 8);
    return b.violation();
  };
  CHECK(run(3, 3) == "none");
  CHECK(says(run(3, 4), "an address after a read error"));
  CHECK(says(run(4, 3), "err_rresp is low after the read error of cycle 2"));
  CHECK(says(run(2, 3), "err_rresp is set, and no read was answered by an error"));
}
