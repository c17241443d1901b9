// Rules of triggers and rewrite rules that can change or swallow what a client writes.
#include <algorithm>
#include <fmt/format.h>

#include "rule/family.hpp"

namespace accord::rule {

namespace {

using core::effect;
using core::strictness;

constexpr rule_info rules_of_triggers[] = {
    {"trigger-added", effect::silent, effect::breaks, strictness::data, strictness::data,
     "What clients write can be changed, refused, or swallowed without an error (INSERT 0 0).",
     "Tell writers first; let a trigger that only observes do no more than RETURN, RAISE NOTICE or pg_notify, or be a SECURITY DEFINER "
     "function that inserts elsewhere."},
    {"trigger-dropped", effect::silent, effect::silent, strictness::data, strictness::data,
     "What the trigger filled in is no longer filled in: NULLs, or 23502.", "Let writers fill it in first."},
    {"trigger-changed", effect::silent, effect::breaks, strictness::data, strictness::data, "What clients write is changed in another way.",
     "Tell writers first."},
};

struct judge_trigger {
  const context& c;
  std::vector<core::finding>& findings;

  static bool fires(const core::trigger& t) { return t.enabled != "disabled" && t.enabled != "replica"; }
  static bool is_rule(const core::trigger& t) { return t.definition.starts_with("CREATE RULE"); }
  static bool has(const core::trigger& t, std::string_view word) {
    return std::find(t.effects.begin(), t.effects.end(), word) != t.effects.end();
  }

  // Comes and goes alike: what it does to rows is done from now on, or not any more.
  void add(const rule_info& r, const core::trigger& t, std::string_view happens, bool comes) {
    if (has(t, "none")) return;
    const std::string element = fmt::format("trigger \"{}\"", t.name), what = fmt::format("Trigger or rule \"{}\" {}", t.name, happens);
    const bool known = !t.effects.empty();
    const bool also = is_rule(t) && t.definition.find(" DO INSTEAD ") == std::string::npos;
    const bool watches =
        !is_rule(t) && t.definition.find("BEFORE ") == std::string::npos && t.definition.find("INSTEAD OF ") == std::string::npos;
    std::vector<std::string> filled;
    for (const auto& word : t.effects)
      if (word.starts_with("fills ")) filled.push_back(c.old_name(word.substr(6)));
    filled = seen_in(c.before, filled);  // with what is computed from it
    const bool swallows = has(t, "swallows");
    const bool unseen = known ? !swallows && filled.empty() : also || watches;  // by readers
    const bool refuses = !known || has(t, "raises");
    const effect writers = comes && refuses                                 ? effect::breaks
                           : !comes && known && !swallows && filled.empty() ? effect::none
                                                                            : effect::silent;
    // What it refuses keeps rows, and those of another table that they refer to, which would have gone together.
    const bool keeps = refuses && t.definition.find("DELETE") != std::string::npos && rows_go_with_others(c.before);
    const effect readers = unseen && !keeps ? effect::none : effect::silent;
    // With another key a row is no longer found by ON CONFLICT: what is written then shows in every column.
    const bool fills_key =
        t.definition.find(" INSERT") != std::string::npos && std::any_of(filled.begin(), filled.end(), [&](const std::string& column) {
          return std::any_of(c.before.constraints.begin(), c.before.constraints.end(), [&](const core::constraint& key) {
            return key.kind != "check" && key.kind != "foreign key" &&
                   std::find(key.columns.begin(), key.columns.end(), column) != key.columns.end();
          });
        });
    if (swallows || filled.empty() || fills_key) {
      if (writers != effect::none || readers != effect::none) findings.push_back(found(r, element, {}, what, {readers, {}}, {writers, {}}));
      return;
    }
    findings.push_back(found(r, element, {}, what, {}, {writers, {}}));
    findings.push_back(found(r, element, filled, what, {readers, {}}, {}));
    // What it fills in satisfies a check of several columns, which then lets pass what it refused in the others.
    for (const auto& column : filled)
      if (auto checked = checked_with(c.before, column); comes && checked.size() > 1)
        findings.push_back(found(r, element, std::move(checked), what, {effect::silent, core::strictness::typed}, {}));
  }
  void operator()(const change::trigger_added& t) {
    if (fires(t.trigger)) add(rules_of_triggers[0], t.trigger, "is added", true);
  }
  void operator()(const change::trigger_dropped& t) {
    if (fires(t.trigger)) add(rules_of_triggers[1], t.trigger, "is dropped", false);
  }
  void operator()(const change::trigger_changed& t) {
    if (fires(t.from) && !fires(t.to)) {
      add(rules_of_triggers[2], t.from, "is disabled", false);
    } else if (!fires(t.from) && fires(t.to)) {
      add(rules_of_triggers[2], t.to, "is enabled", true);
    } else if (fires(t.to) && (t.from.definition != t.to.definition || t.from.effects != t.to.effects)) {
      add(rules_of_triggers[2], t.from, "changes", false);
      add(rules_of_triggers[2], t.to, "changes", true);
    }
  }
  template <typename Other>
  void operator()(const Other&) {}
};

void judge_triggers(const change::any_change& change, const context& c, std::vector<core::finding>& findings) {
  std::visit(judge_trigger{c, findings}, change);
}

}  // namespace

constinit const family trigger_family{rules_of_triggers, judge_triggers};

}  // namespace accord::rule
