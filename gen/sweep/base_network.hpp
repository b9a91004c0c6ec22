// A network file whose bits can be replaced: every point of a sweep is this file with other words in it.
//
//   BaseNetwork base(read_file("alexnet-4-8218.json"), "alexnet-4-8218.json");
//   base.text({.activation_bits = 2, .weights = {8, 2, 1, 8}});   // the file alexnet-2-8218.json, byte by
//   byte
//
// Replaced are the network's name, the bits of every activation but the input's, and every weight kind.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "nn/network.hpp"
#include "sweep/precision.hpp"

namespace elb::sweep {

class BaseNetwork {
 public:
  // UserError [sweep-network] for a network of one precision only: trained weights, thresholds of its own, an
  // activation of a kind without bits.
  BaseNetwork(std::string text, std::string file_name);
  const nn::Network& shapes() const { return shapes_; }
  bool has(WeightClass c) const;
  // The name with its digits replaced, or with digits behind it: "alexnet-2-8218-nogroup".
  std::string name(const Precision& p) const;
  std::string text(const Precision& p) const;
  // The point's network without weights (nn::read_shapes_text). UserError where the reader refuses it.
  nn::Network shapes(const Precision& p) const;
  // With its synthetic weights.
  nn::Network network(const Precision& p) const;
  // Mean bits of a weight over all multiplications of a frame.
  double weight_bits(const Precision& p) const;

 private:
  std::string text_, file_name_;
  nn::Network shapes_;
  std::vector<std::optional<WeightClass>> classes_;
  size_t digits_at_ = 0, digits_size_ = 0;  // of the name
};

}  // namespace elb::sweep
