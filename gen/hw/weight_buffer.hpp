// A stage's side of weights from memory (spec/fetch.hpp): it asks for the bursts of its tiles, keeps `slots`
// tiles and hands out words, F for each tile that issues.
//
//   W <= D   one RAM of rows of k words, a k to 1 multiplexer behind it
//   W >  D   a RAM per beat of a word, the last one narrower
//
//   cycle    r             r+1         r+2
//            beat at port  fill_valid  ok: where it was the last of its tile
//
//   streamed  `ok` at t + 1: complete tiles that no sweep has taken, after cycle t. `take` in the cycle in
//             which the first tile of a sweep issues. The same F words come for every tile of the sweep;
//             `sweep_end`, with `early` of the sweep's last word, goes on to the next slot and frees this
//             one.
//   once      `ok` for ever from then on; words go round and round. No take, no sweep_end.
//
//   cycle    t        t+1
//            early    word
//
// Where a word is chosen from a row (spec::chooses_words):
//
//   cycle    t        t+1      t+2
//            early    row      word; what sweep_end frees is free a cycle later, too
#pragma once
#include <string>

#include "hdl/design.hpp"
#include "spec/stage.hpp"

namespace elb::hw {

struct WeightBufferParams {
  std::string module;
  std::string title;
  spec::FetchParams fetch;
  spec::MemoryStyle style = spec::MemoryStyle::block;
  spec::Technology technology = spec::Technology::generic;
};

// Ports:
//   out  fetch_soon, fetch_address [beat_address_bits], fetch_length [burst_length_bits]; in  fetch_grant
//   in   fill_valid, fill_data [data_bits]
//   in   early, take, sweep_end (the last two: streamed); out  word [word_bits], ok
hdl::Module& build_weight_buffer(hdl::Design& d, const WeightBufferParams& p);

// The ports of a module that asks, made from those of an instance inside it.
void forward_fetch(hdl::Module& m, const spec::FetchParams& p, const hdl::Instance& buffer);

}  // namespace elb::hw
