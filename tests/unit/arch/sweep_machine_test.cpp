// The machine of a stage with streamed weights against the rules of spec/sweep.hpp and spec/fetch.hpp,
// written as recurrences over its tiles.
#include <algorithm>

#include "arch/fetch_machine.hpp"
#include "arch/machine.hpp"
#include "arch/plan_json.hpp"
#include "arch/stage_specs.hpp"
#include "fixture.hpp"
#include "support/catch.hpp"

using namespace elb;
using namespace elb::arch;
using namespace elb::arch::test;

namespace {

struct Run {
  std::vector<int64_t> issues, pops;  // cycles
};

// The stage alone: a beat is always there (of `frames` frames), every result is taken, bursts are single
// beats.
Run run(const spec::ComputeStage& s, int frames) {
  std::unique_ptr<Machine> machine = make_machine(s);
  REQUIRE(machine->fetch());
  PortMachine port(8, {});
  port.add(machine->fetch());
  Run r;
  int64_t taken = 0;
  std::vector<char> valid(1), fired(1);
  const size_t results = static_cast<size_t>(frames * s.out.beats_per_frame());
  for (int64_t cycle = 0; cycle < 100000 && r.pops.size() < results; ++cycle) {
    valid[0] = taken < frames * s.in.beats_per_frame();
    const bool popped = machine->out().valid();
    const int64_t issued = machine->issued;
    machine->step(cycle, valid, popped, fired);
    taken += fired[0];
    if (machine->issued > issued) r.issues.push_back(cycle);
    if (popped) r.pops.push_back(cycle);
    port.clock(cycle);
  }
  return r;
}

// Tiles of weights, one after the other.
class Weights {
 public:
  explicit Weights(const spec::FetchParams& p) : p_(p) {}
  // From when on the next tile may issue.
  int64_t ready() {
    const size_t slots = static_cast<size_t>(p_.slots);
    const int64_t slot = tiles_ < slots ? 0 : free_.at(tiles_ - slots);
    ++tiles_;
    // It is asked for in the cycle after a slot is free and nothing is left of the tile before; then one beat
    // every two cycles.
    grant_ = std::max(std::max(grant_ + 1, slot) + 1, grant_ + 2) + 2 * (spec::beats_per_tile(p_) - 1);
    return grant_ + 2 + spec::FetchTiming::kBeatToIssue;
  }
  void sweep_ends(int64_t issue) { free_.push_back(issue + 3 + p_.tile_words - 1 + 1); }

 private:
  spec::FetchParams p_;
  size_t tiles_ = 0;
  int64_t grant_ = -1;  // of the last beat asked for
  std::vector<int64_t> free_;
};

// Column group g comes in in cycle g, and the store has room for all: `need` of them are there from cycle
// `need` on.
class Expected {
 public:
  Expected(const spec::ComputeStage& s, int frames) : s_(s), weights_(*s.fetch) {
    const spec::WindowParams& w = s.window;
    const int columns = spec::output_groups_per_row(w);
    for (int f = 0; f < frames;) {
      if (s.sweep->frames > 0) {
        Weights next = weights_;
        int64_t begin = std::max({next_, next.ready(), int64_t{f} + 1, place_free()});
        // Frame g shows from cycle g + 1 on; the last one of all is waited for in vain.
        const int most = std::min(s.sweep->frames, s.window.capacity);
        begin = std::max<int64_t>(begin, f + most <= frames ? f + most : frames + s.sweep->patience);
        const int n = static_cast<int>(std::min<int64_t>({s.sweep->frames, frames - f, begin - f}));
        band(n, [&](int) { return begin; });
        f += n;
        continue;
      }
      for (int b = 0; b < spec::bands(w, *s.sweep); ++b) {
        band(spec::rows_of_band(w, *s.sweep, b) * columns, [&](int i) {
          return f * spec::groups_per_frame(w) + spec::need(w, b * s.sweep->rows + i / columns, i % columns);
        });
      }
      ++f;
    }
  }
  Run run;

 private:
  template <class Need>
  void band(int places, const Need& need) {
    for (int sweep = 0; sweep < s_.tiles(); ++sweep) {
      const int64_t weights = weights_.ready();
      for (int i = 0; i < places; ++i) {
        int64_t t = i == 0 ? std::max(next_, weights) : next_;
        if (sweep == 0) {
          t = std::max({t, int64_t{need(i)}, place_free()});
          ++places_;
        }
        run.issues.push_back(t);
        next_ = t + s_.tile_cycles;
        if (i == places - 1) weights_.sweep_ends(t);
        if (sweep == s_.tiles() - 1) leave(t);
      }
    }
  }
  int64_t place_free() const {
    const size_t ring = static_cast<size_t>(s_.sweep->places);
    return places_ < ring ? 0 : freed_.at(places_ - ring) + 1;
  }
  // A place's last tile issues.
  void leave(int64_t issue) {
    const int64_t written = issue + 4 + spec::folds(s_.window) - 1 + spec::datapath_latency(s_) +
                            spec::beats_of_last(spec::tile_beats(s_)) - 1;
    for (int b = 0; b < s_.out.channel_beats(); ++b) {
      fetched_ = std::max(fetched_ + 1, written + 1);
      run.pops.push_back(fetched_ + 2);
    }
    freed_.push_back(fetched_);
  }

  const spec::ComputeStage& s_;
  Weights weights_;
  size_t places_ = 0;  // taken
  int64_t next_ = 0, fetched_ = 0;
  std::vector<int64_t> freed_;  // when each place's last beat was fetched
};

spec::ComputeStage stage(const nn::Network& net, const std::string& row) {
  PlanOptions options;
  options.overrides = read_plan_text(
      R"({"format": "elbgen.plan/1", "memory": {"data_bits": 32, "burst_beats": 1}, "stages": [)" + row +
          "]}",
      "plan.json");
  const Plan plan = make_plan(net, options);
  return std::get<spec::ComputeStage>(stage_specs(net, plan, "elb_net")[1]);
}

}  // namespace

TEST_CASE("a conv sweeps its bands tile by tile") {
  const nn::Network net = network("[5, 4, 2]", conv("a", 7, R"("kernel": 3, "padding": 1)"));
  for (const int p : {2, 3, 7}) {
    for (const int rows : {1, 2, 3, 5}) {
      for (const int places : {0, 1, 9}) {
        for (const int slots : {1, 2, 3}) {
          INFO(p << " kernels, " << rows << " rows, " << places << " places more, " << slots << " slots");
          const spec::ComputeStage s =
              stage(net, R"({"layer": "a", "weights": "stream", "s": 2, "m": 1, "p": )" + std::to_string(p) +
                             R"(, "window_capacity": 60, "band_rows": )" + std::to_string(rows) +
                             R"(, "weight_slots": )" + std::to_string(slots) + R"(, "reorder_places": )" +
                             std::to_string(4 * rows + places) + "}");
          const Run seen = run(s, 3), said = Expected(s, 3).run;
          REQUIRE(seen.issues == said.issues);
          REQUIRE(seen.pops == said.pops);
        }
      }
    }
  }
}

TEST_CASE("an fc layer waits for b frames, or until its patience ends, and takes those that are there") {
  const nn::Network net = network("[1, 1, 6]", fc("f", 9, true));
  for (const int p : {1, 4, 9}) {
    for (const int b : {1, 2, 5}) {
      for (const int slots : {1, 2}) {
        INFO(p << " kernels, " << b << " images, " << slots << " slots");
        const spec::ComputeStage s =
            stage(net, R"({"layer": "f", "weights": "stream", "s": 6, "window_capacity": 20, "p": )" +
                           std::to_string(p) + R"(, "b": )" + std::to_string(b) + R"(, "weight_slots": )" +
                           std::to_string(slots) + R"(, "reorder_places": )" + std::to_string(b) + "}");
        const Run seen = run(s, 12), said = Expected(s, 12).run;
        REQUIRE(seen.issues == said.issues);
        REQUIRE(seen.pops == said.pops);
      }
    }
  }
}
