// See steps.hpp.
#include "plan/steps.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "core/renaming.hpp"
#include "core/text.hpp"
#include "plan/child_steps.hpp"
#include "plan/companion_steps.hpp"
#include "plan/default_steps.hpp"
#include "plan/identity_steps.hpp"
#include "plan/move_steps.hpp"
#include "plan/script.hpp"
#include "plan/sequence_steps.hpp"
#include "plan/table_steps.hpp"
#include "plan/view_sql.hpp"

namespace accord::plan {

using core::quote_identifier;
using core::quote_literal;

namespace {

using core::contains;

void make_view(script& s, const migration& m, const live_version& version) {
  s.all(create_schema(version.view.schema, m.schema_users), fmt::format("The schema of version {}.", version.version.text()));
  s.other(create_view(m.table, version), fmt::format("The table as version {} shows it.", version.version.text()));
  s.all(describe_view(version), fmt::format("Defaults and comments of version {}.", version.version.text()));
  s.other(fmt::format("ALTER VIEW {} OWNER TO {}", version.view.sql(), quote_identifier(m.owner)),
          "The view belongs to the table's owner.");
}

void drop_view(script& s, const live_version& version) {
  s.other(fmt::format("DROP VIEW {}", version.view.sql()), fmt::format("Version {} goes.", version.version.text()));
  s.other(fmt::format("DROP SCHEMA {}", quote_identifier(version.view.schema)), fmt::format("Version {} goes.", version.version.text()));
}

// Renames, the same in the map of every live version.
void rename(script& s, migration& m, const core::rename_list& wanted) {
  auto ordered = core::in_safe_order(wanted, fmt::format("_accord_{}_swap", m.id));
  for (const auto& [from, to] : ordered)
    s.table(fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", m.table.sql(), quote_identifier(from), quote_identifier(to)),
            "A change of name, which no view notices.", runner::owner);
  follow_renames(m, ordered);
  for (auto& child : m.children)
    follow_renames(child, ordered);
}

// Only the part of the name that the migration changes: the table may have been renamed since.
void rename_table(script& s, migration& m, const core::qualified_name& from, const core::qualified_name& to) {
  if (from.name != to.name) {
    s.alter({fmt::format("RENAME TO {}", quote_identifier(to.name))}, "The table gets the name of the version that it has now.");
    m.table.name = to.name;
  }
  if (from.schema != to.schema) {
    s.alter({fmt::format("SET SCHEMA {}", quote_identifier(to.schema))}, "The table moves to the schema of the version that it has now.");
    m.table.schema = to.schema;
  }
}

// A generated column stands on others.
std::vector<std::string> in_order_of_dropping(const live_version& version, std::vector<std::string> physical) {
  std::stable_partition(physical.begin(), physical.end(), [&](const auto& name) {
    auto column = std::find_if(version.columns.begin(), version.columns.end(), [&](const auto& c) { return c.physical == name; });
    return version.shape.find_column(column->name)->generated.has_value();
  });
  return physical;
}

// The values are there: the triggers have kept them.
void make_generated(script& s, const migration& m) {
  for (const auto& t : m.transforms)
    if (t.computed)
      s.table(fmt::format("SELECT accord_catalog.make_generated({}, {}, {})", quote_literal(m.table.sql()),
                          quote_literal(m.new_version().find(t.new_columns.front())->physical), quote_literal(t.up.front())),
              "From now on the table computes the column; no row is read.", runner::extension);
}

void make_plain(script& s, const migration& m) {
  for (const auto& t : m.transforms)
    if (t.computed)
      s.table(fmt::format("SELECT accord_catalog.make_plain({}, {})", quote_literal(m.table.sql()),
                          quote_literal(m.new_version().find(t.new_columns.front())->physical)),
              "The triggers compute the column again.", runner::extension);
}

}  // namespace

std::string not_null_check(const migration& m, std::string_view column) {
  return core::fitted_name(fmt::format("_accord_{}_not_null_", m.id), column);
}

std::vector<statement> expand_steps(const migration& m) {
  script s(m, phase::expand);
  define_local_columns(s, m);
  std::vector<std::string> columns, traits;
  auto added = m.added_columns();
  for (const auto& column : m.new_version().columns) {
    if (!contains(added, column.physical)) continue;
    columns.push_back(added_column_sql(m, column));
    for (auto& trait : trait_actions(m, column.physical))
      (m.children.empty() ? columns : traits).push_back(std::move(trait));
  }
  if (m.marker) columns.push_back(fmt::format("ADD COLUMN {} boolean DEFAULT true", quote_identifier(*m.marker)));
  auto checks = check_actions(m, columns_with_check(m));
  if (m.children.empty()) columns.insert(columns.end(), checks.begin(), checks.end());
  s.alter(columns, m.marker ? "The new version's own columns, and the mark of the rows that the backfill has to fill; no row is touched."
                            : "The new version's own columns; no row is touched.");
  if (!m.children.empty()) {
    s.alter_only(traits, "What the replaced columns have beside their types.");
    add_checks_below(s, m);
    s.alter(checks, "Checked for what is written from now on.");
  }
  expand_table(s, m);
  expand_children(s, m);
  make_move_triggers(s, m);
  if (m.old_view_is_ours) {
    make_view(s, m, m.old_version());
    s.all(grant_view(m.old_version(), m.privileges), "The rights that the table gives.");
  } else if (m.old_view_lacks_columns) {
    s.other(create_view(m.table, m.old_version(), true), "The columns that the table got since the view was made.");
  }
  make_view(s, m, m.new_version());
  return s.take();
}

std::vector<statement> take_in_steps(const migration& m) {
  script s(m, phase::activate);
  take_in_partitions(s, m);
  return s.take();
}

std::vector<statement> late_key_steps(const migration& m) {
  script s(m, phase::activate);
  for (const auto& c : m.companions)
    if (c.late) add_key(s, m, c);
  for (const auto& c : m.companions)
    if (c.kind == companion_kind::exclusion)
      s.table(make_exclusion(m, c), "Its index is built; checked for what is written from now on.", runner::extension,
              "SHARE ROW EXCLUSIVE");
  for (const auto& child : m.children)
    s.append(late_key_steps(child));
  return s.take();
}

std::vector<statement> validate_steps(const migration& m) {
  script s(m, phase::activate);
  validate_table(s, m, columns_with_check(m));
  validate_children(s, m);
  return s.take();
}

std::vector<statement> activate_steps(const migration& m) {
  script s(m, phase::activate);
  open_companions(s, m);
  open_children(s, m);
  s.all(grant_view(m.new_version(), m.privileges), "The new version is open to those who may use the table.");
  return s.take();
}

outcome complete_steps(const migration& before) {
  outcome result{{}, before};
  migration& m = result.after;
  script s(m, phase::complete);
  const auto replaced = before.replaced_columns();
  constexpr const char* purpose = "It reads the columns of the version that the table gets.";
  retarget(s, m, &retargeting::completed, purpose);
  retarget_children(s, m, phase::complete, &retargeting::completed, purpose);
  core::rename_list names;
  for (const auto& name : replaced)
    names.emplace_back(before.old_version().find(name)->physical, before.old_name(name));
  for (const auto& column : before.new_version().columns)
    names.emplace_back(column.physical, column.name);
  rename(s, m, names);

  std::map<std::string, std::optional<std::string>> defaults;
  for (const auto& column : m.new_version().shape.columns)
    if (column.identity.empty() && !column.generated) defaults[column.name] = column.default_expression;
  for (const auto& name : replaced)
    if (is_written_back(m, name)) defaults[m.old_name(name)] = std::nullopt;
  set_defaults(s, m, defaults);

  std::vector<std::string> actions;
  for (const auto& name : columns_with_check(m))
    actions.push_back(fmt::format("ALTER COLUMN {} SET NOT NULL", quote_identifier(name)));
  s.alter(actions, "Proven by the validated check, so no row is read.");
  make_generated(s, m);
  exchange_names(s, m, true);
  move_sequences(s, m, m.old_version(), m.new_version());
  set_comments(s, m, m.old_version(), m.new_version());
  complete_children(s, m);
  rename_table(s, m, m.old_version().shape.relation, m.new_version().shape.relation);
  result.statements = s.take();
  return result;
}

outcome undo_steps(const migration& before) {
  outcome result{{}, before};
  migration& m = result.after;
  script s(m, phase::undo);
  rename_table(s, m, m.new_version().shape.relation, m.old_version().shape.relation);
  exchange_names(s, m, false);
  move_sequences(s, m, m.new_version(), m.old_version());
  put_back_objects_of_children(s, m);

  make_plain(s, m);
  std::vector<std::string> actions;
  for (const auto& name : columns_with_check(m))
    actions.push_back(fmt::format("ALTER COLUMN {} DROP NOT NULL", quote_identifier(m.new_version().find(name)->physical)));
  s.alter(actions, "The validated check stays.");

  core::rename_list names;
  const auto added = before.added_columns();
  for (const auto& column : before.new_version().columns)
    if (contains(added, column.physical))
      names.emplace_back(column.physical, core::fitted_name(fmt::format("_accord_{}_", m.id), column.name));
  for (const auto& column : before.old_version().columns)
    names.emplace_back(column.physical, column.name);
  rename(s, m, names);
  retarget(s, m, &retargeting::original, "It reads the columns of the version that the table gets.");
  retarget(s, m, &retargeting::widened, "It fires for the columns of either version.");

  std::map<std::string, std::optional<std::string>> defaults;
  for (const auto& column : m.old_version().shape.columns)
    if (column.identity.empty() && !column.generated) defaults[m.old_version().find(column.name)->physical] = column.default_expression;
  for (const auto& column : m.new_version().columns)
    if (m.is_dual(column.name)) defaults[column.physical] = std::nullopt;
  set_defaults(s, m, defaults);
  set_comments(s, m, m.new_version(), m.old_version());
  undo_children(s, m);
  result.statements = s.take();
  return result;
}

std::vector<statement> drop_key_steps(const migration& m, phase p) {
  script s(m, p);
  drop_keys(s, m, p == phase::purge);
  for (const auto& child : m.children)
    s.append(drop_key_steps(child, p));
  return s.take();
}

std::vector<statement> rollback_steps(const migration& m) {
  script s(m, phase::rollback);
  drop_view(s, m.new_version());
  if (m.old_view_is_ours && !m.other_migrations) drop_view(s, m.old_version());
  drop_triggers(s, m);
  drop_move_triggers(s, m);
  retarget(s, m, &retargeting::original, "It is as it was before.");
  restore_identities(s, m);
  drop_added(s, m);
  drop_from_children(s, m, phase::rollback);
  std::vector<std::string> actions;
  for (const auto& name : in_order_of_dropping(m.new_version(), m.added_columns()))
    actions.push_back("DROP COLUMN " + quote_identifier(name));
  if (m.marker) actions.push_back("DROP COLUMN " + quote_identifier(*m.marker));
  s.alter(actions, "The new version's own columns go; nothing of the old version is lost.");
  drop_local_columns(s, m, phase::rollback);
  return s.take();
}

std::vector<statement> triggers_after_purge(const migration& m) {
  script s(m, phase::purge);
  retarget(s, m, &retargeting::purged, "The old version's columns go.");
  retarget_children(s, m, phase::purge, &retargeting::purged, "The old version's columns go.");
  return s.take();
}

std::vector<statement> purge_steps(const migration& m) {
  script s(m, phase::purge);
  drop_view(s, m.old_version());
  drop_triggers(s, m);
  drop_move_triggers(s, m);
  for (const auto& column : m.new_version().columns)
    if (must_be_given(m, m.new_version(), column))
      s.other(*set_view_default(m.new_version(), {column.name, column.physical, "-"}, std::nullopt),
              "From now on the table says so itself.");
  retarget(s, m, &retargeting::purged, "The old version's columns go.");
  drop_from_children(s, m, phase::purge);
  auto actions = drops_before_purge(m, columns_with_check(m));
  std::vector<std::string> replaced;
  for (const auto& name : m.replaced_columns())
    replaced.push_back(m.old_version().find(name)->physical);
  for (const auto& name : in_order_of_dropping(m.old_version(), replaced))
    actions.push_back("DROP COLUMN " + quote_identifier(name));
  if (m.marker) actions.push_back("DROP COLUMN " + quote_identifier(*m.marker));
  s.alter(actions, "The old version's own columns go.  Their space comes back as rows are rewritten.");
  drop_local_columns(s, m, phase::purge);
  for (const auto& d : m.dropped)
    if (d.kind == companion_kind::index)
      s.table(fmt::format("DROP INDEX IF EXISTS {}", index_sql(m, d.name)), "Only the old version had it.", runner::owner);
  name_added_indexes(s, m);
  widen_sequences(s, m);
  tighten_identities(s, m);
  return s.take();
}

}  // namespace accord::plan
