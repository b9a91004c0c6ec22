// Runs a network on integers, one frame at a time.
//
//   nn::Network net = nn::read_network("tiny.json");   // as read
//   golden::Engine reference(net, golden::Kind::reference);
//   nn::Network folded = net;  nn::fold(folded);
//   golden::Engine fast(folded, golden::Kind::fast);
//   int32_t logit = fast.run(pixels).output().data[0];
//
// reference  evaluates the real-valued tail of every layer, as read; networks before fold() will do
// integer    counts switching points; layers with an activation must have them (fold())
// fast       the same values by vector instructions; property tests hold it equal to `integer`
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/golden/fast/layer.hpp"
#include "sim/golden/fast/step_table.hpp"
#include "sim/golden/tensor.hpp"

namespace elb::golden {

enum class Kind { reference, integer, fast };

struct Options {
  bool keep_acc = false;     // keep the accumulators of every layer that has a tail
  bool only_output = false;  // drop maps that no later layer reads; Result::values has only the output
};

struct Result {
  Tensor input;                // what the first layers see, behind the pixel table
  std::vector<Tensor> values;  // [layers] what each layer gives: activations, raw accumulators, indices
  std::vector<std::optional<Tensor>>
      acc;  // [layers] with keep_acc, where a layer accumulates; integer bias included
  int output_layer = 0;

  const Tensor& output() const { return values[static_cast<size_t>(output_layer)]; }
};

class Engine {
 public:
  // The network is not copied and must outlive the engine.
  Engine(const nn::Network& network, Kind kind, Options options = {});

  // One frame of network.input pixels, uint8 [h][w][c].
  Result run(const uint8_t* pixels) const;

  const nn::Network& network() const { return *net_; }
  Kind kind() const { return kind_; }

 private:
  Tensor accumulate(size_t index, const std::vector<const Tensor*>& inputs) const;
  Tensor activate(size_t index, const Tensor& acc) const;

  const nn::Network* net_;
  Kind kind_;
  Options options_;
  std::vector<std::optional<fast::Layer>> fast_layers_;
  std::vector<std::optional<fast::StepTable>> step_tables_;
  std::vector<int> last_reader_;  // [layers] index of the last layer that reads it
};

// Pixels through the pixel table.
Tensor input_values(const nn::Network& network, const uint8_t* pixels);

// The class of one frame by the network's class_rule, from the values of its output in stored order: for
// argmax the lowest index among the maxima (or the first index that an argmax or top_k layer gives), for
// highest_bit the highest output that reaches its threshold, 0 if none does.
int classify(const nn::Network& network, const Tensor& output);

}  // namespace elb::golden
