// What options cost: their stages without contents, put together and priced (spec/cost.hpp). The array and
// the activation, which many options have in common, are priced once.
#pragma once
#include <array>
#include <map>
#include <optional>

#include "arch/options.hpp"
#include "spec/activation.hpp"
#include "spec/cost.hpp"
#include "spec/fetch.hpp"
#include "spec/stage.hpp"

namespace elb::arch {

class OptionCost {
 public:
  OptionCost(const LayerShape& shape, const std::optional<MemoryPort>& memory)
      : shape_(shape), memory_(memory) {}

  // Of weights that are swept: the cycles per frame, the engine's left aside, and the beats of the memory.
  struct Sweeps {
    int64_t cycles = 0, beats = 0;
  };
  Sweeps sweeps(const Option& o) const;

  // Of a compute engine: the factors of the options that follow, then their activation.
  void set_factors(const Factors& f);
  void set_activation(Activation a);
  const spec::ComputeParams& array() const {
    return compute_;
  }  // as many slices as it can have, or the user's
  const Amounts& of_array() const { return array_amounts_; }

  Amounts of(const Option& o);
  // What of the option priced last is block RAM and could be UltraRAM, and what it then costs more; where the
  // technology has UltraRAM.
  struct Move {
    UltraRam what;
    Amounts more{};
  };
  const std::vector<Move>& moves() const { return moves_; }

 private:
  spec::FetchParams fetch(const Option& o) const;
  spec::ActivationParams activation(Activation kind, const Factors& f, int tiles) const;
  int capacity(const spec::WindowParams& w, int64_t cycles);
  int capacity(const Stage& stage, int64_t cycles);
  spec::Resources compute(const Option& o);
  spec::Resources lanewise(const Option& o);
  void find_moves(const spec::WindowStoreShape& store);
  void find_moves(const spec::ComputeStage& s);

  const LayerShape& shape_;
  const std::optional<MemoryPort>& memory_;
  std::map<int, int> capacity_;                       // by columns
  std::map<std::array<int, 3>, int> sweep_capacity_;  // by columns, rows of a band, frames of a pass
  Factors factors_;
  spec::ComputeParams compute_;
  spec::ActivationParams activation_;
  spec::Resources array_, array_and_activation_;
  Amounts array_amounts_{};
  std::vector<Move> moves_;
};

}  // namespace elb::arch
