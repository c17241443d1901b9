// Versions come into being.  See publish.hpp.
#include "server/registry/publish.hpp"

#include <algorithm>
#include <map>

#include "server/registry/catalog.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::registry {

namespace {

// The shapes that this session met last, by contract: to read a shape of a thousand partitions takes longer than all else of a verdict.  Each is
// known by its fingerprint, so none is ever out of date.
struct known_shape {
  std::string fingerprint;
  core::shape shape;
};
using known_shapes = std::map<std::int64_t, known_shape>;
constexpr std::size_t most_known_shapes = 16;

known_shapes& known() {
  static known_shapes shapes;
  return shapes;
}

const core::shape& remember(std::int64_t contract, known_shape shape) {
  if (known().size() >= most_known_shapes && !known().contains(contract)) known().clear();
  return (known()[contract] = std::move(shape)).shape;
}

}  // namespace

// The version that this transaction published by itself.  published_at is the start of the transaction, so it tells transactions apart; a
// subtransaction that was rolled back has taken its row along.
std::optional<core::semantic_version> own_version(std::int64_t contract) {
  static constinit spi::prepared statement{
      "SELECT major || '.' || minor || '.' || patch FROM accord_catalog.contract_version"
      " WHERE contract_id = $1::bigint AND statement IS NOT NULL AND status = 'active' AND published_at = transaction_timestamp()"
      " ORDER BY major DESC, minor DESC, patch DESC LIMIT 1"};
  auto rows = catalog::run(statement, {contract});
  if (rows.empty()) return std::nullopt;
  return core::parse_version(rows.front().text(0));
}

core::semantic_version next_free_version(std::int64_t contract, const core::semantic_version& from, core::bump step) {
  static constinit spi::prepared statement{
      "SELECT FROM accord_catalog.contract_version"
      " WHERE contract_id = $1::bigint AND major = $2::integer AND minor = $3::integer AND patch = $4::integer"};
  auto next = from.next(step);
  while (!catalog::run(statement, {contract, next.major, next.minor, next.patch}).empty())
    next = next.next(step);
  return next;
}

void delete_version(std::int64_t contract, const core::semantic_version& v) {
  catalog::execute(
      "DELETE FROM accord_catalog.contract_version"
      " WHERE contract_id = $1::bigint AND major = $2::integer AND minor = $3::integer AND patch = $4::integer",
      {contract, v.major, v.minor, v.patch});
}

void insert_version(const contract& c, const new_version& v, const core::shape& shape, const core::shape* before) {
  catalog::execute(
      "INSERT INTO accord_catalog.contract_version"
      " (contract_id, major, minor, patch, status, shape, fingerprint, reason, statement, published_by)"
      " VALUES ($1::bigint, $2::integer, $3::integer, $4::integer, $5, $6::jsonb, $7, $8, $9, $10::name)",
      {c.id, v.version.major, v.version.minor, v.version.patch, v.status, core::to_json(shape), core::fingerprint(shape), v.reason,
       v.statement, rights::current_role()});
  if (!before) return;
  for (const auto& column : before->columns)
    if (!shape.find_column(column.name))
      catalog::execute(
          "INSERT INTO accord_catalog.tombstone (contract_id, kind, name, type, dropped_in)"
          " VALUES ($1::bigint, 'column', $2::name, $3, $4) ON CONFLICT (contract_id, kind, name) DO NOTHING",
          {c.id, column.name, column.type.text, v.version.text()});
}

std::optional<contract_version> base_version(std::int64_t contract) {
  static constinit spi::prepared statement{
      "SELECT v.major || '.' || v.minor || '.' || v.patch, v.status, v.fingerprint, CASE WHEN v.fingerprint <> $2 THEN v.shape END"
      "  FROM accord_catalog.contract_version v"
      " WHERE v.contract_id = $1::bigint AND v.status NOT IN ('draft', 'preparing')"
      "   AND v.major <= coalesce((SELECT min(split_part(r.from_version, '.', 1)::integer)"
      "                              FROM accord_catalog.migration_relation r JOIN accord_catalog.migration m ON m.id = r.migration_id"
      "                             WHERE r.contract_id = $1::bigint AND m.state IN ('preparing', 'active')), v.major)"
      "   AND NOT (v.status = 'retired' AND EXISTS"
      "            (SELECT FROM accord_catalog.migration_relation r JOIN accord_catalog.migration m ON m.id = r.migration_id"
      "              WHERE r.contract_id = $1::bigint AND m.state = 'rolled back' AND split_part(r.to_version, '.', 1)::integer = v.major))"
      " ORDER BY v.major DESC, v.minor DESC, v.patch DESC LIMIT 1"};
  auto met = known().find(contract);
  auto rows = catalog::run(statement, {contract, met == known().end() ? std::string() : met->second.fingerprint});
  if (rows.empty()) return std::nullopt;
  const auto& row = rows.front();
  const core::shape* shape = row.is_null(3) ? &met->second.shape : &remember(contract, {row.text(2), core::parse_shape(row.text(3))});
  return contract_version{core::parse_version(row.text(0)), row.text(1), *shape, row.text(2)};
}

std::vector<contract_version> judged_versions(std::int64_t contract) {
  auto promised = promised_versions(contract);
  if (auto own = own_version(contract)) std::erase_if(promised, [&](const contract_version& v) { return v.version == *own; });
  return promised;
}

}  // namespace accord::registry
