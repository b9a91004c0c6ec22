// Column glue: split a beat of V columns into beats of fewer columns.
//
// A beat of V columns x L channels leaves as V / Vw beats of Vw columns x L channels, the leftmost first; so
// with several channel beats per pixel the order is (y, x / V, c / L, columns of the beat). Valid passes
// through; the beat is taken together with its last part. `drop`: parts that lie wholly beyond W are not
// sent.
#pragma once
#include "spec/link.hpp"

namespace elb::spec {

struct SplitColumnsParams {
  Link link;            // what comes in
  int sub_columns = 1;  // Vw, divides V
  bool drop = false;
  bool operator==(const SplitColumnsParams&) const = default;
  int parts() const { return link.columns / sub_columns; }
  // Of a beat in the last column group of a row.
  int parts_in_last() const {
    if (!drop) return parts();
    return static_cast<int>(ceil_div(link.w - (link.column_groups() - 1) * link.columns, sub_columns));
  }
  int64_t beats_per_frame() const {
    const int64_t of_row = int64_t{link.column_groups() - 1} * parts() + parts_in_last();
    return int64_t{link.h} * of_row * link.channel_beats();
  }
};

}  // namespace elb::spec
