#include "nn/network.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace elb::nn {

int ActType::base() const {
  switch (kind) {
    case ActKind::unsigned_:
      return 0;
    case ActKind::signed_:
      return -(1 << (bits - 1));
    case ActKind::bipolar:
    case ActKind::ternary:
      return -1;
  }
  return 0;
}

int ActType::codes() const {
  switch (kind) {
    case ActKind::unsigned_:
    case ActKind::signed_:
      return 1 << bits;
    case ActKind::bipolar:
      return 2;
    case ActKind::ternary:
      return 3;
  }
  return 0;
}

bool ActType::holds(int64_t value) const {
  return value >= lo() && value <= hi() && (value - lo()) % step() == 0;
}

std::string to_string(const ActType& a) {
  switch (a.kind) {
    case ActKind::unsigned_:
      return fmt::format("u{}", a.bits);
    case ActKind::signed_:
      return fmt::format("s{}", a.bits);
    case ActKind::bipolar:
      return "bipolar";
    case ActKind::ternary:
      return "ternary";
  }
  return "";
}

std::string to_string(const WeightType& w) {
  switch (w.kind) {
    case WeightKind::binary:
      return "binary";
    case WeightKind::ternary:
      return "ternary";
    case WeightKind::integer:
      return fmt::format("int{}", w.bits);
  }
  return "";
}

int WeightType::lo() const {
  return kind == WeightKind::integer ? -(1 << (bits - 1)) : -1;
}
int WeightType::hi() const {
  return kind == WeightKind::integer ? (1 << (bits - 1)) - 1 : 1;
}
bool WeightType::holds(int value) const {
  return value >= lo() && value <= hi() && (kind != WeightKind::binary || value != 0);
}

std::string to_string(const Shape& s) {
  return fmt::format("{}x{}x{}", s.h, s.w, s.c);
}

int Steps::code(int64_t acc) const {
  const int count = static_cast<int>(std::upper_bound(points.begin(), points.end(), acc) - points.begin());
  return reversed ? static_cast<int>(points.size()) - count : count;
}

const char* to_string(Op op) {
  switch (op) {
    case Op::conv:
      return "conv";
    case Op::fc:
      return "fc";
    case Op::max_pool:
      return "max_pool";
    case Op::average_pool:
      return "average_pool";
    case Op::add:
      return "add";
    case Op::concat:
      return "concat";
    case Op::flatten:
      return "flatten";
    case Op::quantize:
      return "quantize";
    case Op::argmax:
      return "argmax";
    case Op::top_k:
      return "top_k";
  }
  return "";
}

int64_t Layer::fan_in() const {
  return int64_t{window.kh} * window.kw * (in.c / groups);
}

int64_t Layer::macs() const {
  return has_weights() ? out.size() * fan_in() : 0;
}

std::vector<int> Network::readers_of(int source) const {
  std::vector<int> readers;
  for (size_t i = 0; i < layers.size(); ++i) {
    for (int input : layers[i].inputs) {
      if (input == source) readers.push_back(static_cast<int>(i));
    }
  }
  return readers;
}

int64_t Network::macs() const {
  int64_t sum = 0;
  for (const Layer& l : layers) sum += l.macs();
  return sum;
}

}  // namespace elb::nn
