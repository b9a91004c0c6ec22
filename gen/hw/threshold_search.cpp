#include "hw/threshold_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "hdl/design.hpp"
#include "spec/threshold.hpp"

namespace elb::hw {

using namespace hdl;
using spec::ActivationParams;
using spec::PointSource;
using spec::PointTable;

namespace {

constexpr int64_t kWordsInVerilog = 64;  // deeper memories have a file

class Search {
 public:
  Search(Module& m, const ActivationParams& p, std::vector<Sig> t, TileIndex tile)
      : m_(m),
        p_(p),
        points_(p),
        range_(spec::range_of(p)),
        t_(std::move(t)),
        tile_(tile),
        code_(t_.size()) {}

  std::vector<Sig> codes() {
    const int bits = bits_for(p_.steps);
    for (int level = 0; level < bits; ++level) {
      std::vector<Sig> holds;
      switch (spec::point_source(p_, level)) {
        case PointSource::logic:
          holds = from_logic(level);
          break;
        case PointSource::ahead:
          holds = ahead();
          break;
        case PointSource::sign:
          for (const Sig& t : t_) holds.push_back(~t[p_.in_bits - 1]);
          break;
        case PointSource::read:
          holds = read(level);
          break;
      }
      std::vector<Sig> next;
      for (size_t i = 0; i < t_.size(); ++i)
        next.push_back(level == 0 ? holds[i] : cat({code_[i], holds[i]}));
      if (level == bits - 1) next = turned(next, bits);
      code_ = lane_registers(m_, fmt::format("code_l{}", level), next, u(level + 1));
      if (level < bits - 1) advance(fmt::format("t_l{}", level));
    }
    return code_;
  }

 private:
  int lane_of(size_t i) const { return static_cast<int>(i) % p_.p; }
  Sig constant(bool value) { return m_.lit(value ? 1 : 0, u(1)); }

  void advance(const std::string& name) {
    t_ = lane_registers(m_, name, t_, {p_.in_bits, p_.in_signed});
    tile_ = later(m_, tile_, ++cycle_);
  }

  // The bits of {tile, prefix} that a table asks for, highest first.
  std::vector<Sig> address(const PointTable& table, int level, size_t i) const {
    std::vector<Sig> bits;
    for (const int b : table.address) bits.push_back(b < level ? code_[i][b] : tile_.now[b - level]);
    std::reverse(bits.begin(), bits.end());
    return bits;
  }

  Sig compare(size_t i, Sig point) {
    if (!spec::has_primitives(p_.technology)) return t_[i] >= point;
    const Shape shape = join(t_[i].shape(), point.shape());
    const LeafParams params{{"WIDTH", int64_t{shape.width}}, {"SIGNED", int64_t{shape.is_signed}}};
    const Sig a = t_[i].ext(shape), b = point.ext(shape);
    const Instance leaf =
        m_.instance(m_.design().leaf(ELB_PRIM_DIR, "elb_at_least"), name("at_least"), params);
    return leaf.in("t", a.as_unsigned()).in("point", b.as_unsigned()).out("y");
  }

  // With an entry of a small table.
  Sig compare(size_t i, const PointTable& table, int level) {
    if (table.constant()) {
      const int64_t point = table.values.front();
      if (point > range_.hi || point <= range_.lo) return constant(point <= range_.lo);
    }
    const std::vector<Sig> select = address(table, level, i);
    if (!spec::has_primitives(p_.technology)) {
      std::vector<Sig> words;
      for (const int64_t v : table.values) words.push_back(m_.lit(v, fit(v, v)));
      return t_[i] >= (words.size() == 1 ? words.front() : index(words, cat(select)));
    }
    const int used = static_cast<int>(select.size());
    Bits points(table.width << used);
    for (int a = 0; a < 1 << used; ++a) {
      const int64_t v = table.values[std::min(static_cast<size_t>(a), table.values.size() - 1)];
      points.set(a * table.width, table.width, Bits::from_int(table.width, v).to_u64());
    }
    std::vector<Sig> wires = select;
    if (used < spec::kEntryBits) wires.insert(wires.begin(), m_.lit(0, u(spec::kEntryBits - used)));
    const LeafParams params{{"WIDTH", int64_t{table.width}},
                            {"SIGNED", int64_t{p_.in_signed}},
                            {"ADDRESS", int64_t{used}},
                            {"POINTS", points}};
    const Instance leaf =
        m_.instance(m_.design().leaf(ELB_PRIM_DIR, "elb_at_least_entry"), name("at_least"), params);
    return leaf.in("t", t_[i].ext({table.width, p_.in_signed}).as_unsigned())
        .in("address", cat(wires))
        .out("y");
  }

  std::vector<Sig> from_logic(int level) {
    std::vector<PointTable> tables;
    for (int lane = 0; lane < p_.p; ++lane) tables.push_back(points_.table(lane, level));
    std::vector<Sig> holds;
    for (size_t i = 0; i < t_.size(); ++i) holds.push_back(compare(i, tables[lane_of(i)], level));
    return holds;
  }

  std::vector<Sig> ahead() {
    std::vector<int64_t> values;
    for (int tile = 0; tile < p_.tiles; ++tile) {
      for (int lane = 0; lane < p_.p; ++lane) values.push_back(points_.at(tile, lane, 0, 0));
    }
    const TileConstants point(m_, "points_l0", make_tile_table(p_.tiles, p_.p, values), tile_,
                              file_part(p_.mem_file, "l0"));
    std::vector<Sig> holds;
    for (size_t i = 0; i < t_.size(); ++i) {
      holds.push_back(point.fixed(lane_of(i)) ? compare(i, points_.table(lane_of(i), 0), 0)
                                              : compare(i, point.entry(lane_of(i))));
    }
    return holds;
  }

  std::vector<Sig> read(int level) {
    const bool chooses = spec::chooses_points(p_, level);
    std::vector<PointTable> tables;
    std::vector<Sig> words(t_.size());
    for (int lane = 0; lane < p_.p; ++lane) tables.push_back(points_.table(lane, level));
    const auto read_lanes = [&](bool in_parts) {
      for (int lane = 0; lane < p_.p; ++lane) {
        const PointTable& table = tables[static_cast<size_t>(lane)];
        if (!is_small(table) && (chooses && spec::stands_in_parts(table, p_.m)) == in_parts)
          read_points(table, level, lane, words);
      }
    };
    if (chooses) {
      read_lanes(true);
      // With a reset, or synthesis makes shift registers of three registers in a row, and those take LUTs.
      constexpr RegOptions kWaits{.reset = 0};
      for (size_t i = 0; i < t_.size(); ++i) {
        code_[i] = m_.delay(fmt::format("code_c{}_{}", level, i), code_[i], 1, kWaits);
        t_[i] = m_.delay(fmt::format("t_c{}_{}", level, i), t_[i], 1, kWaits);
      }
      tile_ = later(m_, tile_, ++cycle_, kWaits);
      for (size_t i = 0; i < words.size(); ++i) {
        const std::string name = fmt::format("points_l{}_chosen_{}", level, i);
        if (words[i].is_set()) words[i] = m_.delay(name, words[i], 1);
      }
    }
    read_lanes(false);
    // The word comes with the next cycle.
    code_ = lane_registers(m_, fmt::format("code_r{}", level), code_, u(level));
    advance(fmt::format("t_r{}", level));
    std::vector<Sig> holds;
    for (size_t i = 0; i < t_.size(); ++i)
      holds.push_back(words[i].is_set() ? compare(i, words[i]) : compare(i, tables[lane_of(i)], level));
    return holds;
  }

  static bool is_small(const PointTable& table) {
    return static_cast<int>(table.address.size()) <= spec::kEntryBits;
  }

  void read_points(const PointTable& table, int level, int lane, std::vector<Sig>& words) {
    RamOptions options{.depth = static_cast<int64_t>(table.values.size()), .word = u(table.width)};
    for (const int64_t v : table.values) options.init.push_back(Bits::from_int(table.width, v));
    if (options.depth > kWordsInVerilog)
      options.init_file = file_part(p_.mem_file, fmt::format("l{}_{}", level, lane));
    const bool block = spec::points_in_block_ram(table.width, options.depth, p_.m);
    if (block) options.style = RamStyle::block;
    Ram ram;
    for (int pixel = 0; pixel < p_.m; ++pixel) {
      const std::string stem = fmt::format("points_l{}_{}_{}", level, lane, pixel);
      if (!block || pixel % 2 == 0) ram = m_.ram(stem, options);
      const size_t i = static_cast<size_t>(pixel) * p_.p + lane;
      const Sig word = ram.read(stem + "_q", 1, cat(address(table, level, i)));
      words[i] = p_.in_signed ? word.as_signed() : word;
    }
  }

  // Codes of reversed channels are the complement of what is found.
  std::vector<Sig> turned(std::vector<Sig> codes, int bits) {
    const TileTable reversed =
        table_of(p_, [](const spec::ChannelConstants& c) { return int64_t{c.reversed}; });
    const TileConstants flip(m_, "reversed", reversed, tile_, file_part(p_.mem_file, "reversed"));
    for (size_t i = 0; i < codes.size(); ++i) {
      if (const std::optional<int64_t> fixed = flip.fixed(lane_of(i))) {
        if (*fixed == 1) codes[i] = ~codes[i];
      } else {
        codes[i] = codes[i] ^ replicate(flip.entry(lane_of(i)), bits);
      }
    }
    return codes;
  }

  std::string name(const std::string& stem) { return fmt::format("u_{}_{}", stem, instances_++); }

  Module& m_;
  const ActivationParams& p_;
  const spec::PointTables points_;
  const spec::Range range_;
  std::vector<Sig> t_;
  TileIndex tile_;
  std::vector<Sig> code_;
  int cycle_ = 0, instances_ = 0;
};

}  // namespace

std::vector<Sig> lane_registers(Module& m, const std::string& name, const std::vector<Sig>& values,
                                Shape lane) {
  std::vector<Sig> out;
  for (const Sig& v : values) {
    const Reg r = m.reg(fmt::format("{}_{}", name, out.size()), lane, {.reset = std::nullopt});
    r.next(v.width() == lane.width ? (lane.is_signed ? v.as_signed() : v.as_unsigned()) : v.ext(lane));
    out.push_back(r);
  }
  return out;
}

std::string file_part(const std::string& mem_file, const std::string& part) {
  const size_t dot = mem_file.rfind('.');
  return dot == std::string::npos ? mem_file + "_" + part
                                  : mem_file.substr(0, dot) + "_" + part + mem_file.substr(dot);
}

std::vector<Sig> threshold_search(Module& m, const ActivationParams& p, std::vector<Sig> t, TileIndex tile) {
  return Search(m, p, std::move(t), tile).codes();
}

}  // namespace elb::hw
