#include "hw/block_ram.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/bits.hpp"

namespace elb::hw {

using hdl::Reg;
using hdl::Sig;
using hdl::u;

hdl::RamStyle ram_style(spec::MemoryStyle s) {
  switch (s) {
    case spec::MemoryStyle::block:
      return hdl::RamStyle::block;
    case spec::MemoryStyle::ultra:
      return hdl::RamStyle::ultra;
    case spec::MemoryStyle::distributed:
      return hdl::RamStyle::distributed;
    case spec::MemoryStyle::logic:
      return hdl::RamStyle::registers;
  }
  return hdl::RamStyle::automatic;
}

Sig build_ram(hdl::Module& m, const std::string& name, spec::MemoryShape shape, hdl::RamStyle style,
              const RamPorts& ports) {
  const std::vector<int64_t> depths =
      style == hdl::RamStyle::block ? spec::block_ram_parts(shape) : std::vector<int64_t>{shape.depth};
  const int count = static_cast<int>(depths.size());
  if (count == 1) {
    const hdl::Ram ram = m.ram(name, {.depth = shape.depth, .word = u(shape.width), .style = style});
    ram.write(ports.write_enable, ports.write_address, ports.write_data);
    return ram.read(ports.read_name, ports.read_enable, ports.read_address);
  }
  const Reg chosen = m.reg(ports.read_name + "_part_q", u(bits_for(count - 1)), {.reset = std::nullopt});
  Sig part = m.lit(0, chosen.shape());
  std::vector<Sig> words;
  int64_t first = 0;
  for (int i = 0; i < count; ++i) {
    // Parts are powers of two, the last one perhaps not filled, deep ones first: each begins at a multiple of
    // its depth, and the address bits above say which it is.
    const int64_t depth = depths[static_cast<size_t>(i)];
    const int place_bits = depth == 1 ? 0 : bits_for(depth - 1), bits = std::max(1, place_bits);
    const auto here = [first, place_bits](Sig address) {
      return address.slice(place_bits, address.width() - place_bits) == (first >> place_bits);
    };
    const hdl::Ram ram =
        m.ram(fmt::format("{}_part{}", name, i), {.depth = depth, .word = u(shape.width), .style = style});
    ram.write(ports.write_enable & here(ports.write_address), ports.write_address.trunc(bits),
              ports.write_data);
    if (first > 0) part = mux(here(ports.read_address), m.lit(i, chosen.shape()), part);
    words.push_back(ram.read(fmt::format("{}_part{}", ports.read_name, i), ports.read_enable,
                             ports.read_address.trunc(bits)));
    first += depth;
  }
  m.when(ports.read_enable, [&] { chosen.next(part); });
  // yosys makes four LUTs a bit of five words, two of six.
  if (count == 5) words.push_back(words.back());
  return index(words, chosen).named(ports.read_name);
}

}  // namespace elb::hw
