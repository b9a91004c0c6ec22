// What a layer with a window store can be built as: every useful P x S x M with every place its weights may
// have, each with its cycles per frame (closed form, arch/folding.hpp) and its cost.
//
// Costs are those of the stage behind its feed: what depends on the link that it reads is not in them
// (feed_of). They assume, since no weights are looked at: accumulators as wide as the worst weights make
// them, activations by thresholds of which none are alike, and an output FIFO of a reader that takes a beat
// per tile. No plan's true cost is below by more than these assumptions cost.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "arch/amounts.hpp"
#include "arch/device.hpp"
#include "arch/folding.hpp"
#include "arch/plan.hpp"
#include "nn/network.hpp"
#include "spec/compute.hpp"

namespace elb::arch {

struct Option {
  Factors f;
  Residence weights = Residence::none;
  int b = 1, band_rows = 0, weight_slots = 2;
  Activation activation = Activation::none;
  UltraRam ultra = {};
  int dsp = spec::kAllDsp;  // of the array's products (spec::ComputeParams)
  int64_t cycles = 0;
  Amounts cost{};
  // Of a price (Selection::price), beside the shares: a conv with streamed weights reads them again and
  // again, and its latency is that of a band. It is for what finds no room on chip.
  double surcharge = 0;
};

// A layer as far as its options depend on it; equal keys have equal tables.
struct LayerShape {
  StoreWork work;  // its link is of one column and all channels
  nn::Op op = nn::Op::conv;
  spec::Technology technology = spec::Technology::generic;
  spec::WeightCode code = spec::WeightCode::ternary;
  int weight_bits = 0;  // 0: none
  int in_base = 0, in_step = 1;
  int out_bits = 16;  // of a code; raw: of the accumulator
  int steps = 0;      // 0: raw or nothing
  int acc_bits = 1;
  bool acc_signed = false, widens = false, affine = false;
  // Of readers behind it: the words that one stores of a pixel at least; whether one is an fc over the map.
  int reader_words = 1;
  bool read_as_vector = false;
  int map_h = 1, map_w = 1;  // fc: of the map that is its vector
  FixedFactors fixed = {};
  std::optional<int> b = {}, band_rows = {}, weight_slots = {}, dsp = {};
  std::optional<Residence> weights = {};
  std::optional<UltraRam> ultra = {};
  std::optional<Activation> activation = {};
  std::string key() const;
};

// The shape of a conv, fc or pool. Weights are not looked at; `affine`: it is proven to be one.
LayerShape layer_shape(const nn::Layer& layer, const nn::ActType& in, bool lanewise, bool affine,
                       spec::Technology technology = spec::Technology::generic);
spec::ComputeParams array_params(const LayerShape& shape, const Factors& f, int dsp);
// Of the array alone, so many slices making its products; and how many could.
Amounts array_cost(const LayerShape& shape, const Factors& f, int dsp);
int64_t most_dsp(const LayerShape& shape, const Factors& f);
// The link that a stage with these factors sends.
spec::Link link_of(const LayerShape& shape, const Option& o);

// Of an integer dot product; a deeper tree saves nothing beside the products.
inline constexpr int kMostIntegerInputs = 64;

// Cycles per frame that options are for: none is slower than the highest target.
struct Targets {
  int64_t low = 1, high = INT64_MAX;
};

// How many options a search has. `quick`: of near factors, bands and parts one, and no greater factors than
// the lowest target asks for, which spend LUTs to spare block RAM.
enum class Effort { thorough, quick };

// All options that a device could hold alone (`limit`), without those that another one beats in cycles and
// every cost, in ascending cycles. Streamed ones only with a memory.
std::vector<Option> make_options(const LayerShape& shape, const Amounts& limit,
                                 const std::optional<MemoryPort>& memory, const Targets& targets = {},
                                 Effort effort = Effort::thorough);

// What the feed from `in` adds, and the cycles that it needs; in front of a flattened map, whose lanes that
// do not exist take part, those of the array too.
struct FeedCost {
  Amounts cost{};
  int64_t cycles = 0;
};
FeedCost feed_of(const LayerShape& shape, const Option& o, const spec::Link& in);

}  // namespace elb::arch
