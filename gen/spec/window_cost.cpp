// Window stores: control by what changes, data by banks and lanes.
//
// Sums of a register and a step cost by the step's bits: yosys lays a carry chain whose sum is the register
// itself, so a bit whose step is always 0 or always 1 takes no LUT. Banks that read at the same offsets share
// their address registers.
#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/int_math.hpp"
#include "spec/cost.hpp"
#include "spec/logic_cost.hpp"
#include "spec/memory_cost.hpp"
#include "spec/table_cost.hpp"
#include "spec/window_steps.hpp"

namespace elb::spec {
namespace {

bool is_power_of_two(int64_t n) {
  return (n & (n - 1)) == 0;
}

// Positions in the ring are multiples of its stride: their low zeros are no hardware.
int position_bits(const WindowRing& ring) {
  int bits = bits_for(ring.words - 1);
  for (int64_t stride = ring.stride; stride % 2 == 0 && bits > 1; stride /= 2) --bits;
  return bits;
}

// Whether some tap of some place lies among the `size` positions of an axis.
bool reaches(int places, int step, int taps, int dilation, int before, int size) {
  for (int k = 0; k < taps; ++k) {
    const int64_t first = int64_t{k} * dilation - before, last = first + int64_t{places - 1} * step;
    if (last < 0 || first >= size) continue;
    for (int64_t x = first; x <= last; x += step) {
      if (x >= 0 && x < size) return true;
    }
  }
  return false;
}

// Nothing is read where all taps lie outside the map: synthesis then leaves neither store nor places in it.
bool is_read(const WindowParams& w) {
  return reaches(w.out_h, w.sh, w.kh, w.dh, w.top, w.h) && reaches(w.out_w, w.sw, w.kw, w.dw, w.left, w.w);
}

// The choice between a sum and what it is less the ring.
Resources wrapped(int bits, const WindowRing& ring) {
  if (is_power_of_two(ring.words)) return {};
  return logic(bits + 1);
}

// ---- reader

// Whether sweeps go back to a band's first place. Then nothing is known of the low bits of a place.
bool goes_back(const WindowStoreShape& p) {
  if (!p.sweep || int64_t{p.kernel_folds} * p.window.groups == 1) return false;
  if (p.sweep->frames > 0) return std::min(p.sweep->frames, p.window.capacity) > 1;
  return p.sweep->rows > 1 || output_groups_per_row(p.window) > 1;
}
// One group of columns: no pointer ever moves.
bool stands(const WindowRing& ring) {
  return is_power_of_two(ring.words) && ring.stride % ring.words == 0;
}
int64_t place_tiles(const WindowStoreShape& p) {
  return int64_t{p.kernel_folds} * p.window.groups;
}
// The steps to the next place are computed while this one lasts, and wait in registers.
bool is_slow(const WindowStoreShape& p) {
  return p.tile_cycles * (p.sweep ? 1 : place_tiles(p)) > 1;
}
// Where a place is one word, low bits that no step changes are no hardware either.
int reader_bits(const WindowStoreShape& p, const WindowRing& ring, const ReaderFigures& t) {
  const int all = bits_for(ring.words - 1);
  if (goes_back(p)) return all;
  if (stands(ring)) return 0;
  const bool plain = !is_slow(p) && folds(p.window) == 1 && p.window.top == 0 && is_power_of_two(ring.words);
  return plain ? all - std::min(all, t.place_zeros) : position_bits(ring);
}

// A row pointer goes to a place and on by rows. That its low bits stay 0 synthesis does not see; it makes
// them one register.
int low_pointer_registers(const WindowStoreShape& p, const WindowRing& ring, int place_bits) {
  const WindowParams& w = p.window;
  const bool moves = w.kh > 1 && int64_t{w.dh} * groups_per_row(w) * ring.stride % ring.words != 0;
  return moves && place_bits > 0 && place_bits < bits_for(ring.words - 1) ? 1 : 0;
}

// What sweeps add to a reader: the loop of a band or pass, the places to go back to, flags.
Resources sweep_cost(const WindowStoreShape& p, int count_bits, int pointer_bits) {
  const WindowParams& w = p.window;
  const SweepParams& sweep = *p.sweep;
  const int64_t sweeps = int64_t{p.kernel_folds} * w.groups;
  // The first sweep, its first tile; what is stored whether or not more comes.
  Resources r = registers(2) + logic(3) + adder(count_bits);
  if (sweep.frames > 0) {
    const int64_t most = std::min(sweep.frames, w.capacity);
    const int bits = most > 1 ? bits_for(most - 1) : 0;
    // The pass under way, its length out of what is stored.
    r += loop_cost(most) + registers(bits) + equals(2 * bits) + logic(bits);
    if (most > 1) r += registers(1) + adder(w.capacity > most ? count_bits / 2 : 0);
    if (most > 1 && sweep.patience > 1) {
      const int waited = bits_for(sweep.patience - 1) + 1;
      r += registers(waited) + adder(waited) + logic(2);
    }
    return goes_back(p) ? r + registers(pointer_bits) + logic(pointer_bits) : r;
  }
  if (sweep.rows < w.out_h) r += loop_cost(sweep.rows);
  if (sweeps == 1) return r;
  if (sweep.rows > 1) r += registers(bits_for(w.out_h - 1)) + logic(bits_for(w.out_h - 1));
  if (goes_back(p)) r += registers(pointer_bits) + logic(pointer_bits);
  return r;
}

// A counter of free places: down by what a tile takes, up by one, and whether there is enough.
Resources credit_cost(int bits) {
  constexpr int kOneComparison = 8;
  return registers(bits + 1) + logic(bits + (bits > 2 ? 2 : 1) + (bits > kOneComparison ? 2 : 0));
}

Resources reader_cost(const WindowStoreShape& p, const WindowRing& ring, const ReaderFigures& t) {
  const WindowParams& w = p.window;
  const int bits = reader_bits(p, ring, t), count_bits = group_count_bits(w);
  const int words = words_per_group(w), f = folds(w);
  const int64_t columns = output_groups_per_row(w);
  Resources r;
  for (const int64_t n :
       {int64_t{w.kw}, int64_t{w.kh}, int64_t{f / taps(w)}, int64_t{p.kernel_folds}, int64_t{w.groups}}) {
    r += loop_cost_with_last(n);
  }
  if (t.by_column || p.sweep) r += loop_cost_with_last(columns);
  if (p.sweep) r += loop_cost(w.out_h);
  if (!p.sweep && t.by_row) r += loop_cost_with_last(w.out_h);
  r += registers((w.kw > 1) + (w.kh > 1) + (f > taps(w)) > 1 ? 1 : 0);
  const bool slow = is_slow(p);
  if (!slow || t.needed.wide || t.released.wide) r += t.boundaries;
  r += f > 1 ? registers(1) + logic(2) : logic(1);  // a tile is under way, a word issues
  r += logic((w.kh > 1 ? 2 : 0) + 1);               // a tap row ends, a place ends
  if (p.tile_cycles > f)
    r += registers(bits_for(p.tile_cycles - f) + 1) + logic(bits_for(p.tile_cycles - f) + 1);
  // What is stored beyond need. A bit is the sum's, whether one is checked, and what tells the steps apart; a
  // bit of the step is also the chain's other operand.
  const int inputs = 2 + (columns > 1 ? 1 : 0) + t.changes;
  r += registers(count_bits + 1);
  r += slow ? logic(t.surplus_ones + t.needed.distinct + t.needed.luts)
            : logic(t.surplus_ones * (inputs > kLutInputs ? 2 : 1) + 1);
  if (int64_t{p.kernel_folds} * w.groups > 1 && !p.sweep) r += registers(1) + logic(1);
  const int released = t.release_bits;
  const bool read = is_read(w);
  // Where every word is a place, its end and its begin are that a word issues, and a constant step is
  // released as that is.
  const bool always = f == 1 && place_tiles(p) == 1;
  if (!always || t.release_registers > 0) r += registers(released);
  if (!always) r += registers(slow ? 2 : 1);
  r += registers(slow ? t.step_registers + (read ? bits : 0) : t.release_registers);
  r += logic(slow ? t.released.luts : released);
  r += credit_cost(bits_for(p.sweep ? p.sweep->places : p.credits));
  if (!p.sweep) r += registers(1);  // a pop is added a cycle late
  if (p.sweep) r += sweep_cost(p, count_bits, read ? bits : 0);
  if (!read) return r;
  // Place and row pointer in the ring.
  constexpr int kChain = 3;  // a sum of fewer bits is no carry chain
  const int64_t moved = t.place_bits == 0 ? 0 : bits < kChain ? bits : t.place_bits + t.place_patterns;
  r += registers(bits) + logic(slow ? moved : t.place_bits) + wrapped(bits, ring);
  if (slow && w.kh > 1) r += logic(bits);  // for the row pointer the choice between this place and the next
  // The other sum, where the step varies.
  if (!is_power_of_two(ring.words) && t.place_bits > 0) r += logic(bits);
  if (w.kh > 1)
    r += registers(bits + low_pointer_registers(p, ring, bits)) + logic(bits) + wrapped(bits, ring);
  if (words > 1 && w.groups > 1 && f > taps(w))
    r += registers(2 * int64_t{bits_for(words - 1)}) + logic(2 * int64_t{bits_for(words - 1)});
  return r;
}

// ---- writer

// Groups behind a row's last one that its last beat reaches.
int64_t overshoot(const WindowParams& w) {
  const int64_t last =
      (ceil_div(w.w, w.in_columns) - 1) * w.in_columns + int64_t{sub_beats(w) - 1} * sub_columns(w);
  return std::max<int64_t>(0, last / banks(w) - (groups_per_row(w) - 1));
}

// The word's bits; above them the carry goes through the position as it is.
Resources position_plus_word(const WindowRing& ring, int words) {
  return is_power_of_two(ring.stride) ? Resources{} : adder(bits_for(words - 1));
}

Resources writer_cost(const WindowParams& w, const WindowRing& ring, const ReaderFigures& t) {
  const int words = words_per_group(w), sets = banks(w) / sub_columns(w);
  // Where a beat goes back for its next word, nothing is known of the position's low bits.
  const bool rewinds = words > 1 && sub_beats(w) > 1;
  const int bits = rewinds ? bits_for(ring.words - 1) : stands(ring) ? 0 : position_bits(ring);
  const int count_bits = group_count_bits(w);
  const int64_t beats = ceil_div(w.w, w.in_columns);
  const bool drops = beats * w.in_columns > int64_t{groups_per_row(w)} * banks(w);
  Resources r = loop_cost_with_last(sub_beats(w)) + loop_cost_with_last(words) + loop_cost(sets);
  // Rows are told apart where their ends are special.
  if (sets > 1 || drops) r += loop_cost_with_last(beats);
  // A beat is taken and completes or ends something, a bank set is written.
  r += logic(4 + (sets > 1 ? sets : 0));
  // What is written beyond the room, and whether there is room.
  r += registers(count_bits + (drops ? 1 : 0)) + logic(t.release_ones + 1 + (drops ? 2 : 0));
  // Steps of their own at the ends of beats and rows: carry-save adders, and the choice of the sum.
  if (rewinds || overshoot(w) > 1) r += logic(3 * int64_t{count_bits});
  if (!is_read(w)) return r;
  // The ring position of the group.
  r += registers(bits) + logic(bits > 0 && bits <= 2 ? 1 : 0) + wrapped(bits, ring);
  r += position_plus_word(ring, words);
  if (!rewinds) return r;
  // Back to the first word: a third choice for the LUTs that already choose where the ring wraps.
  r += registers(bits_for(sub_beats(w)) + bits) + logic(count_bits);
  return is_power_of_two(ring.words) ? r + logic(bits) : r;
}

// ---- banks and lanes

// Whether two lanes have the same two banks at taps 0, 1 or 2, 3.
bool lanes_share_choices(const WindowParams& w) {
  std::set<std::pair<int64_t, int64_t>> seen;
  const auto bank = [&](int lane, int kx) {
    return floor_mod(int64_t{lane} * w.sw - w.left + int64_t{kx} * w.dw, banks(w));
  };
  for (int lane = 0; lane < w.m; ++lane) {
    for (int kx = 0; kx + 1 < w.kw; kx += 2) {
      if (!seen.insert({bank(lane, kx), bank(lane, kx + 1)}).second) return true;
    }
  }
  return false;
}

// LUTs of a bit of a lane that takes one of `banks` banks by the tap. Over several rows of taps yosys 0.23
// shares multiplexers of two banks between lanes that have both at taps 0, 1 or 2, 3: two LUTs of four taps
// where one would do, and two of five where without them it makes four.
int64_t lane_luts(const WindowParams& w, int banks, bool shares) {
  if (banks <= 1) return 0;
  if (banks == 5 && w.kw == 5 && w.kh == 1) return 4;
  if (banks > 2 && w.kw == 4 && shares && w.kh > 1) return 2;
  const int inputs = banks + (w.kw > 1 ? bits_for(w.kw - 1) : 0);
  return inputs <= kLutInputs ? 1 : std::max<int64_t>(2, mux_luts(w.kw));
}

Resources banks_cost(const WindowStoreShape& p, const WindowRing& ring, const ReaderFigures& t) {
  const WindowParams& w = p.window;
  const int nb = banks(w), word_bits = w.s * w.bits;
  const int bits = reader_bits(p, ring, t), pointer_bits = bits_for(ring.words - 1);
  const int words = words_per_group(w);
  // Of places whose low bits stay 0 an offset's low bits are those of the address.
  const int zeros = words == 1 && !goes_back(p) ? pointer_bits - bits : 0;
  // Where a row is one beat, only the first set of banks is written; a count of sets that never comes to its
  // end synthesis does not know.
  const int64_t written = w.w <= sub_columns(w) ? sub_columns(w) : nb;
  // Offsets by tap, of each bank for the lane that it serves there; empty where no lane reads the bank.
  std::vector<std::vector<int64_t>> offsets(static_cast<size_t>(nb));
  Resources r;
  bool chooses = false;
  const bool shares = lanes_share_choices(w);
  for (int lane = 0; lane < w.m; ++lane) {
    std::set<int64_t> read;
    for (int kx = 0; kx < w.kw; ++kx) {
      const int64_t x = int64_t{lane} * w.sw - w.left + int64_t{kx} * w.dw, group = floor_div(x, nb);
      if (x - group * nb >= written) continue;
      std::vector<int64_t>& of_bank = offsets[static_cast<size_t>(x - group * nb)];
      of_bank.resize(static_cast<size_t>(w.kw), 0);
      of_bank[static_cast<size_t>(kx)] = floor_mod(group * ring.stride, ring.words) >> zeros << zeros;
      read.insert(x - group * nb);
    }
    chooses = chooses || read.size() > 1;
    r += registers(word_bits) + logic(word_bits * lane_luts(w, static_cast<int>(read.size()), shares));
  }
  if (chooses) r += delay(bits_for(w.kw - 1), 3);
  r += registers(low_pointer_registers(p, ring, bits));
  for (const std::vector<int64_t>& of_bank : std::set(offsets.begin(), offsets.end())) {
    if (of_bank.empty()) continue;
    Steps steps(ring.words);
    for (const int64_t v : of_bank) steps.add(v);
    const bool wraps = !is_power_of_two(ring.words);
    r += registers(bits + (wraps ? 1 : 0) + (words > 1 ? pointer_bits : bits));
    // The sum with the word is made in the LUTs of the choice.
    r += words > 1 && !is_power_of_two(ring.stride) ? logic(bits) : wrapped(bits, ring);
    r += logic(steps.varying() + (w.kw > 2 ? std::max(0, steps.patterns() - 1) : 0));
    if ((wraps || (w.kh > 1 && bits > 0)) && words > 1 && is_power_of_two(ring.stride))
      r += logic(bits_for(words - 1));
  }
  const auto unread = std::count(offsets.begin(), offsets.end(), std::vector<int64_t>{});
  r += (nb - unread) * ram({.width = word_bits, .depth = ring.words}, p.style);
  if (words > 1) r += registers(bits_for(words - 1));
  return r;
}

// Outside the map, where the pad code is a lane's set or reset.
Resources padding_cost(const WindowParams& w) {
  if (!pads(w)) return {};
  const auto inside = [](int64_t positions, int taps) {
    const int inputs = (positions > 1 ? bits_for(positions - 1) : 0) + (taps > 1 ? bits_for(taps - 1) : 0);
    return inputs == 0 ? Resources{} : logic(inputs <= kLutInputs ? 1 : inputs - 4) + delay(1, 3);
  };
  const int64_t columns = output_groups_per_row(w);
  const bool rows = pads_rows(w);
  Resources r;
  if (rows) r += inside(w.out_h, w.kh);
  // Row and column together: one LUT, but of a ring of one group yosys 0.23 makes one for each bit.
  const int64_t resets = w.capacity == 1 ? std::max<int64_t>(1, int64_t{w.s} * w.bits) : 1;
  // Lanes are told apart by where they leave the map.
  std::set<std::vector<int64_t>> seen;
  for (int lane = 0; lane < w.m; ++lane) {
    std::vector<int64_t> bounds;
    bool always = true;
    for (int kx = 0; kx < w.kw; ++kx) {
      const int64_t first = int64_t{lane} * w.sw - w.left + int64_t{kx} * w.dw;
      const int64_t step = int64_t{w.m} * w.sw;
      const int64_t positions = ceil_div(int64_t{w.out_w} - lane, w.m);
      const int64_t lo = first < 0 ? ceil_div(-first, step) : 0;
      const int64_t hi = std::min(positions - 1, floor_div(w.w - 1 - first, step));
      always = always && lo == 0 && hi >= positions - 1;
      bounds.push_back(lo);
      bounds.push_back(hi >= positions - 1 ? columns : hi);
    }
    if (!always && seen.insert(bounds).second) r += inside(columns, w.kw) + logic(rows ? resets : 0);
  }
  return seen.empty() ? r + logic(1) : r;
}

// What depends on the window alone, and on few values beside it.
struct WindowKey {
  WindowParams window;
  MemoryStyle style = MemoryStyle::block;
  bool back = false, slow = false;
  bool operator==(const WindowKey&) const = default;
};
struct WindowHash {
  size_t operator()(const WindowKey& k) const {
    const WindowParams& w = k.window;
    size_t hash = static_cast<size_t>(k.style) * 4 + (k.back ? 2 : 0) + (k.slow ? 1 : 0);
    for (const int v : {w.h, w.w, w.channels, w.groups, w.kh, w.kw, w.sh, w.sw, w.dh, w.dw, w.top, w.left,
                        w.out_h, w.out_w, w.m, w.s, w.bits, w.in_columns, w.capacity})
      hash = hash * 1000003 + static_cast<size_t>(v);
    return hash;
  }
};
struct WindowPart {
  ReaderFigures reader;
  Resources others;  // writer, banks, lanes
};

// Remembered: a search asks for the same window with thousands of arrays behind it.
const WindowPart& window_part(const WindowStoreShape& p, const WindowRing& ring) {
  constexpr size_t kMost = 1 << 16;
  thread_local std::unordered_map<WindowKey, WindowPart, WindowHash> known;
  const WindowKey key{.window = p.window, .style = p.style, .back = goes_back(p), .slow = is_slow(p)};
  const auto at = known.find(key);
  if (at != known.end()) return at->second;
  if (known.size() >= kMost) known.clear();
  WindowPart part{.reader = reader_figures(p.window), .others = {}};
  part.others = writer_cost(p.window, ring, part.reader);
  if (is_read(p.window)) part.others += banks_cost(p, ring, part.reader) + padding_cost(p.window);
  return known.emplace(key, part).first->second;
}

}  // namespace

Resources cost(const WindowStoreShape& p) {
  const WindowParams& w = p.window;
  const WindowRing ring = window_ring(w);
  const WindowPart& part = window_part(p, ring);
  const Resources r = part.others + reader_cost(p, ring, part.reader);
  return r + registers(4) + (folds(w) > 1 ? delay(1, 4) + delay(1, 4) : Resources{});
}

}  // namespace elb::spec
