// See twins.hpp.
#include "plan/twins.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "change/names_in_sql.hpp"
#include "core/text.hpp"
#include "plan/errors.hpp"

namespace accord::plan {

namespace {

using core::contains;
using core::meets;
using names = std::vector<std::string>;

companion_kind kind_of(const core::constraint& c) {
  return c.kind == "unique index" ? companion_kind::index : companion_kind_of(c.kind);
}

class chooser {
 public:
  chooser(const request& r, const draft& d, const sorted_columns& sorted, migration& m, names& announcements)
      : r_(r), draft_(d), sorted_(sorted), m_(m), announcements_(announcements) {}

  void choose() {
    for (const auto& key : r_.around.keys)
      follow(key);
    for (const auto& trigger : r_.around.triggers)
      retarget(companion_kind::trigger, trigger.name, trigger.columns);
    for (const auto& policy : r_.around.policies)
      retarget(companion_kind::policy, policy.name, policy.columns);
    for (const auto& constraint : draft_.added)
      add(constraint);
    for (const auto& index : r_.added_indexes)
      add(index);
    for (const auto& constraint : draft_.dropped)
      drop(constraint.name, kind_of(constraint), true);
    for (const auto& index : r_.dropped_indexes)
      drop(index, companion_kind::index, false);
    for (const auto& comment : r_.comments)
      describe(comment);
  }

 private:
  names physical(const names& visible) const {
    names result;
    for (const auto& name : visible)
      result.push_back(m_.old_version().find(name)->physical);
    return result;
  }
  bool is_dropped(const companion& c) const {
    return std::any_of(draft_.dropped.begin(), draft_.dropped.end(), [&](const auto& d) { return d.name == c.name; }) ||
           contains(r_.dropped_indexes, c.name);
  }
  bool is_partitioned() const { return m_.old_version().shape.kind == "partitioned table"; }

  // What stands on the columns of the old version.
  void follow(const surroundings::keyed& key) {
    names on_retyped, on_removed;
    for (const auto& name : sorted_.retyped)
      if (contains(key.columns, m_.old_version().find(name)->physical)) on_retyped.push_back(name);
    for (const auto& name : sorted_.removed)
      if (contains(key.columns, m_.old_version().find(name)->physical)) on_removed.push_back(name);
    if (on_retyped.empty() && on_removed.empty()) return;
    bool is_ours = key.twin.name.starts_with("_accord_") || key.twin.name.starts_with("~accord_");
    if (key.twin.kind == companion_kind::none && !on_retyped.empty() && (is_ours || key.description.starts_with("foreign key")))
      throw errors::earlier_migration(on_retyped.front(), key.description);
    if (key.description == "partition key") throw errors::is_partition_key(on_retyped.empty() ? on_removed.front() : on_retyped.front());
    if (key.twin.kind == companion_kind::exclusion && is_dropped(key.twin)) return;
    bool has_twin = key.twin.kind == companion_kind::inbound_key || key.twin.kind == companion_kind::exclusion;
    if (!key.goes_with_column && !(has_twin && on_removed.empty()))
      throw errors::in_index(on_retyped.empty() ? on_removed.front() : on_retyped.front(), {key.description});
    if (key.twin.kind != companion_kind::none && is_dropped(key.twin)) return;
    if (!on_removed.empty()) {
      announcements_.push_back(
          fmt::format("The {} serves the old version only, and goes with its columns when the migration is purged.", key.description));
      return;
    }
    if (key.expendable) {
      announcements_.push_back(fmt::format("The new version is without the {}: make one on the column that replaces \"{}\" yourself.",
                                           key.description, on_retyped.front()));
      return;
    }
    if (key.twin.kind == companion_kind::none) throw errors::in_index(on_retyped.front(), {key.description});
    if (is_partitioned() && key.twin.kind == companion_kind::exclusion)
      throw errors::exclusion_of_partitions(fmt::format("stage column \"{}\" with {}", on_retyped.front(), key.description));
    if (key.twin.of_partitioned && !key.twin.validated) throw errors::unproven_key_of_partitions(on_retyped.front(), key.description);
    if (key.twin.kind == companion_kind::primary_key)
      for (const auto& name : on_retyped)
        // What a key only includes may be NULL.
        if (m_.old_version().shape.find_column(name)->not_null && !draft_.from(name)->column.not_null)
          throw core::failure("42P16", fmt::format("column \"{}\" is in a primary key", draft_.from(name)->column.name));
    auto twin = key.twin;
    if (twin.unique && twin.deferrable)
      announcements_.push_back(fmt::format(
          "Until the new version is active, its twin of the {} is checked at once and not at the end of a statement or transaction.",
          key.description));
    if (twin.unique)
      announcements_.push_back(
          fmt::format("Where clients insert the same new key of the {} at the same moment with ON CONFLICT, one of them can get an error "
                      "23505 while both versions have the key.",
                      key.description));
    m_.companions.push_back(std::move(twin));
  }

  // Its texts are the server's to write.
  void retarget(companion_kind kind, const std::string& name, const names& columns) {
    if (!meets(columns, physical(sorted_.retyped))) return;
    for (const auto& column : sorted_.retyped)
      if (const auto& carrier = m_.old_version().find(column)->physical; carrier.starts_with("_accord_") && contains(columns, carrier))
        throw errors::earlier_migration(column, fmt::format("{} \"{}\"", name_of(kind), name));
    companion c;
    c.kind = kind;
    c.name = name;
    m_.companions.push_back(std::move(c));
  }

  bool is_own(const std::string& column) const { return contains(sorted_.dual, column) || contains(sorted_.plain, column); }

  void require_own_column(const std::string& what, const names& columns) const {
    if (std::any_of(columns.begin(), columns.end(), [&](const auto& name) { return is_own(name); })) return;
    throw errors::on_shared_columns(what, columns);
  }
  void require_columns(const std::string& what, const names& columns) const {
    for (const auto& name : columns)
      if (!draft_.find(name))
        throw core::failure(core::sqlstate::undefined_column, fmt::format("column \"{}\" named in {} does not exist", name, what));
  }
  void announce_old_writers(const std::string& what, const names& columns) {
    if (std::any_of(columns.begin(), columns.end(), [&](const auto& name) { return !contains(sorted_.plain, name); }))
      announcements_.push_back(fmt::format("Clients of the old version get an error where the row that \"up\" gives violates {}.", what));
  }

  // Also those that the same statement adds.
  names columns_of_check(const core::constraint& constraint) const {
    constexpr std::string_view head = "CHECK ";
    auto text = constraint.definition.substr(0, constraint.definition.rfind(')') + 1);
    auto columns = text.starts_with(head) ? r_.columns_of(text.substr(head.size())) : constraint.columns;
    std::erase_if(columns, [&](const auto& name) { return !draft_.find(name); });
    return columns;
  }
  // Those of expressions and of its predicate too.
  names columns_of_exclusion(const core::constraint& constraint) const {
    auto columns = constraint.columns;
    for (const auto& c : draft_.columns)
      if (!contains(columns, c.column.name) && change::names_column(constraint.definition, c.column.name)) columns.push_back(c.column.name);
    return columns;
  }
  void require_free_name(const std::string& what, const std::string& name) const {
    for (const auto& key : r_.around.keys)
      if (key.twin.name == name)
        throw errors::change_not_staged("add " + what, "Until the migration is purged the old version has one of that name.",
                                        "Give it another name.");
  }

  // By a key that the old version has and both share, so that its clients notice nothing.
  bool is_unique_already(const core::constraint& wanted) const {
    const auto& keys = m_.old_version().shape.constraints;
    return std::any_of(keys.begin(), keys.end(), [&](const auto& key) {
      return (key.kind == "unique" || key.kind == "primary key") && (wanted.deferrable || !key.deferrable) &&
             std::all_of(key.columns.begin(), key.columns.end(), [&](const auto& name) {
               const auto* column = draft_.from(name);
               return column && !is_own(column->column.name) && contains(wanted.columns, column->column.name);
             });
    });
  }

  // A table has one.  The old version's stays until purge, as a unique constraint from completion on.
  void replace_primary_key() {
    for (const auto& key : r_.around.keys) {
      if (key.twin.kind != companion_kind::primary_key) continue;
      if (!is_dropped(key.twin) && !meets(key.columns, physical(sorted_.removed)))
        throw errors::second_primary_key(m_.table.name, key.twin.name);
      require_unreferenced(fmt::format("constraint \"{}\"", key.twin.name), key.columns);
      m_.dropped.push_back({companion_kind::primary_key, key.twin.name});
    }
  }
  void require_unreferenced(const std::string& what, names columns) const {
    names found;
    std::sort(columns.begin(), columns.end());
    for (const auto& key : r_.around.keys) {
      auto referenced = key.referenced;
      std::sort(referenced.begin(), referenced.end());
      if (referenced == columns && !is_dropped(key.twin)) found.push_back(key.description);
    }
    if (!found.empty()) throw errors::referenced_key(what, found);
  }

  void add(const core::constraint& constraint) {
    auto what = fmt::format("{} constraint \"{}\"", constraint.kind, constraint.name);
    companion c;
    c.kind = companion_kind_of(constraint.kind);
    if (c.kind == companion_kind::none)
      throw errors::change_not_staged("add " + what, "A staged migration does not know this kind of constraint.",
                                      "Add it with ALTER TABLE when the migration is complete.");
    if (is_partitioned() && c.kind == companion_kind::exclusion) throw errors::exclusion_of_partitions("add " + what);
    if (is_partitioned() && c.kind == companion_kind::foreign_key && !constraint.validated)
      throw errors::change_not_staged("add " + what,
                                      "A partitioned table takes in the foreign keys of its partitions when they are proven.",
                                      "Leave NOT VALID out: it is proven while clients write.");
    require_free_name(what, constraint.name);
    auto columns = c.kind == companion_kind::check       ? columns_of_check(constraint)
                   : c.kind == companion_kind::exclusion ? columns_of_exclusion(constraint)
                                                         : constraint.columns;
    require_columns(what, columns);
    if (c.kind == companion_kind::primary_key) replace_primary_key();
    if (c.kind != companion_kind::primary_key || !is_unique_already(constraint)) {
      require_own_column(what, columns);
      announce_old_writers(what, columns);
    }
    c.name = constraint.name;
    c.definition = constraint.definition;
    c.unique = c.kind == companion_kind::unique || c.kind == companion_kind::primary_key;
    c.validated = constraint.validated;
    c.deferrable = constraint.deferrable;
    c.deferred = constraint.deferred;
    c.references = constraint.references;
    c.of_partitioned = is_partitioned() && c.kind == companion_kind::foreign_key;
    c.added = true;
    m_.companions.push_back(std::move(c));
  }

  void add(const added_index& index) {
    auto what = fmt::format("{}index \"{}\"", index.unique ? "unique " : "", index.name);
    require_free_name(what, index.name);
    require_columns(what, index.columns);
    if (index.unique) {
      require_own_column(what, index.columns);
      announce_old_writers(what, index.columns);
    }
    companion c;
    c.kind = companion_kind::index;
    c.name = index.name;
    c.unique = index.unique;
    c.added = true;
    m_.companions.push_back(std::move(c));
  }

  void drop(const std::string& name, companion_kind kind, bool promise) {
    auto what = fmt::format("{} \"{}\"", kind == companion_kind::index ? "index" : "constraint", name);
    auto key = std::find_if(r_.around.keys.begin(), r_.around.keys.end(),
                            [&](const auto& k) { return k.twin.kind != companion_kind::none && k.twin.name == name; });
    dropped_object dropped{kind, name};
    if (std::find(m_.dropped.begin(), m_.dropped.end(), dropped) != m_.dropped.end()) return;  // another takes its place
    if (key != r_.around.keys.end() && key->twin.unique) require_unreferenced(what, key->columns);
    // An exclusion constraint with expressions does not go with its columns.
    if (key != r_.around.keys.end() && kind != companion_kind::exclusion && meets(key->columns, physical(sorted_.retyped))) {
      if (promise)
        announcements_.push_back(
            fmt::format("Clients of the new version get an error where the row that \"down\" gives violates {} of the old version.", what));
      return;  // it goes with the columns
    }
    if (kind == companion_kind::none)
      throw errors::change_not_staged("drop " + what, "The old version keeps its promises until the migration is purged.",
                                      "Drop it with ALTER TABLE when the migration is purged.");
    m_.dropped.push_back(std::move(dropped));
    announcements_.push_back(
        fmt::format("The {} stays until the migration is purged, because clients of the old version rely on it.", what));
  }

  // What both versions share has one comment.
  void describe(const object_comment& comment) {
    for (auto& c : m_.companions) {
      bool has_it = comment.of_index ? c.has_index() : c.opens_as_constraint();
      if (c.name != comment.name || c.is_retargeted() || c.kind == companion_kind::inbound_key || !has_it) continue;
      (comment.of_index && c.opens_as_constraint() ? c.index_comment : c.comment) = comment.text;
      return;
    }
    throw errors::change_not_staged(
        fmt::format("comment on {} \"{}\"", comment.of_index ? "index" : "constraint", comment.name),
        "It is not one that the migration adds, nor does it stand on a column that the new version replaces: both versions share it.",
        "Leave the statement out and run it by itself: no client notices a comment.");
  }

  const request& r_;
  const draft& draft_;
  const sorted_columns& sorted_;
  migration& m_;
  names& announcements_;
};

}  // namespace

void choose_companions(const request& r, const draft& d, const sorted_columns& sorted, migration& m, names& announcements) {
  chooser(r, d, sorted, m, announcements).choose();
}

}  // namespace accord::plan
