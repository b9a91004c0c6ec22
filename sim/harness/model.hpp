// A simulated design, loaded from the shared object that build_model made.
//
//   Model m(so, "DIR", {.seed = 1});
//   uint8_t* valid = m.port(port_s_valid);  *valid = 1;
//   m.low();   // clock 0: wires settle, look at them now
//   m.high();  // clock 1: registers take their values
//
// Ports are little-endian byte strings, kept in whole host words of 1, 2, 4, 8 or n·4 bytes. What the design
// itself reports (a memory file that cannot be read, $finish) is a UserError [sim-model].
#pragma once
#include <cstdint>
#include <string>

namespace elb::harness {

struct ModelOptions {
  int seed = 1;  // of the power-up values
  int threads = 1;
  std::string trace;  // FST file; empty: none
};

class Model {
 public:
  // Memory files are found relative to `design_dir`, where the process stands while the design starts up.
  Model(const std::string& shared_object, const std::string& design_dir, const ModelOptions& options);
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  uint8_t* port(int index) const;
  void low() { step_checked(0); }
  void high() { step_checked(1); }

 private:
  void step_checked(int clock);
  void* library_ = nullptr;
  void* model_ = nullptr;
  void (*step_)(void*, int) = nullptr;
  void (*close_)(void*) = nullptr;
  void* (*port_)(void*, int) = nullptr;
  std::string dir_;
};

}  // namespace elb::harness
