#include "top/assemble.hpp"

#include <fmt/format.h>

#include "arch/names.hpp"
#include "arch/stage_specs.hpp"
#include "base/assert.hpp"
#include "hw/fork.hpp"
#include "hw/memory_port.hpp"
#include "hw/stages.hpp"

namespace elb::top {
namespace {

using hdl::Sig;
using hdl::Stream;

// The stream with its four wires named "<name>_data", "_valid", "_ready", "_last": a boundary for elbsim.
Stream boundary(hdl::Module& m, const Stream& s, const std::string& name) {
  const hdl::Wire ready = m.wire(name + "_ready", hdl::u(1));
  s.drive_ready(Sig(ready));
  hdl::Payload payload = s.payload();
  for (size_t i = 0; i < payload.fields.size(); ++i) {
    const bool last = payload.fields[i].name == "tlast";
    payload.values[i] = payload.values[i].named(name + (last ? "_last" : "_data"));
  }
  return {name, s.shape(), s.valid().named(name + "_valid"), payload, ready};
}

std::string port_of(const arch::Stage& stage, size_t input) {
  return stage.inputs.size() == 1 ? "in" : fmt::format("in{}", input);
}

struct EdgeRef {
  size_t stage = 0, input = 0;
};

std::vector<EdgeRef> edges_from(const arch::Plan& plan, size_t from) {
  std::vector<EdgeRef> out;
  for (size_t s = from + 1; s < plan.stages.size(); ++s) {
    for (size_t i = 0; i < plan.stages[s].inputs.size(); ++i) {
      if (plan.stages[s].inputs[i].from == static_cast<int>(from)) out.push_back({.stage = s, .input = i});
    }
  }
  return out;
}

bool fetches(const spec::StageSpec& spec) {
  const auto* s = std::get_if<spec::ComputeStage>(&spec);
  return s && s->fetch;
}

// The port behind which the weights lie, for the stages that fetch them, and its signals at the top.
void add_memory_port(hdl::Module& m, const spec::MemoryPortParams& p,
                     const std::vector<hdl::Instance>& clients) {
  const hdl::Module& module = hw::build_memory_port(m.design(), m.name() + "_memory_port", p);
  const hdl::Instance port = m.instance(module, "u_memory_port");
  const auto in = [&](const std::string& name, int width) { port.in(name, m.input(name, hdl::u(width))); };
  in("weights_base", p.address_bits);
  in("m_axi_arready", 1);
  in("m_axi_rvalid", 1);
  in("m_axi_rdata", p.data_bits);
  in("m_axi_rresp", 2);
  in("m_axi_rlast", 1);
  for (const char* name : {"m_axi_arvalid", "m_axi_araddr", "m_axi_arlen", "m_axi_arsize", "m_axi_arburst",
                           "m_axi_arcache", "m_axi_arprot", "m_axi_rready", "err_rresp"}) {
    m.output(name, port.out(name));
  }
  const Sig data = port.out("fill_data");
  for (size_t i = 0; i < clients.size(); ++i) {
    for (const char* name : {"soon", "address", "length"})
      port.in(fmt::format("fetch{}_{}", i, name), clients[i].out(fmt::format("fetch_{}", name)));
    clients[i].in("fetch_grant", port.out(fmt::format("fetch{}_grant", i)));
    clients[i].in("fill_valid", port.out(fmt::format("fill{}_valid", i)));
    clients[i].in("fill_data", data);
  }
}

}  // namespace

void assemble(hdl::Design& design, const nn::Network& net, const arch::Plan& plan,
              const std::vector<spec::StageSpec>& specs, const std::string& top) {
  hdl::Module& m = design.module(top, {.clock = "aclk", .reset = "aresetn", .reset_active_low = true});
  m.doc({.purpose = fmt::format("{}: {} stages, {} cycles per frame", net.name, plan.stages.size(),
                                plan.cycles_per_frame)});
  const spec::Link& in = plan.stages.front().out;
  const spec::Link& out = plan.stages.back().out;
  const Stream pixels = m.stream_in("s_axis", {.data = hdl::u(pixel_bits(in)), .last = true});
  const hdl::StreamSink results =
      m.stream_out("m_axis", {.data = hdl::u(axis_bits(out.data_bits())), .last = true});

  std::vector<hdl::Instance> instances;
  for (size_t i = 0; i < specs.size(); ++i) {
    const hdl::Module& stage = std::visit(
        [&](const auto& spec) -> const hdl::Module& { return hw::build_stage(design, spec); }, specs[i]);
    instances.push_back(m.instance(stage, "u_" + plan.stages[i].name));
  }
  instances.front().in("in", pixels);
  m.output("frame_error", instances.front().out("frame_error"));
  if (const auto port = arch::memory_port(plan, specs)) {
    std::vector<hdl::Instance> clients;
    for (size_t i = 0; i < specs.size(); ++i) {
      if (fetches(specs[i])) clients.push_back(instances[i]);
    }
    add_memory_port(m, *port, clients);
  }

  const auto connect = [&](const EdgeRef& to, const Stream& s) {
    instances[to.stage].in(port_of(plan.stages[to.stage], to.input), s);
  };
  for (size_t i = 0; i < plan.stages.size(); ++i) {
    const std::string& name = plan.stages[i].name;
    const Stream stream = boundary(m, instances[i].stream_out("out"), name);
    const std::vector<EdgeRef> readers = edges_from(plan, i);
    if (readers.empty()) {
      ELB_ASSERT(i + 1 == plan.stages.size(), "only the last stage goes out");
      results.connect(stream.map(hdl::u(axis_bits(out.data_bits())),
                                 [&](Sig data) { return data.ext(hdl::u(axis_bits(out.data_bits()))); }));
      continue;
    }
    if (readers.size() == 1) {
      connect(readers[0], stream);
      continue;
    }
    spec::ForkParams fork{.data_bits = plan.stages[i].out.data_bits(), .depths = {}};
    for (const EdgeRef& r : readers) fork.depths.push_back(plan.stages[r.stage].inputs[r.input].branch_fifo);
    const hdl::Instance copies = m.instance(hw::build_fork(design, fork), "u_" + name + "_fork");
    copies.in("in", stream);
    for (size_t r = 0; r < readers.size(); ++r)
      connect(readers[r], copies.stream_out(fmt::format("out{}", r)));
  }
}

}  // namespace elb::top
