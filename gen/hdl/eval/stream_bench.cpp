#include "hdl/eval/stream_bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "base/assert.hpp"
#include "hdl/module_build.hpp"

namespace elb::hdl {
namespace {

// When a source offers or a sink takes: now and then, in bursts and pauses of random length.
class Pauses {
 public:
  Pauses(bool active, uint64_t seed) : active_(active), random_(seed) { choose(); }
  bool open() {
    if (!active_) return true;
    if (--left_ <= 0) choose();
    return random_() % 16 < chance_;
  }

 private:
  void choose() {
    static constexpr unsigned kChances[] = {0, 1, 4, 8, 12, 16};
    chance_ = kChances[random_() % 6];
    left_ = 1 + static_cast<int>(random_() % 24);
  }
  bool active_;
  std::mt19937_64 random_;
  unsigned chance_ = 16;
  int left_ = 0;
};

struct Channel {
  std::string name;
  SimSignal valid, ready;
  std::vector<SimSignal> fields;
  Pauses pauses;
  std::vector<Transfer> moved;
  const std::vector<Beat>* beats = nullptr;  // of a source
  bool offered = false;
  int64_t expected = -1;  // of a sink; -1: any number
  bool waiting = false;   // valid without ready in the last cycle
  Beat held;
};

class Bench {
 public:
  Bench(Simulator& sim, const BenchSetup& setup) : sim_(sim), setup_(setup) {
    const Graph& g = sim.top().graph();
    uint64_t seed = setup.seed * 0x9e3779b97f4a7c15ull;
    for (const StreamPort& s : sim.top().builder().streams) {
      const bool input = s.dir == Dir::input;
      const bool stalls =
          setup.stall == Stall::both || setup.stall == (input ? Stall::idle_source : Stall::stalled_sink);
      Channel c{s.name,
                sim.find(g.ports[s.valid].name),
                sim.find(g.ports[s.ready].name),
                {},
                Pauses(stalls, ++seed),
                {},
                nullptr,
                false,
                -1,
                false,
                {}};
      for (int f : s.fields) c.fields.push_back(sim.find(g.ports[f].name));
      if (input && setup.in.count(s.name) != 0) c.beats = &setup.in.at(s.name);
      if (!input && setup.expect.count(s.name) != 0) c.expected = setup.expect.at(s.name);
      (input ? sources_ : sinks_).push_back(std::move(c));
    }
    for (const auto& [name, beats] : setup.in) known(sources_, name);
    for (const auto& [name, count] : setup.expect) known(sinks_, name);
  }

  BenchResult run() {
    for (Channel& c : sources_) sim_.set(c.valid, int64_t{0});
    for (Channel& c : sinks_) sim_.set(c.ready, int64_t{0});
    sim_.reset();
    int64_t more = setup_.more_cycles;
    for (cycle_ = 0; cycle_ < setup_.max_cycles && (!done() || more-- > 0); ++cycle_) {
      if (!done()) result_.cycles = cycle_ + 1;
      cycle();
    }
    finish();
    return std::move(result_);
  }

 private:
  static void known(const std::vector<Channel>& channels, const std::string& name) {
    const bool found =
        std::any_of(channels.begin(), channels.end(), [&](const Channel& c) { return c.name == name; });
    ELB_ASSERT(found, "no stream '" + name + "' in this direction");
  }

  void problem(std::string text) {
    if (result_.problems.size() < 8) result_.problems.push_back(std::move(text));
  }

  bool done() const {
    for (const Channel& c : sources_) {
      if (setup_.take_all_inputs && c.beats && c.moved.size() < c.beats->size()) return false;
    }
    return std::all_of(sinks_.begin(), sinks_.end(),
                       [](const Channel& c) { return static_cast<int64_t>(c.moved.size()) >= c.expected; });
  }

  Beat payload(const Channel& c) {
    Beat b;
    for (const SimSignal& f : c.fields) b.push_back(sim_.get_bits(f));
    return b;
  }

  void offer(Channel& c) {
    const bool left = c.beats && c.moved.size() < c.beats->size();
    if (left && !c.offered) c.offered = c.pauses.open();
    sim_.set(c.valid, int64_t{left && c.offered});
    if (!left || !c.offered) return;
    const Beat& beat = (*c.beats)[c.moved.size()];
    ELB_ASSERT(beat.size() == c.fields.size(), "a beat has one value per field");
    for (size_t f = 0; f < beat.size(); ++f) sim_.set(c.fields[f], beat[f]);
  }

  void watch(Channel& c) {
    const bool valid = sim_.get(c.valid) != 0, ready = sim_.get(c.ready) != 0;
    if (!valid) {
      if (c.waiting) problem(fmt::format("cycle {}: valid of '{}' fell before ready came", cycle_, c.name));
      c.waiting = false;
      return;
    }
    Beat beat = payload(c);
    if (c.waiting && beat != c.held)
      problem(fmt::format("cycle {}: the payload of '{}' changed before ready came", cycle_, c.name));
    c.waiting = !ready;
    if (ready) {
      c.moved.push_back({cycle_, beat});
      if (c.expected >= 0 && static_cast<int64_t>(c.moved.size()) > c.expected)
        problem(fmt::format("cycle {}: a beat of '{}' beyond the {} that were asked for", cycle_, c.name,
                            c.expected));
    }
    c.held = std::move(beat);
  }

  void cycle() {
    for (Channel& c : sources_) offer(c);
    for (Channel& c : sinks_) sim_.set(c.ready, int64_t{c.pauses.open()});
    if (setup_.before_edge) setup_.before_edge(sim_, cycle_);
    for (Channel& c : sinks_) watch(c);
    for (Channel& c : sources_) {
      if (!c.offered || sim_.get(c.valid) == 0 || sim_.get(c.ready) == 0) continue;
      c.offered = false;
      c.moved.push_back({cycle_, (*c.beats)[c.moved.size()]});
    }
    sim_.step();
  }

  void finish() {
    for (Channel& c : sources_) {
      if (setup_.take_all_inputs && c.beats && c.moved.size() < c.beats->size())
        problem(fmt::format("'{}' took {} of {} beats in {} cycles", c.name, c.moved.size(), c.beats->size(),
                            cycle_));
      result_.in[c.name] = std::move(c.moved);
    }
    for (Channel& c : sinks_) {
      if (static_cast<int64_t>(c.moved.size()) < c.expected)
        problem(
            fmt::format("'{}' gave {} of {} beats in {} cycles", c.name, c.moved.size(), c.expected, cycle_));
      result_.out[c.name] = std::move(c.moved);
    }
  }

  Simulator& sim_;
  const BenchSetup& setup_;
  std::vector<Channel> sources_, sinks_;
  BenchResult result_;
  int64_t cycle_ = 0;
};

}  // namespace

Beat make_beat(const StreamShape& shape, const std::vector<int64_t>& values) {
  const std::vector<Field> fields = shape.all();
  ELB_ASSERT(fields.size() == values.size(), "a beat has one value per field");
  Beat b;
  for (size_t i = 0; i < fields.size(); ++i) b.push_back(Bits::from_int(fields[i].shape.width, values[i]));
  return b;
}

const char* stall_name(Stall stall) {
  switch (stall) {
    case Stall::free:
      return "free";
    case Stall::idle_source:
      return "idle source";
    case Stall::stalled_sink:
      return "stalled sink";
    case Stall::both:
      return "both random";
  }
  return "";
}

std::string BenchResult::text() const {
  std::string all;
  for (const std::string& p : problems) all += p + "\n";
  return all;
}

std::vector<Beat> BenchResult::beats(const std::string& stream) const {
  std::vector<Beat> all;
  for (const Transfer& t : out.at(stream)) all.push_back(t.beat);
  return all;
}

BenchResult run_streams(Simulator& sim, const BenchSetup& setup) {
  return Bench(sim, setup).run();
}

}  // namespace elb::hdl
