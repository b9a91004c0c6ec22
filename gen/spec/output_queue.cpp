#include "spec/output_queue.hpp"

#include <algorithm>

namespace elb::spec {

OutputQueueParams output_queue(const Link& out, int p, int kernels, int groups, int fifo_depth) {
  return {.m = out.columns, .p = p, .kernels = kernels, .groups = groups, .link = out, .depth = fifo_depth};
}

int kernel_folds(const OutputQueueParams& q) {
  return static_cast<int>(ceil_div(q.kernels, q.p));
}

int beats_of_tile(const OutputQueueParams& q, int kernel_fold) {
  return static_cast<int>(ceil_div(std::min(q.p, q.kernels - kernel_fold * q.p), q.link.channels));
}

int beats_per_tile(const OutputQueueParams& q) {
  return beats_of_tile(q, 0);
}

int64_t tiles_per_frame(const OutputQueueParams& q) {
  return int64_t{q.link.h} * q.link.column_groups() * q.groups * kernel_folds(q);
}

const char* output_queue_error(const OutputQueueParams& q) {
  if (q.link.columns != q.m) return "a beat holds the M columns of a tile";
  if (q.link.c != q.kernels * q.groups) return "the link's channels are those of all groups";
  if (kernel_folds(q) > 1 && q.p % q.link.channels != 0)
    return "with several kernel folds the channels of a beat must divide P";
  if (q.groups > 1 && q.kernels % q.link.channels != 0)
    return "with several groups the channels of a beat must divide the kernels of a group";
  if (q.depth < beats_per_tile(q)) return "the output FIFO is shorter than the beats of a tile";
  return "";
}

}  // namespace elb::spec
