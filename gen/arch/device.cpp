#include "arch/device.hpp"

#include "base/json.hpp"

namespace elb::arch {

Device read_device(const std::string& path) {
  constexpr IntRange kCount{.min = 0, .max = 1 << 30};
  Diags diags;
  const Json root = Json::parse_file(path, diags);
  diags.throw_if_any();
  Device d;
  if (root.at("format").as_choice({"elbgen.device/1"}) == 0) {
    d.name = root.get_string("name");
    d.part = root.get_string("part");
    const Json r = root.at("resources");
    d.lut = r.get_int("lut", kCount);
    d.ff = r.get_int("ff", kCount);
    d.bram36 = r.get_int("bram36", kCount);
    d.dsp = r.get_int("dsp", kCount);
    r.refuse_unknown();
    root.refuse_unknown();
  }
  diags.throw_if_any();
  return d;
}

}  // namespace elb::arch
