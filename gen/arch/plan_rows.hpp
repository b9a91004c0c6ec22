// What a plan.json gives for a stage, field by field: in range it is obeyed, else it is refused with place
// and reason.
#pragma once
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "arch/make_plan.hpp"
#include "spec/activation.hpp"

namespace elb::arch {

// The row of one stage; without a row everything is left to the planner. Asking never fails: a refused value
// counts as not given.
class StageRow {
 public:
  StageRow(const StageOverride* row, Diags* diags) : row_(row), diags_(diags) {}

  // The engine given, or the first of those possible.
  Engine require_engine(const std::vector<Engine>& possible) const;
  std::optional<int> p(int max) const;
  std::optional<int> s(int max) const;
  std::optional<int> m(int max) const;
  // Channels of an output beat, which `kernels` of a group and the P given must allow.
  std::optional<int> l(int kernels, int groups, const std::optional<int>& p) const;
  void refuse_l() const;
  // Where p and s are one number: channels per beat.
  std::optional<int> lanes(int max) const;
  // Where `words` weight words live; `fetchable`: they may come from memory.
  Residence residence(int64_t words, bool fetchable) const;
  // Of streamed weights: images of a pass, output rows of a band, tiles on chip, places of the reorder ring.
  int images(int otherwise) const;
  int band_rows(int max) const;
  int weight_slots(int otherwise) const;
  int reorder_places(int min, int otherwise) const;
  // What lies in UltraRAM, of a stage that could have so much there; refused where that is less.
  UltraRam ultra(const UltraRam& possible, spec::Technology technology) const;
  // DSP slices; `most_slices`, asked only where the row gives some: 0 where there is nothing to choose.
  int dsp(const std::function<int64_t()>& most_slices) const;
  void refuse_weights() const;  // it has none
  void refuse_images() const;
  void refuse_band() const;
  void refuse_sweeps() const;  // all of them: nothing is streamed
  // Of a layer with a tail; none for others. `shape`: of its stage, without constants.
  Activation activation(const nn::Layer& layer, const spec::ActivationParams& shape) const;
  int fifo_depth(int min, int otherwise) const;
  int capacity(int min, int otherwise) const;
  void refuse_capacity() const;
  // Per input: the depth given, or 0; `forked` tells which inputs have such a FIFO.
  std::vector<int> branch_fifos(const std::vector<bool>& forked) const;
  void refuse(const std::string& field, const std::string& text, const std::string& help = "") const;

 private:
  std::optional<int> in_range(const std::optional<int>& value, const char* field, int max) const;
  const StageOverride* row_;
  Diags* diags_;
};

class PlanRows {
 public:
  PlanRows(const PlanOverrides& overrides, Diags& diags) : overrides_(overrides), diags_(diags) {}
  StageRow take(const std::string& stage);         // each stage once
  StageRow again(const std::string& stage) const;  // a further look at it
  // Rows that name no stage of the plan, or one twice.
  void refuse_unused(const Plan& plan) const;

 private:
  const StageOverride* find(const std::string& stage) const;
  const PlanOverrides& overrides_;
  Diags& diags_;
  std::set<const StageOverride*> used_;
};

}  // namespace elb::arch
