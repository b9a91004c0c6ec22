#include "spec/fetch.hpp"

#include <algorithm>

#include "base/bits.hpp"

namespace elb::spec {

int words_per_beat(const FetchParams& p) {
  return p.word_bits <= p.data_bits ? p.data_bits / p.word_bits : 1;
}

int beats_per_word(const FetchParams& p) {
  return static_cast<int>(ceil_div(p.word_bits, p.data_bits));
}

bool chooses_words(const FetchParams& p) {
  return std::min<int64_t>(words_per_beat(p), p.tile_words) > 1;
}

int64_t beats_per_tile(const FetchParams& p) {
  return ceil_div(p.tile_words, words_per_beat(p)) * beats_per_word(p);
}

int64_t region_beats(const FetchParams& p) {
  return p.tiles * beats_per_tile(p);
}

int beat_address_bits(const FetchParams& p) {
  return bits_for(p.first_beat + region_beats(p) - 1);
}

int burst_length_bits(const FetchParams& p) {
  return bits_for(std::min<int64_t>(p.burst_beats, beats_per_tile(p)) - 1);
}

}  // namespace elb::spec
