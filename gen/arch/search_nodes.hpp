// A network as the search sees it: the shapes of the layers that have options, and the links between them.
#pragma once
#include <vector>

#include "arch/make_plan.hpp"
#include "arch/selection.hpp"
#include "nn/network.hpp"

namespace elb::arch {

struct NetworkNodes {
  std::vector<SearchNode> nodes;  // the input, then the layers; without tables
  std::vector<LayerShape> shapes;
  std::vector<size_t> with_shape;  // nodes
};

// What `given` settles is in the shapes. `assume_affine`: of activations of many steps whose constants are
// not known.
NetworkNodes network_nodes(const nn::Network& net, const PlanOverrides& given, spec::Technology technology,
                           bool assume_affine);

}  // namespace elb::arch
