// false_alarm.  See false_alarm.hpp.
#include "false_alarm.hpp"

#include <algorithm>

#include "report.hpp"

namespace accord::oracle {

namespace {

struct alarm {
  const table& t;
  const consumer& c;
  std::string change;

  bool names(const column& col) const { return change.find(quoted(col.name)) != std::string::npos; }
  std::size_t named_columns() const {
    return static_cast<std::size_t>(std::count_if(t.columns.begin(), t.columns.end(), [&](const column& col) { return names(col); }));
  }
  template <class Is>
  bool changes(Is is) const {
    for (std::size_t i = 0; i < t.columns.size(); i++)
      if (names(t.columns[i]) && is(t.columns[i], i)) return true;
    return false;
  }
  bool leaves_default_out() const {
    return !c.reads && changes([&](const column& col, std::size_t i) { return col.filled && !(c.columns >> i & 1); });
  }
  bool has_key_of_its_own() const {
    return std::any_of(t.columns.begin(), t.columns.end(), [](const column& col) { return col.in_default_key; });
  }
  bool in_key() const {
    return changes([&](const column&, std::size_t i) {
      auto has = [&](const key& k) { return std::find(k.columns.begin(), k.columns.end(), i) != k.columns.end(); };
      return std::any_of(t.keys.begin(), t.keys.end(), has) || std::any_of(t.exclusions.begin(), t.exclusions.end(), has);
    });
  }
};

struct false_alarm_class {
  std::string_view rule;  // the beginning of one that was named
  bool (*is)(const alarm&);
  std::string_view why;
};

constexpr false_alarm_class classes[] = {
    {"unique-added", [](const alarm& a) { return a.named_columns() > 1; }, "no two rows agree in the other column, or meet the condition"},
    {"exclusion-added", [](const alarm& a) { return a.named_columns() > 1; },
     "no two rows agree in the other column, or meet the condition"},
    {"foreign-key-added", [](const alarm& a) { return a.leaves_default_out(); }, "the row that a default refers to is there"},
    {"foreign-key-action-changed", [](const alarm& a) { return a.c.reads; }, "no row is referred to by this key and another"},
    {"check-added", [](const alarm& a) { return a.leaves_default_out(); }, "the default fits a check that is more than a comparison"},
    {"check-added", [](const alarm& a) { return a.changes([](const column& col, std::size_t) { return col.identity; }); },
     "the sequence that fills the column has not come to what is refused"},
    {"", [](const alarm& a) { return a.change.find("of_child") != std::string::npos; }, "no row of these comes to that child"},
    {"unique-added", [](const alarm& a) { return a.leaves_default_out(); }, "another key keeps the default from being stored twice"},
    {"foreign-key-added", [](const alarm& a) { return !a.c.reads; }, "the rows that are referred to are there"},
    {"type-", [](const alarm& a) { return a.leaves_default_out(); }, "the default comes out alike"},
    {"trigger-", [](const alarm& a) { return a.c.reads && a.has_key_of_its_own(); }, "nobody can update a column that is GENERATED ALWAYS"},
    {"default-", [](const alarm& a) { return a.in_key(); }, "nobody can store a default that a key has already"},
};

}  // namespace

std::string reason_of_false_alarm(const judged_change& judged, const consumer& c) {
  alarm a{judged.of.of(), c, {}};
  for (const auto& statement : judged.change.statements)
    a.change += statement + ";";
  std::string rules;
  for (const auto& rule : judged.j.rules)
    rules += (rules.empty() ? "" : ", ") + rule;
  for (const auto& one : classes)
    for (const auto& rule : judged.j.rules)
      if (rule.starts_with(one.rule) && one.is(a)) return rules + ": " + std::string(one.why);
  return rules + ": not explained (" + (c.reads ? "reader" : "writer") + (c.all ? ")" : " of a few columns)");
}

}  // namespace accord::oracle
