#include "report/sweep_report.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "report/sweep_plot.hpp"
#include "support/catch.hpp"

using namespace elb;
using namespace elb::report;

namespace {

sweep::Point point(const std::string& name, int activations, double bits, double frames, bool fits = true) {
  sweep::Point p{.name = name,
                 .precision = {.activation_bits = activations, .weights = {8, 2, 1, 4}},
                 .weight_bits = bits};
  p.figures = {.fits = fits,
               .frames_per_second = frames,
               .cycles_per_frame = 1000,
               .resources = {.lut = 10, .ff = 20, .bram18 = 3, .dsp = 4},
               .ddr_gbytes_per_s = 1.5,
               .binds = "lut",
               .bound_frames_per_second = 2 * frames};
  return p;
}

sweep::Result result() {
  sweep::Result r;
  r.sweep.name = "a <\"b\"> & c";
  r.sweep.objectives = {sweep::Objective::lut};
  r.network = "net";
  r.device = "dev";
  r.clock_mhz = 200;
  r.points = {point("net-4-8214", 4, 2.5, 100), point("net-2-8214", 2, 2.5, 300),
              point("net-8-8214", 8, 2.5, 0, false)};
  r.points[1].figures.planned = true;
  r.points[1].figures.latency_cycles = 5000;
  r.pareto = {1};
  return r;
}

size_t count(const std::string& text, const std::string& word) {
  size_t n = 0;
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++n;
  return n;
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> out(1);
  for (const char c : text) c == '\n' ? out.emplace_back() : out.back() += c;
  return out;
}

}  // namespace

TEST_CASE("fields of CSV are quoted where they need it") {
  CHECK(csv_field("net-4-8218") == "net-4-8218");
  CHECK(csv_field("") == "");
  CHECK(csv_field("a,b") == "\"a,b\"");
  CHECK(csv_field("a \"b\"") == "\"a \"\"b\"\"\"");
  CHECK(csv_field("a\nb") == "\"a\nb\"");
}

TEST_CASE("a row per point; what is not known, or was not planned, stands empty") {
  const std::vector<std::string> rows = lines(points_csv(result()));
  REQUIRE(rows.size() == 5);
  CHECK(
      rows[0] ==
      "name,activation_bits,first,middle_conv,middle_fc,last,weight_bits,pareto,fits,figures,binds,frames_"
      "per_second,"
      "cycles_per_frame,latency_cycles,latency_ms,lut,ff,bram36,dsp,ddr_gbytes_per_s,bound_frames_per_second,"
      "distance");
  CHECK(rows[1] ==
        "net-4-8214,4,int8,ternary,binary,int4,2.500,no,yes,closed_form,lut,100.00,1000,,,10,20,1.5,4,1.5000,"
        "200.00,1.0000");
  CHECK(rows[2] ==
        "net-2-8214,2,int8,ternary,binary,int4,2.500,yes,yes,plan,lut,300.00,1000,5000,0.0250,10,20,1.5,4,1."
        "5000,"
        "600.00,1.0000");
  CHECK(rows[3] == "net-8-8214,8,int8,ternary,binary,int4,2.500,no,no,closed_form,lut,,,,,,,,,,,");
  for (size_t i = 0; i < 4; ++i) CHECK(count(rows[i], ",") == count(rows[0], ","));
  const std::vector<std::string> list = lines(pareto_csv(result()));
  REQUIRE(list.size() == 3);
  CHECK(list[1] == rows[2] + "," + regenerate_command(result(), result().points[1]));
}

TEST_CASE("UltraRAM has a column where the device's technology has any") {
  sweep::Result with = result();
  with.has_uram = true;
  with.points[1].figures.resources.uram = 7;
  const std::vector<std::string> rows = lines(points_csv(with));
  CHECK(count(rows[0], ",dsp,uram,ddr_gbytes_per_s,") == 1);
  CHECK(count(rows[1], ",1.5,4,0,1.5000,") == 1);
  CHECK(count(rows[2], ",1.5,4,7,1.5000,") == 1);
  for (size_t i = 0; i < 4; ++i) CHECK(count(rows[i], ",") == count(rows[0], ","));
  const std::vector<std::string> table = lines(sweep_text(with)), without = lines(sweep_text(result()));
  CHECK(count(table[0], "DSP  URAM    GB/s") == 1);
  CHECK(count(table[1], "   4     7    1.50") == 1);
  CHECK(count(sweep_readme(with),
              "| DSP | URAM | GB/s | binds |\n|---|---|---|---|---|---|---|---|---|---|---|\n") == 1);
  CHECK(count(sweep_readme(with), "| 4 | 7 | 1.50 | lut |") == 1);
  CHECK(count(sweep_svg(with), "4 DSP, 7 URAM, 1.50 GB/s") == 1);
  Diags diags;
  const Json points = Json::parse_text(sweep_object(with), "r.json", diags).at("points");
  CHECK(points[0].get_int("uram") == 0);
  CHECK(points[1].get_int("uram") == 7);
  for (const std::string& text :
       {points_csv(result()), sweep_object(result()), sweep_text(result()), sweep_readme(result())})
    CHECK(count(text, "uram") + count(text, "URAM") == 0);
}

TEST_CASE("the JSON object has every point, and null for what is not known") {
  Diags diags;
  const Json json = Json::parse_text(sweep_object(result()), "r.json", diags);
  CHECK(json.get_string("format") == "elbgen.sweep-result/1");
  CHECK(json.get_string("sweep") == "a <\"b\"> & c");
  const Json points = json.at("points");
  REQUIRE(points.size() == 3);
  CHECK(points[0].at("latency_cycles").is_null());
  CHECK(points[1].get_int("latency_cycles") == 5000);
  CHECK(points[1].at("distance").as_double() == 1);
  CHECK(points[2].at("fits").as_bool() == false);
  CHECK_FALSE(points[2].has("lut"));
  CHECK(diags.ok());
}

TEST_CASE("the picture has a circle with a title for each point that fits") {
  const std::string svg = sweep_svg(result());
  CHECK(count(svg, "<circle") == 2 + 2);  // two of the legend
  CHECK(count(svg, "<title>net-") == 2);
  CHECK(count(svg, "<path class=\"front") == 2);
  CHECK(count(svg, "&lt;&quot;b&quot;&gt; &amp; c") == 2);
  CHECK(count(svg, "prefers-color-scheme:dark") == 1);
  CHECK(
      svg.find(
          "<title>net-2-8214: 300.0 frames/s, latency 0.025 ms, 10 LUT, 20 FF, 1.5 BRAM36, 4 DSP, 1.50 GB/s; "
          "binds: lut</title>") != std::string::npos);
  sweep::Result none = result();
  none.pareto.clear();
  for (sweep::Point& p : none.points) p.figures.fits = false;
  CHECK(count(sweep_svg(none), "<circle") == 0);
}

TEST_CASE("ticks are round, begin at 0 and reach the greatest value") {
  CHECK(axis_ticks(8) == std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(axis_ticks(1369.6) == std::vector<double>{0, 200, 400, 600, 800, 1000, 1200, 1400});
  CHECK(axis_ticks(0).size() > 1);
  for (double max = 0.003; max < 1e7; max *= 1.37) {
    const std::vector<double> ticks = axis_ticks(max);
    CHECK(ticks.back() >= max);
    CHECK(ticks[ticks.size() - 2] < max);
    CHECK(ticks.size() >= 4);
    CHECK(ticks.size() <= 11);
  }
}

TEST_CASE("the staircase keeps what no other point exceeds in both") {
  CHECK(staircase({{1, 5}, {2, 4}, {2, 3}, {3, 1}, {0.5, 5}, {1, 5}, {4, 0}}) ==
        std::vector<size_t>{0, 1, 3, 6});
  CHECK(staircase({}).empty());
}
