#include "hdl/eval/stream_bench.hpp"

#include "hdl/component.hpp"
#include "support/catch.hpp"

using namespace elb;
using namespace elb::hdl;

namespace {

const StreamShape kShape{.data = u(8), .last = true};

std::vector<Beat> counting(int n) {
  std::vector<Beat> beats;
  for (int i = 0; i < n; ++i) beats.push_back(make_beat(kShape, {i * 7 % 256, i % 5 == 4}));
  return beats;
}

}  // namespace

TEST_CASE("every verb of a stream passes beats in order under all stalls") {
  using Verb = std::pair<const char*, Stream (*)(Stream)>;
  const Verb verbs[] = {
      {"full", [](Stream s) { return s.reg_slice(); }},
      {"forward", [](Stream s) { return s.reg_slice(Stream::Slice::forward); }},
      {"backward", [](Stream s) { return s.reg_slice(Stream::Slice::backward); }},
      {"fifo 1", [](Stream s) { return s.fifo(1); }},
      {"fifo 5", [](Stream s) { return s.fifo(5); }},
      {"block fifo 8", [](Stream s) { return s.fifo(8, RamStyle::block); }},
      {"fork and join",
       [](Stream s) {
         const std::vector<Stream> two = s.fork(2);
         return join({two[0].fifo(2), two[1].reg_slice()}, "both", kShape, [](const std::vector<Payload>& p) {
           return std::vector<Sig>{p[0].data(), p[1].last()};
         });
       }},
  };
  for (const Verb& verb : verbs) {
    Design d;
    Module& m = d.module("elb_verb");
    m.stream_out("m", kShape).connect(verb.second(m.stream_in("s", kShape)));
    for (const Stall stall : kAllStalls) {
      for (uint64_t seed = 1; seed <= 4; ++seed) {
        CAPTURE(verb.first, stall_name(stall), seed);
        Simulator sim(d, "elb_verb", {.power_up = seed});
        const std::vector<Beat> beats = counting(200);
        const BenchResult r =
            run_streams(sim, {.in = {{"s", beats}}, .expect = {{"m", 200}}, .stall = stall, .seed = seed});
        INFO(r.text());
        REQUIRE(r.ok());
        REQUIRE(r.beats("m") == beats);
        // Full rate unless one place alone must hold a beat.
        if (stall == Stall::free && std::string(verb.first) != "fifo 1") CHECK(r.cycles <= 200 + 8);
      }
    }
  }
}

TEST_CASE("a source that changes its mind is caught") {
  Design d;
  Module& m = d.module("elb_rude");
  const Reg tick = m.reg("tick_q", u(3));
  tick.next((tick + 1).trunc(3));
  const StreamSink out = m.stream_out("m", {.data = u(3)});
  SECTION("by its payload") {
    out.drive(m.lit(1, u(1)), {tick});
  }
  SECTION("by its valid") {
    out.drive(tick[0], {m.lit(2, u(3))});
  }
  Simulator sim(d, "elb_rude");
  const BenchResult r = run_streams(sim, {.in = {},
                                          .expect = {{"m", 40}},
                                          .stall = Stall::stalled_sink,
                                          .seed = 3,
                                          .max_cycles = 500,
                                          .more_cycles = 0});
  CHECK_FALSE(r.ok());
}

TEST_CASE("missing and surplus beats are reported") {
  Design d;
  Module& m = d.module("elb_pass");
  m.stream_out("m", kShape).connect(m.stream_in("s", kShape).fifo(4));
  Simulator sim(d, "elb_pass");
  const auto run = [&](int64_t expect) {
    return run_streams(sim, {.in = {{"s", counting(10)}},
                             .expect = {{"m", expect}},
                             .stall = Stall::free,
                             .seed = 1,
                             .max_cycles = 300});
  };
  CHECK(run(10).ok());
  CHECK_FALSE(run(11).ok());
  CHECK_FALSE(run(9).ok());
}
