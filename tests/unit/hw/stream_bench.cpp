#include "stream_bench.hpp"

#include <fmt/format.h>

namespace elb::test {

void PipeTiming::start() {
  if (started_) return;
  started_ = true;
  front_.depth = front;
  back_.depth = back;
  chain_ = spec::ChainTiming(steps);
}

Timing::Outs PipeTiming::evaluate(const std::vector<bool>& in_valid, const std::vector<bool>& out_ready) {
  start();
  const bool valid = chain_.valid(front > 0 ? front_.valid() : in_valid[0]);
  const bool ready = chain_.ready(back > 0 ? back_.ready() : out_ready[0]);
  return {{front > 0 ? front_.ready() : ready}, {back > 0 ? back_.valid() : valid}};
}

void PipeTiming::clock(const std::vector<bool>& in_valid, const std::vector<bool>& out_ready) {
  const bool from = front > 0 ? front_.valid() : in_valid[0];
  const bool to = back > 0 ? back_.ready() : out_ready[0];
  const bool valid = chain_.valid(from), ready = chain_.ready(to);
  if (front > 0) front_.clock(in_valid[0], ready);
  if (back > 0) back_.clock(valid, out_ready[0]);
  chain_.clock(from, to);
}

namespace {

struct Ways {
  double source, sink;  // chance that a beat is offered, that ready is 1
};

struct PortIds {
  int data, valid, ready, last;
};

Bits bit(bool v) {
  return Bits::from_int(1, v);
}

// Appends one run to the bench; it ends when all beats have left, or after far too long.
std::vector<int64_t> drive(VectorBench& bench, const std::vector<PortIds>& in_ids,
                           const std::vector<PortIds>& out_ids, const StreamCase& c, Timing& timing,
                           Ways ways, std::mt19937& rng, std::string& error) {
  std::vector<size_t> taken(c.inputs.size()), left(c.outputs.size());
  std::vector<bool> offered(c.inputs.size()), ready(c.outputs.size());
  std::vector<int64_t> ends;
  std::uniform_real_distribution<double> chance(0, 1);
  size_t total = 0;
  for (const auto& p : c.inputs) total += p.beats.size();
  for (const auto& p : c.outputs) total += p.beats.size();
  const int64_t first = bench.cycles();
  const auto done = [&] {
    bool all = true;
    for (size_t i = 0; i < left.size(); ++i) all = all && left[i] == c.outputs[i].beats.size();
    for (size_t i = 0; i < taken.size(); ++i) all = all && taken[i] == c.inputs[i].beats.size();
    return all;
  };
  while (!done()) {
    if (bench.cycles() - first > static_cast<int64_t>(total) * 20 + 200) {
      error = c.module + ": the timing model does not finish";
      return ends;
    }
    for (size_t i = 0; i < offered.size(); ++i) {
      const bool more = taken[i] < c.inputs[i].beats.size();
      offered[i] = more && (offered[i] || chance(rng) < ways.source);  // once offered, held until taken
    }
    for (size_t i = 0; i < ready.size(); ++i) ready[i] = chance(rng) < ways.sink;
    const Timing::Outs outs = timing.evaluate(offered, ready);
    for (size_t i = 0; i < c.inputs.size(); ++i) {
      bench.set(in_ids[i].valid, bit(offered[i]));
      if (offered[i]) {
        bench.set(in_ids[i].data, c.inputs[i].beats[taken[i]].data);
        if (c.inputs[i].last) bench.set(in_ids[i].last, bit(c.inputs[i].beats[taken[i]].last));
      }
      bench.expect(in_ids[i].ready, bit(outs.in_ready[i]));
    }
    for (size_t i = 0; i < c.outputs.size(); ++i) {
      bench.set(out_ids[i].ready, bit(ready[i]));
      bench.expect(out_ids[i].valid, bit(outs.out_valid[i]));
      if (!outs.out_valid[i]) continue;
      if (left[i] == c.outputs[i].beats.size()) {
        error = c.module + ": the timing model sends more beats than there are";
        return ends;
      }
      const Beat& b = c.outputs[i].beats[left[i]];
      bench.expect(out_ids[i].data, b.data, b.care);
      if (c.outputs[i].last) bench.expect(out_ids[i].last, bit(b.last));
      if (ready[i] && b.last && i == 0) ends.push_back(bench.cycles());
    }
    timing.clock(offered, ready);
    for (size_t i = 0; i < taken.size(); ++i) {
      if (!offered[i] || !outs.in_ready[i]) continue;
      ++taken[i];
      offered[i] = false;
    }
    for (size_t i = 0; i < left.size(); ++i) left[i] += outs.out_valid[i] && ready[i] ? 1 : 0;
    bench.end_cycle();
  }
  return ends;
}

}  // namespace

RunResult run_streams(hdl::Design& d, const StreamCase& c, unsigned seed) {
  std::mt19937 rng(seed);
  VectorBench bench;
  std::vector<PortIds> in_ids, out_ids;
  for (const auto& p : c.inputs) {
    in_ids.push_back({bench.input(p.name + "_tdata", p.data_bits), bench.input(p.name + "_tvalid", 1),
                      bench.output(p.name + "_tready", 1), p.last ? bench.input(p.name + "_tlast", 1) : -1});
  }
  for (const auto& p : c.outputs) {
    out_ids.push_back({bench.output(p.name + "_tdata", p.data_bits), bench.output(p.name + "_tvalid", 1),
                       bench.input(p.name + "_tready", 1), p.last ? bench.output(p.name + "_tlast", 1) : -1});
  }
  // One run after the other in one simulation: every run ends with nothing left inside.
  RunResult r;
  const std::unique_ptr<Timing> timing = c.timing();
  for (const Ways ways : {Ways{1, 1}, Ways{0.4, 1}, Ways{1, 0.4}, Ways{0.6, 0.6}}) {
    const std::vector<int64_t> ends = drive(bench, in_ids, out_ids, c, *timing, ways, rng, r.error);
    if (r.frame_ends.empty()) r.frame_ends = ends;
    if (!r.error.empty()) return r;
  }
  r.error = bench.run(d, c.module);
  return r;
}

Map random_map(const spec::Link& link, std::mt19937& rng) {
  Map map(static_cast<size_t>(link.h) * link.w * link.c);
  for (int64_t& v : map) v = static_cast<int64_t>(rng() & ((uint64_t{1} << link.bits) - 1));
  return map;
}

std::vector<Beat> beats_of(const spec::Link& l, const Map& map, std::mt19937& rng) {
  std::vector<Beat> beats;
  for (int y = 0; y < l.h; ++y) {
    for (int g = 0; g < l.column_groups(); ++g) {
      for (int j = 0; j < l.channel_beats(); ++j) {
        Beat b{Bits(l.data_bits()), Bits(l.data_bits()), false};
        for (int v = 0; v < l.columns; ++v) {
          for (int i = 0; i < l.channels; ++i) {
            const int x = g * l.columns + v, c = j * l.channels + i, low = (v * l.channels + i) * l.bits;
            const bool exists = x < l.w && c < l.c;
            const uint64_t mask = l.bits == 64 ? ~uint64_t{0} : (uint64_t{1} << l.bits) - 1;
            b.data.set(low, l.bits,
                       exists
                           ? static_cast<uint64_t>(map[(static_cast<size_t>(y) * l.w + x) * l.c + c]) & mask
                           : rng() & mask);
            b.care.set(low, l.bits, exists ? mask : 0);
          }
        }
        beats.push_back(b);
      }
    }
  }
  beats.back().last = true;
  return beats;
}

}  // namespace elb::test
