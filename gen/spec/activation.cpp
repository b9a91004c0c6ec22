#include "spec/activation.hpp"

namespace elb::spec {

int latency(const ActivationParams& p) {
  switch (p.kind) {
    case ActivationKind::threshold:
      return bits_for(p.steps);
    case ActivationKind::affine:
      return 3;
    case ActivationKind::raw:
      return 1;
  }
  return 0;
}

}  // namespace elb::spec
