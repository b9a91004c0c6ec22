// argmax and top_k: the core's timing stands in spec/rank.hpp; its indices go through the output FIFO.
#include <fmt/format.h>

#include "base/assert.hpp"
#include "hw/convert.hpp"
#include "hw/link_stream.hpp"
#include "hw/rank_core.hpp"
#include "hw/stages.hpp"

namespace elb::hw {

using namespace hdl;

Module& build_stage(Design& d, const spec::RankStage& s) {
  const spec::RankParams core{.values = int64_t{s.in.h} * s.in.w * s.in.c,
                              .lanes = s.in.channels,
                              .bits = s.in.bits,
                              .is_signed = s.in.is_signed,
                              .k = s.k};
  ELB_ASSERT(s.in.columns == 1 && (s.in.c % s.in.channels == 0 || s.in.h * s.in.w == 1),
             "ranked values arrive in HWC order without gaps");
  ELB_ASSERT(s.out.c == s.k && s.out.bits == core.index_bits(), "the output is k indices");
  Module& m = d.module(s.module);
  m.doc({.purpose = s.title, .params = fmt::format("values={} k={}", core.values, core.k)});
  const Stream in = m.stream_in("in", link_shape(s.in));
  const Stream values = in.map_payload({.data = u(s.in.data_bits())},
                                       [](const Payload& p) { return std::vector<Sig>{p.data()}; });
  const RankCore::Out rank = instantiate<RankCore>(m, "u_rank", core, {values});
  spec::Link whole = s.out;
  whole.channels = s.k;
  const Stream indices = rank.indices.map_payload(link_shape(whole), [&](const Payload& p) {
    return std::vector<Sig>{p.data(), m.lit(1, u(1))};
  });
  send_through_fifo(m, convert(m, "repack", indices, whole, s.out), s.out, s.fifo_depth);
  return m;
}

}  // namespace elb::hw
