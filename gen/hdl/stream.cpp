#include "hdl/stream.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "hdl/module_build.hpp"
#include "hdl/stream_parts.hpp"

namespace elb::hdl {

std::vector<Field> StreamShape::all() const {
  std::vector<Field> out;
  if (data.width > 0) out.push_back({"tdata", data});
  out.insert(out.end(), fields.begin(), fields.end());
  if (last) out.push_back({"tlast", u(1)});
  return out;
}

int StreamShape::bits() const {
  int n = 0;
  for (const Field& f : all()) n += f.shape.width;
  return n;
}

Sig Payload::operator[](const std::string& field) const {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name == field) return values[i];
  }
  ELB_ASSERT(false, "a stream has no field '" + field + "'");
}

Stream::Stream(std::string name, StreamShape shape, Sig valid, Payload payload, Wire ready)
    : name_(std::move(name)),
      shape_(std::move(shape)),
      valid_(valid),
      payload_(std::move(payload)),
      ready_(ready) {}

Sig Stream::fire(SrcLoc loc) const {
  return Operand(valid_, loc) & Operand(ready_, loc);
}

void Stream::drive_ready(Operand ready, SrcLoc loc) const {
  ELB_ASSERT(ready_.is_set(), "an empty stream is consumed");
  ready_.drive(ready, loc);
}

Stream Stream::map_payload(StreamShape shape, const std::function<std::vector<Sig>(const Payload&)>& f,
                           SrcLoc loc) const {
  ELB_ASSERT(valid_.is_set(), "an empty stream is mapped");
  Builder& b = valid_.module()->builder();
  Payload out;
  out.fields = shape.all();
  const std::vector<Sig> values = f(payload_);
  ELB_ASSERT(values.size() == out.fields.size(), "map_payload() gives one value per field");
  for (size_t i = 0; i < values.size(); ++i) {
    const std::string what = fmt::format("field '{}' of stream '{}'", out.fields[i].name, name_);
    out.values.push_back(b.sig(b.fit_to(Operand(values[i], loc), out.fields[i].shape, what)));
  }
  return Stream(name_, std::move(shape), valid_, std::move(out), ready_);
}

Stream Stream::map(Shape data, const std::function<Sig(Sig)>& f, SrcLoc loc) const {
  StreamShape shape = shape_;
  shape.data = data;
  return map_payload(
      shape,
      [&](const Payload& p) {
        std::vector<Sig> values = p.values;
        values[0] = f(p.data());
        return values;
      },
      loc);
}

Stream Stream::gate(Operand open, SrcLoc loc) const {
  Module& m = *valid_.module();
  const Wire ready = m.builder().link(name_ + "_gated_tready", loc);
  drive_ready(Operand(Operand(ready, loc) & open, loc), loc);
  return Stream(name_, shape_, Operand(valid_, loc) & open, payload_, ready);
}

namespace {

// Through a component with one payload word: pack, pass, unpack.
template <class Part>
Stream through(const Stream& s, const std::string& instance, const typename Part::Params& params,
               SrcLoc loc) {
  Module& m = *s.valid().module();
  const StreamShape word{.data = u(s.shape().bits())};
  const Stream packed = s.map_payload(
      word, [&](const Payload& p) { return std::vector<Sig>{pack(p.values, loc)}; }, loc);
  const Stream out = instantiate<Part>(m, m.unique(instance), params, {.s = packed}, loc).m;
  const Stream unpacked = out.map_payload(
      s.shape(),
      [&](const Payload& p) {
        std::vector<Sig> values;
        int low = 0;
        for (const Field& f : s.shape().all()) {
          const Sig part = p.data().slice(low, f.shape.width, loc);
          values.push_back(f.shape.is_signed ? part.as_signed(loc) : part);
          low += f.shape.width;
        }
        return values;
      },
      loc);
  // The next verb names its parts after the same stem.
  return Stream(s.name(), unpacked.shape(), unpacked.valid(), unpacked.payload(), unpacked.ready_wire());
}

}  // namespace

Stream Stream::reg_slice(Slice kind, SrcLoc loc) const {
  return through<RegSlicePart>(*this, "u_" + name_ + "_slice", {.width = shape_.bits(), .kind = kind}, loc);
}

Stream Stream::fifo(int depth, RamStyle style, SrcLoc loc) const {
  ELB_ASSERT(depth >= 1, "a FIFO of no places");
  if (depth == 1) style = RamStyle::distributed;  // one register, whatever was asked for
  return through<FifoPart>(*this, "u_" + name_ + "_fifo",
                           {.width = shape_.bits(), .depth = depth, .style = style}, loc);
}

std::vector<Stream> Stream::fork(int n, Fork kind, SrcLoc loc) const {
  ELB_ASSERT(n >= 1, "a fork into nothing");
  Module& m = *valid_.module();
  std::vector<Wire> ready;
  for (int i = 0; i < n; ++i)
    ready.push_back(m.builder().link(fmt::format("{}_fork{}_tready", name_, i), loc));
  std::vector<Stream> out;
  const auto add = [&](int i, Sig valid) {
    out.emplace_back(fmt::format("{}_fork{}", name_, i), shape_, valid, payload_, ready[i]);
  };
  Sig all = m.lit(1, u(1), loc);
  if (kind == Fork::lockstep) {
    for (int i = 0; i < n; ++i) {
      Sig valid = valid_;
      for (int j = 0; j < n; ++j) valid = j == i ? valid : Operand(valid, loc) & Operand(ready[j], loc);
      all = Operand(all, loc) & Operand(ready[i], loc);
      add(i, valid);
    }
    drive_ready(Operand(all, loc), loc);
    return out;
  }
  std::vector<Reg> done;
  for (int i = 0; i < n; ++i) {
    done.push_back(m.reg(m.unique(fmt::format("{}_fork{}_done", name_, i)), u(1), {}, loc));
    all = Operand(all, loc) & Operand(Operand(ready[i], loc) | Operand(done[i], loc), loc);
  }
  const Sig finished = Operand(all, loc) & Operand(valid_, loc);
  for (int i = 0; i < n; ++i) {
    const Sig valid = Operand(valid_, loc) & Operand(!Operand(done[i], loc), loc);
    const Sig taken = Operand(done[i], loc) | Operand(Operand(valid, loc) & Operand(ready[i], loc), loc);
    done[i].next(Operand(Operand(taken, loc) & Operand(!Operand(finished, loc), loc), loc), loc);
    add(i, valid);
  }
  drive_ready(Operand(all, loc), loc);
  return out;
}

Stream join(const std::vector<Stream>& streams, const std::string& name, StreamShape shape,
            const std::function<std::vector<Sig>(const std::vector<Payload>&)>& f, SrcLoc loc) {
  ELB_ASSERT(!streams.empty(), "a join of nothing");
  Module& m = *streams[0].valid().module();
  Sig valid = m.lit(1, u(1), loc);
  std::vector<Payload> payloads;
  for (const Stream& s : streams) {
    valid = Operand(valid, loc) & Operand(s.valid(), loc);
    payloads.push_back(s.payload());
  }
  const Stream out = m.stream(name, std::move(shape), Operand(valid, loc), f(payloads), loc);
  for (size_t i = 0; i < streams.size(); ++i) {
    Sig ready = out.ready();
    for (size_t j = 0; j < streams.size(); ++j) {
      if (j != i) ready = Operand(ready, loc) & Operand(streams[j].valid(), loc);
    }
    streams[i].drive_ready(Operand(ready, loc), loc);
  }
  return out;
}

StreamSink::StreamSink(std::string name, StreamShape shape, Wire valid, std::vector<Wire> payload, Sig ready)
    : name_(std::move(name)),
      shape_(std::move(shape)),
      valid_(valid),
      payload_(std::move(payload)),
      ready_(ready) {}

void StreamSink::connect(const Stream& s, SrcLoc loc) const {
  Builder& b = valid_.module()->builder();
  if (!s.valid().is_set()) {
    b.error(loc, "hdl-unconnected", fmt::format("output stream '{}' gets an empty stream", name_));
    return;
  }
  if (!(s.shape().all().size() == shape_.all().size())) {
    b.error(loc, "hdl-width",
            fmt::format("output stream '{}' has {} fields, the stream '{}' has {}", name_,
                        shape_.all().size(), s.name(), s.shape().all().size()));
    s.drive_ready(Operand(0, loc), loc);
    return;
  }
  drive(Operand(s.valid(), loc), s.payload().values, loc);
  s.drive_ready(Operand(ready_, loc), loc);
}

void StreamSink::drive(Operand valid, const std::vector<Sig>& payload, SrcLoc loc) const {
  ELB_ASSERT(payload.size() == payload_.size(), "one value per field of the stream");
  valid_.drive(valid, loc);
  for (size_t i = 0; i < payload.size(); ++i) payload_[i].drive(Operand(payload[i], loc), loc);
}

Stream Module::stream_in(const std::string& name, StreamShape shape, SrcLoc loc) {
  Builder& b = *builder_;
  StreamPort port{
      .name = name, .shape = shape, .dir = Dir::input, .valid = 0, .ready = 0, .fields = {}, .loc = loc};
  Payload payload;
  payload.fields = shape.all();
  const size_t first = b.graph.ports.size();
  for (const Field& f : payload.fields) {
    port.fields.push_back(static_cast<int>(b.graph.ports.size()));
    payload.values.push_back(input(name + "_" + f.name, f.shape, loc));
  }
  port.valid = static_cast<int>(b.graph.ports.size());
  const Sig valid = input(name + "_tvalid", u(1), loc);
  port.ready = static_cast<int>(b.graph.ports.size());
  const Wire ready = output(name + "_tready", u(1), loc);
  for (size_t i = first; i < b.graph.ports.size(); ++i) b.graph.ports[i].group = name;
  b.streams.push_back(std::move(port));
  return Stream(name, std::move(shape), valid, std::move(payload), ready);
}

StreamSink Module::stream_out(const std::string& name, StreamShape shape, SrcLoc loc) {
  Builder& b = *builder_;
  StreamPort port{
      .name = name, .shape = shape, .dir = Dir::output, .valid = 0, .ready = 0, .fields = {}, .loc = loc};
  std::vector<Wire> payload;
  const size_t first = b.graph.ports.size();
  for (const Field& f : shape.all()) {
    port.fields.push_back(static_cast<int>(b.graph.ports.size()));
    payload.push_back(output(name + "_" + f.name, f.shape, loc));
  }
  port.valid = static_cast<int>(b.graph.ports.size());
  const Wire valid = output(name + "_tvalid", u(1), loc);
  port.ready = static_cast<int>(b.graph.ports.size());
  const Sig ready = input(name + "_tready", u(1), loc);
  for (size_t i = first; i < b.graph.ports.size(); ++i) b.graph.ports[i].group = name;
  b.streams.push_back(std::move(port));
  return StreamSink(name, std::move(shape), valid, std::move(payload), ready);
}

Stream Module::stream(const std::string& name, StreamShape shape, Operand valid,
                      const std::vector<Sig>& payload, SrcLoc loc) {
  Builder& b = *builder_;
  Payload values;
  values.fields = shape.all();
  ELB_ASSERT(payload.size() == values.fields.size(), "one value per field of the stream");
  for (size_t i = 0; i < payload.size(); ++i) {
    const std::string what = fmt::format("field '{}' of stream '{}'", values.fields[i].name, name);
    values.values.push_back(b.sig(b.fit_to(Operand(payload[i], loc), values.fields[i].shape, what)));
  }
  const Sig v = b.sig(b.fit_to(valid, u(1), "valid of stream '" + name + "'"));
  const Wire ready = b.link(name + "_tready", loc);
  return Stream(name, std::move(shape), v, std::move(values), ready);
}

}  // namespace elb::hdl
