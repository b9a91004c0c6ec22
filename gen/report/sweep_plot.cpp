#include "report/sweep_plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace elb::report {
namespace {

using sweep::Point;
using sweep::Result;

constexpr double kWidth = 900, kHeight = 560;
constexpr double kLeft = 92, kRight = 776, kTop = 52, kBottom = 490;

// By activation bits 1..8, of a luminance that stands out from white, and from black.
constexpr const char* kOnLight[] = {"#a03a82", "#c8324a", "#b8640a", "#7d7a00",
                                    "#1f7d4f", "#0f7a99", "#2f5fc4", "#5b45c0"};
constexpr const char* kOnDark[] = {"#e58fcb", "#ff8090", "#f5a94c", "#cfc94a",
                                   "#5fd39a", "#5cc8e6", "#86aefc", "#b3a3ff"};

struct Axis {
  double from = 0, to = 1;  // pixels
  std::vector<double> ticks;
  double at(double value) const { return from + (to - from) * value / ticks.back(); }
};

std::string style() {
  std::string css =
      ".back{fill:#fff}.text{fill:#1f2328}.grid{stroke:#d8dee4}.axis{stroke:#59636e}\n"
      ".off{fill-opacity:.28}.on{stroke:#fff;stroke-width:1}.front{fill:none;stroke-width:1.6}\n";
  const auto colours = [](const char* const* table) {
    std::string lines;
    for (int bits = 1; bits <= 8; ++bits)
      lines += fmt::format(".a{0}{{fill:{1}}}.front.a{0}{{stroke:{1};fill:none}}\n", bits, table[bits - 1]);
    return lines;
  };
  css += colours(kOnLight);
  css +=
      "@media (prefers-color-scheme:dark){\n"
      ".back{fill:#0d1117}.text{fill:#e6edf3}.grid{stroke:#30363d}.axis{stroke:#9198a1}.on{stroke:#0d1117}\n";
  return css + colours(kOnDark) + "}\n";
}

std::string text_at(double x, double y, const std::string& text, const char* anchor,
                    const std::string& more = "") {
  return fmt::format("<text class=\"text\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y,
                     anchor, more, xml_escape(text));
}

std::string axes(const Axis& x, const Axis& y, double clock_mhz) {
  std::string out;
  const auto line = [&](double x1, double y1, double x2, double y2, const char* what) {
    out += fmt::format("<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", what,
                       x1, y1, x2, y2);
  };
  for (const double t : x.ticks) {
    line(x.at(t), kTop, x.at(t), kBottom, "grid");
    out += text_at(x.at(t), kBottom + 20, fmt::format("{:g}", t), "middle");
  }
  for (const double t : y.ticks) {
    line(kLeft, y.at(t), kRight, y.at(t), "grid");
    out += text_at(kLeft - 8, y.at(t) + 4, fmt::format("{:g}", t), "end");
  }
  line(kLeft, kBottom, kRight, kBottom, "axis");
  line(kLeft, kTop, kLeft, kBottom, "axis");
  out += text_at((kLeft + kRight) / 2, kBottom + 46, "weight bits (mean over all multiplications of a frame)",
                 "middle");
  out += text_at(18, (kTop + kBottom) / 2, fmt::format("frames per second (at {} MHz)", clock_mhz), "middle",
                 fmt::format(" transform=\"rotate(-90 18 {:.1f})\"", (kTop + kBottom) / 2));
  return out;
}

std::string tooltip(const Result& r, const Point& p) {
  const sweep::Figures& f = p.figures;
  std::string text = fmt::format("{}: {:.1f} frames/s", p.name, f.frames_per_second);
  if (f.latency_cycles)
    text += fmt::format(", latency {:.3f} ms", static_cast<double>(*f.latency_cycles) / r.clock_mhz / 1e3);
  text += fmt::format(", {} LUT, {} FF, {} BRAM36, {} DSP", f.resources.lut, f.resources.ff,
                      f.resources.bram36(), f.resources.dsp);
  if (r.has_uram) text += fmt::format(", {} URAM", f.resources.uram);
  text += fmt::format(", {:.2f} GB/s", f.ddr_gbytes_per_s);
  return f.binds.empty() ? text : text + "; binds: " + f.binds;
}

std::string front(const std::vector<std::pair<double, double>>& at, const Axis& x, const Axis& y, int bits) {
  std::string path;
  for (const size_t i : staircase(at)) {
    path += path.empty() ? fmt::format("M{:.1f} {:.1f}", x.at(0), y.at(at[i].second))
                         : fmt::format("V{:.1f}", y.at(at[i].second));
    path += fmt::format("H{:.1f}", x.at(at[i].first));
  }
  return path.empty() ? "" : fmt::format("<path class=\"front a{}\" d=\"{}\"/>\n", bits, path);
}

}  // namespace

std::string xml_escape(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::vector<double> axis_ticks(double max) {
  if (!(max > 0)) max = 1;
  const double decade = std::pow(10, std::floor(std::log10(max)) - 1);
  double step = decade;
  for (const double factor : {1.0, 2.0, 5.0, 10.0, 20.0}) {
    step = decade * factor;
    if (max / step <= 10) break;
  }
  std::vector<double> ticks{0};
  while (ticks.back() < max) ticks.push_back(static_cast<double>(ticks.size()) * step);
  return ticks;
}

std::vector<size_t> staircase(const std::vector<std::pair<double, double>>& points) {
  std::vector<size_t> order(points.size()), stairs;
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return points[a] > points[b]; });
  for (const size_t i : order) {
    if (stairs.empty() || points[i].second > points[stairs.back()].second) stairs.push_back(i);
  }
  std::reverse(stairs.begin(), stairs.end());
  return stairs;
}

std::string sweep_svg(const Result& r) {
  double most_bits = 0, most_frames = 0;
  std::map<int, std::vector<const Point*>, std::greater<>> by_bits;
  for (const Point& p : r.points) {
    if (!p.figures.fits) continue;
    most_bits = std::max(most_bits, p.weight_bits);
    most_frames = std::max(most_frames, p.figures.frames_per_second);
    by_bits[p.precision.activation_bits].push_back(&p);
  }
  const Axis x{.from = kLeft, .to = kRight, .ticks = axis_ticks(most_bits)};
  const Axis y{.from = kBottom, .to = kTop, .ticks = axis_ticks(most_frames)};
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" font-family=\"Helvetica, Arial, "
      "sans-serif\" font-size=\"13\">\n<style>\n{2}</style>\n<rect class=\"back\" width=\"{0}\" "
      "height=\"{1}\"/>\n",
      kWidth, kHeight, style());
  const std::string title = fmt::format("{}: {} hybrid precisions on {}, {} on the Pareto list", r.sweep.name,
                                        r.points.size(), r.device, r.pareto.size());
  out += fmt::format("<title>{}</title>\n", xml_escape(title));
  out += text_at(kLeft, 28, title, "start", " font-size=\"16\"") + axes(x, y, r.clock_mhz);

  double legend = kTop + 10;
  out += text_at(kRight + 16, legend, "activations", "start");
  for (const auto& [bits, points] : by_bits) {
    std::vector<std::pair<double, double>> at;
    for (const Point* p : points) at.emplace_back(p->weight_bits, p->figures.frames_per_second);
    out += front(at, x, y, bits);
    legend += 22;
    out += fmt::format("<circle class=\"a{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5\"/>\n", bits, kRight + 22,
                       legend - 4);
    out += text_at(kRight + 34, legend, fmt::format("{} bit", bits), "start");
  }
  for (const char* line :
       {"filled: on the", "Pareto list", "line: fastest at", "so many weight", "bits or more"}) {
    legend += line[0] == 'f' || line[0] == 'l' ? 28 : 16;
    out += text_at(kRight + 16, legend, line, "start", " font-size=\"12\"");
  }
  std::vector<bool> listed(r.points.size(), false);
  for (const size_t i : r.pareto) listed[i] = true;
  for (const bool on : {false, true}) {  // the list lies on top
    for (size_t i = 0; i < r.points.size(); ++i) {
      const Point& p = r.points[i];
      if (!p.figures.fits || listed[i] != on) continue;
      out += fmt::format(
          "<circle class=\"{} a{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\"><title>{}</title></circle>\n",
          on ? "on" : "off", p.precision.activation_bits, x.at(p.weight_bits),
          y.at(p.figures.frames_per_second), on ? 5 : 4, xml_escape(tooltip(r, p)));
    }
  }
  return out + "</svg>\n";
}

}  // namespace elb::report
