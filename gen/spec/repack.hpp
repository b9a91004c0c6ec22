// Repack: a pixel that arrives in beats of L channels leaves in words of S channels, for any L and S.
//
// V columns run side by side under one control. Every pixel starts at lane 0 of a fresh word; lanes beyond
// the last channel leave as code 0 whatever came in. It is glue: valid and ready pass combinationally, and at
// most one word's worth of lanes is kept (the "rest": lanes of earlier beats that no word has taken yet).
//
//   wires    L = S, or one beat and one word per pixel. Nothing is kept.
//   narrow   L > S. A word leaves in the cycle in which the beat that holds its last channel is valid;
//            the beat is taken together with the last word that ends in it.
//   widen    L < S. A beat that ends no word is taken at once; one that ends a word together with it.
//            Where the last beat of a pixel ends two words, it is taken with the first, and the second
//            (the flush) leaves from the next cycle on, alone or beside the next pixel's first beat.
//
//   widen, C = 5, L = 2, S = 3       cycle   t      t+1    t+2    t+3
//   beat taken                               01     23     4      01
//   word sent                                       012    34-
//
//   widen with flush, C = 12, L = 4, S = 10  t      t+1    t+2    t+3
//   beat taken                               0..3   4..7   8..11  0..3
//   word sent                                              0..9   10,11
//
//   narrow, C = 7, L = 4, S = 3              t      t+1    t+2    t+3
//   beat taken                               0..3          4..6
//   word sent                                012    345    6--    012
//
// Free running, a pixel takes max(ceil(C / L), ceil(C / S)) cycles, pixels and frames follow without a
// bubble.
#pragma once
#include <vector>

#include "base/bits.hpp"

namespace elb::spec {

struct RepackParams {
  int columns = 1;    // V
  int bits = 1;       // of one lane
  int channels = 1;   // C
  int in_lanes = 1;   // L
  int out_lanes = 1;  // S
  bool last = false;  // the streams carry `last`; it moves to the word that holds the beat's last lane
  bool operator==(const RepackParams&) const = default;
};

enum class RepackKind { wires, widen, narrow };
RepackKind repack_kind(const RepackParams& p);
int beats_per_pixel(const RepackParams& p);   // ceil(C / L)
int words_per_pixel(const RepackParams& p);   // ceil(C / S)
int cycles_per_pixel(const RepackParams& p);  // the larger of the two
int words_ended_by(const RepackParams& p,
                   int beat);           // widen: 0 or 1, 1 or 2 at the last beat; else at least 1
bool has_flush(const RepackParams& p);  // the last beat of a pixel ends two words, widen only

// Where a word's lanes come from, by grains of gcd(L, S) lanes: the beat at hand, or the rest. Tables are by
// the word of a pixel, or of the pattern where a pixel has more words than that takes to repeat.
struct RepackSources {
  static constexpr int kRest = -1;
  static constexpr int kNone = -2;  // behind the pixel's end; of the rest: not kept
  int grain_lanes = 1;
  int in = 1, out = 1;  // grains of a beat, of a word
  int words = 1;        // of the tables
  bool repeats = false;
  int64_t pixel_words = 1;
  int64_t pixel_grains = 1;
  int last_lanes = 1;  // of the pixel's last word
  bool flushes = false;

  // Grain q of a word: a grain of the beat, kRest or kNone.
  int word(int q, int64_t w) const {
    const bool ends = w + 1 == pixel_words;
    const int64_t at = w * out + q, end = ends ? pixel_grains - 1 : (w + 1) * out - 1;
    if (at > end) return kNone;
    return at / in == end / in && !(ends && flushes) ? static_cast<int>(at % in) : kRest;
  }
  int last(int q) const { return word(q, pixel_words - 1); }
  // The grain of an earlier beat that waits as grain q of the word.
  int rest(int q, int64_t w) const {
    return word(q, w) == kRest ? static_cast<int>((w * out + q) % in) : kNone;
  }
};
RepackSources repack_sources(const RepackParams& p);

// The converter's control, cycle by cycle.
class RepackTiming {
 public:
  explicit RepackTiming(const RepackParams& p);
  bool valid(bool in_valid) const {  // of the output; never looks at the output's ready
    return flush_ || (in_valid && ends_[beat_] > 0);
  }
  bool ready(bool out_ready) const {  // of the input; never looks at the input's valid
    if (!widen_) return out_ready && sent_ == ends_[beat_] - 1;
    return ends_[beat_] == 0 ? !flush_ || out_ready : out_ready;
  }
  // What moved in a cycle that is over, as bits; a struct of flags would be put together in memory.
  using Moves = unsigned;
  static constexpr Moves kTaken = 1, kSent = 2;  // a beat, a word
  Moves clock(bool in_valid, bool out_ready) {
    const bool send = valid(in_valid) && out_ready, take = in_valid && ready(out_ready);
    if (send && !take && !flush_) ++sent_;
    if (send) flush_ = false;
    const Moves moves = (take ? kTaken : 0) | (send ? kSent : 0);
    if (!take) return moves;
    sent_ = 0;
    const bool last = beat_ + 1 == ends_.size();
    if (last && has_flush_) flush_ = true;
    beat_ = last ? 0 : beat_ + 1;
    return moves;
  }

 private:
  std::vector<int> ends_;  // of each beat of a pixel: the words that it ends
  bool widen_, has_flush_;
  size_t beat_ = 0;  // of the pixel, the next to be taken
  int sent_ = 0;     // words ended by that beat that have left already
  bool flush_ = false;
};

}  // namespace elb::spec
