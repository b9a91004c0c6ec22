// The same random design means the same everywhere: in the interpreter, Verilator and Icarus.
//
//   ELB_SEED=1234 build/tests/unit/property/unit_property      another set of designs
//   ELB_SEED=1234 ELB_COUNT=1 ...                              the one that failed alone
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include <unistd.h>

#include "hdl/eval/stream_bench.hpp"
#include "property/cosim.hpp"
#include "property/random_module.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace elb;
using namespace elb::property;

namespace {

uint64_t number_from(const char* variable, uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

// Where two traces part: "cycle 2, o1: 0f here, 0e there", or "" when they agree.
std::string difference(const hdl::Module& m, const Trace& a, const Trace& b) {
  if (a.size() != b.size()) return fmt::format("{} cycles here, {} there", a.size(), b.size());
  for (size_t t = 0; t < a.size(); ++t) {
    if (a[t] == b[t]) continue;
    return fmt::format("cycle {}, {}", t, part_names(m, a[t], b[t]));
  }
  return "";
}

}  // namespace

TEST_CASE("random designs mean the same in the interpreter, Verilator and Icarus") {
  const uint64_t seed = number_from("ELB_SEED", 20260);
  const int graphs = static_cast<int>(number_from("ELB_COUNT", std::getenv("ELB_ALL") ? 64 : 16)),
            streams = (graphs + 2) / 3;
  fmt::print("random designs: ELB_SEED={} ELB_COUNT={}\n", seed, graphs);
  hdl::Design d;
  std::vector<CosimCase> cases;
  for (int k = 0; k < graphs; ++k) {
    cases.push_back({fmt::format("elb_g{}", seed + static_cast<uint64_t>(k)), {}});
    random_module(d, cases.back().module, seed + static_cast<uint64_t>(k));
  }
  for (int k = 0; k < streams; ++k) {
    cases.push_back({fmt::format("elb_s{}", seed + static_cast<uint64_t>(k)), {}});
    random_stream_module(d, cases.back().module, seed + static_cast<uint64_t>(k));
  }
  REQUIRE(d.check().text() == "");
  for (size_t k = 0; k < cases.size(); ++k)
    cases[k].stimulus = random_stimulus(*d.find(cases[k].module), 150, seed + k);

  const elb::TempDir scratch;
  const CosimFiles files = write_cosim(d, cases, scratch.path().string());
  CHECK(lint(files) == "");
  CHECK(yosys_check(files) == "");
  std::string verilator_log, icarus_log;
  const std::vector<Trace> verilator = run_verilator(files, cases.size(), verilator_log);
  const std::vector<Trace> icarus = run_icarus(files, cases.size(), icarus_log);
  if (verilator.empty()) FAIL(verilator_log);
  if (icarus.empty()) FAIL(icarus_log);
  for (size_t k = 0; k < cases.size(); ++k) {
    const Trace ours = interpret(d, cases[k]);
    CAPTURE(cases[k].module);
    const hdl::Module& m = *d.find(cases[k].module);
    CHECK(difference(m, ours, verilator[k]) == "");
    CHECK(difference(m, ours, icarus[k]) == "");
  }
}

TEST_CASE("random chains of stream verbs compute their function on every beat, in order") {
  const uint64_t seed = number_from("ELB_SEED", 20260);
  const int count = static_cast<int>(number_from("ELB_COUNT", 40));
  fmt::print("random streams: ELB_SEED={} ELB_COUNT={}\n", seed, count);
  for (int k = 0; k < count; ++k) {
    hdl::Design d;
    const StreamModule s = random_stream_module(d, "elb_chain", seed + static_cast<uint64_t>(k));
    std::mt19937_64 random(seed + static_cast<uint64_t>(k));
    std::vector<hdl::Beat> beats, expected;
    for (int i = 0; i < 100; ++i) {
      hdl::Beat beat;
      for (const hdl::Field& f : s.shape.all()) {
        Bits b(f.shape.width);
        for (int bit = 0; bit < f.shape.width; ++bit) b.set_bit(bit, random() % 2 != 0);
        beat.push_back(b);
      }
      beats.push_back(beat);
      expected.push_back(s.meaning(beat));
    }
    for (const hdl::Stall stall : hdl::kAllStalls) {
      CAPTURE(k, hdl::stall_name(stall));
      hdl::Simulator sim(d, "elb_chain", {.power_up = seed + 1});
      const hdl::BenchResult r = hdl::run_streams(sim, {.in = {{"s", beats}},
                                                        .expect = {{"m", 100}},
                                                        .stall = stall,
                                                        .seed = seed + static_cast<uint64_t>(k)});
      INFO(r.text());
      REQUIRE(r.ok());
      REQUIRE(r.beats("m") == expected);
    }
  }
}
