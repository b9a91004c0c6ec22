#include "arch/plan_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "arch/activation_choice.hpp"
#include "arch/folding.hpp"
#include "spec/serializer.hpp"

namespace elb::arch {
namespace {

constexpr int kDeepFifo = 1 << 24;  // beyond it no device could hold one
constexpr int kMostImages = 1024, kMostSlots = 16;
constexpr int64_t kBlockWords = 64;  // a shallower memory fits logic better than a block RAM

}  // namespace

void StageRow::refuse(const std::string& field, const std::string& text, const std::string& help) const {
  diags_->error({.code = "arch-plan", .place = row_->place + "/" + field, .text = text, .help = help});
}

std::optional<int> StageRow::in_range(const std::optional<int>& value, const char* field, int max) const {
  if (!value || (*value >= 1 && *value <= max)) return value;
  refuse(field, fmt::format("{} is not in 1..{} for \"{}\"", *value, max, row_->layer));
  return {};
}

std::optional<int> StageRow::p(int max) const {
  return row_ ? in_range(row_->p, "p", max) : std::nullopt;
}

std::optional<int> StageRow::s(int max) const {
  return row_ ? in_range(row_->s, "s", max) : std::nullopt;
}

std::optional<int> StageRow::m(int max) const {
  return row_ ? in_range(row_->m, "m", max) : std::nullopt;
}

std::optional<int> StageRow::l(int kernels, int groups, const std::optional<int>& p) const {
  const std::optional<int> l = row_ ? in_range(row_->l, "l", p.value_or(kernels)) : std::nullopt;
  if (!l) return {};
  // Without a P given one that they divide is found.
  const spec::TileBeats tile{.p = p.value_or(kernels), .l = *l, .kernels = kernels, .groups = groups};
  const std::string error = spec::tile_beats_error(tile);
  if (error.empty()) return l;
  const int legal = largest_divisor(groups > 1 ? std::gcd(tile.p, kernels) : tile.p, *l);
  refuse("l", fmt::format("{} channels per beat of \"{}\": {}", *l, row_->layer, error),
         std::to_string(legal));
  return {};
}

void StageRow::refuse_l() const {
  if (row_ && row_->l)
    refuse("l", fmt::format("\"{}\" has no kernels: only a conv or fc on the engine \"compute\" sends "
                            "a tile in beats of l channels",
                            row_->layer));
}

std::optional<int> StageRow::lanes(int max) const {
  const std::optional<int> by_p = p(max), by_s = s(max);
  if (by_p && by_s && *by_p != *by_s) {
    refuse("s", fmt::format("\"{}\" sums no channels: p and s are one number, here {} and {}", row_->layer,
                            *by_p, *by_s));
  }
  return by_p ? by_p : by_s;
}

Engine StageRow::require_engine(const std::vector<Engine>& possible) const {
  if (!row_) return possible.front();
  if (row_->engine) {
    if (std::find(possible.begin(), possible.end(), *row_->engine) != possible.end()) return *row_->engine;
    refuse("engine",
           fmt::format("\"{}\" cannot run on the engine \"{}\"", row_->layer, to_string(*row_->engine)),
           fmt::format("\"{}\"", to_string(possible.front())));
  }
  return possible.front();
}

Residence StageRow::residence(int64_t words, bool fetchable) const {
  const Residence chosen = words >= kBlockWords ? Residence::rom_block : Residence::rom_logic;
  if (!row_ || !row_->weights) return chosen;
  if (is_fetched(*row_->weights) && !fetchable) {
    refuse("weights",
           fmt::format("the engine of \"{}\" has its weights on chip: \"{}\" is of conv and fc on the engine "
                       "\"compute\"",
                       row_->layer, to_string(*row_->weights)),
           "\"rom_block\"");
    return chosen;
  }
  if (*row_->weights == Residence::none) {
    refuse("weights", fmt::format("\"{}\" has weights, they must live somewhere", row_->layer));
    return chosen;
  }
  return *row_->weights;
}

int StageRow::images(int otherwise) const {
  return row_ ? in_range(row_->b, "b", kMostImages).value_or(otherwise) : otherwise;
}

int StageRow::band_rows(int max) const {
  return row_ ? in_range(row_->band_rows, "band_rows", max).value_or(max) : max;
}

int StageRow::weight_slots(int otherwise) const {
  return row_ ? in_range(row_->weight_slots, "weight_slots", kMostSlots).value_or(otherwise) : otherwise;
}

int StageRow::reorder_places(int min, int otherwise) const {
  if (!row_ || !row_->reorder_places) return otherwise;
  if (*row_->reorder_places >= min && *row_->reorder_places <= kDeepFifo) return *row_->reorder_places;
  refuse("reorder_places",
         fmt::format("{} is not in {}..{}: the ring of \"{}\" holds all places of a band or pass",
                     *row_->reorder_places, min, kDeepFifo, row_->layer));
  return otherwise;
}

int StageRow::dsp(const std::function<int64_t()>& most_slices) const {
  if (!row_ || !row_->dsp) return spec::kAllDsp;
  const int64_t most = most_slices();
  if (most > 0 && *row_->dsp == spec::kMostDsp) return static_cast<int>(most);
  if (most > 0 && *row_->dsp >= 0 && *row_->dsp <= most) return *row_->dsp;
  if (most > 0) {
    refuse("dsp", fmt::format("{} is not in 0..{}, what the products or accumulators of \"{}\" can use",
                              *row_->dsp, most, row_->layer));
  } else {
    refuse("dsp",
           fmt::format(
               "\"{}\" has no choice of DSP slices: under --technology xc7 or xcup they are for products "
               "of integer weights and activations of two bits or more, and for accumulators of "
               "binary and ternary weights, of 24 bits at most",
               row_->layer));
  }
  return spec::kAllDsp;
}

UltraRam StageRow::ultra(const UltraRam& possible, spec::Technology technology) const {
  if (!row_ || !row_->ultra || !row_->ultra->any()) return {};
  if (technology != spec::Technology::xcup) {
    refuse("ultra", fmt::format("technology {} has no UltraRAM", to_string(technology)), "[]");
    return {};
  }
  const UltraRam& wanted = *row_->ultra;
  const auto check = [&](bool is_wanted, bool is_possible, const char* what) {
    if (is_wanted && !is_possible) refuse("ultra", fmt::format("\"{}\" has no {}", row_->layer, what));
  };
  check(wanted.store, possible.store, "window store");
  check(wanted.weights, possible.weights,
        "weights that are fetched into a buffer of block RAM: UltraRAM has no contents to begin with");
  check(wanted.ring, possible.ring, "reorder ring, which is behind streamed weights");
  return {.store = wanted.store && possible.store,
          .weights = wanted.weights && possible.weights,
          .ring = wanted.ring && possible.ring};
}

void StageRow::refuse_weights() const {
  if (row_ && row_->weights && *row_->weights != Residence::none)
    refuse("weights", fmt::format("\"{}\" has no weights", row_->layer), "null");
}

void StageRow::refuse_images() const {
  if (row_ && row_->b && *row_->b != 1)
    refuse("b", "images share a pass only over the streamed weights of an fc layer", "1");
}

void StageRow::refuse_band() const {
  if (row_ && row_->band_rows)
    refuse("band_rows", "only a conv sweeps bands of rows, under streamed weights");
}

void StageRow::refuse_sweeps() const {
  refuse_images();
  refuse_band();
  if (row_ && row_->reorder_places)
    refuse("reorder_places", "only streamed weights have a reorder ring behind them");
  if (row_ && row_->weight_slots) refuse("weight_slots", "only streamed weights come tile by tile");
}

Activation StageRow::activation(const nn::Layer& layer, const spec::ActivationParams& shape) const {
  if (!row_ || !row_->activation) return choose_activation(layer, shape);
  const Activation wanted = *row_->activation;
  const bool stepped = layer.has_tail() && layer.act;
  if (stepped && wanted == Activation::threshold) return wanted;
  if (stepped && wanted == Activation::affine) {
    if (affine_layer(layer)) return wanted;
    refuse("activation",
           fmt::format("no alpha x + beta steps exactly where \"{}\" does, in every channel with one shift",
                       layer.name),
           "\"threshold\"");
    return Activation::threshold;
  }
  const Activation only = stepped ? Activation::threshold : choose_activation(layer, shape);
  if (wanted != only) {
    refuse("activation",
           fmt::format("\"{}\" cannot have the activation \"{}\"", layer.name, to_string(wanted)),
           fmt::format("\"{}\"", to_string(only)));
  }
  return only;
}

int StageRow::fifo_depth(int min, int otherwise) const {
  if (!row_ || !row_->fifo_depth) return otherwise;
  if (*row_->fifo_depth >= min && *row_->fifo_depth <= kDeepFifo) return *row_->fifo_depth;
  refuse("fifo_depth",
         fmt::format("{} is not in {}..{}: a tile of \"{}\" issues only with room for all its beats",
                     *row_->fifo_depth, min, kDeepFifo, row_->layer));
  return otherwise;
}

int StageRow::capacity(int min, int otherwise) const {
  if (!row_ || !row_->window_capacity) return otherwise;
  if (*row_->window_capacity >= min && *row_->window_capacity <= kDeepFifo) return *row_->window_capacity;
  refuse("window_capacity",
         fmt::format("{} is not in {}..{}: the store of \"{}\" must hold what one output pixel needs",
                     *row_->window_capacity, min, kDeepFifo, row_->layer));
  return otherwise;
}

void StageRow::refuse_capacity() const {
  if (row_ && row_->window_capacity)
    refuse("window_capacity", fmt::format("\"{}\" has no window store", row_->layer));
}

std::vector<int> StageRow::branch_fifos(const std::vector<bool>& forked) const {
  std::vector<int> depths(forked.size(), 0);
  if (!row_) return depths;
  for (size_t i = 0; i < row_->branch_fifos.size(); ++i) {
    const std::optional<int> given = row_->branch_fifos[i];
    const std::string field = fmt::format("branch_fifos/{}", i);
    if (!given) continue;
    if (i >= forked.size()) {
      refuse(field, fmt::format("\"{}\" has only {} inputs", row_->layer, forked.size()));
    } else if (!forked[i] && *given != 0) {
      refuse(field,
             fmt::format("input {} of \"{}\" has no branch FIFO: nothing else reads it", i, row_->layer),
             "0");
    } else if (forked[i] && (*given < 1 || *given > kDeepFifo)) {
      refuse(field, fmt::format("{} is not in 1..{}", *given, kDeepFifo));
    } else {
      depths[i] = *given;
    }
  }
  return depths;
}

const StageOverride* PlanRows::find(const std::string& stage) const {
  for (const StageOverride& row : overrides_.stages) {
    if (row.layer == stage) return &row;
  }
  return nullptr;
}

StageRow PlanRows::take(const std::string& stage) {
  const StageOverride* row = find(stage);
  if (row) used_.insert(row);
  return {row, &diags_};
}

StageRow PlanRows::again(const std::string& stage) const {
  return {find(stage), &diags_};
}

void PlanRows::refuse_unused(const Plan& plan) const {
  for (const StageOverride& row : overrides_.stages) {
    if (used_.count(&row)) continue;
    if (find(row.layer) != &row) {
      diags_.error({.code = "arch-plan",
                    .place = row.place + "/layer",
                    .text = fmt::format("\"{}\" has a row already", row.layer)});
      continue;
    }
    std::vector<std::string> names;
    for (const Stage& s : plan.stages) names.push_back(s.name);
    const std::string near = nearest(row.layer, names);
    diags_.error({.code = "arch-plan",
                  .place = row.place + "/layer",
                  .text = fmt::format("the plan has no stage \"{}\"", row.layer),
                  .help = near.empty() ? "" : fmt::format("did you mean \"{}\"?", near)});
  }
}

}  // namespace elb::arch
