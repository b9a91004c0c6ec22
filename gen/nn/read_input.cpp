#include "nn/read_input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "nn/read_layer.hpp"
#include "nn/read_network.hpp"

namespace elb::nn {
namespace {

void read_pixel_table(const Json& table, Network& net) {
  const auto read_list = [&](const Json& list) {
    std::vector<int> values;
    if (list.size() != 256) {
      if (list.is_array())
        list.error("json-value", fmt::format("{} numbers were given, 256 were expected", list.size()));
      return;
    }
    for (size_t i = 0; i < 256; ++i) {
      const int v = static_cast<int>(list[i].as_int({.min = -128, .max = 255}));
      if (!net.input_act.holds(v)) {
        list[i].error("nn-activation",
                      fmt::format("{} is not a value of the activation {} ({} .. {})", v,
                                  to_string(net.input_act), net.input_act.lo(), net.input_act.hi()));
        return;
      }
      values.push_back(v);
    }
    net.pixel_table.push_back(std::move(values));
  };
  const size_t n = table.size();
  if (n == 0 || !table[0].is_array()) return read_list(table);
  if (n != static_cast<size_t>(net.input.c) && n != 1) {
    table.error("nn-shape", fmt::format("{} lists were given, one for each of the {} channels was expected",
                                        n, net.input.c));
    return;
  }
  for (size_t i = 0; i < n; ++i) read_list(table[i]);
}

void default_pixel_table(const Json& activation, Network& net) {
  const ActType& a = net.input_act;
  if (a.kind != ActKind::unsigned_ && !(a.kind == ActKind::signed_ && a.bits == 8)) {
    activation.error(
        "nn-activation",
        fmt::format("activation {} needs a pixel_table: without one, unsigned or signed 8 bit was expected",
                    to_string(a)));
    return;
  }
  std::vector<int> table;
  for (int pixel = 0; pixel < 256; ++pixel)
    table.push_back(a.kind == ActKind::signed_ ? pixel - 128 : pixel >> (8 - a.bits));
  net.pixel_table.push_back(std::move(table));
}

void read_image(const Json& image, Network& net) {
  static const std::vector<std::string> modes{"rgb", "bgr", "gray"};
  const int shorter = std::max(net.input.h, net.input.w);
  if (image.has("resize"))
    net.image.resize = static_cast<int>(image.get_int("resize", {.min = shorter, .max = kMaxDim}));
  if (auto mode = image.find("mode")) {
    const int choice = mode->as_choice(modes);
    if (choice >= 0) net.image.mode = modes[choice];
    const int channels = choice == 2 ? 1 : 3;
    if (choice >= 0 && net.input.c != channels) {
      mode->error("nn-shape", fmt::format("\"{}\" images have {} channels, the input has {}", modes[choice],
                                          channels, net.input.c));
    }
  }
  image.refuse_unknown();
}

}  // namespace

bool read_input(const Json& input, Network& net) {
  const Diags& diags = input.diags();
  const size_t mark = diags.all().size();
  const Json shape = input.at("shape");
  const std::vector<int64_t> dims = shape.as_ints({.min = 1, .max = kMaxDim});
  if (dims.size() == 3) {
    net.input = {static_cast<int>(dims[0]), static_cast<int>(dims[1]), static_cast<int>(dims[2])};
  } else if (shape.is_array()) {
    shape.error("json-value",
                fmt::format("{} numbers were given, [height, width, channels] was expected", dims.size()));
  }
  if (net.input.size() > kMaxMap) {
    shape.error("nn-limit", fmt::format("{} values, at most {} are possible", net.input.size(), kMaxMap));
    net.input = {};
  }
  const Json activation = input.at("activation");
  net.input_act = read_activation(activation);
  const bool sound = diags.all().size() == mark;
  const auto table = input.find("pixel_table");
  if (sound && table) read_pixel_table(*table, net);
  if (sound && !table) default_pixel_table(activation, net);
  net.image.mode = net.input.c == 1 ? "gray" : "rgb";
  if (auto image = input.find("image")) read_image(*image, net);
  input.refuse_unknown();
  return sound;
}

}  // namespace elb::nn
