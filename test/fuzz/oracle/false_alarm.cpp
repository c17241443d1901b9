// false_alarm.  See false_alarm.hpp.
#include "false_alarm.hpp"

#include <algorithm>

#include "report.hpp"

namespace accord::oracle {

namespace {

struct alarm {
  const table& t;
  const consumer& c;
  std::string change, schema, filled;  // the column that a trigger of the schema fills, whatever is written

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
  // The condition of the check that is added, as the schema writes one.
  bool is_checked_already() const {
    const std::size_t at = change.find("CHECK (");
    if (at == std::string::npos) return false;
    std::string condition = change.substr(at, change.find(')', at) - at);
    std::erase(condition, '"');
    return schema.find(condition) != std::string::npos;
  }
  // One of its partitions or children, alone.
  bool is_of_child() const {
    for (const char* name :
         {"TABLE t_0 ", "TABLE t_1 ", "TABLE t_0;", "TABLE t_1;", "TABLE kid ", "ON t_0 ", "ON t_1 ", "ON kid ", "PARTITION t_"})
      if (says(name)) return true;
    return false;
  }
  // Only COPY stores the NULL that the domain refuses, and it is refused itself.
  bool copies_no_null() const {
    const std::size_t at = schema.find("CREATE DOMAIN amount");
    return at != std::string::npos && schema.substr(at, schema.find(';', at) - at).find("NOT NULL") != std::string::npos &&
           schema.find("ENABLE ROW LEVEL SECURITY") != std::string::npos;
  }
  bool says(std::string_view words) const { return change.find(words) != std::string::npos; }
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
    {"", [](const alarm& a) { return a.changes([&](const column& col, std::size_t) { return col.name == a.filled; }); },
     "a trigger fills the column, whatever is written"},
    {"unique-added", [](const alarm& a) { return a.named_columns() > 1; }, "no two rows agree in the other column, or meet the condition"},
    {"exclusion-added", [](const alarm& a) { return a.named_columns() > 1; },
     "no two rows agree in the other column, or meet the condition"},
    {"foreign-key-added", [](const alarm& a) { return a.leaves_default_out(); }, "the row that a default refers to is there"},
    {"foreign-key-action-changed", [](const alarm& a) { return a.c.reads; }, "no row is referred to by this key and another"},
    {"check-added", [](const alarm& a) { return a.leaves_default_out(); }, "the default fits a check that is more than a comparison"},
    {"check-added", [](const alarm& a) { return a.changes([](const column& col, std::size_t) { return col.identity; }); },
     "the sequence that fills the column has not come to what is refused"},
    {"", [](const alarm& a) { return a.says("of_child") || a.is_of_child(); }, "no row of these comes to that child"},
    {"unique-added", [](const alarm& a) { return a.leaves_default_out(); }, "another key keeps the default from being stored twice"},
    {"foreign-key-added", [](const alarm& a) { return !a.c.reads; }, "the rows that are referred to are there"},
    {"domain-applied", [](const alarm& a) { return a.leaves_default_out(); }, "the default fits a check that is more than a comparison"},
    {"type-", [](const alarm& a) { return a.leaves_default_out(); }, "the default comes out alike"},
    {"trigger-", [](const alarm& a) { return a.c.reads && a.has_key_of_its_own(); }, "nobody can update a column that is GENERATED ALWAYS"},
    {"relation-kind-changed", [](const alarm& a) { return a.c.reads && a.says("MATERIALIZED"); },
     "the rows of a materialized view stand still, but no old client can change any"},
    {"policy-changed", [](const alarm& a) { return a.says("RENAME TO t"); },
     "policies that went with the table let these clients do everything"},
    {"relation-kind-changed", [](const alarm& a) { return a.c.reads; }, "a check of several columns refuses the NULL of all rows at once"},
    {"partitioning-changed", [](const alarm& a) { return a.says("PARTITION BY"); }, "each row that is written has a place in both"},
    {"relation-kind-changed", [](const alarm& a) { return a.says("PARTITION BY"); }, "each row that is written has a partition"},
    {"column-name-reused", [](const alarm& a) { return a.c.reads; }, "both columns have the same values"},
    {"trigger-", [](const alarm& a) { return a.says(" fill") || a.says("early_bird"); },
     "what the trigger stores would be stored without it, or a key refuses it"},
    {"trigger-", [](const alarm& a) { return a.says("DO INSTEAD NOTHING"); },
     "what the rule keeps from happening failed before, or shows in none of these columns"},
    {"privilege-revoked", [](const alarm& a) { return !a.c.reads; }, "what the privilege is for failed before"},
    {"default-", [](const alarm& a) { return a.in_key(); }, "nobody can store a default that a key has already"},
    {"default-", [](const alarm& a) { return a.says(" TYPE "); }, "the default comes out alike"},
    {"relation-kind-changed", [](const alarm& a) { return a.in_key(); }, "nobody can store a default that a key has already"},
    {"trigger-", [](const alarm& a) { return a.says("swallow"); },
     "what the trigger keeps from happening failed before, or shows in none of these columns"},
    {"not-null-added", [](const alarm& a) { return a.says("NOT VALID"); }, "no row that is there has NULL"},
    {"default-changed", [](const alarm& a) { return a.says("f_seven"); }, "the function gives what the constant is"},
    {"row-security-disabled", [](const alarm& a) { return a.says("RENAME TO t"); }, "it never concerned the owner, who is another one now"},
    {"table-moved", [](const alarm& a) { return !a.c.reads; }, "what this client can write failed before too"},
    {"type-text-changed", [](const alarm& a) { return a.c.reads; }, "these values read alike in both"},
    {"enum-label-renamed", [](const alarm& a) { return !a.c.reads; }, "the default with the label is renamed along"},
    {"attribute-renamed", [](const alarm& a) { return !a.c.reads; }, "no statement of this client names a field"},
    {"domain-default-changed", [](const alarm& a) { return a.copies_no_null(); },
     "row security keeps out COPY, which alone stores the NULL that a domain refuses"},
    {"domain-", [](const alarm& a) { return !a.c.reads; }, "the default comes out alike, or a key or a trigger has the last word"},
    {"check-dropped", [](const alarm& a) { return a.c.reads; }, "another constraint keeps out what the check did"},
    {"check-added", [](const alarm& a) { return a.is_checked_already(); }, "another check says it already"},
    {"collation-changed", [](const alarm& a) { return a.c.reads; }, "these values sort alike in both"},
};

std::string filled_column(const random_schema& schema) {
  static const std::string function = "CREATE FUNCTION fill_early()", assignment = " new.";
  std::string filled;
  for (const auto& statement : schema.statements)
    if (statement.starts_with(function)) {
      const std::size_t at = statement.find(assignment) + assignment.size();
      filled = statement.substr(at, statement.find(" :=", at) - at);
    } else if (statement.ends_with("EXECUTE FUNCTION fill_early()")) {
      return filled;
    }
  return {};
}

}  // namespace

std::string reason_of_false_alarm(const judged_change& judged, const consumer& c) {
  alarm a{judged.of.of(), c, {}, {}, filled_column(judged.schema)};
  for (const auto& statement : judged.schema.statements)
    a.schema += statement + ";";
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
