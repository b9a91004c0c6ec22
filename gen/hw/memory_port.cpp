#include "hw/memory_port.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"
#include "hw/cond.hpp"
#include "hw/output_queue.hpp"

namespace elb::hw {

using hdl::Reg;
using hdl::Sig;
using hdl::u;

namespace {

constexpr int kPageBits = 12;  // no burst crosses a multiple of 4096 bytes, so none carries beyond these bits

// values[i] where pick[i]; at most one is.
Sig picked(const std::vector<Sig>& pick, const std::vector<Sig>& values, int width) {
  Sig any;
  for (size_t i = 0; i < pick.size(); ++i) {
    const Sig value = replicate(pick[i], width) & values[i].ext(u(width));
    any = i == 0 ? value : any | value;
  }
  return any;
}

// One of those that ask in the next cycle, a register: the first behind the last granted, else the first of
// all. Behind a grant, when `behind` moves, the choice is one of before; but then there is no grant.
struct Turn {
  std::vector<Sig> pick;
  Sig any;
};
Turn round_robin(hdl::Module& m, const std::vector<Sig>& ask, Sig free) {
  const size_t n = ask.size();
  if (n == 1) {
    const Sig asks = m.delay("asks_q", ask[0], 1, {.reset = 0});
    return {.pick = {asks}, .any = asks};
  }
  std::vector<Sig> pick, behind_ask(n);
  std::vector<Reg> behind(n);  // this one is behind the last granted
  Sig any_behind;
  for (size_t i = 1; i < n; ++i) {
    behind[i] = m.reg(fmt::format("behind{}_q", i), u(1));
    behind_ask[i] = ask[i] & behind[i];
    any_behind = i == 1 ? behind_ask[i] : any_behind | behind_ask[i];
  }
  any_behind = any_behind.named("any_behind");
  Sig before, before_behind;  // one in front of this one asks
  for (size_t i = 0; i < n; ++i) {
    const Sig first = i == 0 ? ask[0] : ask[i] & ~before;
    Sig chosen = first & ~any_behind;
    if (i > 0) chosen = chosen | (i == 1 ? behind_ask[1] : behind_ask[i] & ~before_behind);
    pick.push_back(m.delay(fmt::format("pick{}_q", i), chosen, 1, {.reset = 0}));
    before = i == 0 ? ask[0] : before | ask[i];
    if (i > 0) before_behind = i == 1 ? behind_ask[1] : before_behind | behind_ask[i];
  }
  const Sig any = m.delay("any_q", before, 1, {.reset = 0});
  m.when(free & any, [&] {
    Sig granted_before = pick[0];
    for (size_t i = 1; i < n; ++i) {
      behind[i].next(granted_before);
      granted_before = granted_before | pick[i];
    }
  });
  return {.pick = pick, .any = any};
}

// The client whose burst answers: bursts come back in the order of their addresses.
Sig owner_of_beat(hdl::Module& m, const std::vector<Sig>& pick, Sig granted, Sig popped, int outstanding) {
  const int bits = bits_for(static_cast<int64_t>(pick.size()) - 1);
  std::vector<Sig> numbers;
  for (size_t i = 0; i < pick.size(); ++i) numbers.push_back(m.lit(static_cast<int64_t>(i), u(bits)));
  const Sig number = picked(pick, numbers, bits);
  const LoopCounter write_at = loop_counter(m, "owner_write_q", outstanding);
  const LoopCounter read_at = loop_counter(m, "owner_read_q", outstanding);
  write_at.advance(m, granted);
  read_at.advance(m, popped);
  const hdl::Ram owners =
      m.ram("owners", {.depth = outstanding,
                       .word = u(bits),
                       .style = outstanding > 2 ? hdl::RamStyle::distributed : hdl::RamStyle::registers});
  owners.write(granted, write_at.value, number);
  return owners.read_async("owner", read_at.value);
}

}  // namespace

hdl::Module& build_memory_port(hdl::Design& d, const std::string& module, const spec::MemoryPortParams& p) {
  const int beat_bytes = p.data_bits / 8, beat_shift = bits_for(beat_bytes) - 1;
  const bool axi3 = p.protocol == spec::MemoryProtocol::axi3;
  ELB_ASSERT(!p.clients.empty(), "a memory port serves a stage");
  ELB_ASSERT(p.data_bits == 8 << beat_shift && p.data_bits >= 16 && p.data_bits <= 1024,
             "AXI data have 16 .. 1024 bits, 2^n");
  ELB_ASSERT(p.burst_beats >= 1 && (p.burst_beats & (p.burst_beats - 1)) == 0, "bursts have 2^n beats");
  ELB_ASSERT(p.burst_beats <= (axi3 ? 16 : 256) && p.burst_beats * beat_bytes <= 1 << kPageBits,
             "the protocol's longest burst");
  ELB_ASSERT(p.address_bits > kPageBits && p.outstanding >= 1, "there is something to ask for");

  hdl::Module& m = d.module(module);
  m.doc({.purpose = fmt::format("AXI read master for the weights of {} stages", p.clients.size()),
         .params = fmt::format("data={} bits, address={} bits, bursts of {} beats, {} under way", p.data_bits,
                               p.address_bits, p.burst_beats, p.outstanding)});
  const Sig weights_base = m.input("weights_base", u(p.address_bits));
  std::vector<Sig> ask, address, lengths;
  int index_bits = 1;  // of a beat in the image
  for (size_t i = 0; i < p.clients.size(); ++i) {
    const spec::FetchParams& c = p.clients[i];
    ELB_ASSERT(c.data_bits == p.data_bits && c.burst_beats == p.burst_beats, "port and stage agree");
    ELB_ASSERT(c.first_beat * beat_bytes % (1 << kPageBits) == 0, "regions begin with a page");
    index_bits = std::max(index_bits, spec::beat_address_bits(c));
    ask.push_back(m.input(fmt::format("fetch{}_soon", i), u(1)));
    address.push_back(m.input(fmt::format("fetch{}_address", i), u(spec::beat_address_bits(c))));
    lengths.push_back(m.input(fmt::format("fetch{}_length", i), u(spec::burst_length_bits(c))));
  }
  ELB_ASSERT(index_bits + beat_shift <= p.address_bits, "the image lies within the port's addresses");
  const Sig arready = m.input("m_axi_arready", u(1));
  const Sig rvalid = m.input("m_axi_rvalid", u(1));
  const Sig rdata = m.input("m_axi_rdata", u(p.data_bits));
  const Sig rresp = m.input("m_axi_rresp", u(2));
  const Sig rlast = m.input("m_axi_rlast", u(1));

  // Grants.
  const Reg arvalid = m.reg("arvalid_q", u(1));
  const Reg error = m.reg("error_q", u(1));
  const Reg under_way = m.reg("under_way_q", u(bits_for(p.outstanding)));
  const Reg all_under_way = m.reg("all_under_way_q", u(1));
  const Sig free = (~arvalid & ~all_under_way & ~error).named("free");
  const auto [pick, any] = round_robin(m, ask, free);
  const Sig granted = (free & any).named("granted"), popped = (rvalid & rlast).named("popped");
  count(m, under_way, granted, popped);
  m.when(granted ^ popped, [&] { all_under_way.next(granted & (under_way == p.outstanding - 1)); });

  // Address: pages from the base on, and the place in the page.
  const int page_beat_bits = kPageBits - beat_shift, page_bits = p.address_bits - kPageBits;
  const Reg base = m.reg("base_q", u(page_bits), {.reset = std::nullopt});
  m.when(m.reset(), [&] { base.next(weights_base.slice(kPageBits, page_bits)); });
  const Sig index = picked(pick, address, std::max(index_bits, page_beat_bits)).named("index");
  const Reg page = m.reg("page_q", u(page_bits), {.reset = std::nullopt});
  const Reg place = m.reg("place_q", u(page_beat_bits), {.reset = std::nullopt});
  const int size_bits = bits_for(p.burst_beats - 1), length_bits = axi3 ? 4 : 8;
  const Reg length = m.reg("length_q", u(size_bits), {.reset = std::nullopt});
  m.when(granted, [&] {
     arvalid.next(1);
     page.next(index_bits <= page_beat_bits
                   ? Sig(base)
                   : (base + index.slice(page_beat_bits, index_bits - page_beat_bits)).trunc(page_bits));
     place.next(index.slice(0, page_beat_bits));
     length.next(picked(pick, lengths, size_bits));
   }).otherwise_when(arready, [&] { arvalid.next(0); });

  // Beats.
  const Sig good = (rvalid & ~error & ~rresp.any()).named("good");
  m.when(rvalid & rresp.any(), [&] { error.next(1); });
  const Sig owner = p.clients.size() == 1 ? Sig() : owner_of_beat(m, pick, granted, popped, p.outstanding);
  for (size_t i = 0; i < p.clients.size(); ++i) {
    const Reg fill = m.reg(fmt::format("fill{}_q", i), u(1));
    fill.next(owner.is_set() ? good & (owner == static_cast<int64_t>(i)) : good);
    m.output(fmt::format("fetch{}_grant", i), pick[i] & free);
    m.output(fmt::format("fill{}_valid", i), fill);
  }
  m.output("fill_data", m.delay("data_q", rdata, 1));
  m.output("err_rresp", error);

  m.output("m_axi_arvalid", arvalid);
  m.output("m_axi_araddr", hdl::cat({page, place, m.lit(0, u(beat_shift))}));
  m.output("m_axi_arlen", u(length_bits), length);
  m.output("m_axi_arsize", m.lit(beat_shift, u(3)));
  m.output("m_axi_arburst", m.lit(1, u(2)));  // INCR
  m.output("m_axi_arcache", m.lit(3, u(4)));  // normal, bufferable
  m.output("m_axi_arprot", m.lit(0, u(3)));
  m.output("m_axi_rready", m.lit(1, u(1)));
  return m;
}

}  // namespace elb::hw
