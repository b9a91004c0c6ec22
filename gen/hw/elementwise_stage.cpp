// add and quantize: operands meet, are summed and requantised (timing: spec/elementwise.hpp).
#include "spec/elementwise.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/assert.hpp"
#include "hw/activation.hpp"
#include "hw/cond.hpp"
#include "hw/convert.hpp"
#include "hw/output_queue.hpp"
#include "hw/stages.hpp"
#include "hw/sum_operands.hpp"

namespace elb::hw {

using namespace hdl;

Module& build_stage(Design& d, const spec::ElementwiseStage& s) {
  Module& m = d.module(s.module);
  m.doc({.purpose = s.title,
         .params = fmt::format("operands={} lanes={}x{}", s.in.size(), s.out.lanes(), s.out.bits),
         .latency = spec::latency(s) + 1,
         .interval = 1});
  std::vector<Stream> operands;
  std::vector<Sig> codes;
  Cond all = true;
  for (size_t i = 0; i < s.in.size(); ++i) {
    const std::string n = s.in.size() > 1 ? std::to_string(i) : "";
    spec::Link to = s.in[i].link;
    to.columns = s.out.columns;
    to.channels = s.out.channels;
    const Stream in = m.stream_in("in" + n, link_shape(s.in[i].link));
    operands.push_back(
        convert(m, "repack" + n + (n.empty() ? "" : "_"), in, spec::operand_chain(s.in[i].link, to)));
    codes.push_back(operands.back().data());
    all = all & Cond(operands.back().valid());
  }
  const Credits room = credits(m, s.fifo_depth, 1);
  const Sig issue = (all & Cond(room.ok)).sig(m).named("issue");
  for (const Stream& o : operands) o.drive_ready(issue);

  const SumOperands::Out sums =
      instantiate<SumOperands>(m, "u_sum", spec::sum_params(s),
                               {.valid = m.delay("met_q", issue, spec::kMeet, {.reset = 0}),
                                .codes = m.delay("codes_q", pack(codes), spec::kMeet)});
  const ActivationUnit::Out result =
      instantiate<ActivationUnit>(m, "u_activation", s.activation, {.valid = sums.valid, .t = sums.sums});
  const OutputQueue::Out queue = instantiate<OutputQueue>(
      m, "u_queue", {.link = s.out, .depth = s.fifo_depth}, {.valid = result.valid, .beat = result.codes});
  room.connect(issue, queue.pop);
  m.stream_out("out", link_shape(s.out)).connect(queue.out);
  return m;
}

}  // namespace elb::hw
