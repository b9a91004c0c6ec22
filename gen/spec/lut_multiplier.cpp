#include "spec/lut_multiplier.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/bits.hpp"

namespace elb::spec {
namespace {

// Planes that each row adds, of all lanes, lowest first.
std::vector<int> planes_of_rows(const LutMultiplierParams& p) {
  std::vector<int> planes;
  for (int left = p.weight_bits; left > 0; left -= planes.back())
    planes.push_back(p.lanes == 1 && left > 2 ? 2 : 1);
  return planes;
}

LutRow make_row(const LutMultiplierParams& p, int planes, bool first) {
  const int wider = p.lanes == 2 ? 1 : planes == 2 ? 2 : 0;  // the multiples selected, than an activation
  LutRow row{.planes = planes, .first = first};
  row.bits = p.act_bits + wider - (first && wider > 0 ? 1 : 0);
  // Behind any row but a first one stands less than twice what its planes add, but for the lane alone, whose
  // planes are a plain number.
  row.out_bits = p.act_bits + (p.lanes == 1 ? planes : 2) - (first && (p.lanes == 2 || planes == 1) ? 1 : 0);
  return row;
}

}  // namespace

std::vector<LutRow> lut_rows(const LutMultiplierParams& p) {
  ELB_ASSERT(p.lanes == 1 || p.lanes == 2, "a multiplier has one or two lanes");
  ELB_ASSERT(p.act_bits >= 1 && p.weight_bits >= 2, "weights have a sign");
  ELB_ASSERT(p.most_steps >= 2, "the highest plane is subtracted from something");
  const std::vector<int> planes = planes_of_rows(p);
  const int count = static_cast<int>(planes.size());
  const int chains = static_cast<int>(ceil_div(count, p.most_steps));
  std::vector<LutRow> rows;
  for (int c = 0, plane = 0; c < chains; ++c) {
    const int made = static_cast<int>(rows.size());
    const int length = (count - made) / (chains - c);
    for (int r = 0; r < length; ++r) {
      LutRow row = make_row(p, planes[made + r], r == 0);
      row.plane = plane;
      row.step = r;
      row.subtract = made + r + 1 == count;
      plane += row.planes;
      rows.push_back(row);
    }
  }
  return rows;
}

std::vector<ProductBit> product_bits(const LutMultiplierParams& p) {
  const std::vector<LutRow> rows = lut_rows(p);
  std::vector<ProductBit> product;
  for (size_t i = 0; i < rows.size(); ++i) {
    const bool last = i + 1 == rows.size() || rows[i + 1].first;
    const int bits = last ? rows[i].out_bits : std::min(rows[i].planes, rows[i].out_bits);
    for (int b = 0; b < bits; ++b) product.push_back({rows[i].plane + b, rows[i].step + 1});
  }
  return product;
}

int64_t product_constant(const LutMultiplierParams& p) {
  const LutRow top = lut_rows(p).back();
  return -(int64_t{1} << (top.plane + top.bits));
}

int latency(const LutMultiplierParams& p) {
  return lut_rows(p).back().step + 1;
}

bool needs_sum(const LutMultiplierParams& p) {
  const std::vector<LutRow> rows = lut_rows(p);
  return std::any_of(rows.begin(), rows.end(),
                     [&](const LutRow& row) { return !row.first && (p.lanes == 2 || row.planes == 2); });
}

int sum_bits(const LutMultiplierParams& p) {
  return needs_sum(p) ? p.act_bits + (p.lanes == 2 ? 1 : 2) : 0;
}

int step_bits(const LutMultiplierParams& p, int step) {
  return p.lanes * p.act_bits + (step > 0 ? sum_bits(p) : 0);
}

int step_offset(const LutMultiplierParams& p, int step) {
  return step == 0 ? 0 : step_bits(p, 0) + (step - 1) * step_bits(p, 1);
}

int prepared_bits(const LutMultiplierParams& p) {
  return step_offset(p, latency(p));
}

Resources cost(const LutMultiplierParams& p) {
  Resources r;
  for (const LutRow& row : lut_rows(p)) {
    r.lut += row.bits;
    r.ff += row.out_bits;
  }
  return r;
}

Resources activations_cost(const LutMultiplierParams& p) {
  const int ff = prepared_bits(p) - step_bits(p, 0);
  if (!needs_sum(p)) return {.lut = 0, .ff = ff, .bram18 = 0, .dsp = 0};
  if (p.lanes == 2) return {.lut = std::max(2, p.act_bits), .ff = ff, .bram18 = 0, .dsp = 0};
  // 3e has bit 0 of e, and of e's only bit nothing else.
  const int same = p.act_bits == 1 ? 2 : 1;
  return {.lut = p.act_bits - 1, .ff = ff - same * (latency(p) - 1), .bram18 = 0, .dsp = 0};
}

Resources weights_cost(const LutMultiplierParams& p) {
  Resources r;
  for (const LutRow& row : lut_rows(p)) r.ff += int64_t{row.step} * row.planes * p.lanes;
  return r;
}

}  // namespace elb::spec
