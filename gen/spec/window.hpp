// The window buffer: geometry, and the promise of who may run when.
//
// A store of Nb banks holds a ring of column groups (Nb columns, all channels); a word holds S channels.
// Tiles of M output pixels of one row read it tap by tap. All numbers below are what hardware, model and
// tests share.
//
//   writer   group (y, i) is written in order; `stored` counts complete groups of the reader's frame
//   reader   a tile of (oy, G) may issue when stored >= need(oy, G)
//   release  after the last tile of (oy, G), groups below release(oy, G) may be overwritten
//   room     the writer may write into group n while n < released + capacity
#pragma once
#include <cstdint>

#include "base/bits.hpp"

namespace elb::spec {

struct WindowParams {
  int h = 1, w = 1;  // input map
  int channels = 1;  // of one group of the layer
  int groups = 1;    // channel groups stored side by side
  int kh = 1, kw = 1, sh = 1, sw = 1, dh = 1, dw = 1;
  int top = 0, left = 0;  // padding before; behind the map every tap pads
  int out_h = 1, out_w = 1;
  int m = 1;           // output pixels per tile
  int s = 1;           // channels per word
  int bits = 1;        // of one code
  int in_columns = 1;  // V of the link that fills it
  int capacity = 1;    // ring, in column groups
  bool operator==(const WindowParams&) const = default;
};

// Smallest d with d = gcd(M d, sw): the banks of M lanes that never collide are Nb = M d.
int bank_factor(int m, int sw);
int banks(const WindowParams& p);
int groups_per_row(const WindowParams& p);         // Gi = ceil(W / Nb)
int output_groups_per_row(const WindowParams& p);  // ceil(Wo / M)
int words_per_group(
    const WindowParams& p);  // words of one bank in one column group: groups * ceil(channels / S)
int64_t groups_per_frame(const WindowParams& p);  // H Gi
int taps(const WindowParams& p);                  // Kh Kw
int folds(const WindowParams& p);                 // Kh Kw ceil(channels / S): cycles of one tile

bool pads(const WindowParams& p);  // some tap of some output pixel lies outside the map

// Column groups of the reader's frame that must be complete before (oy, G) may issue: 1 .. H Gi.
int64_t need(const WindowParams& p, int oy, int g);
// Column groups of the reader's frame that are free after the last tile of (oy, G); H Gi after the frame's
// last.
int64_t release(const WindowParams& p, int oy, int g);
// The writer takes V columns at a time as V / Vw sub-beats of Vw = gcd(V, Nb) columns; a word of S channels
// at a time: sub-beats of a row group come in the order (word, sub-beat). Sub-beats of columns beyond Gi Nb
// are dropped.
int sub_columns(const WindowParams& p);  // Vw
int sub_beats(const WindowParams& p);    // V / Vw
// Groups of one row that the same V columns touch are complete together: the last one that is with `group`.
int64_t opened_with(const WindowParams& p, int64_t group);
// The smallest capacity that can run at all: max over tiles of need - what was released before the tile,
// where the groups that one row group of V columns touches are open together.
int64_t min_capacity(const WindowParams& p);

// What a bank looks like: word j of the column group at ring position i stands at address i + j, positions
// are multiples of `stride`, and wrap at `words`. Both are powers of two where that takes no more memory,
// since then nothing has to be compared to wrap; else stride = words_per_group, words = capacity * stride.
// The ring never holds more than `capacity` groups.
struct WindowRing {
  int64_t stride = 1, words = 1;
};
WindowRing window_ring(const WindowParams& p);
// Bits of a difference of group counts, two's complement: stored - need, and group under way - released -
// capacity.
int group_count_bits(const WindowParams& p);

// Timing, in cycles; hardware (hw/window) and model (arch/model) both use these.
struct WindowTiming {
  // A group whose last word is accepted in cycle t lets a tile issue from t + kStoredToIssue on.
  static constexpr int kStoredToIssue = 1;
  // Taps of a tile that issues at t reach the compute array in t + kIssueToTap + fold.
  static constexpr int kIssueToTap = 4;
  // The last tile of (oy, G) issues at t: its groups are writable from t + folds + kReleaseDelay on.
  static constexpr int kReleaseDelay = 2;
};

}  // namespace elb::spec
