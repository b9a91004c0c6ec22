#include "arch/device.hpp"

#include <filesystem>

#include "arch/cost.hpp"
#include "base/diag.hpp"
#include "spec/cost.hpp"
#include "support/catch.hpp"

using namespace elb;
using namespace elb::arch;

namespace {

std::string device_text(const std::string& from, const std::string& to) {
  std::string text = R"({"format": "elbgen.device/1", "name": "d", "part": "p", "family": "7-series",
 "clock_mhz": 200, "source": "s", "resources": {"lut": 1000, "ff": 2000, "bram36": 10, "uram": 0, "dsp": 4},
 "shell": {"lut": 0.11, "bram36": 0.25, "source": "s"},
 "memories": [{"name": "m", "protocol": "axi3", "data_bits": 64, "mhz": 100, "ports": 2, "burst_beats": 16,
 "gbytes_per_s": 1.6, "source": "s"}]})";
  if (from.empty()) return text;
  const size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::vector<Diag> mistakes(const std::string& from, const std::string& to) {
  try {
    read_device_text(device_text(from, to), "d.json");
  } catch (const UserError& e) {
    return e.diags();
  }
  return {};
}

}  // namespace

TEST_CASE("all shipped devices are read, named like their files, with a memory that their ports can carry") {
  int count = 0;
  for (const auto& e : std::filesystem::directory_iterator(ELB_SOURCE_ROOT "/configs/devices")) {
    const Device d = read_device(e.path().string());
    CHECK(d.name == e.path().stem().string());
    CHECK_FALSE(d.memories.empty());
    CHECK(d.clock_mhz > 0);
    CHECK(technology_of(d) == (d.part.starts_with("xc7z") ? spec::Technology::xc7 : spec::Technology::xcup));
    ++count;
  }
  CHECK(count >= 7);
}

TEST_CASE("zc706 is an XC7Z045 with 11 % of LUT and BRAM behind the shell") {
  const Device d = read_device(ELB_SOURCE_ROOT "/configs/devices/zc706.json");
  CHECK(d.lut == 218600);
  CHECK(d.ff == 437200);
  CHECK(d.bram36 == 545);
  CHECK(d.dsp == 900);
  const Fit f = fit({}, d);
  CHECK(f.usage[0].available == 150834);  // of 80 %, which is as much as routes
  CHECK(f.usage[1].available == 437200);
  CHECK(f.usage[2].available == 485);
  CHECK(d.memories[0].gbytes_per_s == 12.8);
  CHECK(d.memories[1].protocol == Protocol::axi3);
}

TEST_CASE("what a device file lacks or gets wrong is said with its place") {
  const struct {
    const char *from, *to, *place;
  } cases[] = {
      {"\"lut\": 1000, ", "", "d.json#/resources"},
      {"\"lut\": 1000", "\"lut\": -1", "d.json#/resources/lut"},
      {"\"dsp\": 4", "\"dsp\": 4.5", "d.json#/resources/dsp"},
      {"\"clock_mhz\": 200", "\"clock_mhz\": -3", "d.json#/clock_mhz"},
      {"7-series", "8-series", "d.json#/family"},
      {"\"uram\": 0", "\"uram\": 8", "d.json#/resources/uram"},
      {"\"lut\": 0.11", "\"lut\": 1.5", "d.json#/shell/lut"},
      {"\"memories\"", "\"most\": {\"lut\": 0.1, \"source\": \"s\"}, \"memories\"", "d.json#/most/lut"},
      {"\"memories\"", "\"most\": {\"dsp\": 1.1, \"source\": \"s\"}, \"memories\"", "d.json#/most/dsp"},
      {"\"gbytes_per_s\": 1.6", "\"gbytes_per_s\": 1.7", "d.json#/memories/0/gbytes_per_s"},
      {"\"burst_beats\": 16", "\"burst_beats\": 32", "d.json#/memories/0/burst_beats"},
      {"\"data_bits\": 64", "\"data_bits\": 48", "d.json#/memories/0/data_bits"},
      {"\"ports\": 2", "\"ports\": 0", "d.json#/memories/0/ports"},
      {"\"source\": \"s\", \"resources\"", "\"resources\"", "d.json"},
      {"\"part\"", "\"prat\"", "d.json"},
  };
  for (const auto& c : cases) {
    INFO(c.from << " -> " << c.to);
    const std::vector<Diag> found = mistakes(c.from, c.to);
    REQUIRE_FALSE(found.empty());
    CHECK(found[0].place.find(c.place) == 0);
  }
  CHECK(mistakes("", "").empty());
}

TEST_CASE("what cannot be used of a device is no part of its budget, and the family says the technology") {
  const Device d = read_device_text(
      device_text("\"memories\"", "\"most\": {\"lut\": 0.8, \"dsp\": 0.5, \"source\": \"s\"}, \"memories\""),
      "d.json");
  const Fit f = fit({}, d);
  CHECK(f.usage[0].available == 690);  // of 1000, 110 of them the shell's
  CHECK(f.usage[1].available == 2000);
  CHECK(f.usage[3].available == 2);
  CHECK(technology_of(d) == spec::Technology::xc7);
  for (const char* family : {"ultrascale", "ultrascale+"})
    CHECK(technology_of(read_device_text(device_text("7-series", family), "d.json")) ==
          spec::Technology::xcup);
}

TEST_CASE("a plan fits as long as no resource is short, and the most used one binds") {
  const Device d = read_device_text(device_text("", ""), "d.json");
  PlanCost c;
  c.total = {.lut = 890, .ff = 100, .bram18 = 14, .dsp = 0};
  Fit f = fit(c, d);
  CHECK(f.fits);
  CHECK(f.binds == "lut");
  c.total.bram18 = 15;  // 7.5 of 7
  f = fit(c, d);
  CHECK_FALSE(f.fits);
  CHECK(f.binds == "bram36");
  Plan plan;
  plan.network = "n";
  const Diag why = misfit(plan, c, f);
  CHECK(why.code == "arch-fit");
  CHECK(why.text.find("7.5 bram36 of 7") != std::string::npos);
}
