// Whole runs of the toy that reads its weights from memory (toy_memory.hpp), sound and broken.
#include <fmt/format.h>

#include <filesystem>

#include "base/diag.hpp"
#include "base/text.hpp"
#include "refused.hpp"
#include "sim/harness/run.hpp"
#include "support/catch.hpp"
#include "toy_memory.hpp"

using namespace elb::harness;
using elb::spec::DramTiming;
using toy::Edits;

namespace {

Edits joined(Edits a, const Edits& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

struct Toy {
  toy::TempDir dir;
  RunOptions options;

  explicit Toy(const Edits& verilog = {}, const Edits& manifest = {}) {
    toy::write_design(dir / "rtl", joined(toy::reads_memory(), verilog),
                      joined(toy::memory_in_manifest(), manifest));
    std::filesystem::remove(dir / "rtl/mem/fc1_w.mem");
    elb::write_file(image(), toy::weights_in_memory());
    toy::write_images(dir / "images.npy", 20);
    options.inputs = {dir / "images.npy"};
    options.work_dir = toy::work_dir();
  }
  std::string image() const { return dir / "rtl/dram.bin"; }
  RunReport run() const { return run_rtl(dir / "rtl", options); }
};

bool has(const std::vector<std::string>& sentences, const std::string& text) {
  for (const std::string& s : sentences) {
    UNSCOPED_INFO(s);
    if (s.find(text) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("weights come from the image, and the bytes are counted") {
  const Toy t;
  const RunReport r = t.run();
  CHECK(r.failures == std::vector<std::string>{});
  CHECK(r.mismatches == 0);
  REQUIRE(r.memory);
  // 20 frames of a tile each, and two tiles more that wait.
  CHECK(r.memory->beats == 22 * 4);
  CHECK(r.memory->bytes == 22 * 16);
  CHECK(r.memory->bursts == 22 * 2);
  CHECK(r.memory->bytes_per_cycle > 1);
  CHECK(r.memory->gbytes_per_s == r.memory->bytes_per_cycle * 0.25);
  CHECK(report_json(r).find("\"beats\": 88") != std::string::npos);
  CHECK(report_text(r).find("352 bytes in 44 bursts") != std::string::npos);
}

TEST_CASE("a flipped bit of the image is a mismatch") {
  const Toy t;
  std::string bytes = toy::weights_in_memory();
  bytes[1] = static_cast<char>(bytes[1] ^ 4);
  elb::write_file(t.image(), bytes);
  const RunReport r = t.run();
  REQUIRE(r.first_mismatch);
  CHECK(r.first_mismatch->layer == "fc1");
  CHECK(r.first_mismatch->c == 1);
}

TEST_CASE("slow and random memories change cycles, never values") {
  Toy t;
  double bytes_per_cycle = 0;
  const auto cycles = [&] {
    const RunReport r = t.run();
    CHECK(r.failures == std::vector<std::string>{});
    CHECK(r.mismatches == 0);
    CHECK(r.values_compared == 180);
    bytes_per_cycle = r.memory->bytes_per_cycle;
    return r.simulated.cycles_per_frame;
  };
  t.options.dram.timing = DramTiming{.latency = 3};
  CHECK(cycles() == 4);
  t.options.dram.timing = DramTiming{.latency = 3, .beats = 1, .cycles = 5};
  CHECK(cycles() == 20);
  t.options.dram.timing = DramTiming{.latency = 3000, .beats = 1, .cycles = 100};
  cycles();
  CHECK(bytes_per_cycle < 0.05);
  for (const uint64_t seed : {1, 2, 3}) {
    t.options.dram = {.random = RandomDram{.seed = seed, .max_latency = 200, .percent = 30}};
    t.options.seed = seed;
    cycles();
    CHECK(bytes_per_cycle < 0.5);
    t.options.stall = {.seed = seed, .percent = 50};
  }
}

TEST_CASE("behind a memory, the rate that is predicted for ever is not held against a short run") {
  Toy t({}, Edits{{"\"cycles_per_frame\": 4", "\"cycles_per_frame\": 9"}});
  const RunReport r = t.run();
  CHECK(r.ok());
  CHECK(r.predicted.cycles_per_frame == 9);
  CHECK(r.simulated.cycles_per_frame == 4);
}

TEST_CASE("a read error stops the design cleanly, and the answer is no") {
  Toy t;
  for (const int64_t beat : {0, 1, 7, 40}) {
    t.options.dram.error_beat = beat;
    const RunReport r = t.run();
    CHECK_FALSE(r.ok());
    CHECK(r.mismatches == 0);
    REQUIRE(r.failures.size() == 1);
    UNSCOPED_INFO(r.failures[0]);
    CHECK(r.failures[0].find("read error at address 0x") == 0);
    CHECK(r.failures[0].find(
              fmt::format("err_rresp rose and the design stopped, no wrong beat left it, after {} of "
                          "20 images",
                          beat / 4)) != std::string::npos);
  }
  t.options.dram.error_beat = 88;
  CHECK(has(t.run().failures, "beat 88 was to fail, and only 88 were read"));
}

TEST_CASE("a design that goes on after a read error is caught") {
  const auto failures = [](const Edits& verilog) {
    Toy t(verilog);
    t.options.dram.error_beat = 6;
    return t.run();
  };
  CHECK(has(failures({{"assign err_rresp = bad_q;", "assign err_rresp = 1'b0;"}}).failures,
            "err_rresp is low"));
  CHECK(
      has(failures({{"left_q != 2'd0 && !arvalid_q && !bad_q", "left_q != 2'd0 && !arvalid_q"},
                    {"left_q == 2'd0 && slots_q != 2'd0;", "left_q == 2'd0 && (bad_q || slots_q != 2'd0);"}})
              .failures,
          "an address after a read error"));
  // Dropping only the beat that failed shifts all that follow.
  CHECK(*failures({{"m_axi_rresp == 2'd0 && !bad_q", "m_axi_rresp == 2'd0"},
                   {"2'd0 && !arvalid_q && !bad_q", "2'd0 && !arvalid_q"}})
             .mismatches > 0);
}

TEST_CASE("err_rresp without a read error is a failure") {
  CHECK(has(Toy(Edits{{"assign err_rresp = bad_q;", "assign err_rresp = m_axi_rvalid;"}}).run().failures,
            "err_rresp is set, and no read was answered by an error"));
}

TEST_CASE("a port that breaks a rule is named with cycle and address") {
  const auto failures = [](const Edits& verilog) { return Toy(verilog).run().failures; };
  CHECK(has(failures({{"m_axi_arlen = 8'd1", "m_axi_arlen = 8'd2"}}), "a burst of 3 beats, 2 are the most"));
  CHECK(has(failures({{"m_axi_arsize = 3'd2", "m_axi_arsize = 3'd3"}}), "arsize is 3"));
  CHECK(has(failures({{"m_axi_arburst = 2'd1", "m_axi_arburst = 2'd2"}}), "arburst is 2"));
  CHECK(has(failures({{"{28'd0, half_q, 3'd0}", "{27'd0, half_q, 4'd0}"}}), "outside the image of 16 bytes"));
  CHECK(has(failures({{"if (!aresetn) base_q <= weights_base;", "base_q <= weights_base;"}}),
            "memory port, cycle "));
}

TEST_CASE("a design that stops asking is a deadlock") {
  CHECK(has(Toy(Edits{{"+ {1'b0, used};\n    tiles_q", ";\n    tiles_q"}}).run().failures,
            "deadlock at cycle"));
}

TEST_CASE("a wrong image is refused in one line, as is a memory where none is") {
  Toy t;
  elb::write_file(t.image(), toy::weights_in_memory() + "x");
  CHECK(refused([&] { t.run(); }) ==
        t.image() +
            ": error [sim-manifest]: has 17 bytes, the image of this design has 16; elbgen writes both; "
            "generate the design again");
  std::filesystem::remove(t.image());
  CHECK(refused([&] { t.run(); }).find("dram.bin: error [sim-manifest]: there is no such file") !=
        std::string::npos);

  toy::write_design(t.dir / "rtl2");
  t.options.dram.error_beat = 3;
  CHECK(refused([&] {
          run_rtl(t.dir / "rtl2", t.options);
        }).find("--dram: error [cli-usage]: the design in '") == 0);
}

TEST_CASE("a memory port that makes no sense is refused with its place") {
  const auto error = [](const std::string& from, const std::string& to) {
    const Toy t({}, Edits{{from, to}});
    return refused([&] { t.run(); });
  };
  CHECK(error("\"data_bits\": 32", "\"data_bits\": 24").find("#/memory/data_bits: error [sim-manifest]") !=
        std::string::npos);
  CHECK(error("\"beats\": 1, \"cycles\": 1", "\"beats\": 3, \"cycles\": 2")
            .find("more than one beat in a cycle") != std::string::npos);
  CHECK(error("\"axi4\"", "\"axi5\"").find("#/memory/protocol: error [json-") != std::string::npos);
  CHECK(error("\"bytes\": 16", "\"bytes\": 0").find("without an image (dram)") != std::string::npos);
}
