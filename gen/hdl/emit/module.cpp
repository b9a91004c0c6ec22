// The sections of a module's file, in their fixed order: header, parameters, ports by interface, state,
// memories, wires, instances, always blocks, outputs.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/assert.hpp"
#include "hdl/design.hpp"
#include "hdl/emit/emit.hpp"
#include "hdl/emit/plan.hpp"
#include "hdl/emit/print.hpp"
#include "hdl/module_build.hpp"

namespace elb::hdl {
namespace {

// "gen/hw/dot.cpp" of "../gen/hw/dot.cpp"; a file from elsewhere by its base name.
std::string source_path(SrcLoc loc) {
  const char* gen = std::strstr(loc.file, "gen/");
  return gen && (gen == loc.file || gen[-1] == '/') ? gen : loc.base_name();
}

std::string inner_reset_name(const ModuleOptions& o) {
  if (!o.reset_active_low && !o.reset_registered) return o.reset;
  return o.reset == "rst" ? "rst_q" : "rst";
}

const char* style_name(RamStyle style) {
  switch (style) {
    case RamStyle::automatic:
      return "";
    case RamStyle::block:
      return "block";
    case RamStyle::distributed:
      return "distributed";
    case RamStyle::registers:
      return "registers";
    case RamStyle::ultra:
      return "ultra";
  }
  return "";
}

class ModuleEmitter {
 public:
  ModuleEmitter(const Module& m, const Graph& g)
      : m_(m),
        g_(g),
        options_(m.options()),
        plan_(plan_names(g, inner_reset_name(options_),
                         {options_.clock, options_.reset, inner_reset_name(options_), "MEM_DIR"})),
        print_(g, plan_) {}

  std::string run() {
    header();
    ports();
    state();
    memories();
    wires();
    instances();
    always();
    outputs();
    out_ += "\nendmodule\n\n`default_nettype wire\n";
    return std::move(out_);
  }

 private:
  std::string at(SrcLoc loc) const {
    if (!m_.design().options().locations || loc.line == 0) return "";
    return fmt::format("{}:{}", loc.base_name(), loc.line);
  }
  std::string shape(Shape s) const {
    const std::string range = print_range(s.width);
    return (s.is_signed ? " signed" : "") + (range.empty() ? "" : " " + range);
  }
  // Starts a section with an empty line before its first statement.
  void section() {
    if (out_.size() < 2 || out_.compare(out_.size() - 2, 2, "\n\n") != 0) out_ += "\n";
  }
  void line(int indent, const std::string& statement, const std::string& comment = "") {
    out_ += wrap(indent, statement, comment);
  }

  void header() {
    const ModuleDoc& d = m_.docs();
    out_ += fmt::format("// {}{}{}\n", m_.name(), d.purpose.empty() ? "" : ": ", d.purpose);
    std::string facts;
    if (!d.params.empty()) facts += "params  " + d.params + "   ";
    if (d.latency) facts += fmt::format("latency {}   ", *d.latency);
    if (d.interval) facts += fmt::format("interval {}   ", *d.interval);
    while (!facts.empty() && facts.back() == ' ') facts.pop_back();
    if (!facts.empty()) out_ += "//   " + facts + "\n";
    for (const std::string& note : d.notes) out_ += "//   " + note + "\n";
    if (const std::string& other = m_.builder().other_body; !other.empty()) {
      out_ += !options_.mapped
                  ? fmt::format("//   body    for simulators; {} is the same for synthesis\n", other)
                  : fmt::format("//   body    for synthesis; {} is the same for simulators\n", other);
    }
    out_ += fmt::format("//   source  {}   {}\n", source_path(m_.loc()), m_.design().options().generator);
    out_ += "`default_nettype none\n";
  }

  void ports() {
    struct Line {
      std::string group, type, name, comment;
    };
    std::vector<Line> lines;
    if (m_.uses_clock()) lines.push_back({"", "input  wire", options_.clock, ""});
    if (m_.uses_reset()) lines.push_back({"", "input  wire", options_.reset, ""});
    for (const PortDef& p : g_.ports) {
      const std::string type = (p.dir == Dir::input ? "input  wire" : "output wire") +
                               std::string(p.shape.is_signed ? " signed" : "");
      const std::string range = print_range(p.shape.width);
      lines.push_back({p.group, type + "\t" + range, p.name, at(p.loc)});
    }
    size_t type_width = 0, range_width = 0, name_width = 0;
    for (Line& l : lines) {
      const size_t tab = l.type.find('\t');
      type_width = std::max(type_width, tab == std::string::npos ? l.type.size() : tab);
      if (tab != std::string::npos) range_width = std::max(range_width, l.type.size() - tab - 1);
      name_width = std::max(name_width, l.name.size());
    }
    const std::string parameter = m_.uses_mem_dir() ? " #(\n  parameter MEM_DIR = \"mem/\"\n)" : "";
    if (lines.empty()) {
      out_ += fmt::format("module {}{};\n", m_.name(), parameter);
      return;
    }
    out_ += fmt::format("module {}{} (\n", m_.name(), parameter);
    std::string group;
    for (size_t i = 0; i < lines.size(); ++i) {
      const Line& l = lines[i];
      if (l.group != group) {
        if (!l.group.empty()) out_ += fmt::format("  // stream {}\n", l.group);
        group = l.group;
      }
      const size_t tab = l.type.find('\t');
      const std::string type = l.type.substr(0, tab);
      const std::string range = tab == std::string::npos ? "" : l.type.substr(tab + 1);
      const std::string name = l.name + (i + 1 < lines.size() ? "," : "");
      std::string text = range_width > 0
                             ? fmt::format("{:<{}} {:>{}} {}", type, type_width, range, range_width, name)
                             : fmt::format("{:<{}} {}", type, type_width, name);
      if (!l.comment.empty()) text += std::string(name_width + 1 - name.size(), ' ');
      line(2, text, l.comment);
    }
    out_ += ");\n";
  }

  void state() {
    if (m_.uses_reset() && (options_.reset_active_low || options_.reset_registered)) {
      section();
      const std::string port = (options_.reset_active_low ? "~" : "") + options_.reset;
      if (options_.reset_registered) {
        line(2, fmt::format("reg {};", plan_.reset));
        line(2, fmt::format("always @(posedge {}) {} <= {};", options_.clock, plan_.reset, port));
      } else {
        line(2, fmt::format("wire {} = {};", plan_.reset, port));
      }
    }
    if (!g_.regs.empty()) section();
    for (const RegDef& r : g_.regs) line(2, fmt::format("reg{} {};", shape(r.shape), r.name), at(r.loc));
  }

  bool bypassed(const RamDef& r, const RamRead& read) const {
    return read.synchronous && r.ruw == ReadUnderWrite::new_value && !r.is_rom();
  }

  void memories() {
    for (const RamDef& r : g_.rams) {
      section();
      const std::string style = style_name(r.style);
      if (r.is_rom() && r.style == RamStyle::block) line(2, "(* rom_style = \"block\" *)");
      if (!r.is_rom() && !style.empty()) line(2, fmt::format("(* ram_style = \"{}\" *)", style));
      line(2, fmt::format("reg{} {} [0:{}];", shape({r.word.width, false}), r.name, r.depth - 1), at(r.loc));
      for (const RamRead& read : r.reads) {
        if (!read.synchronous) continue;
        if (!bypassed(r, read)) {
          line(2, fmt::format("reg{} {};", shape(r.word), read.name), at(read.loc));
          continue;
        }
        line(2, fmt::format("reg{} _{}_read;", shape({r.word.width, false}), read.name), at(read.loc));
        line(2, fmt::format("reg{} _{}_written;", shape({r.word.width, false}), read.name));
        line(2, fmt::format("reg _{}_hit;", read.name));
        line(2, fmt::format("wire{} {} = _{}_hit ? _{}_written : _{}_read;", shape(r.word), read.name,
                            read.name, read.name, read.name));
      }
      if (!r.init_file.empty()) {
        line(2, fmt::format("initial $readmemh({{MEM_DIR, \"{}\"}}, {});", r.init_file, r.name));
      } else if (!r.init.empty()) {
        line(2, "initial begin");
        for (int64_t i = 0; i < r.depth; ++i) {
          const Bits word =
              i < static_cast<int64_t>(r.init.size()) ? r.init[static_cast<size_t>(i)] : Bits(r.word.width);
          line(4, fmt::format("{}[{}] = {};", r.name, i, print_constant(word, false)));
        }
        line(2, "end");
      }
    }
  }

  void wires() {
    bool first = true;
    const auto begin = [&] {
      if (first) section();
      first = false;
    };
    for (const InstanceDef& i : g_.instances) {
      for (size_t p = 0; p < i.ports.size(); ++p) {
        const NodeId id = i.ports[p];
        const bool output = i.module ? i.module->graph().ports[p].dir == Dir::output
                                     : i.leaf->ports[p].kind == LeafPort::Kind::output;
        if (!output) continue;
        begin();
        if (id != kNone) line(2, fmt::format("wire{} {};", shape(g_[id].shape()), plan_.name[id]), at(i.loc));
        if (id == kNone)
          line(2, fmt::format("wire{} {};", shape(output_shape(i, p)), open_output(i, p)), at(i.loc));
      }
    }
    for (NodeId id : plan_.order) {
      begin();
      const Node& n = g_[id];
      std::string value;
      if (n.op == Op::wire) {
        value = print_.operand(g_.wires[n.aux].value);
      } else if (n.op == Op::ram_read) {
        value = fmt::format("{}[{}]", g_.rams[n.aux].name,
                            address(g_.rams[n.aux].reads[n.arg[0]].address, plan_.name[id]));
      } else {
        value = print_.definition(id);
      }
      line(2, fmt::format("wire{} {} = {};", shape(n.shape()), plan_.name[id], value), at(n.loc));
    }
  }

  Shape output_shape(const InstanceDef& i, size_t p) const {
    if (i.module) return i.module->graph().ports[p].shape;
    return {leaf_port_width(*i.leaf, i.leaf->ports[p], i.params), i.leaf->ports[p].is_signed};
  }
  // An output that nobody asked for still gets a wire, which the sink at the end reads.
  std::string open_output(const InstanceDef& i, size_t p) const {
    const std::string role = role_of(i.name);
    return fmt::format("_{}_{}", role, i.module ? i.module->graph().ports[p].name : i.leaf->ports[p].name);
  }
  // Indices of memories are plain unsigned names (a signed one would count as negative): a constant gets one.
  std::string address(NodeId id, const std::string& reader) {
    const Node& n = g_[bare(g_, id)];
    if (n.op != Op::constant && !n.is_signed) return print_.operand(id);
    const std::string name = fmt::format("_{}_address", reader);
    line(2, fmt::format("wire{} {} = {};", shape({g_[id].width, false}), name, print_.operand(id)));
    return name;
  }

  static std::string parameter(const ParamValue& value) {
    if (const auto* number = std::get_if<int64_t>(&value)) return std::to_string(*number);
    if (const auto* pattern = std::get_if<Bits>(&value))
      return fmt::format("{}'h{}", pattern->width(), pattern->hex());
    return '"' + std::get<std::string>(value) + '"';
  }

  void instances() {
    for (const InstanceDef& i : g_.instances) {
      section();
      std::vector<std::string> parameters;
      if (i.module && i.module->uses_mem_dir()) parameters.push_back(".MEM_DIR(MEM_DIR)");
      for (const auto& [key, value] : i.params) {
        parameters.push_back(fmt::format(".{}({})", key, parameter(value)));
      }
      std::string head = i.module ? i.module->name() : i.leaf->module;
      if (!parameters.empty()) head += fmt::format(" #({})", fmt::join(parameters, ", "));
      line(2, head + " " + i.name + " (");
      const std::vector<std::string> pins = connections(i);
      for (size_t p = 0; p < pins.size(); ++p) line(4, pins[p] + (p + 1 < pins.size() ? "," : ""));
      line(2, ");", at(i.loc));
    }
  }

  std::vector<std::string> connections(const InstanceDef& i) {
    std::vector<std::string> pins;
    if (i.module) {
      const ModuleOptions& o = i.module->options();
      if (i.module->uses_clock()) pins.push_back(fmt::format(".{}({})", o.clock, options_.clock));
      if (i.module->uses_reset())
        pins.push_back(fmt::format(".{}({}{})", o.reset, o.reset_active_low ? "~" : "", plan_.reset));
    }
    for (size_t p = 0; p < i.ports.size(); ++p) {
      std::string name, value;
      bool output = false;
      if (i.module) {
        name = i.module->graph().ports[p].name;
        output = i.module->graph().ports[p].dir == Dir::output;
      } else {
        const LeafPort& port = i.leaf->ports[p];
        name = port.name;
        output = port.kind == LeafPort::Kind::output;
        if (port.kind == LeafPort::Kind::clock) value = options_.clock;
        if (port.kind == LeafPort::Kind::reset) value = plan_.reset;
      }
      if (value.empty() && i.ports[p] != kNone) value = print_.operand(i.ports[p]);
      if (value.empty() && output) {
        value = open_output(i, p);
        plan_.unused.push_back(value);
      }
      pins.push_back(fmt::format(".{}({})", name, value));
    }
    return pins;
  }

  void always() {
    const std::string edge = fmt::format("always @(posedge {})", options_.clock);
    if (!g_.regs.empty()) section();
    for (const RegDef& r : g_.regs) {
      std::vector<std::string> arms;
      if (r.reset)
        arms.push_back(fmt::format("if ({}) {} <= {};", plan_.reset, r.name,
                                   print_constant(*r.reset, r.shape.is_signed)));
      for (const Choice& c : r.next) {
        const std::string assign = fmt::format("{} <= {};", r.name, print_.operand(c.value));
        std::string arm =
            c.condition == kNone ? assign : fmt::format("if ({}) {}", print_.operand(c.condition), assign);
        arms.push_back((arms.empty() ? "" : "else ") + arm);
      }
      if (arms.empty()) arms.push_back(fmt::format("{} <= {};", r.name, r.name));
      clocked(edge, arms);
    }
    for (const RamDef& r : g_.rams) {
      if (!r.writes.empty() ||
          std::any_of(r.reads.begin(), r.reads.end(), [](const RamRead& x) { return x.synchronous; }))
        section();
      for (const RamWrite& w : r.writes) {
        const std::string where = address(w.address, r.name + "_write");
        clocked(edge,
                {guarded(w.enable, fmt::format("{}[{}] <= {};", r.name, where, print_.operand(w.data)))});
      }
      for (const RamRead& read : r.reads) {
        if (!read.synchronous) continue;
        const std::string where = address(read.address, read.name);
        if (!bypassed(r, read)) {
          clocked(edge, {guarded(read.enable, fmt::format("{} <= {}[{}];", read.name, r.name, where))});
          continue;
        }
        const RamWrite& w = r.writes[0];
        std::string hit = fmt::format("{} == {}", print_.operand(w.address), print_.operand(read.address));
        if (w.enable != kNone) hit = fmt::format("{} & ({})", print_.guard(w.enable), hit);
        clocked(edge, {guarded(read.enable, fmt::format("_{}_read <= {}[{}];", read.name, r.name, where))});
        clocked(edge,
                {guarded(read.enable, fmt::format("_{}_written <= {};", read.name, print_.operand(w.data)))});
        clocked(edge, {guarded(read.enable, fmt::format("_{}_hit <= {};", read.name, hit))});
      }
    }
  }

  std::string guarded(NodeId enable, const std::string& statement) const {
    return enable == kNone ? statement : fmt::format("if ({}) {}", print_.operand(enable), statement);
  }

  void clocked(const std::string& edge, const std::vector<std::string>& arms) {
    if (arms.size() == 1 && 3 + edge.size() + arms[0].size() <= 100) {
      line(2, edge + " " + arms[0]);
      return;
    }
    line(2, edge);
    for (const std::string& arm : arms) line(4, arm);
  }

  void outputs() {
    bool first = true;
    for (const PortDef& p : g_.ports) {
      if (p.dir != Dir::output) continue;
      if (first) section();
      first = false;
      const Node& n = g_[p.node];
      const bool own_wire = n.op == Op::wire && g_.wires[n.aux].is_port && g_.wires[n.aux].name == p.name;
      line(2,
           fmt::format("assign {} = {};", p.name, print_.operand(own_wire ? g_.wires[n.aux].value : p.node)));
    }
    const std::vector<std::string>& idle = m_.builder().idle_ports;
    if (plan_.unused.empty() && idle.empty()) return;
    section();
    std::string sink = "wire _unused = &{1'd0";
    for (const std::vector<std::string>* names : {&idle, &std::as_const(plan_.unused)}) {
      for (const std::string& name : *names) sink += ", " + name;
    }
    line(2, sink + "};", "read by nobody");
  }

  const Module& m_;
  const Graph& g_;
  const ModuleOptions& options_;
  EmitPlan plan_;
  Printer print_;
  std::string out_;
};

}  // namespace

std::string emit_module(const Module& m, const Graph& lowered) {
  return ModuleEmitter(m, lowered).run();
}

}  // namespace elb::hdl
