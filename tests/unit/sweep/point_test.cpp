#include "sweep/point.hpp"

#include <algorithm>
#include <random>

#include "base/diag.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"
#include "sweep/parallel.hpp"

using namespace elb::sweep;

namespace {

Point point(double frames, int64_t lut, double bits, int activations, bool fits = true) {
  Point p{.precision = {.activation_bits = activations}, .weight_bits = bits};
  p.figures = {.fits = fits, .frames_per_second = frames, .resources = {.lut = lut}};
  return p;
}

const std::vector<Objective> kAll{Objective::frames_per_second, Objective::lut, Objective::weight_bits,
                                  Objective::activation_bits};

// The definition, word by word.
std::vector<size_t> brute_force(const std::vector<Point>& points, const std::vector<Objective>& objectives) {
  std::vector<size_t> list;
  for (size_t i = 0; i < points.size(); ++i) {
    bool beaten = !points[i].figures.fits;
    for (const Point& other : points) {
      bool no_worse = other.figures.fits, better = false;
      for (const Objective o : objectives) {
        const double a = value_of(other, o), b = value_of(points[i], o);
        no_worse = no_worse && (more_is_better(o) ? a >= b : a <= b);
        better = better || a != b;
      }
      beaten = beaten || (no_worse && better);
    }
    if (!beaten) list.push_back(i);
  }
  return list;
}

}  // namespace

TEST_CASE("the Pareto list of points seen by eye") {
  const std::vector<Point> points{
      point(100, 50, 8, 4),         // 0
      point(100, 50, 8, 4),         // 1: equal to 0, both stay
      point(90, 50, 8, 4),          // 2: slower than 0
      point(90, 40, 8, 4),          // 3: slower than 0 and smaller
      point(100, 50, 2, 8),         // 4: fewer weight bits, more activation bits
      point(500, 10, 8, 8, false),  // 5: does not fit
      point(100, 50, 2, 4),         // 6: fewer bits than 0 for nothing
  };
  CHECK(pareto_list(points, kAll) == std::vector<size_t>{0, 1, 3, 4});
  CHECK(pareto_list(points, {Objective::lut}) == std::vector<size_t>{3});
  CHECK(pareto_list({}, kAll).empty());
}

TEST_CASE("of every resource less is better") {
  for (const std::string name : {"lut", "ff", "bram36", "dsp", "uram"}) {
    const auto& names = objective_names();
    const auto o = static_cast<Objective>(std::find(names.begin(), names.end(), name) - names.begin());
    std::vector<Point> points(2, point(100, 50, 8, 4));
    auto& r = points[1].figures.resources;
    r = {.lut = name == "lut" ? 51 : 50,
         .ff = name == "ff",
         .bram18 = name == "bram36",
         .dsp = name == "dsp",
         .uram = name == "uram"};
    INFO(name);
    CHECK(value_of(points[0], o) < value_of(points[1], o));
    CHECK(pareto_list(points, {o}) == std::vector<size_t>{0});
    CHECK(pareto_list(points, {o, Objective::weight_bits}) == std::vector<size_t>{0});
  }
}

TEST_CASE("the Pareto list equals its definition on random points") {
  const uint64_t seed = elb::test::seed_of_run(1);
  INFO("ELB_SEED=" << seed);
  std::mt19937 random(static_cast<unsigned>(seed));
  const auto upto = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  for (int round = 0; round < 60; ++round) {
    std::vector<Point> points;
    const int n = upto(80), range = 2 + upto(12);  // small ranges make ties
    for (int i = 0; i < n; ++i)
      points.push_back(point(upto(range), upto(range), upto(range), 1 + upto(8), upto(8) != 0));
    INFO("round " << round);
    CHECK(pareto_list(points, kAll) == brute_force(points, kAll));
    const std::vector<Objective> two{Objective::lut, Objective::frames_per_second};
    CHECK(pareto_list(points, two) == brute_force(points, two));
  }
}

TEST_CASE("every point is worked on once, whatever the threads") {
  for (const Threads threads :
       {Threads{}, Threads{.count = 2}, Threads{.count = 3, .block = 7}, Threads{.count = 5, .block = 500}}) {
    std::vector<int> times(100, 0), thread_of(100, -1);
    std::vector<size_t> counts;
    for_each_point(
        times.size(), threads,
        [&](size_t i, int thread) {
          ++times[i];
          thread_of[i] = thread;
        },
        [&](size_t n) { counts.push_back(n); });
    CHECK(times == std::vector<int>(100, 1));
    REQUIRE(counts.size() == 100);
    CHECK(counts.front() == 1);
    CHECK(counts.back() == 100);
    for (size_t i = 0; i < 100; ++i) {
      CHECK(thread_of[i] >= 0);
      CHECK(thread_of[i] < threads.count);
      CHECK(thread_of[i] == thread_of[i - i % threads.block]);
    }
  }
  for_each_point(0, {.count = 4}, [](size_t, int) { throw 1; });
}

TEST_CASE("of several mistakes the one of the least point comes out, whatever the threads") {
  for (const Threads threads :
       {Threads{}, Threads{.count = 2}, Threads{.count = 7}, Threads{.count = 3, .block = 2}}) {
    std::string place;
    try {
      for_each_point(100, threads, [](size_t i, int) {
        if (i == 40 || i == 41 || i == 43)
          throw elb::UserError(elb::Diag{.code = "cli-usage", .place = std::to_string(i), .text = "no"});
      });
    } catch (const elb::UserError& e) {
      place = e.diags().front().place;
    }
    CHECK(place == "40");
  }
}
