// Whole runs of the hand-made design of toy.hpp, sound and broken.
#include <filesystem>

#include "base/diag.hpp"
#include "base/text.hpp"
#include "nn/read_network.hpp"
#include "sim/harness/npy.hpp"
#include "sim/harness/run.hpp"
#include "support/catch.hpp"
#include "toy.hpp"

using namespace elb::harness;
using toy::Edits;

namespace {

struct Toy {
  toy::TempDir dir;
  RunOptions options;

  explicit Toy(const Edits& verilog = {}, const Edits& manifest = {}, int images = 20) {
    toy::write_design(dir / "rtl", verilog, manifest);
    toy::write_images(dir / "images.npy", images);
    options.inputs = {dir / "images.npy"};
    options.work_dir = toy::work_dir();
  }
  RunReport run() const { return run_rtl(dir / "rtl", options); }
};

bool has(const std::vector<std::string>& sentences, const std::string& text) {
  for (const std::string& s : sentences) {
    if (s.find(text) != std::string::npos) return true;
  }
  return false;
}

std::string error_of(const Toy& t) {
  try {
    t.run();
  } catch (const elb::UserError& e) {
    return e.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("a sound design matches golden at every boundary and in its cycles") {
  Toy t;
  t.options.output = t.dir / "out.npy";
  const RunReport r = t.run();
  CHECK(r.failures.empty());
  CHECK(r.ok());
  CHECK(r.images == 20);
  CHECK(r.mismatches == 0);
  CHECK(r.boundaries_compared == 3);
  CHECK(r.values_compared == 20 * (4 + 3 + 2));
  CHECK(r.simulated.cycles_per_frame == 4);
  CHECK(r.simulated.latency_cycles == 5);
  REQUIRE(r.classes.size() == 20);
  const std::string bytes = elb::read_file(t.options.output);
  const Npy out = parse_npy(bytes, "out.npy");
  REQUIRE(out.shape == std::vector<int64_t>{20, 2});
  for (int i = 0; i < 20; ++i) {
    const std::vector<int> expected = toy::expected_outputs(toy::pixels_of(i));
    CHECK(npy_int(out, bytes, 2 * i) == expected[0]);
    CHECK(npy_int(out, bytes, 2 * i + 1) == expected[1]);
    CHECK(r.classes[static_cast<size_t>(i)] == (expected[1] > expected[0] ? 1 : 0));
  }
}

TEST_CASE("count repeats the images, and one image has no cycles per frame") {
  Toy t({}, {}, 3);
  t.options.count = 7;
  const RunReport r = t.run();
  CHECK(r.ok());
  REQUIRE(r.classes.size() == 7);
  CHECK(r.classes[3] == r.classes[0]);
  CHECK(r.classes[6] == r.classes[0]);
  t.options.count = 1;
  CHECK(t.run().simulated.cycles_per_frame == std::nullopt);
}

TEST_CASE("stalls of source and sink change cycles, never values") {
  Toy t;
  for (int percent : {1, 50, 95}) {
    t.options.stall = {.seed = 11, .percent = percent};
    const RunReport r = t.run();
    CHECK(r.ok());
    CHECK(r.mismatches == 0);
    CHECK(r.values_compared == 180);
  }
  CHECK(t.run().simulated.cycles_per_frame == t.run().simulated.cycles_per_frame);
}

TEST_CASE("source and sink stall by percentages of their own") {
  Toy t;
  t.options.stall = {.seed = 11, .percent = 95, .sink_percent = 0};
  const RunReport slow_source = t.run();
  t.options.stall = {.seed = 11, .percent = 0, .sink_percent = 95};
  const RunReport slow_sink = t.run();
  t.options.stall = {.seed = 11, .percent = 95};
  const RunReport both = t.run();
  CHECK((slow_source.ok() && slow_sink.ok() && both.ok()));
  CHECK(slow_source.simulated.cycles_per_frame != slow_sink.simulated.cycles_per_frame);
  CHECK(slow_source.simulated.cycles_per_frame != both.simulated.cycles_per_frame);
}

TEST_CASE("a wrong operator is named by the first layer, pixel and channel that it spoils") {
  const Toy t(Edits{{"y0 + y0 - y1 + y2", "y0 + y0 - y1 - y2"}});
  const RunReport r = t.run();
  CHECK_FALSE(r.ok());
  REQUIRE(r.first_mismatch);
  CHECK(r.first_mismatch->layer == "fc2");
  CHECK(r.first_mismatch->c == 0);
  CHECK(*r.mismatches > 0);
  CHECK(*r.mismatches <= 20);
  const std::vector<int> expected =
      toy::expected_outputs(toy::pixels_of(static_cast<int>(r.first_mismatch->image)));
  CHECK(r.first_mismatch->expected == expected[0]);
  CHECK(r.first_mismatch->got != expected[0]);
}

TEST_CASE("a flipped bit of a memory is found without building the model again") {
  const Toy t;
  CHECK(t.run().ok());
  const std::string file = t.dir / "rtl/mem/fc1_w.mem";
  std::string text = elb::read_file(file);
  text[3] = text[3] == '0' ? '4' : '0';  // fc1's second output
  elb::write_file(file, text);
  const RunReport r = t.run();
  REQUIRE(r.first_mismatch);
  CHECK(r.first_mismatch->layer == "fc1");
  CHECK(r.first_mismatch->c == 1);
}

TEST_CASE("a stage that stops is a deadlock that names who waits") {
  const Toy t(Edits{{"assign fc1_valid = full_q;",
                     "assign fc1_valid = full_q && seen_q != 3'd5;\n  reg [2:0] seen_q;\n"
                     "  always @(posedge aclk) if (!aresetn) seen_q <= 3'd0; else if (fc1_valid && "
                     "fc1_ready) seen_q <= seen_q + 3'd1;"},
                    {"assign pixels_ready = !full_q || fc1_ready;",
                     "assign pixels_ready = !full_q || (fc1_ready && fc1_valid);"},
                    {"else if (fc1_ready) full_q", "else if (fc1_ready && fc1_valid) full_q"}});
  const RunReport r = t.run();
  CHECK_FALSE(r.ok());
  CHECK(has(r.failures, "deadlock at cycle"));
  CHECK(has(r.failures, "stage 'input' (image 6, beat 0 of 4: offered, not taken by 'fc1')"));
  CHECK(has(r.failures, "stage 'fc1' (image 5, beat 0 of 1: nothing offered, 'fc2' would take it)"));
  CHECK(r.classes.size() == 5);
}

TEST_CASE("valid that falls before its beat is taken breaks the stream's rule") {
  Toy t(Edits{
      {"assign fc2_valid = out_q;",
       "assign fc2_valid = out_q && beat_q;\n"
       "  reg beat_q;\n"
       "  always @(posedge aclk) beat_q <= !beat_q && aresetn;"},
      {"assign fc1_ready = !out_q || fc2_ready;", "assign fc1_ready = !out_q || (fc2_ready && fc2_valid);"}});
  t.options.stall = {.seed = 3, .percent = 60};
  const RunReport r = t.run();
  CHECK_FALSE(r.ok());
  CHECK(r.mismatches == 0);
  CHECK(has(r.failures, "stream 'fc2'"));
  CHECK(has(r.failures, "valid fell before the beat was taken"));
}

TEST_CASE("data that changes before its beat is taken breaks the stream's rule") {
  Toy t(Edits{{"assign fc2_data = sums_q;", "assign fc2_data = fc2_ready ? sums_q : ~sums_q;"}});
  t.options.stall = {.seed = 3, .percent = 60};
  const RunReport r = t.run();
  CHECK_FALSE(r.ok());
  CHECK(r.mismatches == 0);
  CHECK(has(r.failures, "data changed before the beat was taken"));
}

TEST_CASE("last at the wrong beat, and a frame error, are failures") {
  CHECK(has(Toy(Edits{{"assign fc2_last = 1'b1;", "assign fc2_last = 1'b0;"}}).run().failures,
            "last is not set on the frame's last beat"));
  CHECK(has(Toy(Edits{{"assign pixels_last = s_axis_tlast;", "assign pixels_last = 1'b1;"}}).run().failures,
            "last is set within the frame"));
  CHECK(has(
      Toy(Edits{{"s_axis_tlast != (count_q == 2'd3)", "s_axis_tlast != (count_q == 2'd2)"}}).run().failures,
      "frame_error is set"));
}

TEST_CASE("dump writes what every boundary carried, and golden's accumulators") {
  Toy t;
  t.options.dump_dir = t.dir / "dump";
  CHECK(t.run().ok());
  Toy g;
  g.options.dump_dir = g.dir / "dump";
  g.options.engine = Engine::integer;
  const elb::nn::Network net = elb::nn::read_network(g.dir / "rtl/network/network.json");
  CHECK(run_golden(net, g.options).ok());
  for (const char* name : {"input", "fc1", "fc2", "fc1.acc", "fc2.acc"}) {
    const std::string file = std::string("dump/") + name + ".npy";
    CHECK(elb::read_file(t.dir / file) == elb::read_file(g.dir / file));
  }
  CHECK(parse_npy(elb::read_file(t.dir / "dump/fc1.acc.npy"), "").shape == std::vector<int64_t>{20, 1, 1, 3});
}

TEST_CASE("labels count where they name a class") {
  Toy t({}, {}, 4);
  const RunReport plain = t.run();
  std::string labels;
  for (int64_t c : plain.classes) labels += static_cast<char>(c);
  labels[1] = static_cast<char>(1 - labels[1]);
  labels[2] = static_cast<char>(255);
  elb::write_file(t.dir / "labels.bin", labels);
  t.options.labels = t.dir / "labels.bin";
  const RunReport r = t.run();
  CHECK(r.labelled == 3);
  CHECK(r.right == 2);
}

TEST_CASE("a waveform and the cycles of every frame are written on request") {
  Toy t;
  t.options.trace = t.dir / "t.fst";
  t.options.timing = t.dir / "t.json";
  CHECK(t.run().ok());
  CHECK(std::filesystem::file_size(t.options.trace) > 500);
  CHECK(elb::read_file(t.options.timing).find("[5, 5]") != std::string::npos);
}

TEST_CASE("a design that contradicts its manifest or cannot be built is refused in one line") {
  CHECK(error_of(Toy({}, Edits{{"\"bits\": 2, \"signed\": false, \"shape\": [1, 1, 3]",
                                "\"bits\": 3, \"signed\": false, \"shape\": [1, 1, 3]"}}))
            .find("#/boundaries/1: error [sim-manifest]: 'fc1' has 3 bits here, 2 in the network") !=
        std::string::npos);
  CHECK(error_of(Toy({}, Edits{{"\"wires\": \"fc1\"", "\"wires\": \"fc9\""}}))
            .find("[sim-build]: Verilator refuses the design") != std::string::npos);
  CHECK(error_of(Toy(Edits{{"take1 =", "take1 ="}, {"wire signed [11:0] r0", "wire signed [11:0 r0"}}))
            .find("[sim-build]") != std::string::npos);
  CHECK(error_of(Toy({}, Edits{{"mem/fc1_w.mem", "mem/fc9_w.mem"}}))
            .find("there is no memory file 'mem/fc9_w.mem'") != std::string::npos);
  CHECK(error_of(Toy(Edits{{"fc1_w.mem", "fc7_w.mem"}})).find("[sim-model]") != std::string::npos);
}
