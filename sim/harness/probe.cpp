#include "sim/harness/probe.hpp"

#include <fmt/format.h>

namespace elb::harness {
namespace {

struct PortText {
  int index;         // enum Port, and on
  std::string name;  // of the probe
  int width = 1;
  bool input = false;
  std::string inner;     // port of the top, or
  std::string boundary;  // wire inside of it
};

// The wires of `memory` at the ports of spec/fetch.hpp.
void add_memory_ports(std::vector<PortText>& out, const MemoryPort& memory) {
  out.insert(out.end(),
             {
                 {port_ar_address, "ar_address", memory.address_bits, false, "m_axi_araddr", ""},
                 {port_ar_length, "ar_length", memory.axi3 ? 4 : 8, false, "m_axi_arlen", ""},
                 {port_ar_size, "ar_size", 3, false, "m_axi_arsize", ""},
                 {port_ar_burst, "ar_burst", 2, false, "m_axi_arburst", ""},
                 {port_ar_valid, "ar_valid", 1, false, "m_axi_arvalid", ""},
                 {port_ar_ready, "ar_ready", 1, true, "m_axi_arready", ""},
                 {port_r_data, "r_data", memory.data_bits, true, "m_axi_rdata", ""},
                 {port_r_response, "r_response", 2, true, "m_axi_rresp", ""},
                 {port_r_last, "r_last", 1, true, "m_axi_rlast", ""},
                 {port_r_valid, "r_valid", 1, true, "m_axi_rvalid", ""},
                 {port_r_ready, "r_ready", 1, false, "m_axi_rready", ""},
                 {port_weights_base, "weights_base", memory.address_bits, true, "weights_base", ""},
                 {port_read_error, "read_error", 1, false, "err_rresp", ""},
             });
}

std::vector<PortText> ports_of(const Manifest& m) {
  const auto bytes = [](const Stream& s) { return (s.data_bits() + 7) / 8 * 8; };
  const std::string& s = m.input.wires;
  const std::string& o = m.output.wires;
  std::vector<PortText> out = {
      {port_clock, "clk_i", 1, true, m.clock, ""},
      {port_reset, "rstn_i", 1, true, m.reset, ""},
      {port_s_data, "s_data", bytes(m.input), true, s + "_tdata", ""},
      {port_s_valid, "s_valid", 1, true, s + "_tvalid", ""},
      {port_s_ready, "s_ready", 1, false, s + "_tready", ""},
      {port_s_last, "s_last", 1, true, s + "_tlast", ""},
      {port_m_data, "m_data", bytes(m.output), false, o + "_tdata", ""},
      {port_m_valid, "m_valid", 1, false, o + "_tvalid", ""},
      {port_m_ready, "m_ready", 1, true, o + "_tready", ""},
      {port_m_last, "m_last", 1, false, o + "_tlast", ""},
      {port_frame_error, "bad_frame", 1, false, "frame_error", ""},
  };
  if (m.memory) add_memory_ports(out, *m.memory);
  int index = port_first_boundary;
  for (size_t i = 0; i < m.boundaries.size(); ++i) {
    const Stream& b = m.boundaries[i];
    for (const char* part : {"data", "valid", "ready", "last"}) {
      const int width = part[0] == 'd' ? b.data_bits() : 1;
      out.push_back(
          {index++, fmt::format("p{}_{}", i, part), width, false, "", fmt::format("{}_{}", b.wires, part)});
    }
  }
  return out;
}

std::string range(int width) {
  return width == 1 ? "" : fmt::format("[{}:0] ", width - 1);
}

}  // namespace

std::string probe_verilog(const Manifest& manifest) {
  const std::vector<PortText> ports = ports_of(manifest);
  std::string declared, connected, assigned;
  for (const PortText& p : ports) {
    declared += fmt::format("{}  {} wire {}{}", declared.empty() ? "" : ",\n", p.input ? "input" : "output",
                            range(p.width), p.name);
    if (!p.inner.empty())
      connected += fmt::format("{}    .{}({})", connected.empty() ? "" : ",\n", p.inner, p.name);
    if (!p.boundary.empty()) assigned += fmt::format("  assign {} = u_top.{};\n", p.name, p.boundary);
  }
  return fmt::format("module elb_probe (\n{}\n);\n  {} u_top (\n{}\n  );\n{}endmodule\n", declared,
                     manifest.top, connected, assigned);
}

std::string probe_glue(const Manifest& manifest, bool trace) {
  std::string table;
  for (const PortText& p : ports_of(manifest))
    table += fmt::format("    case {}: return &m->top.{};\n", p.index, p.name);
  const char* tracing = trace ? R"(
#include "verilated_fst_c.h"
#define ELB_TRACE 1
)"
                              : "\n";
  return std::string("#include <stdexcept>\n#include \"Velb.h\"\n") + tracing + R"(
#define ELB_API extern "C" __attribute__((visibility("default")))

// The design's own complaints ($readmemh, $finish, $error) become exceptions instead of the end of the process.
static void elb_raise(const char* file, int line, const std::string& what) {
  throw std::runtime_error(std::string(file ? file : "") + ":" + std::to_string(line) + ": " + what);
}
void vl_finish(const char* f, int l, const char*) { elb_raise(f, l, "the design called $finish"); }
void vl_stop(const char* f, int l, const char*) { elb_raise(f, l, "the design called $stop"); }
void vl_fatal(const char* f, int l, const char*, const char* m) { elb_raise(f, l, m); }
void vl_warn(const char* f, int l, const char*, const char* m) { elb_raise(f, l, m); }

namespace {
struct Model {
  VerilatedContext context;
  Velb top;
#ifdef ELB_TRACE
  VerilatedFstC fst;
#endif
  static VerilatedContext* prepare(VerilatedContext* c, int seed, int threads, bool trace) {
    c->randReset(2);
    c->randSeed(seed);
    c->threads(threads);
    c->traceEverOn(trace);
    return c;
  }
  Model(int seed, int threads, const char* trace) : top(prepare(&context, seed, threads, trace != nullptr), "elb") {
#ifdef ELB_TRACE
    if (trace) {
      top.trace(&fst, 99);
      fst.open(trace);
    }
#endif
  }
  void step(int clock) {
    top.clk_i = static_cast<CData>(clock);
    top.eval();
#ifdef ELB_TRACE
    if (fst.isOpen()) fst.dump(context.time());
#endif
    context.timeInc(2500);
  }
};
}  // namespace

ELB_API int elb_model_abi() { return 1; }
ELB_API void* elb_model_open(int seed, int threads, const char* trace) { return new Model(seed, threads, trace); }
ELB_API void elb_model_step(void* model, int clock) { static_cast<Model*>(model)->step(clock); }
ELB_API void elb_model_close(void* model) {
  Model* m = static_cast<Model*>(model);
#ifdef ELB_TRACE
  if (m->fst.isOpen()) m->fst.close();
#endif
  delete m;
}
ELB_API void* elb_model_port(void* model, int index) {
  Model* m = static_cast<Model*>(model);
  switch (index) {
)" + table +
         R"(    default: return nullptr;
  }
}
)";
}

}  // namespace elb::harness
