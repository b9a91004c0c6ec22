// Machines of the stages without a window store.
#include <fmt/format.h>

#include <algorithm>

#include "arch/machine.hpp"
#include "spec/elementwise.hpp"
#include "spec/input_stage.hpp"
#include "spec/rank.hpp"

namespace elb::arch {
namespace {

// A register slice, then the table on the way into the output FIFO.
class InputMachine : public Machine {
 public:
  explicit InputMachine(const spec::InputStage& s) {
    out_.depth = s.fifo_depth;
    slice_.depth = spec::InputTiming::kSliceDepth;
  }
  void step(int64_t cycle, const std::vector<char>& valid, bool popped, std::vector<char>& fired) override {
    const bool take = valid[0] && slice_.ready(), move = slice_.valid() && out_.ready();
    fired[0] = take;
    waits_.add(cycle, slice_.valid() && !out_.ready() ? WaitCount::room : WaitCount::none);
    slice_.clock(take, move);
    out_.clock(move, popped);
    rest(cycle, take || move || popped);
  }
  std::string waits() const override {
    return out_.ready() ? "" : "'input' waits for room in its output FIFO";
  }

  std::unique_ptr<Machine> clone() const override { return std::make_unique<InputMachine>(*this); }

 private:
  TokenFifo slice_;
};

// A chain of repacks into the output FIFO.
class ConvertMachine : public Machine {
 public:
  explicit ConvertMachine(const spec::ConvertStage& s)
      : name_(s.module), chain_(spec::convert_chain(s.in, s.out)) {
    out_.depth = s.fifo_depth;
  }
  void step(int64_t cycle, const std::vector<char>& valid, bool popped, std::vector<char>& fired) override {
    const FeedMachine::Moves moves = chain_.clock(valid[0] != 0, out_.ready());
    fired[0] = (moves & FeedMachine::kTaken) != 0;
    out_.clock((moves & FeedMachine::kSent) != 0, popped);
    rest(cycle, moves != 0 || popped);
  }
  std::string waits() const override {
    return out_.ready() ? fmt::format("'{}' waits for input", name_)
                        : fmt::format("'{}' waits for room in its output FIFO", name_);
  }

  std::unique_ptr<Machine> clone() const override { return std::make_unique<ConvertMachine>(*this); }

 private:
  std::string name_;
  FeedMachine chain_;
};

spec::Link in_form_of(spec::Link link, const spec::Link& out) {
  link.columns = out.columns;
  link.channels = out.channels;
  return link;
}

// All operands at once, with a credit; the sum comes out a fixed time later.
class ElementwiseMachine : public Machine {
 public:
  explicit ElementwiseMachine(const spec::ElementwiseStage& s)
      : name_(s.module), latency_(spec::latency(s)), credits_(s.fifo_depth) {
    out_.depth = s.fifo_depth;
    for (const spec::ElementwiseStage::Operand& o : s.in)
      chains_.emplace_back(spec::operand_chain(o.link, in_form_of(o.link, s.out)));
  }
  void step(int64_t cycle, const std::vector<char>& valid, bool popped, std::vector<char>& fired) override {
    bool all = true;
    for (size_t i = 0; i < chains_.size(); ++i) all = all && chains_[i].valid(valid[i] != 0);
    const bool issue = all && credits_ > 0;
    waits_.add(cycle, issue ? WaitCount::none : all ? WaitCount::room : WaitCount::input);
    if (issue) {
      ++issued;
      used_ = std::max(used_, out_.depth - credits_ + 1);
      pushes_.push_back(cycle + latency_);
    }
    bool moved = issue || popped;
    for (size_t i = 0; i < chains_.size(); ++i) {
      const FeedMachine::Moves moves = chains_[i].clock(valid[i] != 0, issue);
      fired[i] = (moves & FeedMachine::kTaken) != 0;
      moved |= moves != 0;
    }
    const bool push = !pushes_.empty() && pushes_.front() == cycle;
    if (push) pushes_.pop_front();
    out_.clock(push, popped);
    credits_ += static_cast<int>(popped) - static_cast<int>(issue);
    rest(cycle, moved || push);
    if (!pushes_.empty()) wake = std::min(wake, pushes_.front());
  }
  int64_t queue_used() const override { return used_; }
  std::string waits() const override {
    return credits_ <= 0
               ? fmt::format("'{}' waits for room in its output FIFO", name_)
               : fmt::format("'{}' waits until all its {} operands are there", name_, chains_.size());
  }

  int64_t place_cycles(int64_t beats) const override { return (latency_ + 2) * beats; }
  void restart_used() override { used_ = 0; }
  void narrow_queue(int depth) override {
    credits_ += depth - out_.depth;
    out_.depth = depth;
  }
  std::unique_ptr<Machine> clone() const override { return std::make_unique<ElementwiseMachine>(*this); }

 private:
  std::string name_;
  int latency_;
  int64_t credits_, used_ = 0;
  std::vector<FeedMachine> chains_;
  std::deque<int64_t> pushes_;
};

// One input's turn after the other.
class ConcatMachine : public Machine {
 public:
  explicit ConcatMachine(const spec::ConcatStage& s) : name_(s.module) {
    out_.depth = s.fifo_depth;
    for (size_t i = 0; i < s.in.size(); ++i) {
      const spec::Link to = in_form_of(s.in[i], s.out);
      chains_.emplace_back(spec::operand_chain(s.in[i], to));
      owner_.insert(owner_.end(), to.channel_beats(), i);
    }
  }
  void step(int64_t cycle, const std::vector<char>& valid, bool popped, std::vector<char>& fired) override {
    const size_t turn = owner_[beat_];
    const bool room = out_.ready();
    bool moved = popped, push = false;
    for (size_t i = 0; i < chains_.size(); ++i) {
      const FeedMachine::Moves moves = chains_[i].clock(valid[i] != 0, i == turn && room);
      fired[i] = (moves & FeedMachine::kTaken) != 0;
      moved |= moves != 0;
      push |= (moves & FeedMachine::kSent) != 0;
    }
    if (push) beat_ = beat_ + 1 == owner_.size() ? 0 : beat_ + 1;
    out_.clock(push, popped);
    rest(cycle, moved);
  }
  std::string waits() const override {
    return out_.ready() ? fmt::format("'{}' waits for its input {}", name_, owner_[beat_])
                        : fmt::format("'{}' waits for room in its output FIFO", name_);
  }

  std::unique_ptr<Machine> clone() const override { return std::make_unique<ConcatMachine>(*this); }

 private:
  std::string name_;
  std::vector<FeedMachine> chains_;
  std::vector<size_t> owner_;  // of each beat of a pixel
  size_t beat_ = 0;
};

// One value per cycle into a sorted list; the indices leave when the frame is in (spec/rank.hpp).
class RankMachine : public Machine {
 public:
  explicit RankMachine(const spec::RankStage& s)
      : name_(s.module), values_(int64_t{s.in.h} * s.in.w * s.in.c), lanes_(s.in.channels) {
    out_.depth = s.fifo_depth;
    spec::Link whole = s.out;
    whole.channels = s.k;
    chain_ = FeedMachine(spec::convert_chain(whole, s.out));
  }
  void step(int64_t cycle, const std::vector<char>& valid, bool popped, std::vector<char>& fired) override {
    const bool stays = last_ && (whole_ || indices_);
    const bool take = valid[0] && (pending_ == 0 || (pending_ == 1 && !stays));
    const bool move = pending_ > 0 && !stays, insert = last_ && !stays;
    fired[0] = take;
    const FeedMachine::Moves moves = chain_.clock(indices_, out_.ready());
    const bool copy = whole_;
    if ((moves & FeedMachine::kTaken) != 0) indices_ = false;
    if (whole_) indices_ = true;
    whole_ = insert;
    if (!stays) last_ = move && pending_ == 1 && frame_end_;
    if (move) --pending_;
    if (take) {
      pending_ = static_cast<int>(std::min<int64_t>(lanes_, values_ - seen_));
      seen_ += pending_;
      frame_end_ = seen_ == values_;
      if (frame_end_) seen_ = 0;
    }
    out_.clock((moves & FeedMachine::kSent) != 0, popped);
    rest(cycle, move || insert || copy || take || moves != 0 || popped);
  }
  std::string waits() const override {
    return fmt::format("'{}' waits for {}", name_, indices_ ? "room in its output FIFO" : "input");
  }

  std::unique_ptr<Machine> clone() const override { return std::make_unique<RankMachine>(*this); }

 private:
  std::string name_;
  int64_t values_, seen_ = 0;
  int lanes_, pending_ = 0;  // of the beat
  bool frame_end_ = false;   // the beat's
  // The value at hand is a frame's last; the list is whole; a copy of it is on the way out.
  bool last_ = false, whole_ = false, indices_ = false;
  FeedMachine chain_;
};

}  // namespace

std::unique_ptr<Machine> make_machine(const spec::InputStage& stage) {
  return std::make_unique<InputMachine>(stage);
}
std::unique_ptr<Machine> make_machine(const spec::ElementwiseStage& stage) {
  return std::make_unique<ElementwiseMachine>(stage);
}
std::unique_ptr<Machine> make_machine(const spec::ConcatStage& stage) {
  return std::make_unique<ConcatMachine>(stage);
}
std::unique_ptr<Machine> make_machine(const spec::RankStage& stage) {
  return std::make_unique<RankMachine>(stage);
}
std::unique_ptr<Machine> make_machine(const spec::ConvertStage& stage) {
  return std::make_unique<ConvertMachine>(stage);
}

std::unique_ptr<Machine> make_machine(const spec::StageSpec& stage) {
  return std::visit([](const auto& s) { return make_machine(s); }, stage);
}

}  // namespace elb::arch
