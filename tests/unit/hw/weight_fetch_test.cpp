// Memory port and weight buffers against spec/fetch.hpp, cycle by cycle.
#include <fmt/format.h>

#include <deque>
#include <map>
#include <optional>

#include "hdl/eval/interpreter.hpp"
#include "hw/memory_port.hpp"
#include "hw/weight_buffer.hpp"
#include "support/catch.hpp"
#include "vector_bench.hpp"

namespace {

using namespace elb;
using namespace elb::test;
using spec::FetchParams;

Bits number(int width, int64_t value) {
  return Bits::from_int(width, value);
}

Bits random_bits(int width, std::mt19937& rng) {
  Bits b(width);
  for (int low = 0; low < width; low += 32) b.set(low, std::min(32, width - low), rng());
  return b;
}

bool chance(std::mt19937& rng, int percent) {
  return static_cast<int>(rng() % 100) < percent;
}

std::string describe(const FetchParams& p) {
  return fmt::format("D={} W={} F={} tiles={} slots={} once={} burst={} first={}", p.data_bits, p.word_bits,
                     p.tile_words, p.tiles, p.slots, p.once, p.burst_beats, p.first_beat);
}

// How a stage asks.
struct Asking {
  explicit Asking(const FetchParams& params) : p(params), address(p.first_beat), free(p.slots) {}
  bool asks() const { return left > 0; }
  bool asks_behind() const {
    return asks() || free > 0;
  }  // in the next cycle, unless it is granted in this one
  int64_t beats() const { return std::min<int64_t>(p.burst_beats - address % p.burst_beats, left); }
  void clock(bool granted, bool freed) {
    if (left == 0 && free > 0) {
      left = spec::beats_per_tile(p);
      --free;
    } else if (granted) {
      const int64_t n = beats();
      address += n;
      left -= n;
      if (address == p.first_beat + spec::region_beats(p)) address = p.first_beat;
    }
    free += freed ? 1 : 0;
  }
  FetchParams p;
  int64_t left = 0, address;
  int free;
};

// What the words of a region are, and its beats.
class Region {
 public:
  Region(const FetchParams& p, std::mt19937& rng) : p_(p) {
    for (int64_t i = 0; i < p.tiles * p.tile_words; ++i) words_.push_back(random_bits(p.word_bits, rng));
  }
  const Bits& word(int64_t tile, int64_t i) const {
    return words_[static_cast<size_t>(tile % p_.tiles * p_.tile_words + i)];
  }
  Bits beat(int64_t tile, int64_t beat) const {
    Bits b(p_.data_bits);
    if (p_.word_bits <= p_.data_bits) {
      const int k = p_.data_bits / p_.word_bits;
      for (int i = 0; i < k && beat * k + i < p_.tile_words; ++i)
        copy_bits(b, i * p_.word_bits, word(tile, beat * k + i));
      return b;
    }
    const int per_word = (p_.word_bits + p_.data_bits - 1) / p_.data_bits;
    const Bits& w = word(tile, beat / per_word);
    const int low = static_cast<int>(beat % per_word) * p_.data_bits;
    for (int i = 0; i < p_.data_bits && low + i < p_.word_bits; ++i) b.set_bit(i, w.bit(low + i));
    return b;
  }

 private:
  FetchParams p_;
  std::vector<Bits> words_;
};

// A buffer alone: bursts are granted and beats come at random; sweeps of 1 to 3 tiles follow each other.
std::string run_buffer(const FetchParams& p, spec::MemoryStyle style, bool eager, int cycles, unsigned seed) {
  std::mt19937 rng(seed);
  hdl::Design d;
  hw::build_weight_buffer(
      d, {.module = "elb_buffer", .title = "weights under test", .fetch = p, .style = style});
  VectorBench bench;
  const int address_bits = spec::beat_address_bits(p), length_bits = spec::burst_length_bits(p);
  const int grant = bench.input("fetch_grant", 1), fill = bench.input("fill_valid", 1),
            data = bench.input("fill_data", p.data_bits), early = bench.input("early", 1);
  const int take = p.once ? -1 : bench.input("take", 1), end = p.once ? -1 : bench.input("sweep_end", 1);
  const int soon = bench.output("fetch_soon", 1), address = bench.output("fetch_address", address_bits),
            length = bench.output("fetch_length", length_bits), word = bench.output("word", p.word_bits),
            ok = bench.output("ok", 1);

  const Region region(p, rng);
  Asking asking(p);
  int64_t due = 0, arrived = 0;  // beats asked for, beats come
  int full = 0;
  // The reader: what is read when, and which tile of which sweep issues next.
  struct Read {
    bool end = false;
    Bits word;
  };
  std::map<int64_t, Read> reads;
  int64_t next_issue = 0, sweep = 0, sweeps_read = 0;
  int left_in_sweep = 0;
  bool granted = false;
  const int late = spec::chooses_words(p) ? 1 : 0;  // a word comes so much behind the row that it is read from
  std::optional<Bits> row;
  bool freed_before = false;
  const Bits* shown = nullptr;
  Bits held;
  for (int64_t t = 0; t < cycles; ++t) {
    const bool ok_now = full > 0;
    bench.expect(ok, number(1, ok_now));
    if (asking.asks() && !granted) {
      bench.expect(address, number(address_bits, asking.address));
      bench.expect(length, number(length_bits, asking.beats() - 1));
    }
    if (shown) bench.expect(word, held);

    granted = asking.asks() && !granted && (eager || chance(rng, 30));
    const bool comes = due > 0 && (eager || chance(rng, 60));
    bool complete = false;
    if (comes) {
      const int64_t per_tile = spec::beats_per_tile(p);
      bench.set(data, region.beat(arrived / per_tile, arrived % per_tile));
      complete = arrived % per_tile == per_tile - 1;
      ++arrived;
      --due;
    } else {
      bench.set(data, random_bits(p.data_bits, rng));
    }
    bench.set(fill, number(1, comes));
    bench.set(grant, number(1, granted));
    if (granted) due += asking.beats();

    // A tile issues; the first one of a sweep needs its weights.
    const bool first = left_in_sweep == 0;
    bool taken = false;
    if (t >= next_issue && (eager || chance(rng, 70)) && (!first || ok_now)) {
      taken = first && !p.once;
      if (first) left_in_sweep = 1 + static_cast<int>(rng() % 3);
      const bool last = --left_in_sweep == 0;
      for (int64_t i = 0; i < p.tile_words; ++i) {
        reads[t + spec::FetchTiming::kIssueToRead - late + i] = {.end = last && i == p.tile_words - 1,
                                                          .word = region.word(p.once ? 0 : sweep, i)};
      }
      if (last) ++sweep;
      next_issue = t + p.tile_words;
    }
    const auto read = reads.find(t);
    bool freed = false;
    if (row) {
      held = *row;
      shown = &held;
      row.reset();
    }
    if (read != reads.end()) {
      bench.set(early, number(1, 1));
      if (late) {
        row = read->second.word;
      } else {
        held = read->second.word;
        shown = &held;
      }
      freed = read->second.end && !p.once;
      if (freed) ++sweeps_read;
    }
    if (!p.once) {
      bench.set(take, number(1, taken));
      bench.set(end, number(1, freed));
    }
    full += (complete ? 1 : 0) - (taken ? 1 : 0);
    if (!granted) bench.expect(soon, number(1, asking.asks_behind()));
    asking.clock(granted, late ? freed_before : freed);
    freed_before = freed;
    bench.end_cycle();
  }
  if (!p.once && sweeps_read < 3 * p.tiles) return fmt::format("only {} sweeps", sweeps_read);
  return bench.run(d, "elb_buffer");
}

struct PortCase {
  std::vector<FetchParams> clients;
  spec::MemoryPortParams port;
};

// Clients of all forms, each in its region.
PortCase port_case(int clients, int data_bits, int burst, int outstanding, std::mt19937& rng) {
  PortCase c;
  int64_t page = 0;
  const int page_beats = 4096 * 8 / data_bits;
  for (int i = 0; i < clients; ++i) {
    FetchParams p{.data_bits = data_bits,
                  .word_bits = 1 + static_cast<int>(rng() % (2 * data_bits)),
                  .tile_words = 1 + static_cast<int64_t>(rng() % 40),
                  .tiles = 1 + static_cast<int64_t>(rng() % 30),
                  .slots = 1 + static_cast<int>(rng() % 3),
                  .once = false,
                  .burst_beats = burst,
                  .first_beat = page * page_beats};
    if (i == 1) {
      p.once = true;
      p.tiles = p.slots = 1;
      p.tile_words *= 9;
    }
    page += ceil_div(spec::region_beats(p), page_beats);
    c.clients.push_back(p);
  }
  c.port = {.protocol = burst <= 16 ? spec::MemoryProtocol::axi3 : spec::MemoryProtocol::axi4,
            .data_bits = data_bits,
            .address_bits = 32,
            .burst_beats = burst,
            .outstanding = outstanding,
            .clients = c.clients};
  return c;
}

struct Burst {
  int64_t address = 0, left = 0;
};

// The port alone, against stages that ask as they should and a memory that answers at random. A beat with an
// error comes with the `bad`-th (-1: none).
std::string run_port(const PortCase& c, int ready_percent, int beat_percent, int64_t bad, int cycles,
                     unsigned seed) {
  std::mt19937 rng(seed);
  const spec::MemoryPortParams& p = c.port;
  const int n = static_cast<int>(c.clients.size()), bytes = p.data_bits / 8;
  hdl::Design d;
  hw::build_memory_port(d, "elb_port", p);
  VectorBench bench;
  bench.input("weights_base", p.address_bits);  // 0 under reset, as all inputs
  std::vector<int> ask, address, lengths, grant, fill;
  for (int i = 0; i < n; ++i) {
    ask.push_back(bench.input(fmt::format("fetch{}_soon", i), 1));
    address.push_back(bench.input(fmt::format("fetch{}_address", i), spec::beat_address_bits(c.clients[i])));
    lengths.push_back(bench.input(fmt::format("fetch{}_length", i), spec::burst_length_bits(c.clients[i])));
    grant.push_back(bench.output(fmt::format("fetch{}_grant", i), 1));
    fill.push_back(bench.output(fmt::format("fill{}_valid", i), 1));
  }
  const int length_bits = p.protocol == spec::MemoryProtocol::axi3 ? 4 : 8;
  const int arready = bench.input("m_axi_arready", 1), rvalid = bench.input("m_axi_rvalid", 1),
            rdata = bench.input("m_axi_rdata", p.data_bits), rresp = bench.input("m_axi_rresp", 2),
            rlast = bench.input("m_axi_rlast", 1);
  const int arvalid = bench.output("m_axi_arvalid", 1), araddr = bench.output("m_axi_araddr", p.address_bits),
            arlen = bench.output("m_axi_arlen", length_bits), arsize = bench.output("m_axi_arsize", 3),
            arburst = bench.output("m_axi_arburst", 2), arcache = bench.output("m_axi_arcache", 4),
            arprot = bench.output("m_axi_arprot", 3), rready = bench.output("m_axi_rready", 1),
            fill_data = bench.output("fill_data", p.data_bits), error = bench.output("err_rresp", 1);

  std::vector<Asking> stages(c.clients.begin(), c.clients.end());
  std::vector<int64_t> got(n, 0);            // beats of each client
  std::vector<std::deque<int64_t>> free(n);  // cycles in which slots become free
  int last_granted = n - 1, filled = -1, most_under_way = 0;
  bool waits = false, failed = false;
  Burst offered;
  std::deque<int> under_way;  // clients
  std::deque<Burst> at_memory;
  Bits filled_data;
  int64_t beat_count = 0, bursts = 0;
  for (int64_t t = 0; t < cycles; ++t) {
    bench.expect(rready, number(1, 1));
    bench.expect(error, number(1, failed));
    bench.expect(arvalid, number(1, waits));
    bench.expect(arsize, number(3, bits_for(bytes) - 1));
    bench.expect(arburst, number(2, 1));
    bench.expect(arcache, number(4, 3));
    bench.expect(arprot, number(3, 0));
    if (waits) {
      const int64_t first = offered.address * bytes, last = first + offered.left * bytes - 1;
      if (first / 4096 != last / 4096) return "a burst crosses 4096 bytes";
      bench.expect(araddr, number(p.address_bits, first));
      bench.expect(arlen, number(length_bits, offered.left - 1));
    }
    for (int i = 0; i < n; ++i) bench.expect(fill[i], number(1, i == filled));
    if (filled >= 0) bench.expect(fill_data, filled_data);

    // Who is granted.
    int granted = -1;
    if (!waits && static_cast<int>(under_way.size()) < p.outstanding && !failed) {
      for (int k = 1; k <= n && granted < 0; ++k) {
        if (stages[(last_granted + k) % n].asks()) granted = (last_granted + k) % n;
      }
    }
    for (int i = 0; i < n; ++i) {
      bench.set(ask[i], number(1, i == granted ? chance(rng, 50) : stages[i].asks_behind()));
      bench.set(address[i], number(spec::beat_address_bits(c.clients[i]), stages[i].address));
      const int length_bits = spec::burst_length_bits(c.clients[i]);
      bench.set(lengths[i], stages[i].asks() ? number(length_bits, stages[i].beats() - 1)
                                             : random_bits(length_bits, rng));
      bench.expect(grant[i], number(1, i == granted));
    }
    // The memory. What it takes in this cycle it answers later.
    const bool beat = !at_memory.empty() && chance(rng, beat_percent);
    const bool ready = chance(rng, ready_percent);
    bench.set(arready, number(1, ready));
    filled = -1;
    filled_data = random_bits(p.data_bits, rng);
    bench.set(rdata, filled_data);
    bench.set(rvalid, number(1, beat));
    const bool is_bad = beat && beat_count == bad;
    const bool junk = !beat && chance(rng, 50);  // without rvalid nothing means anything
    bench.set(rresp, number(2, is_bad ? 2 : junk ? 3 : 0));
    if (junk) bench.set(rlast, number(1, 1));
    if (beat) {
      Burst& b = at_memory.front();
      const bool ends = --b.left == 0;
      bench.set(rlast, number(1, ends));
      ++beat_count;
      if (!failed && !is_bad) {
        filled = under_way.front();
        if (++got[filled] % spec::beats_per_tile(c.clients[filled]) == 0 && !c.clients[filled].once)
          free[filled].push_back(t + 3 + static_cast<int64_t>(rng() % 60));
      }
      if (ends) {
        at_memory.pop_front();
        under_way.pop_front();
      }
    }
    failed = failed || is_bad;
    if (waits && ready) {
      at_memory.push_back(offered);
      waits = false;
    }
    if (granted >= 0) {
      offered = {stages[granted].address, stages[granted].beats()};
      waits = true;
      under_way.push_back(granted);
      last_granted = granted;
      ++bursts;
    }
    most_under_way = std::max(most_under_way, static_cast<int>(under_way.size()));
    for (int i = 0; i < n; ++i) {
      const bool freed = !free[i].empty() && free[i].front() <= t;
      if (freed) free[i].pop_front();
      stages[i].clock(i == granted, freed);
    }
    bench.end_cycle();
  }
  if (bad < 0 && bursts < 5 * n) return fmt::format("only {} bursts", bursts);
  if (bad >= 0 && (!failed || beat_count <= bad)) return "the bad beat did not come";
  if (beat_percent < 40 && n == 5 && most_under_way != p.outstanding)
    return fmt::format("at most {} bursts were under way", most_under_way);
  return bench.run(d, "elb_port");
}

}  // namespace

TEST_CASE("a weight buffer asks, fills and hands out words in the promised cycles") {
  const auto params = [](int d, int w, int64_t f, int64_t tiles, int slots, int burst, int64_t first = 0) {
    return FetchParams{.data_bits = d,
                       .word_bits = w,
                       .tile_words = f,
                       .tiles = tiles,
                       .slots = slots,
                       .burst_beats = burst,
                       .first_beat = first};
  };
  const std::vector<FetchParams> cases{
      params(64, 16, 9, 3, 2, 4),         // k = 4, a ragged last row
      params(64, 16, 8, 4, 3, 2, 512),    // whole rows and bursts
      params(64, 12, 7, 3, 2, 16),        // k = 5
      params(64, 21, 11, 5, 3, 4, 1024),  // k = 3
      params(64, 16, 1, 5, 2, 4),         // F = 1
      params(64, 7, 3, 2, 3, 1),          // a tile within a beat
      params(64, 64, 6, 3, 2, 4),         // W = D
      params(64, 40, 5, 3, 2, 2),         // k = 1
      params(64, 65, 4, 3, 2, 4),         // a narrow last bank
      params(32, 150, 5, 2, 3, 8, 4096),  // five banks
      params(64, 128, 1, 3, 2, 16),       // F = 1, two banks
      params(64, 64, 1, 1, 2, 16),        // one word is all
      params(64, 30, 9, 3, 1, 4),         // one slot
  };
  unsigned seed = 1;
  for (const FetchParams& p : cases) {
    for (const bool eager : {true, false}) {
      INFO(describe(p) << (eager ? " eager" : " at random"));
      const auto style = seed % 2 == 0 ? spec::MemoryStyle::block : spec::MemoryStyle::distributed;
      CHECK(run_buffer(p, style, eager, 2000, seed++) == "");
    }
  }
}

TEST_CASE("weights fetched once are kept and go round") {
  unsigned seed = 50;
  for (const auto& [d, w, f, burst] : std::vector<std::tuple<int, int, int64_t, int>>{{64, 16, 45, 4},
                                                                                      {64, 12, 37, 16},
                                                                                      {64, 64, 20, 8},
                                                                                      {32, 100, 9, 16},
                                                                                      {128, 3, 5, 4},
                                                                                      {64, 9, 1, 1}}) {
    const FetchParams p{.data_bits = d,
                        .word_bits = w,
                        .tile_words = f,
                        .tiles = 1,
                        .slots = 1,
                        .once = true,
                        .burst_beats = burst,
                        .first_beat = 256};
    INFO(describe(p));
    CHECK(run_buffer(p, spec::MemoryStyle::block, true, 400, seed++) == "");
    CHECK(run_buffer(p, spec::MemoryStyle::distributed, false, 800, seed++) == "");
  }
}

TEST_CASE("the port serves its stages burst by burst in turn, whatever the memory does") {
  std::mt19937 rng(7);
  for (const int clients : {1, 2, 3, 5}) {
    for (const auto& [data, burst, outstanding] : std::vector<std::tuple<int, int, int>>{
             {64, 16, 8}, {128, 4, 1}, {32, 256, 3}, {512, 64, 2}, {64, 1, 4}}) {
      const PortCase c = port_case(clients, data, burst, outstanding, rng);
      INFO(fmt::format("{} clients, {} bits, bursts of {}, {} under way", clients, data, burst, outstanding));
      CHECK(run_port(c, 100, 100, -1, 1500, rng()) == "");
      CHECK(run_port(c, 70, 30, -1, 3000, rng()) == "");
    }
  }
}

TEST_CASE("a beat with an error stops the port for good") {
  std::mt19937 rng(8);
  for (const int64_t bad : {0, 1, 15, 37}) {
    const PortCase c = port_case(3, 64, 16, 4, rng);
    CHECK(run_port(c, 80, 80, bad, 600, rng()) == "");
  }
}

TEST_CASE("addresses count from the base that stands at the port under reset") {
  std::mt19937 rng(9);
  const PortCase c = port_case(1, 128, 16, 4, rng);
  hdl::Design d;
  hw::build_memory_port(d, "elb_port", c.port);
  hdl::Simulator sim(d, "elb_port", {.power_up = 3});
  sim.set("weights_base", int64_t{0xfedc7000});
  sim.reset();
  sim.set("weights_base", 0x1000);
  sim.set("fetch0_soon", 1);
  sim.set("fetch0_address", 5);
  sim.set("fetch0_length", 0);
  sim.step();
  sim.step();
  CHECK(sim.get("m_axi_arvalid") == 1);
  CHECK(sim.get("m_axi_araddr") == int64_t{0xfedc7000} + 5 * 16);
}
