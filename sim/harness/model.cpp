#include "sim/harness/model.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

#include "base/assert.hpp"
#include "sim/harness/probe.hpp"
#include "sim/harness/refuse.hpp"

namespace elb::harness {
namespace {

template <class F>
void find(void* library, const char* name, F& function) {
  function = reinterpret_cast<F>(::dlsym(library, name));
  ELB_ASSERT(function, fmt::format("the model lacks '{}'", name));
}

// Stands in a directory for as long as it lives.
class Standing {
 public:
  explicit Standing(const std::string& dir) : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(dir);
  }
  ~Standing() {
    std::error_code ignored;
    std::filesystem::current_path(before_, ignored);
  }

 private:
  std::filesystem::path before_;
};

}  // namespace

Model::Model(const std::string& shared_object, const std::string& design_dir, const ModelOptions& options)
    : dir_(design_dir) {
  library_ = ::dlopen(shared_object.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library_)
    refuse("sim-model", shared_object, fmt::format("cannot be loaded: {}", ::dlerror()),
           "remove it, it will be built again");
  int (*abi)() = nullptr;
  void* (*open)(int, int, const char*) = nullptr;
  find(library_, "elb_model_abi", abi);
  find(library_, "elb_model_open", open);
  find(library_, "elb_model_step", step_);
  find(library_, "elb_model_close", close_);
  find(library_, "elb_model_port", port_);
  ELB_ASSERT(abi() == 1, "the model has another interface");
  const std::string trace = options.trace.empty() ? "" : std::filesystem::absolute(options.trace).string();
  const Standing here(design_dir);
  model_ = open(options.seed, options.threads, trace.empty() ? nullptr : trace.c_str());
  for (int p : {port_reset, port_s_valid, port_s_last, port_m_ready}) *port(p) = 0;
  low();  // initial blocks run here, and read the memories
}

Model::~Model() {
  if (model_) close_(model_);
  // The library stays: its thread pool and static objects outlive no unloading.
}

uint8_t* Model::port(int index) const {
  auto* p = static_cast<uint8_t*>(port_(model_, index));
  ELB_ASSERT(p, "no such port");
  return p;
}

void Model::step_checked(int clock) {
  try {
    step_(model_, clock);
  } catch (const std::runtime_error& e) {
    refuse("sim-model", dir_, e.what());
  }
}

}  // namespace elb::harness
