#include "arch/chain.hpp"

#include <cmath>
#include <map>

namespace elb::arch {

Chain::Chain(const std::vector<SearchNode>& nodes, int k) : nodes_(nodes.size()) {
  const int64_t cycles = TargetGrid::at(k);
  std::vector<int> readers(nodes.size()), stage_of(nodes.size(), -1);
  for (const SearchNode& n : nodes) {
    for (const int s : n.sources) ++readers[static_cast<size_t>(s)];
  }
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i].table) continue;
    OptionTable& table = *nodes[i].table;
    Stage s;
    s.node = i, s.front = &table.front(k);
    // From the options' links to the links that feed this stage.
    std::vector<size_t> passed;
    size_t at = static_cast<size_t>(nodes[i].sources[0]);
    bool counts = true;
    while (!nodes[at].table && nodes[at].sources.size() == 1) {
      counts = counts && readers[at] == 1;
      passed.push_back(at);
      at = static_cast<size_t>(nodes[at].sources[0]);
    }
    std::vector<spec::Link> in;
    if (nodes[at].table) {
      counts = counts && readers[at] == 1;
      if (counts) {
        s.before = stage_of[at];
        Stage& before = stages_[static_cast<size_t>(s.before)];
        before.last = false;
        in.resize(before.links);
        for (size_t j = 0; j < before.link.size(); ++j) {
          const OptionTable& t = *nodes[at].table;
          in[static_cast<size_t>(before.link[j])] =
              t.links()[static_cast<size_t>(t.link_of_option(before.front->options[j]))];
        }
      }
    } else if (nodes[at].sources.empty()) {
      in = {nodes[at].link({}, cycles)};  // the same, whoever else reads it
    }
    for (auto p = passed.rbegin(); p != passed.rend(); ++p) {
      for (spec::Link& l : in) l = nodes[*p].link({l}, cycles);
    }
    s.feeding = in.size();
    std::vector<int> numbers;
    for (const spec::Link& l : in) numbers.push_back(table.feeding(l));
    std::map<int, int> links, classes;
    for (const int o : s.front->options) {
      const auto link = links.emplace(table.link_of_option(o), static_cast<int>(links.size()));
      s.link.push_back(link.first->second);
      const auto cls = classes.emplace(table.feed_class(o), static_cast<int>(classes.size()));
      s.cls.push_back(cls.first->second);
      if (!cls.second) continue;
      for (const int number : numbers) {
        const FeedCost& f = table.feed(o, number);
        Weights& w = s.feeds.emplace_back();
        for (size_t kind = 0; kind < kKinds; ++kind) w[kind] = double(f.cost[kind]);
        if (f.cycles > cycles) w[0] = -1;
      }
    }
    s.links = links.size(), s.classes = classes.size();
    stage_of[i] = static_cast<int>(stages_.size());
    stages_.push_back(std::move(s));
  }
}

Chain::Choice Chain::least(const Weights& weight) const {
  const auto weigh = [&](const Weights& cost) {
    double sum = 0;
    for (size_t kind = 0; kind < kKinds; ++kind) sum += weight[kind] * cost[kind];
    return sum;
  };
  struct Best {
    double value = INFINITY;
    int at = -1;  // of a link: the front's option; of a class: the feeding link
  };
  std::vector<std::vector<Best>> of_link(stages_.size()), of_class(stages_.size());
  Choice c{.value = 0, .used = {}, .options = std::vector<int>(nodes_, -1)};
  for (size_t i = 0; i < stages_.size(); ++i) {
    const Stage& s = stages_[i];
    of_link[i].resize(s.links);
    of_class[i].resize(s.classes);
    for (size_t cls = 0; cls < s.classes; ++cls) {
      Best& best = of_class[i][cls];
      if (s.feeding == 0) best.value = 0;
      for (size_t l = 0; l < s.feeding; ++l) {
        const Weights& feed = s.feeds[cls * s.feeding + l];
        if (feed[0] < 0) continue;
        const double before = s.before < 0 ? 0 : of_link[static_cast<size_t>(s.before)][l].value;
        const double value = before + weigh(feed);
        if (value < best.value) best = {.value = value, .at = static_cast<int>(l)};
      }
    }
    for (size_t j = 0; j < s.link.size(); ++j) {
      Best& best = of_link[i][static_cast<size_t>(s.link[j])];
      const double value = of_class[i][static_cast<size_t>(s.cls[j])].value + weigh(s.front->costs[j]);
      if (value < best.value) best = {.value = value, .at = static_cast<int>(j)};
    }
  }
  // From the last stages back.
  std::vector<int> link(stages_.size(), -1);
  for (size_t i = stages_.size(); i-- > 0;) {
    const Stage& s = stages_[i];
    if (s.last) {
      Best best;
      for (size_t l = 0; l < s.links; ++l) {
        if (of_link[i][l].value < best.value)
          best = {.value = of_link[i][l].value, .at = static_cast<int>(l)};
      }
      c.value += best.value;
      if (best.at < 0) return c;
      link[i] = best.at;
    }
    const auto option = static_cast<size_t>(of_link[i][static_cast<size_t>(link[i])].at);
    c.options[s.node] = s.front->options[option];
    for (size_t kind = 0; kind < kKinds; ++kind) c.used[kind] += s.front->costs[option][kind];
    const auto cls = static_cast<size_t>(s.cls[option]);
    const int from = of_class[i][cls].at;
    if (from < 0) continue;
    const Weights& feed = s.feeds[cls * s.feeding + static_cast<size_t>(from)];
    for (size_t kind = 0; kind < kKinds; ++kind) c.used[kind] += feed[kind];
    if (s.before >= 0) link[static_cast<size_t>(s.before)] = from;
  }
  return c;
}

}  // namespace elb::arch
