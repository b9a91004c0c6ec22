// Valid/ready streams as values with verbs.
//
//   Stream in  = m.stream_in("s_axis", {.data = u(8), .last = true});
//   auto   out = m.stream_out("m_axis", {.data = s(6), .last = true});
//   out.connect(in.reg_slice().map(s(6), [&](Sig p) { return relu(p); }).fifo(16, RamStyle::distributed));
//
// Four rules: a transfer happens in a cycle with valid & ready; valid and payload hold until it happens;
// valid never waits for ready; ready may do anything. A Stream is consumed exactly once: ready has one
// driver.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "hdl/sig.hpp"

namespace elb::hdl {

struct Field {
  std::string name;
  Shape shape;
  bool operator==(const Field&) const = default;
};

// The payload: `data` as tdata (leave width 0 for none), further named fields, `last` as tlast.
struct StreamShape {
  Shape data = {0, false};
  bool last = false;
  std::vector<Field> fields = {};
  bool operator==(const StreamShape&) const = default;
  std::vector<Field> all() const;  // tdata, fields, tlast: those there are
  int bits() const;                // of all fields together
};

// The values of one beat, in the order of StreamShape::all().
struct Payload {
  std::vector<Field> fields;
  std::vector<Sig> values;
  Sig operator[](const std::string& field) const;
  Sig data() const { return (*this)["tdata"]; }
  Sig last() const { return (*this)["tlast"]; }
};

class Stream {
 public:
  Stream() = default;
  // `name` is the stem for what the verbs create. `ready` is what the consumer drives.
  Stream(std::string name, StreamShape shape, Sig valid, Payload payload, Wire ready);

  const std::string& name() const { return name_; }
  const StreamShape& shape() const { return shape_; }
  Sig valid() const { return valid_; }
  Sig ready() const { return ready_; }          // to read; for the producer
  Sig fire(SrcLoc loc = SrcLoc::here()) const;  // valid & ready
  Sig data() const { return payload_.data(); }
  Sig last() const { return payload_.last(); }
  Sig operator[](const std::string& field) const { return payload_[field]; }
  const Payload& payload() const { return payload_; }
  Wire ready_wire() const { return ready_; }
  // Consumes the stream by hand.
  void drive_ready(Operand ready, SrcLoc loc = SrcLoc::here()) const;

  // Combinational on the data; valid, ready, last and other fields pass.
  Stream map(Shape data, const std::function<Sig(Sig)>& f, SrcLoc loc = SrcLoc::here()) const;
  // Combinational on the whole payload: f returns the values of `shape.all()`.
  Stream map_payload(StreamShape shape, const std::function<std::vector<Sig>(const Payload&)>& f,
                     SrcLoc loc = SrcLoc::here()) const;
  // Holds the stream while `open` is 0. `open` may fall only when there is no beat or in a cycle of transfer.
  Stream gate(Operand open, SrcLoc loc = SrcLoc::here()) const;
  // Registers between producer and consumer. forward: valid and payload; backward: ready; full: both, full
  // rate.
  enum class Slice { forward, backward, full };
  Stream reg_slice(Slice kind = Slice::full, SrcLoc loc = SrcLoc::here()) const;
  // Any depth >= 1. ready = registered "not full", valid = registered "not empty"; a push can be popped one
  // cycle later.
  Stream fifo(int depth, RamStyle style = RamStyle::distributed, SrcLoc loc = SrcLoc::here()) const;
  // n copies. eager: each copy is taken when its consumer likes, one bit of state per copy remembers who has
  // had the beat. lockstep: all in one cycle; a copy's valid then waits for the *other* consumers' ready,
  // which must not fall without a transfer (a FIFO's does not), else that valid would fall too.
  enum class Fork { eager, lockstep };
  std::vector<Stream> fork(int n, Fork kind = Fork::eager, SrcLoc loc = SrcLoc::here()) const;

 private:
  std::string name_;
  StreamShape shape_;
  Sig valid_;
  Payload payload_;
  Wire ready_;
};

// One beat of each makes one beat, whose payload f computes (the values of shape.all()).
Stream join(const std::vector<Stream>& streams, const std::string& name, StreamShape shape,
            const std::function<std::vector<Sig>(const std::vector<Payload>&)>& f,
            SrcLoc loc = SrcLoc::here());

// The producer's side of a port or of an instance's input: connect() exactly once.
class StreamSink {
 public:
  StreamSink() = default;
  StreamSink(std::string name, StreamShape shape, Wire valid, std::vector<Wire> payload, Sig ready);
  void connect(const Stream& s, SrcLoc loc = SrcLoc::here()) const;
  // By hand.
  void drive(Operand valid, const std::vector<Sig>& payload, SrcLoc loc = SrcLoc::here()) const;
  Sig ready() const { return ready_; }
  const StreamShape& shape() const { return shape_; }

 private:
  std::string name_;
  StreamShape shape_;
  Wire valid_;
  std::vector<Wire> payload_;
  Sig ready_;
};

}  // namespace elb::hdl
