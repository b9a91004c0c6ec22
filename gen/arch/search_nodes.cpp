#include "arch/search_nodes.hpp"

#include <algorithm>

#include "arch/activation_choice.hpp"
#include "arch/store_work.hpp"

namespace elb::arch {
namespace {

using nn::Layer;
using nn::Op;

constexpr int kFewSteps = 3;  // so many comparisons are always less than a multiplication

const StageOverride* row_of(const PlanOverrides& rows, const std::string& name) {
  for (const StageOverride& row : rows.stages) {
    if (row.layer == name) return &row;
  }
  return nullptr;
}

std::optional<int> in_range(const std::optional<int>& v, int most) {
  return v && *v >= 1 && *v <= most ? v : std::nullopt;
}

// What the user settled; what no stage could have is left to make_plan, which refuses it.
void apply(const StageOverride& row, LayerShape& shape) {
  const spec::WindowParams& w = shape.work.window;
  shape.fixed.s = in_range(row.s, w.channels);
  shape.fixed.m = in_range(row.m, w.out_w);
  shape.fixed.p = in_range(row.p, shape.work.lanewise ? w.channels : shape.work.kernels);
  if (shape.work.lanewise) {
    shape.fixed.s = shape.fixed.p ? shape.fixed.p : shape.fixed.s;
  } else if (row.l) {
    StoreWork work = shape.work;
    work.l = row.l;
    const int p = shape.fixed.p.value_or(work.kernels);
    if (*row.l <= p && *spec::tile_beats_error(tile_beats(work, {.p = p})) == '\0') shape.work.l = row.l;
  }
  shape.b = row.b;
  shape.band_rows = in_range(row.band_rows, w.out_h);
  shape.weight_slots = row.weight_slots;
  shape.dsp = row.dsp;
  shape.ultra = row.ultra;
  if (shape.weight_bits > 0 && row.weights != Residence::none) shape.weights = row.weights;
  if (shape.steps > 0 &&
      (row.activation == Activation::threshold || (row.activation == Activation::affine && shape.affine))) {
    shape.activation = row.activation;
  }
}

bool windowed(const Layer& layer) {
  return layer.op == Op::conv || layer.op == Op::fc || layer.op == Op::max_pool ||
         layer.op == Op::average_pool;
}

bool is_lanewise(const Layer& layer, const StageOverride* row) {
  if (layer.op == Op::max_pool || layer.op == Op::average_pool) return true;
  return is_depthwise(layer) && !(row && row->engine == Engine::compute);
}

// As make_plan has it for a target.
spec::Link input_link(const nn::Network& net, int64_t cycles) {
  const nn::Shape& in = net.input;
  constexpr int kPixelAtOnce = 16;
  spec::Link l{.h = in.h, .w = in.w, .c = in.c, .bits = net.input_act.bits};
  l.channels = in.c <= kPixelAtOnce ? in.c : 1;
  while (l.channels < in.c && l.beats_per_frame() > cycles) ++l.channels;
  while (l.columns < in.w && l.beats_per_frame() > cycles) ++l.columns;
  return l;
}

// Near enough for what a feed behind it costs.
spec::Link passed_link(const Layer& layer, bool keeps, const std::vector<spec::Link>& in, int64_t cycles) {
  spec::Link l = in[0];
  if (layer.op == Op::concat) {
    l.h = layer.out.h, l.w = layer.out.w, l.c = layer.out.c;
    return concat_link(in, l, {}, {}, cycles);
  }
  for (const spec::Link& other : in) {
    if (other.lanes() < l.lanes()) l.columns = other.columns, l.channels = other.channels;
  }
  if (layer.op == Op::flatten && keeps) return l;
  l.h = layer.out.h, l.w = layer.out.w, l.c = layer.out.c;
  l.columns = std::min(l.columns, l.w);
  l.channels = std::min(l.channels, l.c);
  if (layer.act) l.bits = layer.act->bits;
  return l;
}

// The map that an fc reads as a vector.
const nn::Shape& map_of(const nn::Network& net, const Layer& fc) {
  int source = fc.inputs[0];
  while (source >= 0 && net.layers[static_cast<size_t>(source)].op == Op::flatten && keeps_map(net, source))
    source = net.layers[static_cast<size_t>(source)].inputs[0];
  return source < 0 ? net.input : net.layers[static_cast<size_t>(source)].out;
}

// Of every shape what it must know of the readers behind its link.
void look_at_readers(NetworkNodes& all) {
  std::vector<int> words(all.nodes.size(), 1), shape_of(all.nodes.size(), -1);
  std::vector<bool> vector(all.nodes.size());
  for (size_t i = 0; i < all.with_shape.size(); ++i) shape_of[all.with_shape[i]] = static_cast<int>(i);
  for (size_t i = all.nodes.size(); i-- > 0;) {
    int read = words[i];  // all that read it come behind it
    bool flat = vector[i];
    if (shape_of[i] >= 0) {
      LayerShape& shape = all.shapes[static_cast<size_t>(shape_of[i])];
      shape.reader_words = read;
      shape.read_as_vector = flat;
      spec::WindowParams w = shape.work.window;
      w.s = shape.fixed.s.value_or(w.channels);
      read = shape.op == Op::fc ? 1 : spec::words_per_group(w);
      flat = shape.map_h > 1 || shape.map_w > 1;
    }
    for (const int source : all.nodes[i].sources) {
      int& before = words[static_cast<size_t>(source)];
      before = std::max(before, read);
      if (flat) vector[static_cast<size_t>(source)] = true;
    }
  }
}

}  // namespace

NetworkNodes network_nodes(const nn::Network& net, const PlanOverrides& given, spec::Technology technology,
                           bool assume_affine) {
  NetworkNodes all;
  all.nodes.push_back({.table = nullptr, .sources = {}, .link = [&net](const auto&, int64_t cycles) {
                         return input_link(net, cycles);
                       }});
  for (size_t i = 0; i < net.layers.size(); ++i) {
    const Layer& layer = net.layers[i];
    SearchNode node;
    for (const int source : layer.inputs) node.sources.push_back(source + 1);
    if (windowed(layer)) {
      const StageOverride* row = row_of(given, layer.name);
      const bool some_steps = layer.has_tail() && layer.act && layer.act->codes() - 1 > kFewSteps;
      const bool known = !layer.steps.empty() && !layer.acc_channel.empty();
      const bool affine = some_steps && (known ? affine_layer(layer).has_value() : assume_affine);
      LayerShape shape =
          layer_shape(layer, net.act_of(layer.inputs[0]), is_lanewise(layer, row), affine, technology);
      shape.work.turns = link_turns(net, static_cast<int>(i));
      if (layer.op == Op::fc) {
        const nn::Shape& map = map_of(net, layer);
        shape.map_h = map.h, shape.map_w = map.w;
      }
      if (row) apply(*row, shape);
      all.shapes.push_back(std::move(shape));
      all.with_shape.push_back(all.nodes.size());
    } else {
      const bool keeps = keeps_map(net, static_cast<int>(i));
      node.link = [&layer, keeps](const std::vector<spec::Link>& in, int64_t cycles) {
        return passed_link(layer, keeps, in, cycles);
      };
    }
    all.nodes.push_back(std::move(node));
  }
  look_at_readers(all);
  return all;
}

}  // namespace elb::arch
