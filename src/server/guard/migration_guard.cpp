// migration_guard.  See migration_guard.hpp.
#include "server/guard/migration_guard.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "server/ddl/tree.hpp"
#include "server/guard/descendants.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/lifecycle.hpp"
#include "server/registry/own_ddl.hpp"

#include "pg/pg.h"

namespace accord::guard {

namespace {

constexpr const char* way_out =
    "Finish the migration with accord.complete() and accord.purge(), or undo it with accord.rollback().  The view accord.status tells what "
    "is live.";

core::failure in_use(const std::string& what, const std::string& detail) {
  return core::failure(core::sqlstate::object_not_in_prerequisite_state, what, detail, way_out);
}

// The tables that have live migrations, for people; empty: none.
std::string live_tables() {
  auto rows = catalog::query(
      "SELECT string_agg(DISTINCT quote_ident(c.last_schema) || '.' || quote_ident(c.last_name), ', ')"
      "  FROM accord_catalog.migration m JOIN accord_catalog.migration_relation r ON r.migration_id = m.id"
      "  JOIN accord_catalog.contract c ON c.id = r.contract_id"
      " WHERE m.state IN ('preparing', 'active', 'completed')");
  return rows.empty() ? std::string() : rows.front().text_or(0, "");
}

void keep_extension(const char* action) {
  std::string tables = live_tables();
  if (tables.empty()) return;
  throw in_use(fmt::format("cannot {} while a migration is live", action),
               fmt::format("It would take away what keeps both versions of {} in step.", tables));
}

bool is_installed() {
  return catalog::is_installed();
}

// The contract whose live migration made this schema; empty: none did.
std::string migrating_contract_of_schema(const std::string& schema) {
  static constinit spi::prepared statement{
      "SELECT c.last_name FROM accord_catalog.migration_relation r JOIN accord_catalog.migration m ON m.id = r.migration_id"
      "  JOIN accord_catalog.contract c ON c.id = r.contract_id"
      " WHERE m.state IN ('preparing', 'active', 'completed') AND $1::name IN (r.from_schema, r.to_schema) LIMIT 1"};
  auto rows = catalog::run(statement, {schema});
  return rows.empty() ? std::string() : rows.front().text(0);
}

void protect_schema(const std::string& schema, const char* action) {
  std::string table = migrating_contract_of_schema(schema);
  if (table.empty()) return;
  throw in_use(fmt::format("cannot {} schema \"{}\" while a migration of \"{}\" is live", action, schema, table),
               "The schema holds the view of a contract version that clients use.");
}

bool names_extension(DropStmt* drop) {
  for (int i = 0; i < list_length(drop->objects); i++)
    if (strcmp(strVal(list_nth(drop->objects, i)), "pg_accord") == 0) return true;
  return false;
}

bool owns_extension(DropOwnedStmt* drop) {
  Oid owner = extension_owner();
  for (int i = 0; i < list_length(drop->roles); i++) {
    auto* role = static_cast<RoleSpec*>(list_nth(drop->roles, i));
    if (pg([&] { return get_rolespec_oid(role, true); }) == owner) return true;
  }
  return false;
}

void protect_index(RangeVar* written, const char* action) {
  struct found {
    Oid table;
    const char* name;
  };
  auto f = pg([&] {
    Oid index = RangeVarGetRelid(written, NoLock, true);
    return found{OidIsValid(index) ? IndexGetRelation(index, true) : InvalidOid, written->relname};
  });
  Oid contracted = registry::find_contract(f.table) ? f.table : registry::migrating_table_above(f.table);
  if (!OidIsValid(contracted)) return;
  auto shown = fmt::format("index \"{}\"", f.name);
  for (const auto& part : machinery_of(f.table, contracted))
    if (part.shown == shown)
      throw in_use(fmt::format("cannot {} {} while a migration of its table is live", action, shown),
                   "It belongs to what both versions are made of, and the next steps of the migration rely on it.");
}

void protect_dropped_indexes(DropStmt* drop) {
  for (int i = 0; i < list_length(drop->objects); i++) {
    auto* name = static_cast<List*>(list_nth(drop->objects, i));
    protect_index(pg([&] { return makeRangeVarFromNameList(name); }), "drop");
  }
}

}  // namespace

void protect_from_intent(Node* tree) {
  switch (nodeTag(tree)) {
    case T_DropStmt: {
      auto* drop = reinterpret_cast<DropStmt*>(tree);
      if (drop->removeType == OBJECT_EXTENSION && names_extension(drop) && is_installed()) keep_extension("drop extension pg_accord");
      // CONCURRENTLY commits before anybody could look at what it left.
      if (drop->removeType == OBJECT_INDEX && is_installed()) protect_dropped_indexes(drop);
      if (drop->removeType == OBJECT_SCHEMA && is_installed())
        for (const auto& schema : ddl::strings(drop->objects))
          protect_schema(schema, "drop");
      break;
    }
    case T_AlterExtensionContentsStmt: {
      auto* alter = reinterpret_cast<AlterExtensionContentsStmt*>(tree);
      // Scripts of the extension itself do so.
      if (alter->action < 0 && strcmp(alter->extname, "pg_accord") == 0 && !creating_extension && is_installed())
        keep_extension("take a part out of extension pg_accord");
      break;
    }
    case T_DropOwnedStmt:
      if (is_installed() && owns_extension(reinterpret_cast<DropOwnedStmt*>(tree)))
        keep_extension("drop what the owner of extension pg_accord owns");
      break;
    case T_RenameStmt: {
      auto* rename = reinterpret_cast<RenameStmt*>(tree);
      // ALTER TABLE takes the name of an index too.
      if ((rename->renameType == OBJECT_INDEX || rename->renameType == OBJECT_TABLE) && is_installed())
        protect_index(rename->relation, "rename");
      if (rename->renameType == OBJECT_SCHEMA && is_installed()) protect_schema(rename->subname, "rename");
      break;
    }
    default:
      break;
  }
}

void protect_tree(Node* tree, const std::string& tag) {
  if (!IsA(tree, AlterTableStmt)) return;
  auto* alter = reinterpret_cast<AlterTableStmt*>(tree);
  ddl::catalog_world as_is;
  for (int i = 0; i < list_length(alter->cmds); i++) {
    auto* command = static_cast<AlterTableCmd*>(list_nth(alter->cmds, i));
    bool comes = command->subtype == AT_AddInherit;
    if (!comes && command->subtype != AT_DropInherit) continue;
    Oid parent = as_is.find(reinterpret_cast<RangeVar*>(command->def)), child = as_is.find(alter->relation);
    if (!OidIsValid(parent) || !OidIsValid(child)) continue;  // PostgreSQL will say so
    Oid migrating = registry::migrating_table_at(parent);
    if (!OidIsValid(migrating)) continue;
    auto c = registry::get_contract(migrating);
    const char* name = pg([&] { return get_rel_name(child); });
    throw core::failure(
        core::sqlstate::object_not_in_prerequisite_state,
        fmt::format("{} cannot take \"{}\" {} the inheritance tree of \"{}\" while a migration of it is live", tag, name ? name : "",
                    comes ? "into" : "out of", c.display()),
        comes ? "Its rows have not been kept in step." : "Its rows are kept in step as part of the tree.",
        comes ? "Create the table in the tree with CREATE TABLE ... INHERITS, and copy the rows; or wait for the end of the migration."
              : way_out);
  }
}

void protect_view(Oid relation, const std::string& tag) {
  if (pg([&] { return get_rel_relkind(relation); }) != RELKIND_VIEW) return;
  struct parts {
    const char *schema, *name;
  };
  auto p = pg([&] { return parts{get_namespace_name(get_rel_namespace(relation)), get_rel_name(relation)}; });
  if (!p.schema || !p.name) return;
  std::string schema = p.schema, name = p.name;
  std::string table = migrating_contract_of_schema(schema);
  if (table.empty()) return;
  throw in_use(fmt::format("{} cannot change view \"{}.{}\" while a migration of \"{}\" is live", tag, schema, name, table),
               "The view is a contract version that clients use.");
}

namespace {

bool has_triggers(Oid relation) {
  return pg([&] {
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(tuple)) return false;
    bool any = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relhastriggers;
    ReleaseSysCache(tuple);
    return any;
  });
}

bool takes_apart(const AlterTableStmt* alter) {
  for (int i = 0; i < list_length(alter->cmds); i++)
    switch (static_cast<AlterTableCmd*>(list_nth(alter->cmds, i))->subtype) {
      case AT_DropColumn:
      case AT_AlterColumnType:
      case AT_DropConstraint:
      case AT_ChangeOwner:
      case AT_EnableTrig:
      case AT_EnableReplicaTrig:
      case AT_DisableTrig:
      case AT_DisableTrigAll:
      case AT_DisableTrigUser:
      case AT_AddInherit:
      case AT_AttachPartition:
      case AT_DetachPartition:
        return true;
      default:
        break;
    }
  return false;
}

}  // namespace

void protect_moved_to(Oid relation, Node* tree, const std::string& tag) {
  bool takes = IsA(tree, RenameStmt) || IsA(tree, AlterObjectSchemaStmt) ||
               (IsA(tree, AlterTableStmt) && takes_apart(reinterpret_cast<AlterTableStmt*>(tree)));
  if (!takes || !has_triggers(relation)) return;
  static constinit spi::prepared statement{
      "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
      " WHERE t.tgrelid = $1::oid AND t.tgname ~ '^!accord_move_.*_lock$' LIMIT 1"};
  auto rows = catalog::run(statement, {relation});
  if (!rows.empty())
    throw in_use(
        fmt::format("{} cannot change table \"{}\" while a migration keeps it in step with another one", tag, rows.front().text(0)),
        "The names and types of its columns, its keys, its triggers, its owner and its partitions are part of what keeps two tables in "
        "step.");
}

void follow_new_partition(Node* tree) {
  if (!IsA(tree, CreateStmt) || !reinterpret_cast<CreateStmt*>(tree)->partbound) return;
  Oid parent = ddl::catalog_world().find(static_cast<RangeVar*>(linitial(reinterpret_cast<CreateStmt*>(tree)->inhRelations)));
  if (!OidIsValid(parent) || !has_triggers(parent)) return;
  static constinit spi::prepared statement{
      "SELECT accord_catalog.follow_truncate(pg_partition_root(tgrelid), (regexp_match(tgname, '\\d+'))[1]::bigint,"
      "                                      (regexp_match(tgname, '(\\d+)_lock$'))[1]::integer, true)"
      "  FROM pg_trigger WHERE tgrelid = $1::oid AND tgname ~ '^!accord_move_.*_lock$'"};
  own_ddl ours;
  catalog::run(statement, {parent});
}

void protect_move_trigger(const std::string& name, Oid table, const std::string& tag) {
  if (!name.starts_with("!accord_move_")) return;
  // What a partition has goes with it, while the table itself keeps what the partition had it from.
  static constinit spi::prepared statement{
      "SELECT FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname = $1::name AND t.tgparentid = 0 AND c.relkind = 'p'"
      "   AND NOT EXISTS (SELECT FROM pg_trigger other WHERE other.tgrelid = $2::oid AND other.tgname ~ '^!accord_move_.*_lock$')"};
  if (!catalog::run(statement, {name, table}).empty()) {
    if (!name.ends_with("_lock")) return;
    throw in_use(fmt::format("{} cannot take a partition away while a migration keeps its table in step with another one", tag),
                 "Its rows would go, and what belongs to them would stay.");
  }
  throw in_use(fmt::format("{} cannot take trigger \"{}\" away while a migration is live", tag, name),
               "It keeps the rows of two tables in step, and goes with either of them.");
}

void protect_move_key(Oid table, const std::string& tag) {
  if (!has_triggers(table)) return;
  static constinit spi::prepared statement{
      "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
      "  JOIN accord_catalog.migration_move m ON t.tgname = format('!accord_move_%s_%s_lock', m.migration_id, m.ordinal)"
      "  JOIN accord_catalog.contract k ON k.id = m.contract_id"
      " WHERE t.tgrelid = $1::oid AND k.relation IS NOT NULL"
      "   AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conrelid = t.tgrelid AND f.confrelid = k.relation) LIMIT "
      "1"};
  auto rows = catalog::run(statement, {table});
  if (!rows.empty())
    throw core::failure(
        core::sqlstate::object_not_in_prerequisite_state,
        fmt::format("{} cannot take away the foreign key of table \"{}\" while a migration keeps it in step with another one", tag,
                    rows.front().text(0)),
        "It says which rows of the two tables belong together.",
        "Where it would go with a partition, delete first what belongs to the partition's rows, and detach the partition before it is "
        "dropped.");
}

void protect_from_truth(const registry::contract& c, const watched& w, const std::string& tag) {
  if (registry::live_migrations(c.id).empty()) return;
  static constinit spi::prepared statement{"SELECT DISTINCT physical FROM accord_catalog.version_column WHERE contract_id = $1::bigint"};
  stored_columns now = columns_of(w.relation);
  auto rows = catalog::run(statement, {c.id});
  auto carries = [&](const std::string& name) {
    return name.starts_with("_accord_") || std::any_of(rows.begin(), rows.end(), [&](const spi::row& row) { return row.text(0) == name; });
  };
  for (const auto& [number, before] : w.columns) {
    auto after = now.find(number);
    if (!carries(before.name) || (after != now.end() && after->second == before)) continue;
    throw in_use(fmt::format("{} cannot change column \"{}\" of \"{}\" while a migration of it is live", tag, before.name, c.display()),
                 "The column carries a contract version that clients use.");
  }
  auto parts = machinery_of(w.relation, OidIsValid(w.migrating) ? w.migrating : w.relation);
  for (const auto& part : w.machinery)
    if (std::find(parts.begin(), parts.end(), part) == parts.end())
      throw in_use(fmt::format("{} cannot change {} of \"{}\" while a migration of it is live", tag, part.shown, c.display()),
                   "It belongs to what both versions are made of, and the next steps of the migration rely on it.");
  // One that is made or switched on is welcome: a restore does so.  One goes with a partition that goes.
  auto triggers = sync_triggers_of(w.relation);
  auto lost = [&](const sync_trigger& before) {
    auto same = [&](const sync_trigger& t) { return t.relation == before.relation && t.name == before.name; };
    auto after = std::find_if(triggers.begin(), triggers.end(), same);
    return before.fires && (after == triggers.end() ? before.relation == w.relation : !after->fires);
  };
  if (std::any_of(w.sync_triggers.begin(), w.sync_triggers.end(), lost))
    throw in_use(fmt::format("{} cannot change the triggers that keep both versions of \"{}\" in step while a migration of it is live", tag,
                             c.display()),
                 "Writes through one version would no longer reach the other.");
}

void protect_from_rows(const registry::contract& c, const watched& w, const std::string& tag) {
  if (!w.children) return;
  static constinit spi::prepared statement{
      "SELECT m.state = 'preparing', r.marker FROM accord_catalog.migration_relation r JOIN accord_catalog.migration m ON m.id = "
      "r.migration_id"
      " WHERE r.contract_id = $1::bigint AND r.marker IS NOT NULL AND m.state IN ('preparing', 'active', 'completed') ORDER BY 1, m.id"};
  auto migrations = catalog::run(statement, {c.id});
  if (migrations.empty()) return;
  for (const auto& [below, come] : children_of(w.relation, nullptr, {})) {
    if (w.children->contains(below) || pg([&] { return get_rel_relkind(below); }) != RELKIND_RELATION) continue;
    for (const auto& migration : migrations) {
      const bool filling = migration.boolean(0);
      const auto marker = core::quote_identifier(migration.text(1));
      if (!catalog::query(
               fmt::format("SELECT EXISTS (SELECT FROM ONLY {}{})", come.name, filling ? fmt::format(" WHERE {} IS NOT TRUE", marker) : ""))
               .front()
               .boolean(0))
        continue;
      throw core::failure(
          core::sqlstate::object_not_in_prerequisite_state,
          fmt::format("{} cannot bring rows into \"{}\" while a migration of it is live", tag, c.display()),
          filling ? fmt::format("Rows of {} are not marked for the backfill.", come.name)
                  : fmt::format("The backfill is over, and nothing would fill the rows of {} for the other version.", come.name),
          filling ? fmt::format("Mark them before: UPDATE {} SET {} = true;  Or attach the partition empty, and insert its rows.",
                                come.name, marker)
                  : "Attach the partition empty, and insert its rows then.");
    }
  }
}

}  // namespace accord::guard
