// Rules of constraints: unique and primary keys, checks, foreign keys, exclusion.
#include <fmt/format.h>

#include "rule/family.hpp"

namespace accord::rule {

namespace {

using core::effect;
using core::strictness;

constexpr rule_info rules_of_keys[] = {
    {"unique-added", effect::none, effect::data_dependent, strictness::data, strictness::data,
     "Writers of a value that is there already fail with 23505.",
     "Let writers respect the key first; build the index CONCURRENTLY, then ADD … USING INDEX."},
    {"unique-dropped", effect::silent, effect::breaks, strictness::typed, strictness::data,
     "Duplicates can appear, and INSERT … ON CONFLICT on these columns fails with 42P10.",
     "Stage the change, or wait until nobody relies on the key."},
    {"unique-deferred", effect::none, effect::breaks, strictness::data, strictness::data,
     "INSERT … ON CONFLICT cannot use a deferrable key and fails with 55000.",
     "Keep a key that is not deferrable beside it."},
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
    {"foreign-key-action-changed", effect::none, effect::silent, strictness::data, strictness::data,
     "Deleting or updating a referenced row now does something else.", "Stage the change."},
    {"exclusion-added", effect::none, effect::data_dependent, strictness::data, strictness::data,
     "Writers of conflicting rows fail with 23P01.", "Let writers respect it first."},
    {"exclusion-dropped", effect::silent, effect::breaks, strictness::typed, strictness::data,
     "Conflicting rows can appear, and ON CONFLICT ON CONSTRAINT fails with 42704.",
     "Stage the change."},
};

const rule_info& rule(std::string_view id) {
  for (const auto& r : rules_of_keys)
    if (r.id == id) return r;
  return rules_of_keys[0];
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

  void add(const std::string& id, const core::constraint& key, std::vector<std::string> columns,
           const std::string& happens) {
    findings.push_back(found(rule(id), fmt::format("constraint \"{}\"", key.name), std::move(columns),
                             fmt::format("{} \"{}\" {}", sentence_start(key.kind), key.name, happens)));
  }

  // Another constraint of the shape after that promises the same.
  bool still_promised(const core::constraint& gone) const {
    for (const auto& other : c.after.constraints) {
      bool same_kind = is_unique(gone) ? is_unique(other) && !other.partial && !other.deferrable
                                       : other.kind == gone.kind;
      bool same = is_unique(gone) ? other.columns == gone.columns : other.definition == gone.definition;
      if (other.name != gone.name && same_kind && same) return true;
    }
    return false;
  }
  bool was_promised(const core::constraint& added) const {
    for (const auto& other : c.before.constraints) {
      bool same_kind = is_unique(added) ? is_unique(other) && !other.partial : other.kind == added.kind;
      bool same = is_unique(added) ? other.columns == added.columns : other.definition == added.definition;
      if (other.name != added.name && other.enforced && same_kind && same) return true;
    }
    return false;
  }
  // A dropped column takes its constraints along; the column's own finding says so.
  bool columns_remain(const core::constraint& gone) const {
    for (const auto& column : gone.columns)
      if (!c.after.find_column(column)) return false;
    return true;
  }

  // Old writers never write the columns that came with it.
  bool only_new_columns(const core::constraint& added) const {
    for (const auto& column : added.columns)
      if (c.before.find_column(column)) return false;
    return !added.columns.empty();
  }

  void operator()(const change::constraint_added& a) {
    const auto& key = a.constraint;
    if (key.enforced && !was_promised(key) && !only_new_columns(key))
      add(fmt::format("{}-added", subject(key)), key, {}, "is added");
  }
  void operator()(const change::constraint_dropped& d) {
    const auto& key = d.constraint;
    if (key.enforced && columns_remain(key) && !still_promised(key))
      add(fmt::format("{}-dropped", subject(key)), key, key.columns, "is dropped");
  }
  void operator()(const change::constraint_changed& change) {
    const auto &from = change.from, &to = change.to;
    if (is_unique(from) && is_unique(to) && from.columns == to.columns && from.partial == to.partial) {
      if (!from.deferrable && to.deferrable)
        add("unique-deferred", to, to.columns, "becomes deferrable");
      return;
    }
    if (from.kind == "foreign key" && to.kind == from.kind && from.columns == to.columns &&
        from.references == to.references) {
      if (from.on_delete != to.on_delete || from.on_update != to.on_update)
        add("foreign-key-action-changed", to, to.columns, "changes what it does to rows that refer");
      if (from.enforced && !to.enforced) add("foreign-key-dropped", to, to.columns, "is no longer enforced");
      if (!from.enforced && to.enforced) add("foreign-key-added", to, {}, "is now enforced");
      return;
    }
    if (from.definition == to.definition && from.enforced == to.enforced) return;  // validated
    if (from.enforced && !still_promised(from))
      add(fmt::format("{}-dropped", subject(from)), from, from.columns, "is replaced by another");
    if (to.enforced && !was_promised(to))
      add(fmt::format("{}-added", subject(to)), to, {}, "replaces another");
  }
  template <typename Other>
  void operator()(const Other&) {}
};

void judge_keys(const change::any_change& change, const context& c,
                std::vector<core::finding>& findings) {
  std::visit(judge_key{c, findings}, change);
}

}  // namespace

constinit const family key_family{rules_of_keys, judge_keys};

}  // namespace accord::rule
