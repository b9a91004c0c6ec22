// A quantised network with integer semantics: a DAG of layers over HWC tensors.
//
// read_network() (nn/read_network.hpp) makes one from JSON + safetensors and checks every shape. `fold`
// (nn/fold.hpp) then turns each layer's real-valued tail (scale, bias, batch normalisation, rounding, clamp)
// into integer switching points, and bounds every accumulator. docs/network-format.md has the meaning of
// every field.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace elb::nn {

// ---- activations ------------------------------------------------------------------------------------

enum class ActKind { unsigned_, signed_, bipolar, ternary };

// The values of an activation: base + step * code, code = 0 .. codes-1. The code is what travels on wires.
struct ActType {
  ActKind kind = ActKind::unsigned_;
  int bits = 8;      // of the code: 1..8
  double scale = 1;  // real value of one step of value 1; the integers do not depend on it

  int base() const;  // value of code 0
  int step() const { return kind == ActKind::bipolar ? 2 : 1; }
  int codes() const;  // number of values
  int lo() const { return base(); }
  int hi() const { return base() + step() * (codes() - 1); }
  bool holds(int64_t value) const;
  int code_of(int64_t value) const { return static_cast<int>((value - base()) / step()); }
  int value_of(int code) const { return base() + step() * code; }
  bool same_values(const ActType& o) const { return kind == o.kind && bits == o.bits; }
};
std::string to_string(const ActType& a);  // "u4", "s8", "bipolar", "ternary"

// ---- weights ----------------------------------------------------------------------------------------

enum class WeightKind { binary, ternary, integer };
struct WeightType {
  WeightKind kind = WeightKind::binary;
  int bits = 1;  // of the stored weight: 1 binary, 2 ternary, n for int n
  int lo() const;
  int hi() const;
  bool holds(int value) const;
};
std::string to_string(const WeightType& w);  // "binary", "ternary", "int8"

// ---- shapes -----------------------------------------------------------------------------------------

struct Shape {
  int h = 1, w = 1, c = 1;
  int64_t size() const { return int64_t{h} * w * c; }
  bool operator==(const Shape&) const = default;
};
std::string to_string(const Shape& s);  // "27x27x96"

struct Window {
  int kh = 1, kw = 1, sh = 1, sw = 1, dh = 1, dw = 1;
  int top = 0, left = 0, bottom = 0, right = 0;  // padding; with ceil_mode already enlarged to what is used
  int pad_value = 0;                             // a value of the input's activation (or 0 for bipolar)
  bool operator==(const Window&) const = default;
};

// ---- requantisation ---------------------------------------------------------------------------------

// The real-valued tail as read: f of docs/network-format.md, per channel.
struct RealTail {
  std::vector<double> scale = {};  // S [channels]
  std::vector<double> bias = {};   // [channels]; empty: none
  bool bn = false;
  std::vector<double> gamma = {}, beta = {}, mean = {}, variance = {};  // [channels]
  double epsilon = 0;
};

// Integer switching points of one channel: count = #{k : acc >= points[k]}, code = reversed ? n - count :
// count, n = points.size() = codes of the output - 1. Points never descend; a point that no reachable
// accumulator meets, or that every one does, is legal.
struct Steps {
  std::vector<int64_t> points;
  bool reversed = false;
  int code(int64_t acc) const;
  bool operator==(const Steps&) const = default;
};

struct CodeDomain;  // nn/codes.hpp
class AffineMemo;   // nn/affine.hpp

// ---- layers -----------------------------------------------------------------------------------------

enum class Op {
  conv,
  fc,
  max_pool,
  average_pool,
  add,
  concat,
  flatten,
  quantize,
  argmax,
  top_k  // global pools are pools with kernel = map
};
const char* to_string(Op op);

struct Interval {
  int64_t lo = 0, hi = 0;
  bool operator==(const Interval&) const = default;
};

struct Layer {
  std::string name;
  std::string place;  // JSON place, for messages
  Op op = Op::conv;
  std::vector<int> inputs;  // indices into Network::layers; -1 is the network's input
  Shape in;                 // of the first input; fc: already flattened, {1, 1, n}
  Shape out;
  ActType in_act;              // of the first input (all inputs have the same scale; add may mix kinds)
  std::optional<ActType> act;  // of the output; nothing: raw accumulators (or indices)
  Window window;               // conv, pools
  bool count_include_pad = false;
  bool global = false;  // a global pool
  int groups = 1;       // conv
  int k = 0;            // top_k
  std::optional<WeightType> weight;
  std::vector<int8_t> weights;    // [out.c][kh][kw][in.c/groups]; fc [out.c][in.c] in HWC order
  std::vector<int64_t> raw_bias;  // layers without activation: [out.c] or empty
  // Layers with thresholds: [out.c] or empty. `steps` have it already; only shown accumulators add it.
  std::vector<int64_t> folded_bias;
  // The tail: as thresholds given by the network, or as a real function (then fold() fills `steps` as well).
  std::optional<RealTail> real;  // op evaluates `real` in the reference engine
  std::vector<Steps>
      steps;  // [out.c] (or [1]: equal for all channels); empty before fold() or without activation
  // Filled by fold(): reachable accumulators (without raw_bias), over all channels and per channel.
  Interval acc;
  std::vector<Interval> acc_channel;
  // Filled by fold() in layers with a tail, and shared by copies of the layer.
  std::shared_ptr<const CodeDomain> codes;
  std::shared_ptr<AffineMemo> affine;

  bool has_weights() const { return weight.has_value(); }
  bool has_tail() const {
    return op == Op::conv || op == Op::fc || op == Op::average_pool || op == Op::add || op == Op::quantize;
  }
  const Steps& steps_of(int channel) const { return steps.size() == 1 ? steps[0] : steps[channel]; }
  int64_t fan_in() const;  // weights per kernel, conv and fc: kh * kw * in.c / groups
  int64_t macs() const;    // multiply-accumulates per frame; 0 without weights
};

struct ImagePrep {
  int resize = 0;            // shorter side; 0: so that the shape is just covered
  std::string mode = "rgb";  // rgb, bgr, gray
};

enum class ClassRule { argmax, highest_bit };

struct Network {
  std::string name;
  std::string source;  // file it was read from
  Shape input;
  ActType input_act;
  std::vector<std::vector<int>>
      pixel_table;  // [1] or [c] lists of 256 values of input_act; always filled by the reader
  ImagePrep image;
  std::vector<Layer> layers;  // topological order
  int output = 0;             // index into layers
  ClassRule class_rule = ClassRule::argmax;
  std::vector<int32_t> class_thresholds;

  const Layer& out() const { return layers[output]; }
  // Activation and shape of a source: a layer index, or -1 for the input.
  const ActType& act_of(int source) const { return source < 0 ? input_act : *layers[source].act; }
  Shape shape_of(int source) const { return source < 0 ? input : layers[source].out; }
  std::vector<int> readers_of(
      int source) const;  // layers that read it, ascending, one entry per reading edge
  int64_t macs() const;
  // The files to store as DIR/network/network.json and DIR/network/weights.safetensors: the JSON as read, but
  // naming the tensors' file "weights.safetensors". No second file for synthetic weights.
  std::string json_text;
  std::string safetensors;
};

}  // namespace elb::nn
