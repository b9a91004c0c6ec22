#include "hw/output_queue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "hw/feed.hpp"
#include "hw/flatten_mask.hpp"
#include "hw/fork.hpp"
#include "hw/serializer.hpp"
#include "hw/split_columns.hpp"
#include "stream_bench.hpp"
#include "support/catch.hpp"

namespace {

using namespace elb;
using namespace elb::test;

struct Tiles {
  spec::TileBeats shape;
  spec::Link link;
  int depth = 2;
  spec::Technology technology = spec::Technology::generic;
  int64_t per_frame() const {
    return int64_t{link.h} * link.column_groups() * shape.groups * spec::kernel_folds(shape);
  }
};

// Tiles through the serialiser, where they have several beats, into the queue.
const hdl::Module& tiles_to_queue(hdl::Design& d, const Tiles& q) {
  hdl::Module& m = d.module("tiles");
  hdl::Sig valid = m.input("valid", hdl::u(1)),
           beat = m.input("tile", hdl::u(q.shape.m * q.shape.p * q.link.bits));
  if (spec::beats_per_tile(q.shape) > 1) {
    const auto beats = hdl::instantiate<hw::Serializer>(
        m, "u_serialize", {.technology = q.technology, .tile = q.shape, .bits = q.link.bits},
        {.valid = valid, .tile = beat});
    valid = beats.valid;
    beat = beats.beat;
  }
  const auto queue = hdl::instantiate<hw::OutputQueue>(m, "u_queue", {.link = q.link, .depth = q.depth},
                                                       {.valid = valid, .beat = beat});
  m.stream_out("out", hw::link_shape(q.link)).connect(queue.out);
  m.output("pop", queue.pop);
  return m;
}

// Tiles arrive at random distances while credits last; every beat is expected in its cycle.
std::string run_queue(const Tiles& tiles_of, double sink, bool tight, std::mt19937& rng) {
  hdl::Design d;
  const Tiles& q = tiles_of;
  const spec::TileBeats& shape = q.shape;
  const hdl::Module& m = tiles_to_queue(d, q);
  VectorBench bench;
  bench.leaves = q.technology == spec::Technology::xc7;
  const int tile_bits = shape.m * shape.p * q.link.bits;
  const int valid = bench.input("valid", 1), tile = bench.input("tile", tile_bits),
            ready = bench.input("out_tready", 1);
  const int out_valid = bench.output("out_tvalid", 1),
            out_data = bench.output("out_tdata", q.link.data_bits()), out_last = bench.output("out_tlast", 1),
            pop = bench.output("pop", 1);
  const Bits one = Bits::from_int(1, 1), zero = Bits::from_int(1, 0);

  constexpr int kFrames = 2;
  std::vector<Map> maps;
  std::vector<Beat> beats;
  for (int f = 0; f < kFrames; ++f) {
    maps.push_back(random_map(q.link, rng));
    for (const Beat& b : beats_of(q.link, maps.back(), rng)) beats.push_back(b);
  }
  const int64_t tiles = q.per_frame() * kFrames;
  std::deque<int64_t> push_at;  // cycles in which the beats of the tiles so far are pushed
  int credits = q.depth, count = 0;
  int64_t issued = 0, next_issue = 0;
  size_t sent = 0;
  std::uniform_real_distribution<double> chance(0, 1);
  while (sent < beats.size()) {
    if (bench.cycles() > 100000) return "the bench does not finish";
    const int fold = static_cast<int>(issued % spec::kernel_folds(shape));
    const int n = spec::beats_of_tile(shape, fold);
    const bool issue = issued < tiles && bench.cycles() >= next_issue &&
                       credits >= spec::beats_per_tile(shape) && (tight || rng() % 3 == 0);
    if (issue) {
      const int64_t in_frame = issued % q.per_frame();
      const int64_t group = in_frame / spec::kernel_folds(shape) % shape.groups,
                    place = in_frame / spec::kernel_folds(shape) / shape.groups;
      const int64_t y = place / q.link.column_groups(), x = place % q.link.column_groups() * shape.m;
      Bits data(tile_bits);
      for (int c = 0; c < shape.m; ++c) {
        for (int k = 0; k < shape.p; ++k) {
          const int64_t kernel = fold * shape.p + k;
          const bool exists = kernel < shape.kernels && x + c < q.link.w;
          const int64_t channel = group * shape.kernels + kernel;
          const int64_t value =
              exists ? maps[issued / q.per_frame()][(y * q.link.w + x + c) * q.link.c + channel]
                     : static_cast<int64_t>(rng() & ((1u << q.link.bits) - 1));
          data.set((c * shape.p + k) * q.link.bits, q.link.bits, static_cast<uint64_t>(value));
        }
      }
      bench.set(valid, one);
      bench.set(tile, data);
      for (int j = 0; j < n; ++j) push_at.push_back(bench.cycles() + spec::serializer_latency(shape) + j);
      credits -= n;
      next_issue = bench.cycles() + spec::beats_per_tile(shape);
      ++issued;
    }
    const bool take = chance(rng) < sink;
    bench.set(ready, take ? one : zero);
    bench.expect(out_valid, count > 0 ? one : zero);
    bench.expect(pop, take && count > 0 ? one : zero);
    if (count > 0) {
      bench.expect(out_data, beats[sent].data, beats[sent].care);
      bench.expect(out_last, beats[sent].last ? one : zero);
    }
    if (take && count > 0) {
      --count;
      ++sent;
      ++credits;
    }
    if (!push_at.empty() && push_at.front() == bench.cycles()) {
      push_at.pop_front();
      ++count;
    }
    bench.end_cycle();
  }
  return bench.run(d, m.name());
}

TEST_CASE("beat j of a tile is pushed j cycles after its first, and each frame's last beat is marked") {
  std::mt19937 rng(4711);
  struct Shape {
    int h, w, m, p, l, kernels, groups, depth;
  };
  for (const Shape& s : std::vector<Shape>{{1, 1, 1, 1, 1, 1, 1, 1},   // smallest
                                           {2, 3, 1, 8, 4, 24, 1, 6},  // whole folds
                                           {2, 5, 2, 8, 4, 20, 1, 5},  // ragged P and W
                                           {2, 3, 1, 8, 2, 17, 1, 8},  // one kernel in the last fold
                                           {1, 4, 2, 6, 3, 9, 2, 4},   // groups
                                           {3, 2, 1, 5, 2, 5, 1, 3},   // one fold, short last beat
                                           {2, 2, 1, 4, 4, 12, 3, 2},  // a beat per tile
                                           {1, 1, 1, 10, 1, 10, 1, 70}}) {
    const spec::Link link{s.h, s.w, s.kernels * s.groups, s.m, s.l, 3, false};
    Tiles q{.shape = {.m = s.m, .p = s.p, .l = s.l, .kernels = s.kernels, .groups = s.groups},
            .link = link,
            .depth = s.depth};
    INFO(fmt::format("{}x{} m{} p{} l{} k{} g{} d{}", s.h, s.w, s.m, s.p, s.l, s.kernels, s.groups, s.depth));
    REQUIRE(std::string(spec::tile_beats_error(q.shape)) == "");
    CHECK(run_queue(q, 1, true, rng) == "");
    CHECK(run_queue(q, 1, false, rng) == "");
    CHECK(run_queue(q, 0.4, true, rng) == "");
    CHECK(run_queue(q, 0.6, false, rng) == "");
    if (spec::beats_per_tile(q.shape) == 1) continue;
    q.technology = spec::Technology::xc7;
    CHECK(run_queue(q, 0.6, true, rng) == "");
  }
}

TEST_CASE("shapes whose beats cannot be sent are named") {
  CHECK(std::string(spec::tile_beats_error({.p = 6, .l = 4, .kernels = 10})) ==
        "with several kernel folds the channels of a beat must divide P");
  CHECK(std::string(spec::tile_beats_error({.p = 10, .l = 4, .kernels = 5, .groups = 2})) ==
        "with several groups the channels of a beat must divide the kernels of a group");
  CHECK(std::string(spec::tile_beats_error({.p = 10, .l = 4, .kernels = 10})) == "");
}

// Readers behind a fork: a FIFO each, filled in lockstep.
class ForkTiming : public Timing {
 public:
  explicit ForkTiming(const std::vector<int>& depths) {
    for (int depth : depths) fifos_.push_back({depth, 0});
  }
  Outs evaluate(const std::vector<bool>&, const std::vector<bool>&) override {
    Outs o{{true}, {}};
    for (const FifoModel& f : fifos_) {
      o.in_ready[0] = o.in_ready[0] && f.ready();
      o.out_valid.push_back(f.valid());
    }
    return o;
  }
  void clock(const std::vector<bool>& in_valid, const std::vector<bool>& out_ready) override {
    const bool push = in_valid[0] && evaluate(in_valid, out_ready).in_ready[0];
    for (size_t i = 0; i < fifos_.size(); ++i) fifos_[i].clock(push, out_ready[i]);
  }

 private:
  std::vector<FifoModel> fifos_;
};

TEST_CASE("a fork gives every beat to every reader, each at its own pace") {
  std::mt19937 rng(99);
  for (const std::vector<int>& depths : {std::vector<int>{2, 2}, {1, 5, 3}, {7}, {2, 40}}) {
    hdl::Design d;
    const spec::ForkParams p{.data_bits = 11, .depths = depths};
    const hdl::Module& m = hw::build_fork(d, p);
    CHECK(&hw::build_fork(d, p) == &m);
    const spec::Link link{3, 5, 6, 1, 2, 5, false};
    auto beats = beats_of(link, random_map(link, rng), rng);
    for (Beat& b : beats) {
      Bits wide(11);
      copy_bits(wide, 0, b.data);
      b.data = wide;
      b.care = all_ones(11);
    }
    StreamCase c{.module = m.name(), .inputs = {{"in", 11, true, beats}}, .outputs = {}, .timing = [&] {
                   return std::make_unique<ForkTiming>(depths);
                 }};
    for (size_t i = 0; i < depths.size(); ++i)
      c.outputs.push_back({"out" + std::to_string(i), 11, true, beats});
    CHECK(run_streams(d, c, rng()).error == "");
  }
}

// A beat leaves in parts, the last one together with it.
class SplitTiming : public Timing {
 public:
  explicit SplitTiming(const spec::SplitColumnsParams& p) : p_(p) {}
  Outs evaluate(const std::vector<bool>& in_valid, const std::vector<bool>& out_ready) override {
    return {{out_ready[0] && part_ == parts() - 1}, {in_valid[0]}};
  }
  void clock(const std::vector<bool>& in_valid, const std::vector<bool>& out_ready) override {
    if (!in_valid[0] || !out_ready[0] || ++part_ < parts()) return;
    part_ = 0;
    ++beat_;
  }

 private:
  int parts() const {
    const int64_t group = beat_ / p_.link.channel_beats() % p_.link.column_groups();
    return group == p_.link.column_groups() - 1 ? p_.parts_in_last() : p_.parts();
  }
  spec::SplitColumnsParams p_;
  int part_ = 0;
  int64_t beat_ = 0;
};

TEST_CASE("columns are split in order, and parts beyond the row are dropped when asked") {
  std::mt19937 rng(5);
  struct Shape {
    int w, c, v, l, sub;
    bool drop;
  };
  for (const Shape& s : std::vector<Shape>{{8, 3, 4, 3, 2, false},
                                           {5, 4, 4, 2, 1, true},
                                           {5, 4, 4, 2, 1, false},
                                           {7, 5, 6, 2, 3, true},
                                           {4, 2, 2, 2, 2, true},
                                           {3, 1, 4, 1, 2, true}}) {
    hdl::Design d;
    const spec::Link link{2, s.w, s.c, s.v, s.l, 3, false};
    const spec::SplitColumnsParams p{.link = link, .sub_columns = s.sub, .drop = s.drop};
    const hdl::Module& m = hdl::component_module<hw::SplitColumns>(d, p);
    const int part_bits = s.sub * s.l * 3;
    const auto in = beats_of(link, random_map(link, rng), rng);
    std::vector<Beat> out;
    for (size_t i = 0; i < in.size(); ++i) {
      const size_t group = i / link.channel_beats() % link.column_groups();
      const int parts =
          group + 1 == static_cast<size_t>(link.column_groups()) ? p.parts_in_last() : p.parts();
      for (int k = 0; k < parts; ++k) {
        Beat b{Bits(part_bits), Bits(part_bits), in[i].last && k == parts - 1};
        for (int n = 0; n < part_bits; ++n) {
          b.data.set_bit(n, in[i].data.bit(k * part_bits + n));
          b.care.set_bit(n, in[i].care.bit(k * part_bits + n));
        }
        out.push_back(b);
      }
    }
    CHECK(static_cast<int64_t>(out.size()) == p.beats_per_frame());
    INFO(m.name());
    CHECK(run_streams(d,
                      {.module = m.name(),
                       .inputs = {{"in", link.data_bits(), true, in}},
                       .outputs = {{"out", part_bits, true, out}},
                       .timing = [&] { return std::make_unique<SplitTiming>(p); }},
                      rng())
              .error == "");
  }
}

// The name of a component holds every parameter that it is compared by; two maps must not meet under one
// name.
TEST_CASE("stages whose maps differ in size share the modules that feed them") {
  for (const bool flatten : {false, true}) {
    hdl::Design d;
    for (const int size : {4, 8}) {
      const spec::Link link{size, flatten ? 5 : size, 5, 2, 2, 3, false};
      const spec::WindowParams window{.h = flatten ? 1 : size,
                                      .w = flatten ? 1 : size,
                                      .channels = flatten ? size * 25 : 5,
                                      .s = 2,
                                      .bits = 3,
                                      .in_columns = flatten ? 1 : 2};
      hdl::Module& m = d.module(fmt::format("feed{}", size));
      const hdl::Stream in = m.stream_in("in", hw::link_shape(link));
      const hdl::Stream out = hw::feed_window(m, in, link, flatten, false, window);
      m.stream_out("out", hw::link_shape(out.data().width())).connect(out);
    }
    const std::string shared = flatten ? "elb_mask" : "elb_split";
    CHECK(std::count_if(d.modules().begin(), d.modules().end(),
                        [&](const auto& m) { return m->name().rfind(shared, 0) == 0; }) == 1);
  }
}

TEST_CASE("the mask zeroes exactly the lanes beyond the map") {
  std::mt19937 rng(6);
  struct Shape {
    int h, w, c, v, l;
  };
  for (const Shape& s : std::vector<Shape>{
           {2, 5, 7, 2, 3}, {2, 4, 7, 2, 3}, {3, 5, 6, 2, 3}, {1, 3, 2, 4, 4}, {2, 4, 4, 2, 2}}) {
    hdl::Design d;
    const spec::Link link{s.h, s.w, s.c, s.v, s.l, 2, false};
    const hdl::Module& m = hdl::component_module<hw::FlattenMask>(d, {.link = link});
    std::vector<Beat> in, out;
    for (int f = 0; f < 2; ++f) {
      for (Beat b : beats_of(link, random_map(link, rng), rng)) {
        in.push_back(b);
        for (int i = 0; i < b.data.width(); ++i) b.data.set_bit(i, b.data.bit(i) && b.care.bit(i));
        b.care = all_ones(b.data.width());
        out.push_back(b);
      }
    }
    INFO(m.name());
    CHECK(run_streams(d,
                      {.module = m.name(),
                       .inputs = {{"in", link.data_bits(), true, in}},
                       .outputs = {{"out", link.data_bits(), true, out}},
                       .timing = [] { return std::make_unique<PipeTiming>(); }},
                      rng())
              .error == "");
  }
}

}  // namespace
