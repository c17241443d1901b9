// Contracts, versions and subscriptions.  See contract.hpp.
#include "server/registry/contract.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "server/registry/catalog.hpp"
#include "server/registry/index_rows.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::registry {

namespace {

// Positions of the columns of accord_catalog.contract (control/parts/20_tables.sql).
enum {
  contract_id = 1,
  contract_relation,
  contract_last_schema,
  contract_last_name,
  contract_owner,
  contract_level,
  contract_mode,
  contract_partitions
};

// A row of the table as plain data, which can cross pg(); texts are palloc'd.
struct raw_contract {
  bool found = false;
  std::int64_t id = 0;
  Oid relation = InvalidOid;
  bool partitions_may_go = false;
  const char *schema = nullptr, *name = nullptr, *owner = nullptr, *level = nullptr, *mode = nullptr;
};

const char* name_at(HeapTuple tuple, int column, TupleDesc descriptor) {
  bool null;
  Datum value = heap_getattr(tuple, column, descriptor, &null);
  return null ? "" : pstrdup(NameStr(*DatumGetName(value)));
}

const char* text_at(HeapTuple tuple, int column, TupleDesc descriptor) {
  bool null;
  Datum value = heap_getattr(tuple, column, descriptor, &null);
  return null ? nullptr : TextDatumGetCString(value);
}

// The one row where `column` is `key`.  Inside pg(); no SPI, because the guard asks this at every DDL statement of the database.
raw_contract find_row(const char* index, int column, RegProcedure equals, Datum key) {
  raw_contract raw;
  each_row("contract", index, {{column, BTEqualStrategyNumber, equals, key}}, [&](HeapTuple tuple, TupleDesc descriptor) {
    bool null;
    raw.found = true;
    raw.id = DatumGetInt64(heap_getattr(tuple, contract_id, descriptor, &null));
    Datum relation = heap_getattr(tuple, contract_relation, descriptor, &null);
    raw.relation = null ? InvalidOid : DatumGetObjectId(relation);
    raw.schema = name_at(tuple, contract_last_schema, descriptor);
    raw.name = name_at(tuple, contract_last_name, descriptor);
    raw.owner = name_at(tuple, contract_owner, descriptor);
    raw.level = text_at(tuple, contract_level, descriptor);
    raw.mode = text_at(tuple, contract_mode, descriptor);
    raw.partitions_may_go = DatumGetBool(heap_getattr(tuple, contract_partitions, descriptor, &null));
    return false;
  });

  // The name as of now, where the relation is still there.
  if (raw.found && OidIsValid(raw.relation)) {
    const char* name = get_rel_name(raw.relation);
    const char* space = name ? get_namespace_name(get_rel_namespace(raw.relation)) : nullptr;
    if (space) {
      raw.name = name;
      raw.schema = space;
    }
  }
  return raw;
}

// Ids of all rows of that last_name; inside pg().
List* ids_named(const char* name) {
  List* ids = NIL;
  NameData key;
  namestrcpy(&key, name);
  each_row("contract", "contract_last_name", {{contract_last_name, BTEqualStrategyNumber, F_NAMEEQ, NameGetDatum(&key)}},
           [&](HeapTuple tuple, TupleDesc descriptor) {
             bool null;
             auto* id = static_cast<int64*>(palloc(sizeof(int64)));
             *id = DatumGetInt64(heap_getattr(tuple, contract_id, descriptor, &null));
             ids = lappend(ids, id);
             return true;
           });
  return ids;
}

std::optional<contract> converted(const raw_contract& raw) {
  if (!raw.found) return std::nullopt;
  contract c;
  c.id = raw.id;
  c.relation = raw.relation;
  c.name = {raw.schema, raw.name};
  c.owner = raw.owner;
  c.level = core::parse_level(raw.level ? raw.level : "clients");
  if (raw.mode) c.mode = raw.mode;
  c.partitions_may_go = raw.partitions_may_go;
  return c;
}

contract_version version_of(const spi::row& row) {
  return {{static_cast<int>(row.integer(0)), static_cast<int>(row.integer(1)), static_cast<int>(row.integer(2))},
          row.text(3),
          core::parse_shape(row.text(4)),
          row.text(5)};
}

std::vector<contract_version> versions_of(const spi::rows& rows) {
  std::vector<contract_version> result;
  result.reserve(rows.size());
  for (const auto& row : rows)
    result.push_back(version_of(row));
  return result;
}

}  // namespace

std::string contract::display() const {
  return name.schema == "public" ? name.name : name.display();
}

std::optional<contract> find_contract(Oid relation) {
  if (!OidIsValid(relation)) return std::nullopt;
  return converted(pg([&] { return find_row("contract_relation_key", contract_relation, F_OIDEQ, ObjectIdGetDatum(relation)); }));
}

std::vector<Oid> contracted(const std::vector<Oid>& relations) {
  static constinit spi::prepared statement{"SELECT relation::oid FROM accord_catalog.contract WHERE relation = ANY ($1::regclass[])"};
  std::vector<Oid> result;
  if (relations.empty()) return result;
  for (const auto& row : catalog::run(statement, {spi::oid_array(relations)}))
    result.push_back(row.oid(0));
  return result;
}

std::optional<contract> contract_of_view(Oid relation) {
  if (pg([&] { return get_rel_relkind(relation); }) != RELKIND_VIEW) return std::nullopt;
  auto rows = catalog::query(
      "SELECT DISTINCT r.contract_id FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
      "  JOIN accord_catalog.migration_relation r ON n.nspname IN (r.from_schema, r.to_schema)"
      " WHERE c.oid = $1::oid"
      " UNION SELECT v.key::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
      "  JOIN accord_catalog.generation g ON g.schema_name = n.nspname, jsonb_each_text(g.versions) v"
      "  JOIN accord_catalog.contract k ON k.id::text = v.key"
      " WHERE c.oid = $1::oid AND c.relname = k.last_name"
      " UNION SELECT r.contract_id FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
      "  JOIN accord_catalog.release l ON l.schema_name = n.nspname"
      "  JOIN accord_catalog.release_contract r ON r.release_id = l.id AND r.view_name = c.relname WHERE c.oid = $1::oid",
      {relation});
  if (rows.size() != 1) return std::nullopt;
  return get_contract_by_id(rows[0].integer(0));
}

contract get_contract(Oid relation) {
  if (auto found = find_contract(relation)) return *found;
  if (auto behind = contract_of_view(relation)) return *behind;
  struct {
    const char *schema, *name;
  } raw = pg([&] {
    decltype(raw) r{nullptr, get_rel_name(relation)};
    if (r.name) r.schema = get_namespace_name(get_rel_namespace(relation));
    return r;
  });
  if (!raw.name || !raw.schema)
    throw failure(core::sqlstate::undefined_table, fmt::format("relation with OID {} does not exist", relation));
  core::qualified_name name{raw.schema, raw.name};
  throw failure(core::sqlstate::undefined_object,
                fmt::format("there is no contract for relation \"{}\"", name.schema == "public" ? name.name : name.display()), {},
                fmt::format("Register it: SELECT accord.register_contract({});", core::quote_literal(name.sql())));
}

contract get_contract_by_id(std::int64_t id) {
  auto found = converted(pg([&] { return find_row("contract_pkey", contract_id, F_INT8EQ, Int64GetDatum(id)); }));
  if (!found) throw failure(core::sqlstate::undefined_object, fmt::format("there is no contract with id {}", id));
  return *found;
}

std::vector<std::int64_t> contracts_named(const std::string& name) {
  const char* text = name.c_str();
  List* found = pg([&] { return ids_named(text); });
  std::vector<std::int64_t> ids;
  for (int i = 0; i < list_length(found); i++)
    ids.push_back(*static_cast<int64*>(list_nth(found, i)));
  return ids;
}

std::vector<contract_version> versions(std::int64_t contract) {
  static constinit spi::prepared statement{
      "SELECT major, minor, patch, status, shape, fingerprint FROM accord_catalog.contract_version"
      " WHERE contract_id = $1::bigint ORDER BY major DESC, minor DESC, patch DESC"};
  return versions_of(catalog::run(statement, {contract}));
}

std::vector<contract_version> promised_versions(std::int64_t contract) {
  static constinit spi::prepared statement{
      "SELECT major, minor, patch, status, shape, fingerprint FROM accord_catalog.contract_version"
      " WHERE contract_id = $1::bigint AND status IN ('active', 'deprecated') ORDER BY major DESC, minor DESC, patch DESC"};
  return versions_of(catalog::run(statement, {contract}));
}

std::optional<contract_version> latest_promised(std::int64_t contract) {
  static constinit spi::prepared statement{
      "SELECT major, minor, patch, status, shape, fingerprint FROM accord_catalog.contract_version"
      " WHERE contract_id = $1::bigint AND status IN ('active', 'deprecated') ORDER BY major DESC, minor DESC, patch DESC LIMIT 1"};
  auto rows = catalog::run(statement, {contract});
  if (rows.empty()) return std::nullopt;
  return version_of(rows.front());
}

contract_version get_version(const contract& c, const std::string& text) {
  auto pattern = core::parse_version_pattern(text);
  auto all = versions(c.id);
  for (auto& v : all)
    if (pattern.matches(v.version)) return std::move(v);
  std::string choices;
  for (const auto& v : all)
    choices += (choices.empty() ? "" : ", ") + v.version.text();
  throw failure(core::sqlstate::undefined_object, fmt::format("contract \"{}\" has no version {}", c.display(), pattern.text()),
                choices.empty() ? "It has no version yet." : fmt::format("Its versions are {}.", choices));
}

std::optional<std::vector<std::string>> rights_of(const std::string& role, Oid relation) {
  static constinit spi::prepared statement{
      "SELECT r.rolsuper, r.rolsuper OR r.rolbypassrls, r.rolsuper OR pg_has_role(r.oid, c.relowner, 'USAGE'),"
      "       ARRAY(SELECT o.rolname::text FROM pg_roles o WHERE pg_has_role(r.oid, o.oid, 'USAGE'))"
      "  FROM pg_roles r LEFT JOIN pg_class c ON c.oid = $2::oid WHERE r.rolname = $1::name"};
  auto rows = catalog::run(statement, {role, relation});
  if (rows.empty()) return std::nullopt;
  const auto& row = rows.front();
  auto names = row.texts(3);
  names.emplace_back("public");
  if (row.boolean(0)) names.emplace_back(core::role_superuser);
  if (row.boolean(1)) names.emplace_back(core::role_bypass);
  if (!row.is_null(2) && row.boolean(2)) names.emplace_back(core::role_owner);
  return names;
}

std::vector<std::string> visible_consumers(const contract& c, const std::vector<std::string>& names) {
  if (names.empty() || rights::is_admin() || rights::is_member_of(c.owner)) return names;
  std::vector<std::string> result;
  for (const auto& row : catalog::query("SELECT name, role FROM accord_catalog.consumer WHERE name = ANY ($1::name[]) AND role IS NOT NULL",
                                        {spi::array_literal(names)}))
    if (rights::is_member_of(row.text(1))) result.push_back(row.text(0));
  // The order of the caller.
  std::vector<std::string> ordered;
  for (const auto& name : names)
    if (std::find(result.begin(), result.end(), name) != result.end()) ordered.push_back(name);
  return ordered;
}

std::string consumers_affected(const contract& c, const std::vector<std::string>& names) {
  auto visible = visible_consumers(c, names);
  auto hidden = names.size() - visible.size();
  std::string list;
  for (const auto& name : visible)
    list += (list.empty() ? "" : ", ") + name;
  if (hidden > 0) {
    if (visible.empty()) return fmt::format("Consumers affected: {}.", hidden);
    list += fmt::format(" and {} {}", hidden, hidden == 1 ? "other" : "others");
  }
  return list.empty() ? std::string() : fmt::format("Consumers affected: {}.", list);
}

core::shape capture_shape(Oid relation) {
  static constinit spi::prepared statement{"SELECT accord_catalog.capture_shape($1::oid)"};
  auto rows = catalog::run(statement, {relation});
  if (rows.empty() || rows.front().is_null(0))
    throw failure(core::sqlstate::undefined_table, fmt::format("relation with OID {} has no shape", relation),
                  "It does not exist, or is not a table, partitioned table, view, materialized view or foreign table.");
  return core::parse_shape(rows.front().text(0));
}

std::optional<core::shape> try_capture_shape(Oid relation) {
  if (!pg([&] { return ConditionalLockRelationOid(relation, AccessShareLock); })) return std::nullopt;
  auto shape = capture_shape(relation);
  pg([&] { UnlockRelationOid(relation, AccessShareLock); });
  return shape;
}

}  // namespace accord::registry
