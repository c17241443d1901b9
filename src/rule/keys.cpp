// Rules of constraints: unique and primary keys, checks, foreign keys, exclusion.
#include <algorithm>
#include <fmt/format.h>

#include "change/names_in_sql.hpp"
#include "rule/constant.hpp"
#include "rule/family.hpp"

namespace accord::rule {

namespace {

using core::effect;
using core::strictness;

constexpr rule_info rules_of_keys[] = {
    {"unique-added", effect::none, effect::data_dependent, strictness::data, strictness::data,
     "Writers of a value that is there already fail with 23505.",
     "Let writers respect the key first; build the index CONCURRENTLY, then ADD ... USING INDEX."},
    {"unique-dropped", effect::silent, effect::breaks, strictness::typed, strictness::data,
     "Duplicates can appear, and INSERT ... ON CONFLICT on these columns fails with 42P10.",
     "Stage the change, or wait until nobody relies on the key."},
    {"constraint-renamed", effect::none, effect::breaks, strictness::data, strictness::exact,
     "INSERT ... ON CONFLICT ON CONSTRAINT with the old name fails with 42704.", "Let writers name the columns of the key instead."},
    {"unique-deferred", effect::none, effect::breaks, strictness::data, strictness::data,
     "INSERT ... ON CONFLICT cannot use a deferrable key and fails with 55000.", "Keep a key that is not deferrable beside it."},
    {"check-added", effect::none, effect::data_dependent, strictness::data, strictness::data,
     "Writers of values that it refuses fail with 23514, also while it is NOT VALID.",
     "Let writers respect it first, or stage the change."},
    {"check-dropped", effect::silent, effect::none, strictness::typed, strictness::data,
     "Values can appear that readers were promised not to meet.", "Stage the change."},
    {"foreign-key-added", effect::none, effect::data_dependent, strictness::data, strictness::data,
     "Writers of keys that are not there fail with 23503, and so do those who delete them.",
     "Let writers respect it first; add it NOT VALID, then VALIDATE."},
    {"foreign-key-dropped", effect::silent, effect::none, strictness::typed, strictness::data,
     "Readers can meet references to rows that are not there.", "Stage the change."},
    {"foreign-key-action-changed", effect::silent, effect::none, strictness::data, strictness::data,
     "Rows that refer to a row that is deleted or changed go or change with it, or keep it from going.", "Stage the change."},
    {"exclusion-added", effect::none, effect::data_dependent, strictness::data, strictness::data,
     "Writers of conflicting rows fail with 23P01.", "Let writers respect it first."},
    {"exclusion-dropped", effect::silent, effect::breaks, strictness::typed, strictness::data,
     "Conflicting rows can appear, and ON CONFLICT ON CONSTRAINT fails with 42704.", "Stage the change."},
};

const rule_info& keys_rule(std::string_view id) {
  return rule_of(rules_of_keys, id);
}

bool is_unique(const core::constraint& c) {
  return c.kind == "unique" || c.kind == "primary key" || c.kind == "unique index";
}

std::string_view subject(const core::constraint& c) {
  if (is_unique(c)) return "unique";
  if (c.kind == "check") return "check";
  if (c.kind == "foreign key") return "foreign-key";
  return "exclusion";
}

struct judge_key {
  const context& c;
  std::vector<core::finding>& findings;

  void add(const std::string& id, const core::constraint& key, std::vector<std::string> columns, const std::string& happens) {
    findings.push_back(found(keys_rule(id), fmt::format("constraint \"{}\"", key.name), std::move(columns),
                             fmt::format("{} \"{}\" {}", sentence_start(key.kind), key.name, happens)));
  }

  // Does `there` refuse what `wanted` refuses?  The columns of both are named alike.
  static bool covers(const core::constraint& there, const core::constraint& wanted) {
    if (!there.enforced || (there.name == wanted.name && there.kind == wanted.kind)) return false;
    if (wanted.kind == "foreign key" && there.kind == wanted.kind)
      return there.columns == wanted.columns && there.references == wanted.references && same_target(there, wanted);
    if (!is_unique(wanted)) return there.kind == wanted.kind && bare_definition(there) == bare_definition(wanted);
    if (!is_unique(there) || there.partial || (there.deferrable && !wanted.deferrable)) return false;
    // An index over expressions lists no columns, or not all: there only the text tells.
    bool by_columns = plain_columns(there) && plain_columns(wanted);
    return by_columns ? sorted(there.columns) == sorted(wanted.columns) : bare_definition(there) == bare_definition(wanted);
  }
  // The statement may leave out which columns are referred to, and means the primary key.
  static bool same_target(const core::constraint& a, const core::constraint& b) {
    auto target = [](const core::constraint& key) {
      const std::string text = bare_definition(key);
      const std::size_t at = text.find('(', std::min(text.find(" REFERENCES "), text.size()));
      return at == std::string::npos ? std::string() : text.substr(at);
    };
    const std::string of_a = target(a), of_b = target(b);
    return of_a == of_b || of_a.empty() || of_b.empty();
  }
  static std::vector<std::string> sorted(std::vector<std::string> columns) {
    std::sort(columns.begin(), columns.end());
    return columns;
  }
  static bool plain_columns(const core::constraint& key) {
    return !key.columns.empty() && !key.partial &&
           (key.kind != "unique index" || std::count(key.definition.begin(), key.definition.end(), '(') == 1);
  }

  // Another constraint of the shape after that promises the same, to readers too.
  bool still_promised(core::constraint gone) const {
    for (auto& column : gone.columns)
      if (const core::column* now = c.now(column)) column = now->name;
    return std::any_of(c.after.constraints.begin(), c.after.constraints.end(),
                       [&](const auto& other) { return (other.validated || !gone.validated) && covers(other, gone); });
  }
  bool was_promised(core::constraint added) const {
    for (auto& column : added.columns)
      column = c.old_name(column);
    return std::any_of(c.before.constraints.begin(), c.before.constraints.end(),
                       [&](const auto& other) { return covers(other, added) || implies(other, added); });
  }
  // Where some of the columns that must differ together are unique already, nobody can write what is refused now.
  bool implies(const core::constraint& there, const core::constraint& added) const {
    if ((!is_unique(there) && !keeps_apart(there)) || !there.enforced || !there.validated || there.deferrable || !plain_columns(there))
      return false;
    if (!is_unique(added) && added.kind != "exclusion") return false;
    for (std::string_view other_equality : {"COLLATE", "NULLS NOT DISTINCT"})
      if (added.definition.find(other_equality) != std::string::npos) return false;
    return std::all_of(there.columns.begin(), there.columns.end(), [&](const std::string& column) {
      if (added.kind == "exclusion" && added.definition.find(core::quote_identifier(column) + " WITH =") == std::string::npos) return false;
      return std::find(added.columns.begin(), added.columns.end(), column) != added.columns.end();
    });
  }
  // An exclusion by equality and nothing else is a unique key.
  static bool keeps_apart(const core::constraint& there) {
    if (there.kind != "exclusion" || there.definition.find(" WHERE ") != std::string::npos) return false;
    std::size_t elements = 0;
    for (std::size_t at = 0; (at = there.definition.find(" WITH ", at)) != std::string::npos; at++)
      elements++;
    return elements == there.columns.size() && std::all_of(there.columns.begin(), there.columns.end(), [&](const std::string& column) {
             const std::string by = core::quote_identifier(column) + " WITH =";
             return there.definition.find(by + ",") != std::string::npos || there.definition.find(by + ")") != std::string::npos;
           });
  }
  // A dropped column takes its constraints along; the column's own finding says so.
  bool columns_remain(const core::constraint& gone) const {
    return std::all_of(gone.columns.begin(), gone.columns.end(), [&](const auto& column) { return c.now(column) != nullptr; });
  }

  // Old writers never write the columns that came with it.
  bool only_new_columns(const core::constraint& added) const {
    return !added.columns.empty() && std::none_of(added.columns.begin(), added.columns.end(),
                                                  [&](const auto& column) { return c.before.find_column(c.old_name(column)) != nullptr; });
  }

  // WHERE … IS NOT NULL, of a column that always has a value (of a row that speaks of its attributes).
  static bool always_there(std::string condition, const core::column& column) {
    std::erase_if(condition, [](char letter) { return letter == '(' || letter == ')' || letter == '"'; });
    return column.not_null && column.type.category != "C" && condition == " WHERE " + column.name + " IS NOT NULL";
  }
  // Writers of other columns only write what is filled in for them, which for a check over NULLs and for a key means: nothing that it refuses.
  // A check that is not validated refuses any change of the rows that it does not fit.
  std::vector<std::string> writers_of(const core::constraint& key) const {
    const bool is_key = key.kind != "check" && key.kind != "foreign key";
    const std::size_t where = is_key ? std::min(key.definition.find(" WHERE "), key.definition.size()) : key.definition.size();
    const std::string text = key.definition.substr(0, where), condition = key.definition.substr(where);
    if (key.columns.empty() || is_about_null(text) || key.kind == "primary key" || (key.kind != "foreign key" && !key.validated)) return {};
    if (std::any_of(key.columns.begin(), key.columns.end(), [&](const std::string& name) { return !c.after.find_column(name); })) return {};
    std::vector<std::string> columns = key.columns;
    for (const auto& column : c.after.columns)  // of expressions, and of the condition: a change of these can bring a row in
      if ((is_key && change::names_column(text.substr(0, text.find(" INCLUDE (")), column.name)) ||
          (change::names_column(condition, column.name) && !always_there(condition, column)))
        columns.push_back(column.name);
    columns = with_sources(c.after, std::move(columns));
    if (std::any_of(columns.begin(), columns.end(), [&](const std::string& name) { return can_be_set_by_trigger(c.after, name); }))
      return {};
    // One column without a value is enough for a key, and for a foreign key unless all of them are to match.
    const bool by_one = is_key || (key.kind == "foreign key" && text.find(" MATCH FULL") == std::string::npos);
    auto is_passed = [&](const std::string& name) { return passes_left_out(key, *c.after.find_column(name)); };
    if (by_one ? std::none_of(key.columns.begin(), key.columns.end(), is_passed) : !std::all_of(columns.begin(), columns.end(), is_passed))
      return {};
    std::erase_if(columns, [&](std::string& name) {
      const bool computed = c.after.find_column(name)->generated.has_value();
      name = c.old_name(name);
      return computed || !c.before.find_column(name);  // nobody writes it, or wrote it
    });
    return columns;
  }
  // Is there nothing that the constraint could refuse where the column is left out?
  bool passes_left_out(const core::constraint& key, const core::column& column) const {
    if (column.generated) {
      const auto sources = columns_in(c.after, *column.generated);
      return is_arithmetic(*column.generated) && std::any_of(sources.begin(), sources.end(), [&](const std::string& source) {
               return !is_filled(*c.after.find_column(source));
             });
    }
    const bool counted = !column.identity.empty() && key.kind != "foreign key" && key.kind != "check";
    return !is_filled(column) || counted ||
           (key.kind == "check" && key.columns.size() == 1 && admits_default(bare_definition(key), column));
  }
  static bool is_about_null(std::string text) {
    for (char& letter : text)
      if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    return std::any_of(std::begin(words_of_null), std::end(words_of_null),
                       [&](std::string_view word) { return text.find(word) != std::string::npos; });
  }
  static constexpr std::string_view words_of_null[] = {"NULL", "COALESCE", "NUM_N"};

  // The column, of a check that says no more than NOT NULL would: of a row IS NOT NULL speaks of its attributes.
  std::string not_null_of(const core::constraint& check) const {
    const std::string column = disguised_not_null(check);
    const core::column* now = c.now(c.old_name(column));
    return now && now->type.kind == "c" ? std::string() : column;
  }

  void comes(const core::constraint& key, const std::string& happens) {
    if (!key.enforced) return;
    acts(key, c.before, happens);
    // Without a target ON CONFLICT takes all keys, and cannot take a deferrable one.
    if (is_unique(key) && key.deferrable) add("unique-deferred", key, {}, "is deferrable");
    if (only_new_columns(key)) return;
    if (was_promised(key)) return primary(key);
    if (const std::string column = not_null_of(key); !column.empty()) {
      const std::size_t known = findings.size();
      column_family.judge(change::not_null_added{c.old_name(column)}, c, findings);
      if (!key.validated && findings.size() > known) findings.back().columns.clear();  // any change of a row that does not fit is refused
      return;
    }
    add(fmt::format("{}-added", subject(key)), key, writers_of(key), happens);
    primary(key);
  }
  void primary(const core::constraint& key) {
    if (key.kind != "primary key") return;
    for (const auto& column : key.columns)  // it makes them NOT NULL
      column_family.judge(change::not_null_added{c.old_name(column)}, c, findings);
  }
  void goes(const core::constraint& key, const std::string& happens) {
    if (!key.enforced) return;
    acts(key, c.after, happens);
    const bool distinct = still_distinct(key);
    if (still_promised(key) || (distinct && key.kind == "exclusion")) {
      // ON CONFLICT ON CONSTRAINT names it.
      const bool named = key.kind == "unique" || key.kind == "primary key" || key.kind == "exclusion";
      const bool there = std::any_of(c.after.constraints.begin(), c.after.constraints.end(), [&](const auto& other) {
        return other.name == key.name && (other.kind == "unique" || other.kind == "primary key" || other.kind == "exclusion");
      });
      if (named && !there) add("constraint-renamed", key, key.columns, "has another name now");
      return;
    }
    // What is not validated promised nothing to readers; keys serve ON CONFLICT besides.
    if (!key.validated && !is_unique(key)) return;
    if (const std::string column = not_null_of(key); !column.empty()) {
      column_family.judge(change::not_null_dropped{column}, c, findings);
      return;
    }
    add(fmt::format("{}-dropped", subject(key)), key, with_sources(c.before, key.columns), happens);
    if (distinct) without_readers(findings.back());
  }
  // ON CONFLICT takes no other key in its place, but what readers meet stays the same.
  static void without_readers(core::finding& f) {
    f = found(keys_rule(f.rule), f.element, f.columns, f.detail.substr(0, f.detail.find(", which ")), {}, {f.writers, {}});
  }
  bool still_distinct(core::constraint gone) const {
    for (auto& column : gone.columns)
      if (const core::column* now = c.now(column)) column = now->name;
    return std::any_of(c.after.constraints.begin(), c.after.constraints.end(),
                       [&](const auto& other) { return (other.name != gone.name || other.kind != gone.kind) && implies(other, gone); });
  }

  static bool deletes_rows(const core::constraint& key) { return key.on_delete == "cascade"; }
  // It keeps the row that is referred to from going, which another key of the table would let go, with the rows that refer.
  void keeps(const core::constraint& key, const core::shape& there, const std::string& happens) {
    if (std::any_of(there.constraints.begin(), there.constraints.end(), [&](const core::constraint& same) {  // under another name
          return same.kind == "foreign key" && same.enforced && same.columns == key.columns && same.references == key.references &&
                 same.on_delete == key.on_delete && same.on_update == key.on_update;
        }))
      return;
    auto stays = [&](const core::constraint& other) {
      return other.kind == "foreign key" && other.enforced && other.references == key.references && other.name != key.name &&
             c.after.find_constraint(other.name);
    };
    // One of the same columns keeps it too, or takes what refers along before this one looks.
    const bool restricts = key.on_delete == "restrict" || key.on_update == "restrict";
    if (std::any_of(c.before.constraints.begin(), c.before.constraints.end(), [&](const auto& other) {
          return stays(other) && other.columns == key.columns && (!acts_on_rows(other) || !restricts);
        }))
      return;
    for (const auto& acting : c.before.constraints)
      if (stays(acting) && acts_on_rows(acting))
        return add("foreign-key-action-changed", key, deletes_rows(acting) ? std::vector<std::string>{} : seen_in(c.before, acting.columns),
                   happens);
  }
  // Rows that refer to one that is deleted or changed go or change with it, unless a key of the other shape does the same to them.
  void acts(const core::constraint& key, const core::shape& other, const std::string& happens) {
    if (key.kind != "foreign key") return;
    const bool coming = &other == &c.before;
    if (coming && only_new_columns(key) && std::none_of(key.columns.begin(), key.columns.end(), [&](const std::string& column) {
          const core::column* now = c.after.find_column(column);
          return now && is_filled(*now);
        }))
      return;  // nothing refers
    if (!acts_on_rows(key)) return keeps(key, other, happens);
    std::vector<std::string> columns = key.columns;
    for (auto& column : columns)
      if (coming)
        column = c.old_name(column);
      else if (const core::column* now = c.now(column))
        column = now->name;
    if (std::any_of(other.constraints.begin(), other.constraints.end(), [&](const core::constraint& same) {
          return same.kind == "foreign key" && same.enforced && same.columns == columns && same.references == key.references &&
                 same.on_delete == key.on_delete && same.on_update == key.on_update;
        }))
      return;
    // An older key that stays keeps the row that is referred to from going.
    if (coming && std::any_of(other.constraints.begin(), other.constraints.end(), [&](const core::constraint& old) {
          return old.kind == "foreign key" && old.enforced && old.columns == columns && old.references == key.references &&
                 !acts_on_rows(old) && c.after.find_constraint(old.name);
        }))
      return;
    add("foreign-key-action-changed", key,
        deletes_rows(key) ? std::vector<std::string>{} : seen_in(c.before, coming ? columns : key.columns), happens);
  }

  void operator()(const change::constraint_added& a) { comes(a.constraint, "is added"); }
  void operator()(const change::constraint_dropped& d) {
    if (columns_remain(d.constraint)) goes(d.constraint, "is dropped");
  }
  // A check over several columns goes with one of them, and with it what it said of the others; and so does what a foreign key did to rows.
  void operator()(const change::column_dropped& d) {
    const std::string happens = fmt::format("is dropped with column \"{}\"", d.column);
    for (const auto& gone : c.before.constraints) {
      if (std::find(gone.columns.begin(), gone.columns.end(), d.column) == gone.columns.end()) continue;
      if (gone.kind == "check" && gone.columns.size() > 1) goes(gone, happens);
      if (gone.enforced) acts(gone, c.after, happens);
    }
  }
  std::vector<std::string> old_columns(const core::constraint& now) const {
    std::vector<std::string> names;
    for (const auto& column : now.columns)
      names.push_back(c.old_name(column));
    return names;
  }
  // A label that was renamed has its new name there too.
  std::string with_new_labels(std::string text, const std::vector<std::string>& columns) const {
    for (const auto& name : columns) {
      const core::column *old = c.before.find_column(name), *now = c.now(name);
      if (!old || !now || old->type.labels.size() != now->type.labels.size()) continue;
      for (std::size_t i = 0; i < old->type.labels.size(); i++) {
        const std::string from = core::quote_literal(old->type.labels[i]) + "::", to = core::quote_literal(now->type.labels[i]) + "::";
        if (from == to) continue;
        for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
          text.replace(at, from.size(), to);
      }
    }
    return text;
  }
  // A check whose column has another type now says the same with other casts.
  std::string without_casts(const core::constraint& check) const {
    std::vector<std::string> types = {"text"};
    for (const core::shape* s : {&c.before, &c.after})
      for (const auto& column : s->columns)
        if (std::find(check.columns.begin(), check.columns.end(), column.name) != check.columns.end())
          for (const std::string* type : {&column.type.text, &column.type.base, &column.type.domain_base})
            if (!type->empty()) types.push_back(*type);
    std::sort(types.begin(), types.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
    std::string text = with_new_labels(bare_definition(check), check.columns);
    for (const auto& type : types)
      for (std::size_t at = 0; (at = text.find("::" + type, at)) != std::string::npos;)
        text.erase(at, type.size() + 2);
    std::erase_if(text, [](char letter) { return letter == '(' || letter == ')'; });
    return text;
  }
  void operator()(const change::constraint_changed& change) {
    const auto &from = change.from, &to = change.to;
    bool same = from.kind == "check" && without_casts(from) == without_casts(to) ? true
                : c.renamed.empty() ? bare_definition(from) == bare_definition(to) && from.partial == to.partial
                                    : old_columns(to) == from.columns && from.partial == to.partial;
    if (is_unique(from) && same) {
      if (!from.deferrable && to.deferrable) add("unique-deferred", to, {}, "becomes deferrable");
      if (from.deferrable && !to.deferrable) add("unique-added", to, {}, "is checked at once");
      return;
    }
    if (from.kind == "foreign key" && same && from.references == to.references) {
      if (from.on_delete != to.on_delete || from.on_update != to.on_update)
        add("foreign-key-action-changed", to,
            deletes_rows(from) || deletes_rows(to) ? std::vector<std::string>{} : seen_in(c.before, from.columns),
            "changes what it does to rows that refer");
      if (from.enforced && !to.enforced) add("foreign-key-dropped", to, to.columns, "is no longer enforced");
      if (!from.enforced && to.enforced) add("foreign-key-added", to, {}, "is now enforced");
      return;
    }
    if (same && from.enforced == to.enforced) {
      if (from.validated && !to.validated) goes(from, "is no longer valid for every row");
      return;  // or is validated now, which only adds a promise
    }
    goes(from, same ? "is no longer enforced" : "is replaced by another");
    comes(to, same ? "is now enforced" : "replaces another");
  }
  template <typename Other>
  void operator()(const Other&) {}
};

void judge_keys(const change::any_change& change, const context& c, std::vector<core::finding>& findings) {
  std::visit(judge_key{c, findings}, change);
}

}  // namespace

constinit const family key_family{rules_of_keys, judge_keys};

}  // namespace accord::rule
