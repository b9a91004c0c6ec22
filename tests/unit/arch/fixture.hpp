// Small networks with synthetic weights, folded.
#pragma once
#include <string>

#include "nn/fold.hpp"
#include "nn/read_network.hpp"

namespace elb::arch::test {

inline nn::Network network(const std::string& shape, const std::string& layers,
                           const std::string& activation = R"({"kind": "unsigned", "bits": 8})") {
  const std::string json =
      R"({"format": "elbgen.network/1", "name": "net", "weights": {"synthetic": 7}, "input": {"shape": )" +
      shape + R"(, "activation": )" + activation + R"(}, "layers": [)" + layers + "]}";
  nn::Network net = nn::read_network_text(json, "net.json");
  nn::fold(net);
  return net;
}

inline const char* kU4 = R"("activation": {"kind": "unsigned", "bits": 4})";

inline std::string conv(const std::string& name, int out, const std::string& more,
                        const std::string& weight = "ternary") {
  return R"({"name": ")" + name + R"(", "op": "conv", "out_channels": )" + std::to_string(out) +
         R"(, "weight": ")" + weight + R"(", )" + kU4 + ", " + more + "}";
}

inline std::string fc(const std::string& name, int out, bool last, const std::string& weight = "binary") {
  return R"({"name": ")" + name + R"(", "op": "fc", "out_channels": )" + std::to_string(out) +
         R"(, "weight": ")" + weight + "\"" + (last ? std::string() : std::string(", ") + kU4) + "}";
}

}  // namespace elb::arch::test
