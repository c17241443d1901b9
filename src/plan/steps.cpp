// See steps.hpp.
#include "plan/steps.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "core/text.hpp"
#include "plan/companion_steps.hpp"
#include "plan/default_steps.hpp"
#include "plan/identity_steps.hpp"
#include "plan/move_steps.hpp"
#include "plan/renaming.hpp"
#include "plan/script.hpp"
#include "plan/sequence_steps.hpp"
#include "plan/view_sql.hpp"

namespace accord::plan {

using core::quote_identifier;
using core::quote_literal;

namespace {

using core::contains;

// Columns of the old version that a transform writes.
bool is_written_back(const migration& m, std::string_view name) {
  return std::any_of(m.transforms.begin(), m.transforms.end(), [&](const auto& t) {
    for (std::size_t i = 0; i < t.old_columns.size(); i++)
      if (t.down[i] && t.old_columns[i] == name) return true;
    return false;
  });
}

std::string type_sql(const core::column_type& type) {
  return type.collation.empty() ? type.text : fmt::format("{} COLLATE {}", type.text, type.collation);
}

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

void drop_triggers(script& s, const migration& m) {
  if (!m.keeps_in_step() || m.other_migrations) return;
  for (const char* name : {"!accord_sync", "~accord_sync"})
    s.table(fmt::format("DROP TRIGGER IF EXISTS {} ON {}", quote_identifier(name), m.table.sql()), "Nothing is left to keep in step.",
            runner::extension);
}

// Renames, the same in the map of every live version.
void rename(script& s, migration& m, const rename_list& wanted) {
  auto ordered = in_safe_order(wanted, fmt::format("_accord_{}_swap", m.id));
  for (const auto& [from, to] : ordered) {
    for (auto& sequence : m.sequences)
      if (sequence.column == from) sequence.column = to;
    s.table(fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", m.table.sql(), quote_identifier(from), quote_identifier(to)),
            "A change of name, which no view notices.", runner::owner);
    for (auto& version : m.versions)
      for (auto& column : version.columns)
        if (column.physical == from) column.physical = to;
    if (auto found = m.defaults.extract(from)) {
      found.key() = to;
      m.defaults.insert(std::move(found));
    }
  }
}

void set_comments(script& s, const migration& m, const live_version& before, const live_version& after) {
  for (const auto& column : after.columns) {
    const auto& wanted = after.shape.find_column(column.name)->comment;
    std::string had;
    for (const auto& old : before.columns)
      if (old.physical == column.physical) had = before.shape.find_column(old.name)->comment;
    if (had != wanted)
      s.table(fmt::format("COMMENT ON COLUMN {}.{} IS {}", m.table.sql(), quote_identifier(column.physical),
                          wanted.empty() ? "NULL" : quote_literal(wanted)),
              "The comments of the shape that the table has now.", runner::owner, "SHARE UPDATE EXCLUSIVE");
  }
  if (before.shape.comment != after.shape.comment)
    s.table(
        fmt::format("COMMENT ON TABLE {} IS {}", m.table.sql(), after.shape.comment.empty() ? "NULL" : quote_literal(after.shape.comment)),
        "The comments of the shape that the table has now.", runner::owner, "SHARE UPDATE EXCLUSIVE");
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

std::vector<std::string> columns_with_check(const migration& m) {
  std::vector<std::string> names;
  for (const auto& column : m.new_version().shape.columns)
    if (column.not_null && m.is_dual(column.name)) names.push_back(column.name);
  return names;
}

}  // namespace

std::string not_null_check(const migration& m, std::string_view column) {
  return core::fitted_name(fmt::format("_accord_{}_not_null_", m.id), column);
}

std::vector<statement> expand_steps(const migration& m) {
  script s(m, phase::expand);
  std::vector<std::string> actions;
  auto added = m.added_columns();
  for (const auto& column : m.new_version().columns) {
    if (!contains(added, column.physical)) continue;
    const auto& seen = *m.new_version().shape.find_column(column.name);
    std::string action = fmt::format("ADD COLUMN {} {}", quote_identifier(column.physical), type_sql(seen.type));
    auto traits = std::find_if(m.traits.begin(), m.traits.end(), [&](const auto& t) { return t.physical == column.physical; });
    if (!m.is_dual(column.name)) {
      if (auto generation = m.generation.find(column.physical); generation != m.generation.end())
        action += fmt::format(" GENERATED ALWAYS AS ({}) VIRTUAL", generation->second);
      if (seen.default_expression) action += " DEFAULT " + *seen.default_expression;
      if (seen.not_null) action += " NOT NULL";
    }
    actions.push_back(std::move(action));
    if (traits != m.traits.end())
      for (const auto& trait : traits->actions)
        actions.push_back(fmt::format("ALTER COLUMN {} {}", quote_identifier(column.physical), trait));
  }
  if (m.marker) actions.push_back(fmt::format("ADD COLUMN {} boolean DEFAULT true", quote_identifier(*m.marker)));
  for (const auto& name : columns_with_check(m))
    actions.push_back(fmt::format("ADD CONSTRAINT {} CHECK ({} IS NOT NULL) NOT VALID", quote_identifier(not_null_check(m, name)),
                                  quote_identifier(m.new_version().find(name)->physical)));
  for (const auto& c : m.companions)
    if (c.kind == companion_kind::check)
      actions.push_back(fmt::format("ADD CONSTRAINT {} {} NOT VALID", quote_identifier(twin_name(m.id, c)), c.definition));
  s.alter(actions, m.marker ? "The new version's own columns, and the mark of the rows that the backfill has to fill; no row is touched."
                            : "The new version's own columns; no row is touched.");
  // One for each table that is referenced: it is locked too.
  for (const auto& c : m.companions)
    if (c.kind == companion_kind::foreign_key && !c.late) add_key(s, m, c);
  for (const auto& traits : m.traits)
    for (const auto& [privilege, role] : traits.grants)
      s.table(fmt::format("GRANT {} ({}) ON {} TO {}", privilege, quote_identifier(traits.physical), m.table.sql(), role),
              "The rights that the replaced column gives.", runner::owner, "ACCESS SHARE");
  loosen_identities(s, m);
  retarget(s, m, &retargeting::widened, "It fires for the columns of either version.");
  if (m.makes_triggers) {
    const std::pair<const char*, const char*> triggers[] = {{"!accord_sync", "sync_first"}, {"~accord_sync", "sync_last"}};
    for (auto [name, function] : triggers)
      s.table(fmt::format("CREATE TRIGGER {} BEFORE INSERT OR UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION accord_catalog.{}('1', '{}')",
                          quote_identifier(name), m.table.sql(), function, m.contract),
              name[0] == '!' ? "Keeps the versions in step, before other triggers look." : "Carries over what other triggers changed.",
              runner::extension, "SHARE ROW EXCLUSIVE");
    s.table(fmt::format("ALTER TABLE {} ENABLE ALWAYS TRIGGER {}, ENABLE ALWAYS TRIGGER {}", m.table.sql(),
                        quote_identifier("!accord_sync"), quote_identifier("~accord_sync")),
            "Replicated rows are kept in step too.", runner::extension, "SHARE ROW EXCLUSIVE");
  }
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

std::vector<statement> late_key_steps(const migration& m) {
  script s(m, phase::activate);
  for (const auto& c : m.companions)
    if (c.late) add_key(s, m, c);
  for (const auto& c : m.companions)
    if (c.kind == companion_kind::exclusion)
      s.table(make_exclusion(m, c), "Its index is built; checked for what is written from now on.", runner::extension,
              "SHARE ROW EXCLUSIVE");
  return s.take();
}

std::vector<statement> validate_steps(const migration& m) {
  script s(m, phase::activate);
  for (const auto& name : columns_with_check(m))
    s.alter({fmt::format("VALIDATE CONSTRAINT {}", quote_identifier(not_null_check(m, name)))}, "Proves that no row has NULL there.",
            "SHARE UPDATE EXCLUSIVE");
  for (const auto& c : m.companions) {
    if (!c.validated) continue;
    if (c.is_key_to_other()) validate_key(s, m, c);
    if (c.kind == companion_kind::check)
      s.table(fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", table_of(m, c), quote_identifier(twin_name(m.id, c))),
              "Proves it for the rows that are there.", runner_of(c), "SHARE UPDATE EXCLUSIVE");
  }
  for (const auto& c : m.companions)
    if (c.kind == companion_kind::exclusion && !c.proven)
      s.table(fmt::format("SELECT accord_catalog.prove_exclusion({}, {})", quote_literal(m.table.sql()), quote_literal(twin_name(m.id, c))),
              "Proves it for the rows that are there.", runner::extension, "SHARE UPDATE EXCLUSIVE");
  return s.take();
}

std::vector<statement> activate_steps(const migration& m) {
  script s(m, phase::activate);
  open_companions(s, m);
  s.all(grant_view(m.new_version(), m.privileges), "The new version is open to those who may use the table.");
  return s.take();
}

outcome complete_steps(const migration& before) {
  outcome result{{}, before};
  migration& m = result.after;
  script s(m, phase::complete);
  const auto replaced = before.replaced_columns();
  retarget(s, m, &retargeting::completed, "It reads the columns of the version that the table gets.");
  rename_list names;
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

  std::vector<std::string> actions;
  for (const auto& t : m.transforms)
    if (t.computed)
      actions.push_back(
          fmt::format("ALTER COLUMN {} DROP EXPRESSION", quote_identifier(m.new_version().find(t.new_columns.front())->physical)));
  for (const auto& name : columns_with_check(m))
    actions.push_back(fmt::format("ALTER COLUMN {} DROP NOT NULL", quote_identifier(m.new_version().find(name)->physical)));
  s.alter(actions, "The validated check stays, and the triggers compute again what was generated.");

  rename_list names;
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
  result.statements = s.take();
  return result;
}

std::vector<statement> drop_key_steps(const migration& m, phase p) {
  script s(m, p);
  drop_keys(s, m, p == phase::purge);
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
  std::vector<std::string> actions;
  for (const auto& c : m.companions) {
    if (c.kind == companion_kind::exclusion)
      s.alter({fmt::format("DROP CONSTRAINT IF EXISTS {}", quote_identifier(twin_name(m.id, c)))}, "The new version's own goes.");
    if (c.added && c.kind == companion_kind::primary_key)
      s.alter({fmt::format("DROP CONSTRAINT IF EXISTS {}", quote_identifier(c.name))}, "The new version's own key goes.");
    if (c.added && (c.kind == companion_kind::index || c.kind == companion_kind::primary_key))
      s.table(fmt::format("DROP INDEX IF EXISTS {}", index_sql(m, twin_name(m.id, c))), "The new version's own index goes.", runner::owner);
  }
  for (const auto& name : in_order_of_dropping(m.new_version(), m.added_columns()))
    actions.push_back("DROP COLUMN " + quote_identifier(name));
  if (m.marker) actions.push_back("DROP COLUMN " + quote_identifier(*m.marker));
  s.alter(actions, "The new version's own columns go; nothing of the old version is lost.");
  return s.take();
}

std::vector<statement> triggers_after_purge(const migration& m) {
  script s(m, phase::purge);
  retarget(s, m, &retargeting::purged, "The old version's columns go.");
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
  std::vector<std::string> actions;
  for (const auto& name : columns_with_check(m))
    actions.push_back("DROP CONSTRAINT " + quote_identifier(not_null_check(m, name)));
  for (const auto& c : m.companions)
    if (c.kind == companion_kind::exclusion && !c.added) actions.push_back("DROP CONSTRAINT " + quote_identifier(old_twin_name(m.id, c)));
  for (const auto& d : m.dropped)
    if (d.kind != companion_kind::index) actions.push_back("DROP CONSTRAINT IF EXISTS " + quote_identifier(d.name));
  std::vector<std::string> replaced;
  for (const auto& name : m.replaced_columns())
    replaced.push_back(m.old_version().find(name)->physical);
  for (const auto& name : in_order_of_dropping(m.old_version(), replaced))
    actions.push_back("DROP COLUMN " + quote_identifier(name));
  if (m.marker) actions.push_back("DROP COLUMN " + quote_identifier(*m.marker));
  s.alter(actions, "The old version's own columns go.  Their space comes back as rows are rewritten.");
  for (const auto& d : m.dropped)
    if (d.kind == companion_kind::index)
      s.table(fmt::format("DROP INDEX IF EXISTS {}", index_sql(m, d.name)), "Only the old version had it.", runner::owner);
  widen_sequences(s, m);
  tighten_identities(s, m);
  return s.take();
}

}  // namespace accord::plan
