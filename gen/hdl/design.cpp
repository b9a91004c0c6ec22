#include "hdl/design.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <unordered_map>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "hdl/check/checks.hpp"
#include "hdl/emit/emit.hpp"
#include "hdl/lower/lower.hpp"
#include "hdl/module_build.hpp"

namespace elb::hdl {
namespace {

struct Mistake {
  SrcLoc loc;
  Diag diag;
};

bool before(const Mistake& a, const Mistake& b) {
  const int files = std::strcmp(a.loc.base_name(), b.loc.base_name());
  return files != 0 ? files < 0 : a.loc.line < b.loc.line;
}

std::string file_of(const Module& m) {
  return m.name() + (m.options().mapped ? "_mapped.v" : ".v");
}

struct Component {
  const Module* module = nullptr;
  std::any params;
  SrcLoc loc;
};

}  // namespace

struct Design::Impl {
  DesignOptions options;
  std::vector<std::unique_ptr<Module>> modules;
  std::unordered_map<std::string, Module*> by_name;
  std::map<std::string, Component> components;
  std::map<std::string, std::unique_ptr<Leaf>> leaves;
  std::map<const Module*, Module*> mapped;  // second bodies, by the first
  std::map<const Module*, Graph> lowered;   // after check()
  std::vector<Mistake> mistakes;
  Diags diags;
  bool checked = false;

  void lower(const Module& m) {
    if (lowered.count(&m) != 0) return;
    for (const InstanceDef& i : m.graph().instances) {
      if (i.module) lower(*i.module);
    }
    const Graph& g = lowered[&m] = lower::pipeline(m.graph());
    find_common_ports(m, g);
    const auto other = mapped.find(&m);
    if (other == mapped.end()) return;
    lower(*other->second);
    join_common_ports(m, *other->second);
  }

  const Module& body(const Module& m, Bodies bodies) const {
    const auto other = mapped.find(&m);
    return bodies == Bodies::mapped && other != mapped.end() ? *other->second : m;
  }

  // Builds `m`, again elsewhere where the options ask for it.
  void build(Module& m, const std::function<void(Module&)>& body, const Design& design, SrcLoc loc) {
    body(m);
    if (!options.build_twice) return;
    Design twin(DesignOptions{.generator = options.generator, .locations = false, .build_twice = false});
    Module& again = twin.module(m.name(), {}, loc);
    body(again);
    if (same_graph(m.graph(), again.graph())) return;
    const_cast<Design&>(design).error(
        loc, Diag{.code = "hdl-params",
                  .place = "",
                  .text = fmt::format(
                      "component '{}' was built twice from the same parameters and came out differently",
                      m.name()),
                  .notes = {},
                  .help = "build() may look at nothing but its parameters"});
  }
};

Design::Design(DesignOptions options) : impl_(std::make_unique<Impl>()) {
  impl_->options = std::move(options);
}
Design::~Design() = default;

Module& Design::module(const std::string& name, ModuleOptions options, SrcLoc loc) {
  ELB_ASSERT(!impl_->checked, "a design is frozen after check()");
  std::string taken = name;
  if (!is_identifier(name) || name[0] == '_' || is_keyword(name)) {
    error(loc, Diag{.code = "hdl-name-taken",
                    .place = "",
                    .text = fmt::format("module name \"{}\" is no plain identifier", name)});
    taken = "elb_bad_name";
  } else if (impl_->by_name.count(name) != 0) {
    error(loc, Diag{.code = "hdl-name-taken",
                    .place = "",
                    .text = fmt::format("module name '{}' is already taken", name)});
  }
  while (impl_->by_name.count(taken) != 0) taken += "_again";
  impl_->modules.push_back(std::make_unique<Module>(*this, taken, std::move(options), loc));
  impl_->by_name[taken] = impl_->modules.back().get();
  return *impl_->modules.back();
}

const std::vector<std::unique_ptr<Module>>& Design::modules() const {
  return impl_->modules;
}

const Module* Design::find(const std::string& name) const {
  const auto it = impl_->by_name.find(name);
  return it == impl_->by_name.end() ? nullptr : it->second;
}

const DesignOptions& Design::options() const {
  return impl_->options;
}

const Leaf& Design::leaf(const std::string& dir, const std::string& name) {
  std::unique_ptr<Leaf>& leaf = impl_->leaves[dir + "/" + name];
  if (!leaf) {
    Diags found;
    leaf = std::make_unique<Leaf>(load_leaf(dir, name, found));
    for (const Diag& d : found.all()) impl_->mistakes.push_back({SrcLoc{}, d});
  }
  return *leaf;
}

void Design::error(SrcLoc loc, Diag diag) {
  diag.place = place_of(loc);
  impl_->mistakes.push_back({loc, std::move(diag)});
}

const Diags& Design::check() {
  if (impl_->checked) return impl_->diags;
  for (const auto& m : impl_->modules) m->builder().complete();
  run_checks(*this);
  impl_->checked = true;
  std::stable_sort(impl_->mistakes.begin(), impl_->mistakes.end(), before);
  for (const Mistake& m : impl_->mistakes) impl_->diags.error(m.diag);
  if (impl_->diags.ok()) {
    for (const auto& m : impl_->modules) impl_->lower(*m);
  }
  return impl_->diags;
}

std::map<std::string, std::string> Design::emit() {
  check().throw_if_any();
  std::map<std::string, std::string> files;
  for (const auto& m : impl_->modules) files[file_of(*m)] = emit_module(*m, impl_->lowered.at(m.get()));
  return files;
}

std::map<std::string, std::string> Design::mem_files() const {
  std::map<std::string, std::string> files;
  for (const auto& m : impl_->modules) {
    for (const RamDef& r : m->graph().rams) {
      if (r.image) files[r.init_file] = r.image->hex();
      if (r.init_file.empty() || r.init.empty()) continue;
      std::string text;
      for (const Bits& word : r.init) text += word.hex() + "\n";
      for (int64_t i = static_cast<int64_t>(r.init.size()); i < r.depth; ++i)
        text += Bits(r.word.width).hex() + "\n";
      files[r.init_file] = std::move(text);
    }
  }
  return files;
}

Sources Design::sources(Bodies bodies, const std::string& technology) const {
  std::set<const Module*> reached, inner;
  std::set<std::string> modules, leaves;
  const std::function<void(const Module&)> reach = [&](const Module& m) {
    if (!reached.insert(&m).second) return;
    modules.insert(file_of(m));
    for (const InstanceDef& i : m.graph().instances) {
      if (i.module) {
        reach(impl_->body(*i.module, bodies));
        continue;
      }
      const auto body = i.leaf->bodies.find(technology);
      if (body == i.leaf->bodies.end()) {
        leaves.insert(i.leaf->source);
      } else {
        leaves.insert(body->second.begin(), body->second.end());
      }
    }
  };
  for (const auto& m : impl_->modules) {
    for (const InstanceDef& i : m->graph().instances) inner.insert(i.module);
  }
  for (const auto& m : impl_->modules) {
    if (!m->options().mapped && inner.count(m.get()) == 0) reach(impl_->body(*m, bodies));
  }
  return {{modules.begin(), modules.end()}, {leaves.begin(), leaves.end()}};
}

const Module& Design::component(const std::string& name, const std::any& params,
                                const std::function<bool(const std::any&, const std::any&)>& equal,
                                const ModuleBodies& bodies, SrcLoc loc) {
  const auto it = impl_->components.find(name);
  if (it != impl_->components.end()) {
    if (!equal(it->second.params, params)) {
      error(loc, Diag{.code = "hdl-params",
                      .place = "",
                      .text = fmt::format("two different parameter sets have one component name '{}'", name),
                      .notes = {fmt::format("the other is here ({})", place_of(it->second.loc))},
                      .help = "put every parameter into name()"});
    }
    return *it->second.module;
  }
  Module& m = module(name, {}, loc);
  impl_->components[name] = {&m, params, loc};
  impl_->build(m, bodies.plain, *this, loc);
  if (bodies.mapped) {
    ModuleOptions options;
    options.mapped = true;
    impl_->modules.push_back(std::make_unique<Module>(*this, name, options, loc));
    Module& other = *impl_->modules.back();
    impl_->mapped[&m] = &other;
    m.builder().other_body = file_of(other);
    other.builder().other_body = file_of(m);
    impl_->build(other, bodies.mapped, *this, loc);
  }
  return m;
}

}  // namespace elb::hdl
