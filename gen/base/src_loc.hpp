// Where in the C++ a thing was asked for.
//
// clang 14 with libstdc++ 12 has no std::source_location, so the builtins serve as default arguments; they
// work through operators because Operand converts implicitly (gen/hdl).
#pragma once
namespace elb {
struct SrcLoc {
  const char* file = "";
  unsigned line = 0;
  static constexpr SrcLoc here(const char* f = __builtin_FILE(), unsigned l = __builtin_LINE()) { return {f, l}; }
  const char* base_name() const;  // "fifo.cpp" of "../gen/hw/fifo.cpp"
};
}  // namespace elb
