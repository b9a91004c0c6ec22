#include "sim/golden/engine.hpp"

#include "sim/golden/ops/ops.hpp"
#include "sim/golden/tail.hpp"

namespace elb::golden {

namespace {
bool has_activation(const nn::Layer& layer) {
  return layer.has_tail() && layer.act.has_value();
}

void add_bias(Tensor& acc, const std::vector<int64_t>& bias) {
  if (bias.empty()) return;
  for (size_t i = 0; i < acc.data.size(); ++i) acc.data[i] = stored(acc.data[i] + bias[i % bias.size()]);
}
}  // namespace

Engine::Engine(const nn::Network& network, Kind kind, Options options)
    : net_(&network), kind_(kind), options_(options) {
  const size_t count = network.layers.size();
  fast_layers_.resize(count);
  step_tables_.resize(count);
  last_reader_.resize(count, -1);
  for (size_t i = 0; i < count; ++i) {
    const nn::Layer& layer = network.layers[i];
    for (int source : layer.inputs) {
      ELB_ASSERT(source < static_cast<int>(i), "layers do not stand in topological order");
      if (source >= 0) last_reader_[static_cast<size_t>(source)] = static_cast<int>(i);
    }
    if (kind == Kind::fast && layer.has_weights()) fast_layers_[i] = fast::Layer::prepare(layer);
    if (kind == Kind::fast && has_activation(layer)) step_tables_[i].emplace(layer);
  }
}

Tensor Engine::accumulate(size_t index, const std::vector<const Tensor*>& inputs) const {
  const nn::Layer& layer = net_->layers[index];
  const Tensor& in = *inputs[0];
  if (fast_layers_[index]) return fast_layers_[index]->run(in);
  switch (layer.op) {
    case nn::Op::conv:
      return ops::conv(in, layer.weights, layer.window, layer.groups, layer.out.c);
    case nn::Op::fc:
      return ops::fc(in, layer.weights, layer.out.c);
    case nn::Op::max_pool:
      return ops::max_pool(in, layer.window);
    case nn::Op::average_pool:
      return ops::average_pool(in, layer.window, layer.count_include_pad);
    case nn::Op::add:
      return ops::add(inputs);
    case nn::Op::concat:
      return ops::concat(inputs);
    case nn::Op::flatten:
      return ops::flatten(in);
    case nn::Op::quantize:
      return in;
    case nn::Op::argmax:
      return ops::argmax(in);
    case nn::Op::top_k:
      return ops::top_k(in, layer.k);
  }
  ELB_ASSERT(false, "an operator that golden does not know");
}

Tensor Engine::activate(size_t index, const Tensor& acc) const {
  const nn::Layer& layer = net_->layers[index];
  if (step_tables_[index]) return step_tables_[index]->apply(acc);
  if (kind_ == Kind::reference && layer.real) return apply_real(acc, *layer.real, *layer.act);
  return apply_steps(acc, layer);
}

Result Engine::run(const uint8_t* pixels) const {
  const size_t count = net_->layers.size();
  Result result;
  result.input = input_values(*net_, pixels);
  result.values.resize(count);
  result.acc.resize(count);
  result.output_layer = net_->output;
  for (size_t i = 0; i < count; ++i) {
    const nn::Layer& layer = net_->layers[i];
    std::vector<const Tensor*> inputs;
    for (int source : layer.inputs) {
      inputs.push_back(source < 0 ? &result.input : &result.values[static_cast<size_t>(source)]);
    }
    Tensor acc = accumulate(i, inputs);
    ELB_ASSERT(acc.shape == layer.out, "layer '" + layer.name + "' gives " + nn::to_string(acc.shape) +
                                           ", the network says " + nn::to_string(layer.out));
    if (has_activation(layer)) {
      result.values[i] = activate(i, acc);
      if (options_.keep_acc) {
        add_bias(acc, layer.folded_bias);
        result.acc[i] = std::move(acc);
      }
    } else {
      add_bias(acc, layer.raw_bias);
      if (options_.keep_acc && layer.has_tail()) result.acc[i] = acc;
      result.values[i] = std::move(acc);
    }
    if (!options_.only_output) continue;
    for (size_t s = 0; s < i; ++s) {
      if (last_reader_[s] == static_cast<int>(i) && static_cast<int>(s) != net_->output)
        result.values[s] = Tensor();
    }
  }
  return result;
}

Tensor input_values(const nn::Network& network, const uint8_t* pixels) {
  Tensor in(network.input);
  const auto channels = static_cast<size_t>(network.input.c);
  const auto& tables = network.pixel_table;
  ELB_ASSERT(tables.size() == 1 || tables.size() == channels, "a network without a pixel table");
  for (size_t i = 0; i < in.data.size(); ++i) {
    in.data[i] = tables[tables.size() == 1 ? 0 : i % channels].at(pixels[i]);
  }
  return in;
}

int classify(const nn::Network& network, const Tensor& output) {
  const nn::Op op = network.out().op;
  if (op == nn::Op::argmax || op == nn::Op::top_k) return output.data[0];
  switch (network.class_rule) {
    case nn::ClassRule::argmax:
      return ops::argmax(output).data[0];
    case nn::ClassRule::highest_bit: {
      ELB_ASSERT(network.class_thresholds.size() == output.data.size(), "one class threshold per output");
      for (size_t i = output.data.size(); i > 0; --i) {
        if (output.data[i - 1] >= network.class_thresholds[i - 1]) return static_cast<int>(i - 1);
      }
      return 0;
    }
  }
  ELB_ASSERT(false, "a class rule that golden does not know");
}

}  // namespace elb::golden
