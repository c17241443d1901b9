// Rules of triggers and rewrite rules that can change or swallow what a client writes.
#include <fmt/format.h>

#include "rule/family.hpp"

namespace accord::rule {

namespace {

using core::effect;
using core::strictness;

constexpr rule_info rules_of_triggers[] = {
    {"trigger-added", effect::none, effect::silent, strictness::data, strictness::data,
     "What clients write can be changed or swallowed without an error (INSERT 0 0).",
     "Tell writers first; use an AFTER trigger where it only observes."},
    {"trigger-dropped", effect::silent, effect::silent, strictness::data, strictness::data,
     "What the trigger filled in is no longer filled in: NULLs, or 23502.", "Let writers fill it in first."},
    {"trigger-changed", effect::silent, effect::silent, strictness::data, strictness::data, "What clients write is changed in another way.",
     "Tell writers first."},
};

struct judge_trigger {
  std::vector<core::finding>& findings;

  static bool fires(const core::trigger& t) { return t.enabled != "disabled" && t.enabled != "replica"; }
  void add(const rule_info& r, const core::trigger& t, std::string_view happens) {
    findings.push_back(found(r, fmt::format("trigger \"{}\"", t.name), {}, fmt::format("Trigger or rule \"{}\" {}", t.name, happens)));
  }
  void operator()(const change::trigger_added& t) {
    if (fires(t.trigger)) add(rules_of_triggers[0], t.trigger, "is added");
  }
  void operator()(const change::trigger_dropped& t) {
    if (fires(t.trigger)) add(rules_of_triggers[1], t.trigger, "is dropped");
  }
  void operator()(const change::trigger_changed& t) {
    if (fires(t.from) && !fires(t.to))
      add(rules_of_triggers[2], t.to, "is disabled");
    else if (fires(t.to))
      add(rules_of_triggers[2], t.to, fires(t.from) ? "changes" : "is enabled");
  }
  template <typename Other>
  void operator()(const Other&) {}
};

void judge_triggers(const change::any_change& change, const context&, std::vector<core::finding>& findings) {
  std::visit(judge_trigger{findings}, change);
}

}  // namespace

constinit const family trigger_family{rules_of_triggers, judge_triggers};

}  // namespace accord::rule
