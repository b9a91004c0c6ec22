// The tensors of a network's layers: from a safetensors file or synthetic. Inside of read_network.
#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "nn/network.hpp"
#include "nn/read_layer.hpp"
#include "nn/safetensors.hpp"

namespace elb::nn {

// Looks tensors up, checks type and shape, remembers which were asked for.
class ParamFile {
 public:
  ParamFile(const TensorFile& file, Diags& diags) : file_(file), diags_(diags) {}
  // Nothing (and an error) when it is missing, or its type or shape is none of those expected.
  const TensorView* get(const std::string& name, const std::vector<Dtype>& dtypes,
                        const std::vector<std::vector<int64_t>>& shapes);
  bool has(const std::string& name) const { return file_.find(name) != nullptr; }
  std::vector<double> finite(const TensorView& t);  // of an F32 tensor; NaN and infinity are errors
  void error(const std::string& tensor, const std::string& text, const std::string& help = "");
  void refuse_unnamed();  // every tensor that nobody asked for is an error
  const TensorFile& file() const { return file_; }

 private:
  const TensorFile& file_;
  Diags& diags_;
  std::set<std::string> asked_;
};

// Fills weights, raw_bias or folded_bias, real or steps of net.layers[index].
void read_params(Network& net, int index, const LayerKeys& keys, ParamFile& params);
void synthesise_params(Network& net, int index, uint64_t seed);

}  // namespace elb::nn
