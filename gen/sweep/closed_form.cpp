#include "sweep/closed_form.hpp"

namespace elb::sweep {

Figures closed_form(arch::Explorer& explorer, const nn::Network& shapes, spec::Technology technology,
                    double clock_mhz) {
  const arch::Choice choice = explorer.explore(shapes, {.technology = technology, .assume_affine = true});
  Figures f;
  f.fits = choice.found;
  f.binds = choice.binds;
  if (!choice.found) return f;
  const double hertz = clock_mhz * 1e6;
  f.cycles_per_frame = choice.cycles;
  f.frames_per_second = hertz / static_cast<double>(choice.cycles);
  f.bound_frames_per_second = hertz / static_cast<double>(choice.bound_cycles);
  f.resources = {.lut = choice.used[arch::kLut],
                 .ff = choice.used[arch::kFf],
                 .bram18 = choice.used[arch::kBram18],
                 .dsp = choice.used[arch::kDsp],
                 .uram = choice.used[arch::kUram]};
  if (const std::optional<arch::MemoryPort>& port = explorer.memory()) {
    const double bytes = static_cast<double>(choice.used[arch::kDram]) * port->data_bits / 8;
    f.ddr_gbytes_per_s = bytes * f.frames_per_second / 1e9;
  }
  return f;
}

}  // namespace elb::sweep
