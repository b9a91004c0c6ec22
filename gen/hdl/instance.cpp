// Instances of modules and of leaves: connections by name.
#include <fmt/format.h>

#include "base/assert.hpp"
#include "hdl/module_build.hpp"

namespace elb::hdl {
namespace {

struct PortView {
  std::string name;
  bool is_input = true;
  Shape shape;
};

// The connectable ports of what an instance is made of (a leaf's clock and reset are connected by the
// emitter).
std::vector<std::string> port_names(const InstanceDef& def, bool inputs) {
  std::vector<std::string> out;
  if (def.module) {
    for (const PortDef& p : def.module->graph().ports) {
      if ((p.dir == Dir::input) == inputs) out.push_back(p.name);
    }
  } else {
    for (const LeafPort& p : def.leaf->ports) {
      if (p.kind == (inputs ? LeafPort::Kind::input : LeafPort::Kind::output)) out.push_back(p.name);
    }
  }
  return out;
}

// Index of the port, or -1 with an error.
int find(Builder& b, InstanceDef& def, const std::string& name, bool input, SrcLoc loc, PortView& view) {
  int at = -1;
  if (def.module) {
    const Graph& g = def.module->graph();
    const int i = def.module->builder().find_port(name);
    if (i >= 0 && (g.ports[i].dir == Dir::input) == input) {
      at = i;
      view = {name, input, g.ports[i].shape};
    }
  } else {
    for (size_t i = 0; i < def.leaf->ports.size(); ++i) {
      const LeafPort& p = def.leaf->ports[i];
      if (p.name != name || p.kind != (input ? LeafPort::Kind::input : LeafPort::Kind::output)) continue;
      at = static_cast<int>(i);
      view = {name, input, {std::max(1, leaf_port_width(*def.leaf, p, def.params)), p.is_signed}};
    }
  }
  if (at < 0) {
    const std::string of = def.module ? def.module->name() : def.leaf->module;
    const std::string near = nearest(name, port_names(def, input));
    b.error(
        loc, "hdl-unknown-port",
        fmt::format("'{}' has no {} '{}' (instance '{}')", of, input ? "input" : "output", name, def.name),
        {}, near.empty() ? "" : "did you mean '" + near + "'?");
    return -1;
  }
  if (def.ports.size() <= static_cast<size_t>(at)) def.ports.resize(static_cast<size_t>(at) + 1, kNone);
  return at;
}

const StreamPort* find_stream(const InstanceDef& def, const std::string& name, Dir dir) {
  if (!def.module) return nullptr;
  for (const StreamPort& s : def.module->builder().streams) {
    if (s.name == name && s.dir == dir) return &s;
  }
  return nullptr;
}

}  // namespace

Instance Module::instance(const Module& of, const std::string& name, SrcLoc loc) {
  InstanceDef def;
  def.name = builder_->take_name(name, "instance", loc);
  def.module = &of;
  def.ports.assign(of.graph().ports.size(), kNone);
  def.loc = loc;
  builder_->graph.instances.push_back(std::move(def));
  return Instance(this, static_cast<int>(builder_->graph.instances.size()) - 1);
}

Instance Module::instance(const Leaf& leaf, const std::string& name, LeafParams params, SrcLoc loc) {
  InstanceDef def;
  def.name = builder_->take_name(name, "instance", loc);
  def.leaf = &leaf;
  for (const auto& [key, value] : params) {
    bool known = false;
    for (const auto& p : leaf.parameters) known = known || p.first == key;
    if (!known) {
      builder_->error(loc, "hdl-unknown-port",
                      fmt::format("'{}' has no parameter '{}' (instance '{}')", leaf.module, key, name));
    }
  }
  def.params = std::move(params);
  def.ports.assign(leaf.ports.size(), kNone);
  def.loc = loc;
  builder_->graph.instances.push_back(std::move(def));
  return Instance(this, static_cast<int>(builder_->graph.instances.size()) - 1);
}

const Instance& Instance::in(const std::string& port, Operand value, SrcLoc loc) const {
  Builder& b = module_->builder();
  InstanceDef& def = b.graph.instances[index_];
  PortView view;
  const int at = find(b, def, port, true, loc, view);
  if (at < 0) return *this;
  const std::string what = fmt::format("input '{}' of '{}'", port, def.name);
  if (def.ports[at] != kNone) {
    b.error(loc, "hdl-multi-driven", what + " is connected a second time");
    return *this;
  }
  const NodeId v = b.fit_to(value, view.shape, what);
  b.graph.instances[index_].ports[at] = v;
  return *this;
}

Sig Instance::out(const std::string& port, SrcLoc loc) const {
  Builder& b = module_->builder();
  InstanceDef& def = b.graph.instances[index_];
  PortView view;
  const int at = find(b, def, port, false, loc, view);
  if (at < 0) return b.sig(b.nodes.number(0, u(1), loc));
  if (def.ports[at] == kNone) def.ports[at] = b.nodes.leaf(Op::inst_out, view.shape, index_, at, loc);
  return b.sig(def.ports[at]);
}

const Instance& Instance::in(const std::string& stream, const Stream& s, SrcLoc loc) const {
  Builder& b = module_->builder();
  const InstanceDef& def = b.graph.instances[index_];
  const StreamPort* port = find_stream(def, stream, Dir::input);
  if (!port) {
    b.error(loc, "hdl-unknown-port", fmt::format("instance '{}' has no input stream '{}'", def.name, stream));
    return *this;
  }
  if (!s.valid().is_set()) {
    b.error(loc, "hdl-unconnected",
            fmt::format("input stream '{}' of '{}' gets an empty stream", stream, def.name));
    return *this;
  }
  const std::vector<Field> fields = port->shape.all();
  in(stream + "_tvalid", Operand(s.valid(), loc), loc);
  for (const Field& f : fields) in(stream + "_" + f.name, Operand(s[f.name], loc), loc);
  s.drive_ready(Operand(out(stream + "_tready", loc), loc), loc);
  return *this;
}

Stream Instance::stream_out(const std::string& stream, SrcLoc loc) const {
  Builder& b = module_->builder();
  const StreamPort* port = find_stream(b.graph.instances[index_], stream, Dir::output);
  const std::string instance_name = b.graph.instances[index_].name;
  if (!port) {
    b.error(loc, "hdl-unknown-port",
            fmt::format("instance '{}' has no output stream '{}'", instance_name, stream));
    return module_->stream(module_->unique("bad_stream"), {.data = u(1)}, Operand(0, loc),
                           {b.sig(b.nodes.number(0, u(1), loc))}, loc);
  }
  const std::string role = role_of(instance_name);
  const StreamShape shape = port->shape;
  Payload payload;
  payload.fields = shape.all();
  for (const Field& f : payload.fields) payload.values.push_back(out(stream + "_" + f.name, loc));
  const Wire ready = b.link(role + "_" + stream + "_tready", loc);
  in(stream + "_tready", Operand(ready, loc), loc);
  return Stream(role, shape, out(stream + "_tvalid", loc), payload, ready);
}

}  // namespace elb::hdl
