// Whole small designs through the tools that users have: Icarus runs the bench that lies in DIR, Verilator
// and yosys read the Verilog without a word.
#include "top/assemble.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "arch/make_plan.hpp"
#include "arch/stage_specs.hpp"
#include "base/json.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "nn/fold.hpp"
#include "nn/read_network.hpp"
#include "sim/golden/engine.hpp"
#include "support/catch.hpp"
#include "top/write_outputs.hpp"

using namespace elb;
namespace fs = std::filesystem;

namespace {

using Files = std::map<std::string, std::string>;

Files generate(const std::string& layers, int64_t max_cycles, const std::string& shape = "[6, 7, 3]") {
  const std::string json =
      R"({"format": "elbgen.network/1", "name": "small", "weights": {"synthetic": 5}, "input": {"shape": )" +
      shape + R"(, "activation": {"kind": "unsigned", "bits": 8}}, "layers": [)" + layers + "]}";
  nn::Network net = nn::read_network_text(json, "small.json");
  nn::fold(net);
  const arch::Plan plan = arch::make_plan(net, {.max_cycles = max_cycles});
  top::TestFrames frames{.pixels = top::test_pixels(net.input, 2), .outputs = {}};
  const golden::Engine engine(net, golden::Kind::integer);
  for (const auto& pixels : frames.pixels) frames.outputs.push_back(engine.run(pixels.data()).output().data);
  hdl::Design design;
  const std::vector<spec::StageSpec> specs = arch::stage_specs(net, plan, "elb_small");
  top::assemble(design, net, plan, specs, "elb_small");
  return top::output_files(top::hardware_files(design, plan, specs), design, net, plan, specs, frames,
                           {.top = "elb_small"});
}

// A directory that goes away again.
class Dir {
 public:
  explicit Dir(const Files& files)
      : path_(fs::temp_directory_path() /
              ("elb_top_" + std::to_string(std::rand()) + "_" + std::to_string(getpid()))) {
    write_directory(path_, files, top::kManifest, false);
  }
  ~Dir() { fs::remove_all(path_); }
  Dir(const Dir&) = delete;
  Dir& operator=(const Dir&) = delete;
  std::string shell(const std::string& command) const {
    std::string out;
    FILE* pipe = popen(("cd '" + path_.string() + "' && (" + command + ") 2>&1").c_str(), "r");
    REQUIRE(pipe);
    for (int c; (c = fgetc(pipe)) != EOF;) out += static_cast<char>(c);
    pclose(pipe);
    return out;
  }

 private:
  fs::path path_;
};

constexpr const char* kBench = "iverilog -g2005 -Wall -f filelist.f tb/elb_tb.v && vvp a.out";

void check_tools(const Files& files) {
  const Dir dir(files);
  CHECK(dir.shell(kBench) == "PASS\n");
  CHECK(dir.shell("verilator --lint-only -Wall -F filelist.f --top-module elb_small").empty());
  CHECK(
      dir.shell(
             "yosys -q -p 'read_verilog *.v; hierarchy -check -top elb_small; proc; flatten; check -assert'")
          .empty());
}

const char* kBranches = R"(
    {"name": "a", "op": "conv", "out_channels": 6, "kernel": 3, "padding": 1, "weight": "int3", "activation": {"kind": "signed", "bits": 3}},
    {"name": "b", "op": "conv", "out_channels": 6, "kernel": [3, 2], "padding": [1, 0, 1, 1], "groups": 6, "weight": "ternary", "activation": {"kind": "signed", "bits": 3}},
    {"name": "s", "op": "add", "inputs": ["a", "b"], "activation": {"kind": "bipolar", "bits": 1}},
    {"name": "c", "op": "conv", "out_channels": 4, "kernel": 3, "padding": 1, "stride": 2, "groups": 2, "weight": "binary", "activation": {"kind": "unsigned", "bits": 2}},
    {"name": "d", "op": "conv", "inputs": ["s"], "out_channels": 5, "kernel": 1, "stride": 2, "weight": "ternary", "activation": {"kind": "unsigned", "bits": 2}},
    {"name": "e", "op": "concat", "inputs": ["c", "d"]},
    {"name": "p", "op": "max_pool", "kernel": 2, "stride": 1, "padding": [1, 1, 0, 0]},
    {"name": "v", "op": "average_pool", "kernel": 2, "stride": 1, "activation": {"kind": "unsigned", "bits": 4}},
    {"name": "flat", "op": "flatten"},
    {"name": "q", "op": "quantize", "activation": {"kind": "ternary", "bits": 2}},
    {"name": "f", "op": "fc", "inputs": ["flat"], "out_channels": 9, "weight": "int4"},
    {"name": "g", "op": "fc", "inputs": ["q"], "out_channels": 9, "weight": "binary", "activation": {"kind": "unsigned", "bits": 3}},
    )";

}  // namespace

TEST_CASE("a design of fc layers passes its own bench and every tool") {
  const Files files = generate(
      R"({"name": "a", "op": "fc", "out_channels": 12, "weight": "binary", "activation": {"kind": "unsigned", "bits": 4}},
      {"name": "b", "op": "fc", "out_channels": 5, "weight": "int8"}, {"name": "best", "op": "top_k", "k": 2})",
      200);
  check_tools(files);
}

TEST_CASE("branches, groups, pools and flattens pass their own bench and every tool") {
  std::string layers = kBranches;
  // One output: f and g are joined.
  layers.replace(layers.find(R"("weight": "int4"})"), 17,
                 R"("weight": "int4", "activation": {"kind": "unsigned", "bits": 3}})");
  layers += R"({"name": "h", "op": "concat", "inputs": ["f", "g"]}, {"name": "best", "op": "argmax"})";
  for (const int64_t target : {200, 5000}) {
    INFO("at " << target);
    check_tools(generate(layers, target));
  }
}

TEST_CASE("the bench fails with frame and beat when a weight is wrong") {
  Files files = generate(R"({"name": "a", "op": "fc", "out_channels": 5, "weight": "int8"})", 100000);
  std::string& weights = files.at("mem/a_w.mem");
  weights[0] = weights[0] == '0' ? '7' : '0';
  const Dir dir(files);
  CHECK(dir.shell(kBench).rfind("FAIL: frame 0 beat 0: got ", 0) == 0);
}

TEST_CASE("the manifest names boundaries, memories and the hash of every file") {
  const Files files = generate(
      R"({"name": "a", "op": "conv", "out_channels": 8, "kernel": 3, "weight": "ternary", "activation": {"kind": "unsigned", "bits": 4}},
      {"name": "b", "op": "fc", "out_channels": 5, "weight": "int8"})",
      100000);
  Diags diags;
  const Json root = Json::parse_text(files.at("manifest.json"), "manifest.json", diags);
  const Json boundaries = root.at("boundaries");
  REQUIRE(boundaries.size() == 3);
  CHECK(boundaries[0].get_string("layer") == "input");
  const std::string top = files.at("elb_small.v");
  for (size_t i = 0; i < boundaries.size(); ++i) {
    for (const char* wire : {"_data", "_valid", "_ready", "_last"}) {
      const std::string name = " " + boundaries[i].get_string("wires") + wire;
      INFO(name);
      const bool declared =
          top.find(name + ";") != std::string::npos || top.find(name + " =") != std::string::npos;
      CHECK(declared);
    }
  }
  for (size_t i = 0; i < root.at("memories").size(); ++i) {
    const Json memory = root.at("memories")[i];
    const std::string& text = files.at(memory.get_string("file"));
    const int64_t digits = (memory.get_int("width") + 3) / 4;
    CHECK(static_cast<int64_t>(text.size()) == memory.get_int("depth") * (digits + 1));
  }
  CHECK(root.at("files").keys().size() == files.size() - 1);
  for (const std::string& name : root.at("files").keys())
    CHECK(root.at("files").get_string(name) == sha256_hex(files.at(name)));
  CHECK(diags.ok());
}
