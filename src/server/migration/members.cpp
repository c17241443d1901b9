// See members.hpp.
#include "server/migration/members.hpp"

#include "server/registry/catalog.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::migration {

std::vector<member> members_of(std::int64_t migration) {
  std::vector<member> members;
  for (const auto& row :
       catalog::query("SELECT r.contract_id FROM accord_catalog.migration_relation r JOIN accord_catalog.contract c ON c.id = r.contract_id"
                      " WHERE r.migration_id = $1::bigint ORDER BY c.relation::oid",
                      {migration})) {
    auto contract = row.integer(0);
    members.push_back({registry::get_contract_by_id(contract), *find_migration(migration, contract)});
  }
  return members;
}

void lock_members(const std::vector<member>& members, LOCKMODE mode, const lock_limits& limits) {
  std::vector<Oid> relations;
  for (const auto& member : members)
    relations.push_back(member.contract.relation);
  lock_tables(relations, mode, limits);
}

void require_owner_of_all(const std::vector<member>& members) {
  for (const auto& member : members)
    rights::require_contract_owner(member.contract.owner, member.contract.display());
}

std::vector<plan::migration> load_all(const std::vector<member>& members) {
  std::vector<plan::migration> migrations;
  for (const auto& member : members)
    migrations.push_back(load(member.contract, member.r));
  return migrations;
}

std::vector<step_table> step_tables(const std::vector<member>& members, const std::vector<plan::migration>& migrations) {
  std::vector<step_table> tables;
  for (std::size_t i = 0; i < members.size(); i++)
    tables.push_back({members[i].contract.relation, &migrations[i]});
  return tables;
}

void lock_migration_row(std::int64_t migration) {
  // Whoever writes down a piece of work is not kept waiting by it with the row lock of migration_relation in hand.
  catalog::query("SELECT FROM accord_catalog.migration WHERE id = $1::bigint FOR NO KEY UPDATE", {migration});
}

}  // namespace accord::migration
