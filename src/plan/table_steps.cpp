// See table_steps.hpp.
#include "plan/table_steps.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "plan/companion_steps.hpp"
#include "plan/identity_steps.hpp"
#include "plan/steps.hpp"

namespace accord::plan {

using core::quote_identifier;
using core::quote_literal;

namespace {

std::string type_sql(const core::column_type& type) {
  return type.collation.empty() ? type.text : fmt::format("{} COLLATE {}", type.text, type.collation);
}

}  // namespace

std::string added_column_sql(const migration& m, const version_column& column) {
  const auto& seen = *m.new_version().shape.find_column(column.name);
  std::string action = fmt::format("ADD COLUMN {} {}", quote_identifier(column.physical), type_sql(seen.type));
  if (m.is_dual(column.name)) return action;
  if (auto generation = m.generation.find(column.physical); generation != m.generation.end())
    action += fmt::format(" GENERATED ALWAYS AS ({}) VIRTUAL", generation->second);
  if (seen.default_expression) action += " DEFAULT " + *seen.default_expression;
  if (seen.not_null) action += " NOT NULL";
  return action;
}

std::vector<std::string> trait_actions(const migration& m, std::string_view physical) {
  std::vector<std::string> actions;
  for (const auto& traits : m.traits)
    if (traits.physical == physical)
      for (const auto& trait : traits.actions)
        actions.push_back(fmt::format("ALTER COLUMN {} {}", quote_identifier(traits.physical), trait));
  return actions;
}

std::vector<std::string> columns_with_check(const migration& m) {
  std::vector<std::string> names;
  for (const auto& column : m.new_version().shape.columns)
    if (column.not_null && m.is_dual(column.name)) names.push_back(column.name);
  return names;
}

std::vector<std::string> check_actions(const migration& m, const std::vector<std::string>& not_null) {
  std::vector<std::string> actions;
  for (const auto& name : not_null)
    actions.push_back(fmt::format("ADD CONSTRAINT {} CHECK ({} IS NOT NULL) NOT VALID", quote_identifier(not_null_check(m, name)),
                                  quote_identifier(m.new_version().find(name)->physical)));
  for (const auto& c : m.companions)
    if (c.kind == companion_kind::check)
      actions.push_back(fmt::format("ADD CONSTRAINT {} {} NOT VALID", quote_identifier(twin_name(m.id, c)), c.definition));
  return actions;
}

void expand_table(script& s, const migration& m) {
  // One for each table that is referenced: it is locked too.
  for (const auto& c : m.companions)
    if (c.kind == companion_kind::foreign_key && !c.late) add_key(s, m, c);
  for (const auto& traits : m.traits)
    for (const auto& [privilege, role] : traits.grants)
      s.table(fmt::format("GRANT {} ({}) ON {} TO {}", privilege, quote_identifier(traits.physical), m.table.sql(), role),
              "The rights that the replaced column gives.", runner::owner, "ACCESS SHARE");
  loosen_identities(s, m);
  retarget(s, m, &retargeting::widened, "It fires for the columns of either version.");
  if (m.makes_triggers) make_triggers(s, m);
}

void validate_table(script& s, const migration& m, const std::vector<std::string>& not_null) {
  for (const auto& name : not_null)
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
}

void follow_renames(migration& m, const core::rename_list& in_order) {
  for (const auto& [from, to] : in_order) {
    for (auto& sequence : m.sequences)
      if (sequence.column == from) sequence.column = to;
    for (auto& version : m.versions)
      for (auto& column : version.columns)
        if (column.physical == from) column.physical = to;
    if (auto found = m.defaults.extract(from)) {
      found.key() = to;
      m.defaults.insert(std::move(found));
    }
    for (auto* columns : {&m.local, &m.local_not_null})
      if (columns->erase(from)) columns->insert(to);
  }
}

bool is_written_back(const migration& m, std::string_view old_column) {
  return std::any_of(m.transforms.begin(), m.transforms.end(), [&](const auto& t) {
    for (std::size_t i = 0; i < t.old_columns.size(); i++)
      if (t.down[i] && t.old_columns[i] == old_column) return true;
    return false;
  });
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

void make_triggers(script& s, const migration& m) {
  const std::pair<const char*, const char*> triggers[] = {{"!accord_sync", "sync_first"}, {"~accord_sync", "sync_last"}};
  for (auto [name, function] : triggers)
    s.table(fmt::format("CREATE TRIGGER {} BEFORE INSERT OR UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION accord_catalog.{}('1', '{}')",
                        quote_identifier(name), m.table.sql(), function, m.contract),
            name[0] == '!' ? "Keeps the versions in step, before other triggers look." : "Carries over what other triggers changed.",
            runner::extension, "SHARE ROW EXCLUSIVE");
  s.table(fmt::format("ALTER TABLE {} ENABLE ALWAYS TRIGGER {}, ENABLE ALWAYS TRIGGER {}", m.table.sql(), quote_identifier("!accord_sync"),
                      quote_identifier("~accord_sync")),
          "Replicated rows are kept in step too.", runner::extension, "SHARE ROW EXCLUSIVE");
}

void drop_triggers(script& s, const migration& m) {
  if (!m.keeps_in_step() || m.other_migrations) return;
  for (const char* name : {"!accord_sync", "~accord_sync"})
    s.table(fmt::format("DROP TRIGGER IF EXISTS {} ON {}", quote_identifier(name), m.table.sql()), "Nothing is left to keep in step.",
            runner::extension);
}

namespace {

// With those of partitions that it has not taken in yet.
void drop_index(script& s, const migration& m, const companion& c) {
  auto drop = [&](const std::string& index) {
    s.table("DROP INDEX IF EXISTS " + index, "The new version's own index goes.", runner::owner);
  };
  drop(index_sql(m, twin_name(m.id, c)));
  if (c.taken_in) return;
  for (const auto& p : c.partitions)
    if (p.leaf) drop(core::qualified_name{p.table.schema, p.twin}.sql());
}

}  // namespace

void drop_added(script& s, const migration& m) {
  for (const auto& c : m.companions) {
    if (c.kind == companion_kind::exclusion)
      s.alter({fmt::format("DROP CONSTRAINT IF EXISTS {}", quote_identifier(twin_name(m.id, c)))}, "The new version's own goes.");
    if (c.added && c.kind == companion_kind::primary_key)
      s.alter({fmt::format("DROP CONSTRAINT IF EXISTS {}", quote_identifier(c.name))}, "The new version's own key goes.");
    if (c.added && (c.kind == companion_kind::index || c.kind == companion_kind::primary_key)) drop_index(s, m, c);
  }
}

std::vector<std::string> drops_before_purge(const migration& m, const std::vector<std::string>& not_null) {
  std::vector<std::string> actions;
  for (const auto& name : not_null)
    actions.push_back("DROP CONSTRAINT " + quote_identifier(not_null_check(m, name)));
  for (const auto& c : m.companions)
    if (c.kind == companion_kind::exclusion && !c.added) actions.push_back("DROP CONSTRAINT " + quote_identifier(old_twin_name(m.id, c)));
  for (const auto& d : m.dropped)
    if (d.kind != companion_kind::index) actions.push_back("DROP CONSTRAINT IF EXISTS " + quote_identifier(d.name));
  return actions;
}

}  // namespace accord::plan
