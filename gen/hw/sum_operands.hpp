// Lane by lane sums of several operands' values: sum over i of base_i + step_i * code_i
// (spec/sum_operands.hpp).
//
//   latency   spec::latency(SumOperandsParams)   interval 1
//   cycle     0       1                    2
//   two       codes   value_0, value_1     sums
#pragma once
#include <string>

#include "hdl/component.hpp"
#include "spec/sum_operands.hpp"

namespace elb::hw {

struct SumOperands {
  using Params = spec::SumOperandsParams;
  struct In {
    hdl::Sig valid;
    hdl::Sig codes;  // operand 0's lanes lowest, each operand's lanes side by side
  };
  struct Out {
    hdl::Sig valid;
    hdl::Sig sums;  // lane i at i * acc_bits
  };
  static std::string name(const Params& p);
  static int codes_bits(const Params& p);
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    io.in("valid", &In::valid, hdl::u(1));
    io.in("codes", &In::codes, hdl::u(codes_bits(p)));
    io.out("out_valid", &Out::valid, hdl::u(1));
    io.out("out_sums", &Out::sums, hdl::u(p.lanes * p.acc_bits));
  }
  static Out build(hdl::Module& m, const Params& p, const In& in);
};

}  // namespace elb::hw
