// The stages without a window: input, convert, concat, elementwise, rank.
#include <fmt/format.h>

#include <algorithm>

#include "hw/stages.hpp"
#include "spec/convert.hpp"
#include "spec/elementwise.hpp"
#include "spec/input_stage.hpp"
#include "stream_bench.hpp"
#include "support/catch.hpp"

namespace {

using namespace elb;
using namespace elb::test;

spec::Link link(int h, int w, int c, int v, int l, int bits) {
  return {h, w, c, v, l, bits, false};
}

constexpr int kFrames = 3;

void check_convert(const spec::Link& in, const spec::Link& out, std::mt19937& rng) {
  hdl::Design d;
  spec::ConvertStage s;
  s.module = "elb_convert";
  s.title = "a change of form";
  s.in = in;
  s.out = out;
  s.fifo_depth = 2;
  hw::build_stage(d, s);
  StreamPort from{"in", in.data_bits(), true, {}}, to{"out", out.data_bits(), true, {}};
  for (int f = 0; f < kFrames; ++f) {
    const Map map = random_map(in, rng);
    for (const Beat& b : beats_of(in, map, rng)) from.beats.push_back(b);
    for (const Beat& b : beats_of(out, map, rng)) to.beats.push_back(b);
  }
  const RunResult r = run_streams(d,
                                  {.module = s.module,
                                   .inputs = {from},
                                   .outputs = {to},
                                   .timing =
                                       [&] {
                                         auto t = std::make_unique<PipeTiming>();
                                         t->steps = spec::convert_chain(in, out);
                                         t->back = s.fifo_depth;
                                         return t;
                                       }},
                                  rng());
  INFO(fmt::format("{}x{}x{} {}x{} -> {}x{}x{} {}x{}", in.h, in.w, in.c, in.columns, in.channels, out.h,
                   out.w, out.c, out.columns, out.channels));
  CHECK(r.error == "");
  REQUIRE(r.frame_ends.size() == kFrames);
  CHECK(r.frame_ends[2] - r.frame_ends[1] == spec::convert_cycles(in, out));
}

TEST_CASE("a convert stage brings a map to any V and L at the rate of its busiest part") {
  std::mt19937 rng(11);
  check_convert(link(2, 5, 6, 1, 2, 3), link(2, 5, 6, 1, 3, 3), rng);
  check_convert(link(2, 5, 6, 1, 2, 3), link(2, 5, 6, 2, 3, 3), rng);
  check_convert(link(2, 5, 6, 4, 6, 2), link(2, 5, 6, 1, 1, 2), rng);
  check_convert(link(2, 5, 1, 3, 1, 2), link(2, 5, 1, 2, 1, 2), rng);
  check_convert(link(3, 4, 5, 2, 5, 1), link(3, 4, 5, 2, 5, 1), rng);
  for (int i = 0; i < 20; ++i) {
    const int h = 1 + static_cast<int>(rng() % 3), w = 1 + static_cast<int>(rng() % 7),
              c = 1 + static_cast<int>(rng() % 9);
    const auto form = [&] {
      return link(h, w, c, 1 + static_cast<int>(rng() % 4), 1 + static_cast<int>(rng() % c), 2);
    };
    const spec::Link in = form(), out = form();
    check_convert(in, out, rng);
  }
}

TEST_CASE("a convert stage flattens what arrives in HWC order") {
  std::mt19937 rng(12);
  for (int i = 0; i < 16; ++i) {
    const int h = 1 + static_cast<int>(rng() % 3), w = 1 + static_cast<int>(rng() % 5),
              c = 1 + static_cast<int>(rng() % 6);
    const int v = 1 + static_cast<int>(rng() % 3);
    const spec::Link in = link(h, w, c, v, v == 1 ? 1 + static_cast<int>(rng() % c) : c, 2);
    const spec::Link out = link(1, 1, h * w * c, 1, 1 + static_cast<int>(rng() % std::min(8, h * w * c)), 2);
    if (spec::same_map(in, out)) continue;
    check_convert(in, out, rng);
  }
}

void check_input(const spec::Link& out, const std::vector<std::vector<int>>& tables, std::mt19937& rng) {
  hdl::Design d;
  spec::InputStage s;
  s.module = "elb_input";
  s.title = "pixels to codes";
  s.out = out;
  s.fifo_depth = 3;
  s.tables = tables;
  hw::build_stage(d, s);
  spec::Link pixels = out;
  pixels.bits = 8;
  StreamPort from{"in", pixels.data_bits(), true, {}}, to{"out", out.data_bits(), true, {}};
  for (int f = 0; f < kFrames; ++f) {
    Map map = random_map(pixels, rng);
    for (const Beat& b : beats_of(pixels, map, rng)) from.beats.push_back(b);
    for (size_t i = 0; i < map.size(); ++i) map[i] = tables[tables.size() == 1 ? 0 : i % out.c][map[i]];
    for (const Beat& b : beats_of(out, map, rng)) to.beats.push_back(b);
  }
  const RunResult r = run_streams(d,
                                  {.module = s.module,
                                   .inputs = {from},
                                   .outputs = {to},
                                   .timing =
                                       [&] {
                                         auto t = std::make_unique<PipeTiming>();
                                         t->front = spec::InputTiming::kSliceDepth;
                                         t->back = s.fifo_depth;
                                         return t;
                                       }},
                                  rng());
  CHECK(r.error == "");
  REQUIRE(r.frame_ends.size() == kFrames);
  CHECK(r.frame_ends[0] == out.beats_per_frame() - 1 + spec::InputTiming::kLatency);
  CHECK(r.frame_ends[2] - r.frame_ends[1] == out.beats_per_frame());
}

std::vector<int> random_table(int bits, std::mt19937& rng) {
  std::vector<int> t(256);
  for (int& v : t) v = static_cast<int>(rng() & ((1u << bits) - 1));
  return t;
}

TEST_CASE("the input stage looks every pixel up in the table of its channel") {
  std::mt19937 rng(13);
  std::vector<int> identity(256), sign(256), coarse(256);
  for (int x = 0; x < 256; ++x) {
    identity[x] = x;
    sign[x] = x ^ 128;
    coarse[x] = x >> 5;
  }
  check_input(link(3, 4, 3, 1, 3, 8), {identity}, rng);
  check_input(link(3, 4, 3, 2, 3, 8), {sign}, rng);
  check_input(link(2, 4, 1, 4, 1, 3), {coarse}, rng);
  check_input(link(2, 3, 3, 1, 3, 4), {random_table(4, rng)}, rng);
  check_input(link(2, 3, 3, 2, 3, 2), {random_table(2, rng), random_table(2, rng), random_table(2, rng)},
              rng);
  check_input(link(2, 3, 3, 1, 2, 2), {random_table(2, rng), random_table(2, rng), random_table(2, rng)},
              rng);
  check_input(link(1, 2, 4, 1, 1, 8), {identity, identity, sign, identity}, rng);
}

TEST_CASE("a last at the wrong beat sets frame_error for good, and the counters go on") {
  for (const int wrong : {-1, 0, 2, 5}) {
    hdl::Design d;
    spec::InputStage s;
    s.module = "elb_input";
    s.title = "pixels to codes";
    s.out = link(2, 3, 1, 1, 1, 8);
    std::vector<int> identity(256);
    for (int x = 0; x < 256; ++x) identity[x] = x;
    s.tables = {identity};
    hw::build_stage(d, s);
    VectorBench bench;
    const int valid = bench.input("in_tvalid", 1), last = bench.input("in_tlast", 1),
              data = bench.input("in_tdata", 8), ready = bench.input("out_tready", 1);
    const int error = bench.output("frame_error", 1), out_last = bench.output("out_tlast", 1),
              out_valid = bench.output("out_tvalid", 1);
    const auto one = [](bool v) { return Bits::from_int(1, v); };
    for (int t = 0; t < 30; ++t) {
      bench.set(valid, one(true));
      bench.set(data, Bits::from_int(8, t));
      bench.set(ready, one(true));
      bench.set(last, one((t % 6 == 5) != (t == wrong)));
      bench.expect(error, one(wrong >= 0 && t > wrong + 1));
      bench.expect(out_valid, one(t >= 2));
      if (t >= 2) bench.expect(out_last, one((t - 2) % 6 == 5));
      bench.end_cycle();
    }
    CHECK(bench.run(d, s.module) == "");
  }
}

// Several chains, one of which may send in each cycle, into a FIFO.
class ConcatTiming : public Timing {
 public:
  ConcatTiming(const spec::ConcatStage& s) : fifo_{s.fifo_depth, 0} {
    for (size_t i = 0; i < s.in.size(); ++i) {
      spec::Link to = s.in[i];
      to.columns = s.out.columns;
      to.channels = s.out.channels;
      chains_.emplace_back(spec::operand_chain(s.in[i], to));
      owner_.insert(owner_.end(), to.channel_beats(), i);
    }
  }
  Outs evaluate(const std::vector<bool>&, const std::vector<bool>&) override {
    Outs o;
    for (size_t i = 0; i < chains_.size(); ++i)
      o.in_ready.push_back(chains_[i].ready(i == owner_[beat_] && fifo_.ready()));
    o.out_valid = {fifo_.valid()};
    return o;
  }
  void clock(const std::vector<bool>& in_valid, const std::vector<bool>& out_ready) override {
    const size_t turn = owner_[beat_];
    const bool valid = chains_[turn].valid(in_valid[turn]), ready = fifo_.ready();
    fifo_.clock(valid, out_ready[0]);
    for (size_t i = 0; i < chains_.size(); ++i) chains_[i].clock(in_valid[i], i == turn && ready);
    if (valid && ready) beat_ = (beat_ + 1) % owner_.size();
  }

 private:
  FifoModel fifo_;
  std::vector<spec::ChainTiming> chains_;
  std::vector<size_t> owner_;
  size_t beat_ = 0;
};

TEST_CASE("a concat stage sends the channels of its inputs one after the other, pixel by pixel") {
  std::mt19937 rng(14);
  struct Case {
    std::vector<spec::Link> in;
    spec::Link out;
  };
  for (const Case& k : std::vector<Case>{
           {{link(2, 3, 4, 1, 4, 3), link(2, 3, 2, 1, 2, 3)}, link(2, 3, 6, 1, 2, 3)},
           {{link(2, 3, 4, 1, 3, 2), link(2, 3, 5, 1, 1, 2)}, link(2, 3, 9, 1, 4, 2)},
           {{link(2, 5, 2, 2, 2, 2), link(2, 5, 4, 2, 4, 2), link(2, 5, 2, 1, 1, 2)}, link(2, 5, 8, 2, 2, 2)},
           {{link(1, 1, 3, 1, 3, 4), link(1, 1, 3, 1, 3, 4)}, link(1, 1, 6, 1, 3, 4)}}) {
    hdl::Design d;
    spec::ConcatStage s;
    s.module = "elb_concat";
    s.title = "channels side by side";
    s.in = k.in;
    s.out = k.out;
    s.fifo_depth = 2;
    hw::build_stage(d, s);
    StreamCase c{
        .module = s.module, .inputs = {}, .outputs = {{"out", s.out.data_bits(), true, {}}}, .timing = [&] {
          return std::make_unique<ConcatTiming>(s);
        }};
    for (size_t i = 0; i < s.in.size(); ++i)
      c.inputs.push_back({"in" + std::to_string(i), s.in[i].data_bits(), true, {}});
    for (int f = 0; f < kFrames; ++f) {
      Map all;
      std::vector<Map> maps;
      for (size_t i = 0; i < s.in.size(); ++i) {
        maps.push_back(random_map(s.in[i], rng));
        for (const Beat& b : beats_of(s.in[i], maps.back(), rng)) c.inputs[i].beats.push_back(b);
      }
      for (int p = 0; p < s.out.h * s.out.w; ++p) {
        for (size_t i = 0; i < maps.size(); ++i)
          all.insert(all.end(), maps[i].begin() + p * s.in[i].c, maps[i].begin() + (p + 1) * s.in[i].c);
      }
      for (const Beat& b : beats_of(s.out, all, rng)) c.outputs[0].beats.push_back(b);
    }
    CHECK(run_streams(d, c, rng()).error == "");
  }
}

// Joined operands, a pipeline of fixed length, a FIFO with credits.
class ElementwiseTiming : public Timing {
 public:
  explicit ElementwiseTiming(const spec::ElementwiseStage& s)
      : fifo_{s.fifo_depth, 0}, credits_(s.fifo_depth), pipe_(spec::latency(s), false) {
    for (const auto& o : s.in) {
      spec::Link to = o.link;
      to.columns = s.out.columns;
      to.channels = s.out.channels;
      chains_.emplace_back(spec::operand_chain(o.link, to));
    }
  }
  Outs evaluate(const std::vector<bool>& in_valid, const std::vector<bool>&) override {
    Outs o;
    const bool go = issue(in_valid);
    for (const spec::ChainTiming& c : chains_) o.in_ready.push_back(c.ready(go));
    o.out_valid = {fifo_.valid()};
    return o;
  }
  void clock(const std::vector<bool>& in_valid, const std::vector<bool>& out_ready) override {
    const bool go = issue(in_valid), pop = fifo_.valid() && out_ready[0];
    for (size_t i = 0; i < chains_.size(); ++i) chains_[i].clock(in_valid[i], go);
    credits_ += (pop ? 1 : 0) - (go ? 1 : 0);
    pipe_.push_back(go);
    fifo_.clock(pipe_.front(), out_ready[0]);
    pipe_.erase(pipe_.begin());
  }

 private:
  bool issue(const std::vector<bool>& in_valid) const {
    bool all = credits_ > 0;
    for (size_t i = 0; i < chains_.size(); ++i) all = all && chains_[i].valid(in_valid[i]);
    return all;
  }
  FifoModel fifo_;
  int credits_;
  std::vector<bool> pipe_;
  std::vector<spec::ChainTiming> chains_;
};

void check_elementwise(spec::ElementwiseStage s, bool full_rate, std::mt19937& rng) {
  s.module = "elb_sum";
  s.title = "sums of operands";
  int64_t lowest = 0, highest = 0;
  for (const auto& o : s.in) {
    const int64_t a = o.base, b = o.base + int64_t{o.step} * ((1 << o.link.bits) - 1);
    lowest += std::min(a, b);
    highest += std::max(a, b);
  }
  s.acc_signed = true;
  s.acc_bits = signed_bits_for(lowest, highest);
  const int steps = (1 << s.out.bits) - 1;
  spec::ActivationParams& a = s.activation;
  a.kind = spec::ActivationKind::threshold;
  a.p = s.out.channels;
  a.m = s.out.columns;
  a.tiles = s.out.channel_beats();
  a.in_bits = s.acc_bits;
  a.in_signed = true;
  a.out_bits = s.out.bits;
  a.steps = steps;
  for (int c = 0; c < a.tiles * a.p; ++c) {
    spec::ChannelConstants k;
    for (int i = 0; i < steps; ++i)
      k.points.push_back(lowest + static_cast<int64_t>(rng() % static_cast<unsigned>(highest - lowest + 1)));
    std::sort(k.points.begin(), k.points.end());
    a.constants.push_back(k);
  }
  s.fifo_depth = full_rate ? spec::full_rate_depth(s) : 2;
  hdl::Design d;
  hw::build_stage(d, s);
  StreamCase c{
      .module = s.module, .inputs = {}, .outputs = {{"out", s.out.data_bits(), true, {}}}, .timing = [&] {
        return std::make_unique<ElementwiseTiming>(s);
      }};
  for (size_t i = 0; i < s.in.size(); ++i)
    c.inputs.push_back(
        {s.in.size() > 1 ? "in" + std::to_string(i) : "in", s.in[i].link.data_bits(), true, {}});
  for (int f = 0; f < kFrames; ++f) {
    Map sum(static_cast<size_t>(s.out.h) * s.out.w * s.out.c);
    for (size_t i = 0; i < s.in.size(); ++i) {
      const Map map = random_map(s.in[i].link, rng);
      for (size_t n = 0; n < sum.size(); ++n) sum[n] += s.in[i].base + s.in[i].step * map[n];
      for (const Beat& b : beats_of(s.in[i].link, map, rng)) c.inputs[i].beats.push_back(b);
    }
    for (size_t n = 0; n < sum.size(); ++n) {
      const auto& points = a.constants[n % s.out.c].points;
      sum[n] = std::upper_bound(points.begin(), points.end(), sum[n]) - points.begin();
    }
    for (const Beat& b : beats_of(s.out, sum, rng)) c.outputs[0].beats.push_back(b);
  }
  const RunResult r = run_streams(d, c, rng());
  CHECK(r.error == "");
  REQUIRE(r.frame_ends.size() == kFrames);
  if (!full_rate) return;
  int64_t cycles = 0;
  for (const auto& o : s.in) {
    spec::Link to = o.link;
    to.columns = s.out.columns;
    to.channels = s.out.channels;
    cycles = std::max(cycles, spec::convert_cycles(o.link, to));
  }
  CHECK(r.frame_ends[2] - r.frame_ends[1] == cycles);
}

TEST_CASE(
    "an elementwise stage sums its operands and requantises, at full rate with the FIFO that it asks for") {
  std::mt19937 rng(15);
  for (const bool full_rate : {true, false}) {
    spec::ElementwiseStage s;
    s.out = link(2, 3, 6, 1, 2, 2);
    s.in = {{link(2, 3, 6, 1, 2, 3), 0, 1}, {link(2, 3, 6, 1, 2, 3), -4, 1}};
    check_elementwise(s, full_rate, rng);
    s.out = link(2, 5, 4, 2, 4, 3);
    s.in = {{link(2, 5, 4, 1, 1, 2), 0, 2}, {link(2, 5, 4, 2, 2, 1), -1, 2}, {link(2, 5, 4, 2, 4, 4), 0, 1}};
    check_elementwise(s, full_rate, rng);
    s.out = link(3, 4, 5, 1, 5, 1);
    s.in = {{link(3, 4, 5, 1, 5, 4), -8, 1}};
    check_elementwise(s, full_rate, rng);
  }
}

// The core's promise (spec/rank.hpp) with a FIFO behind it.
class RankModel : public Timing {
 public:
  explicit RankModel(const spec::RankStage& s)
      : values_(s.in.h * s.in.w * s.in.c), lanes_(s.in.channels), fifo_{s.fifo_depth, 0} {}
  Outs evaluate(const std::vector<bool>&, const std::vector<bool>&) override {
    return {{left_ == 0 || (!stays() && (left_ == 1 || at_end()))}, {fifo_.valid()}};
  }
  void clock(const std::vector<bool>& in_valid, const std::vector<bool>& out_ready) override {
    const bool take = in_valid[0] && evaluate(in_valid, out_ready).in_ready[0];
    const bool done = last_ && !stays(), moves = left_ > 0 && !stays(), ends = moves && at_end();
    const bool leaves = indices_ && fifo_.ready();
    fifo_.clock(indices_, out_ready[0]);
    if (!stays()) last_ = ends;
    indices_ = whole_ || (indices_ && !leaves);
    whole_ = done;
    if (moves) --left_, ++position_;
    if (ends) left_ = position_ = 0;
    if (take) left_ = lanes_;
  }

 private:
  bool at_end() const { return position_ == values_ - 1; }
  bool stays() const { return last_ && (whole_ || indices_); }
  int values_, lanes_, left_ = 0, position_ = 0;
  bool last_ = false, whole_ = false, indices_ = false;  // at hand; in the list; copied
  FifoModel fifo_;
};

TEST_CASE(
    "a rank stage names the largest values, the earlier first among equals, in the cycles that its core "
    "promises") {
  std::mt19937 rng(16);
  for (const bool is_signed : {false, true}) {
    for (const auto& [c, l, k] :
         std::vector<std::tuple<int, int, int>>{{10, 1, 1}, {10, 4, 3}, {12, 3, 5}, {5, 8, 2}, {1, 1, 1}}) {
      spec::RankStage s;
      s.module = "elb_rank";
      s.title = "the largest";
      s.in = link(1, 1, c, 1, l, 3);
      s.in.is_signed = is_signed;
      s.k = k;
      s.out = link(1, 1, k, 1, k, bits_for(c - 1));
      s.fifo_depth = 2;
      hdl::Design d;
      hw::build_stage(d, s);
      StreamPort in{"in", s.in.data_bits(), true, {}}, out{"out", s.out.data_bits(), true, {}};
      for (int f = 0; f < kFrames * 2; ++f) {
        const Map map = random_map(s.in, rng);
        for (const Beat& b : beats_of(s.in, map, rng)) in.beats.push_back(b);
        const auto value = [&](int64_t i) { return is_signed && map[i] >= 4 ? map[i] - 8 : map[i]; };
        Map order(c);
        for (int i = 0; i < c; ++i) order[i] = i;
        std::stable_sort(order.begin(), order.end(),
                         [&](int64_t a, int64_t b) { return value(a) > value(b); });
        order.resize(k);
        for (const Beat& b : beats_of(s.out, order, rng)) out.beats.push_back(b);
      }
      INFO(fmt::format("c {} l {} k {}", c, l, k));
      CHECK(run_streams(d,
                        {.module = s.module,
                         .inputs = {in},
                         .outputs = {out},
                         .timing = [&] { return std::make_unique<RankModel>(s); }},
                        rng())
                .error == "");
    }
  }
}

}  // namespace
