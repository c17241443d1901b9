// See store.hpp.
#include "server/migration/store.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "server/migration/children.hpp"
#include "server/migration/companions.hpp"
#include "server/migration/facts.hpp"
#include "server/migration/partition_parts.hpp"
#include "server/migration/preparation.hpp"
#include "server/moves/store.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

constexpr const char* select_records =
    "SELECT m.id, m.state, m.ddl, m.up, m.down, r.from_version, r.to_version, r.from_schema, r.to_schema, r.marker, r.filled,"
    "       r.old_view_is_ours,"
    "       EXISTS (SELECT FROM accord_catalog.migration_transform t WHERE t.migration_id = m.id AND t.contract_id = r.contract_id)"
    "    OR EXISTS (SELECT FROM accord_catalog.migration_move t WHERE t.migration_id = m.id AND t.contract_id = r.contract_id)"
    "  FROM accord_catalog.migration m JOIN accord_catalog.migration_relation r ON r.migration_id = m.id"
    " WHERE r.contract_id = $1::bigint ";

record record_of(const spi::row& row) {
  record r;
  r.id = row.integer(0);
  r.state = row.text(1);
  r.ddl = row.text(2);
  r.up = row.optional(3);
  r.down = row.optional(4);
  r.from_version = row.text(5);
  r.to_version = row.text(6);
  r.from_schema = row.text_or(7, "");
  r.to_schema = row.text_or(8, "");
  r.marker = row.optional(9);
  r.filled = row.boolean(10);
  r.old_view_is_ours = row.boolean(11);
  r.keeps_in_step = row.boolean(12);
  return r;
}

// A text[] of which elements can be NULL.
std::string array_with_nulls(const std::vector<std::optional<std::string>>& values) {
  std::string literal = "{";
  for (const auto& value : values) {
    if (literal.size() > 1) literal += ',';
    if (!value) {
      literal += "NULL";
      continue;
    }
    auto one = spi::array_literal({*value});
    literal += one.substr(1, one.size() - 2);
  }
  return literal + "}";
}

}  // namespace

std::vector<record> migrations_of(std::int64_t contract) {
  std::vector<record> result;
  for (const auto& row :
       catalog::query(std::string(select_records) + "AND m.state IN ('preparing', 'active', 'completed') ORDER BY m.id", {contract}))
    result.push_back(record_of(row));
  return result;
}

std::optional<record> find_migration(std::int64_t migration, std::int64_t contract) {
  auto rows = catalog::query(std::string(select_records) + "AND m.id = $2::bigint", {contract, migration});
  if (rows.empty()) return std::nullopt;
  return record_of(rows.front());
}

std::int64_t next_migration_id() {
  return catalog::query("SELECT nextval(pg_get_serial_sequence('accord_catalog.migration', 'id'))").front().integer(0);
}

std::vector<plan::live_version> live_versions(const registry::contract& contract) {
  std::vector<plan::live_version> result;
  auto versions = registry::versions(contract.id);
  for (const auto& row :
       catalog::query("SELECT c.major, c.name, c.physical, c.default_expression,"
                      "       (SELECT coalesce((SELECT r.to_schema FROM accord_catalog.migration_relation r JOIN accord_catalog.migration "
                      "m ON m.id = r.migration_id"
                      "                          WHERE r.contract_id = c.contract_id AND split_part(r.to_version, '.', 1) = c.major::text"
                      "                            AND m.state <> 'rolled back' ORDER BY m.id DESC LIMIT 1),"
                      "                        (SELECT r.from_schema FROM accord_catalog.migration_relation r JOIN "
                      "accord_catalog.migration m ON m.id = r.migration_id"
                      "                          WHERE r.contract_id = c.contract_id AND split_part(r.from_version, '.', 1) = c.major::text"
                      "                            AND m.state <> 'rolled back' ORDER BY m.id DESC LIMIT 1)))"
                      "  FROM accord_catalog.version_column c WHERE c.contract_id = $1::bigint ORDER BY c.major, c.position",
                      {contract.id})) {
    int major = static_cast<int>(row.integer(0));
    if (result.empty() || result.back().version.major != major) {
      auto found = std::find_if(versions.begin(), versions.end(), [&](const auto& v) { return v.version.major == major; });
      if (found == versions.end()) continue;
      result.push_back({found->version, found->shape, {}, {row.text_or(4, ""), found->shape.relation.name}});
    }
    result.back().columns.push_back({row.text(1), row.text(2), row.optional(3)});
  }
  // A column that a compatible change added later is no part of the version's view.
  for (auto& version : result) {
    std::erase_if(version.shape.columns, [&](const auto& column) { return !version.find(column.name); });
    for (const auto& column : version.columns)
      if (!version.shape.find_column(column.name)) {
        core::column unknown;
        unknown.name = column.name;
        version.shape.columns.push_back(std::move(unknown));
      }
    if (version.view.name.empty()) version.view.name = contract.name.name;
  }
  return result;
}

plan::migration load(const registry::contract& contract, const record& r) {
  plan::migration m;
  m.id = r.id;
  m.contract = contract.id;
  m.table = contract.name;
  m.owner = owner_of(contract.relation);
  m.versions = live_versions(contract);
  m.from = core::parse_version(r.from_version).major;
  m.to = core::parse_version(r.to_version).major;
  m.marker = r.marker;
  m.old_view_is_ours = r.old_view_is_ours;
  m.defaults = physical_defaults(contract.relation);
  m.privileges = table_privileges(contract.relation);
  m.schema_users = users_of_schema(contract.relation);
  for (const auto& row : catalog::query(
           "SELECT old_columns::text[], new_columns::text[], up, ARRAY(SELECT d IS NULL FROM unnest(down) WITH ORDINALITY u(d, n) ORDER BY "
           "n)::text[],"
           "       ARRAY(SELECT coalesce(d, '') FROM unnest(down) WITH ORDINALITY u(d, n) ORDER BY n), origins::text[], computed"
           "  FROM accord_catalog.migration_transform WHERE migration_id = $1::bigint AND contract_id = $2::bigint ORDER BY ordinal",
           {r.id, contract.id})) {
    plan::transform t;
    t.old_columns = row.texts(0);
    t.new_columns = row.texts(1);
    t.up = row.texts(2);
    auto nulls = row.texts(3), down = row.texts(4);
    t.origins = row.texts(5);
    t.computed = row.boolean(6);
    for (std::size_t i = 0; i < t.old_columns.size(); i++)
      t.down.push_back(nulls[i] == "true" ? std::nullopt : std::optional(down[i]));
    m.transforms.push_back(std::move(t));
  }
  m.moves = load_moves(r.id, contract.id);
  load_companions(m, contract.relation, false);
  find_partition_parts(m);
  m.sequences = sequences_of(m, contract.relation);
  for (const auto& version : m.versions)
    for (const auto& column : version.shape.columns)
      if (column.default_expression && is_volatile_default(*column.default_expression))
        m.volatile_defaults.insert(*column.default_expression);
  for (const auto& other : migrations_of(contract.id))
    if (other.id != r.id) {
      m.other_migrations = m.other_migrations || other.keeps_in_step;
      // Its old version is somebody else's new one, or the other way round: the view stays.
      if (core::parse_version(other.from_version).major == m.from || core::parse_version(other.to_version).major == m.from)
        m.old_view_is_ours = false;
    }
  load_children(m, contract);
  return m;
}

void save_new(const record& r) {
  catalog::execute("INSERT INTO accord_catalog.migration (id, state, ddl, up, down) VALUES ($1::bigint, 'preparing', $2, $3, $4)",
                   {r.id, r.ddl, r.up, r.down});
}

void save_table(const plan::migration& m, const record& r, const core::shape& promised) {
  catalog::execute(
      "INSERT INTO accord_catalog.migration_relation (migration_id, contract_id, from_version, to_version, from_schema, to_schema, marker,"
      "                                               old_view_is_ours)"
      " VALUES ($1::bigint, $2::bigint, $3, $4, $5::name, $6::name, $7::name, $8::boolean)",
      {m.id, m.contract, m.old_version().version.text(), m.new_version().version.text(), m.old_version().view.schema,
       m.new_version().view.schema, m.marker, m.old_view_is_ours});
  save_columns(m.contract, m.old_version());
  save_columns(m.contract, m.new_version());
  for (std::size_t i = 0; i < m.transforms.size(); i++) {
    const auto& t = m.transforms[i];
    catalog::execute(
        "INSERT INTO accord_catalog.migration_transform (migration_id, contract_id, ordinal, old_columns, new_columns, up, down, origins,"
        "                                                computed)"
        " VALUES ($1::bigint, $2::bigint, $3::integer, $4::name[], $5::name[], $6::text[], $7::text[], $8::name[], $9::boolean)",
        {m.id, m.contract, i + 1, spi::array_literal(t.old_columns), spi::array_literal(t.new_columns), spi::array_literal(t.up),
         array_with_nulls(t.down), spi::array_literal(t.origins), t.computed});
  }
  save_moves(m);
  save_companions(m, InvalidOid);
  save_children(m);
  auto to = m.new_version().version;
  catalog::execute(
      "INSERT INTO accord_catalog.contract_version (contract_id, major, minor, patch, status, shape, fingerprint, reason, statement,"
      "                                             published_by)"
      " VALUES ($1::bigint, $2::integer, $3::integer, $4::integer, 'preparing', $5::jsonb, $6, $7, $8, $9::name)",
      {m.contract, to.major, to.minor, to.patch, core::to_json(promised), core::fingerprint(promised), fmt::format("migration {}", m.id),
       r.ddl, rights::current_role()});
}

void save_columns(std::int64_t contract, const plan::live_version& version) {
  drop_columns(contract, version.version.major);
  std::int64_t position = 0;
  for (const auto& column : version.columns)
    catalog::execute(
        "INSERT INTO accord_catalog.version_column (contract_id, major, position, name, physical, default_expression)"
        " VALUES ($1::bigint, $2::integer, $3::integer, $4::name, $5::name, $6)",
        {contract, version.version.major, ++position, column.name, column.physical, column.view_default});
}

void drop_columns(std::int64_t contract, int major) {
  catalog::execute("DELETE FROM accord_catalog.version_column WHERE contract_id = $1::bigint AND major = $2::integer", {contract, major});
}

void drop_work(std::int64_t migration, std::int64_t contract) {
  for (const char* table :
       {"migration_transform", "migration_move", "migration_companion", "migration_child", "backfill_claim", "backfill_range"})
    catalog::execute(fmt::format("DELETE FROM accord_catalog.{} WHERE migration_id = $1::bigint AND contract_id = $2::bigint", table),
                     {migration, contract});
}

void set_state(std::int64_t migration, const char* state) {
  catalog::execute(
      "UPDATE accord_catalog.migration SET state = $2,"
      "       activated_at = CASE WHEN $2 = 'active' THEN now() ELSE activated_at END,"
      "       completed_at = CASE WHEN $2 = 'completed' THEN now() ELSE completed_at END,"
      "       ended_at = CASE WHEN $2 IN ('purged', 'rolled back') THEN now() END WHERE id = $1::bigint",
      {migration, state});
}

void set_version_status(std::int64_t contract, int major, const char* from, const char* to) {
  catalog::execute(
      "UPDATE accord_catalog.contract_version SET status = $4,"
      "       deprecated_at = CASE WHEN $4 = 'deprecated' THEN now() WHEN $4 = 'active' THEN NULL ELSE deprecated_at END,"
      "       retired_at = CASE WHEN $4 = 'retired' THEN now() END"
      " WHERE contract_id = $1::bigint AND major = $2::integer AND status = ANY ($3::text[])",
      {contract, major, from, to});
}

void save_name(const registry::contract& contract) {
  auto now = registry::get_contract_by_id(contract.id).name;
  catalog::execute("UPDATE accord_catalog.contract SET last_schema = $2::name, last_name = $3::name WHERE id = $1::bigint",
                   {contract.id, now.schema, now.name});
}

}  // namespace accord::migration
