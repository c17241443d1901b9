// Surroundings.  See surroundings.hpp.
#include "server/consumers/surroundings.hpp"

#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::consumers {

namespace {

spi::param or_null(std::int64_t contract) {
  return contract ? spi::param(contract) : spi::param(std::nullopt);
}

template <typename Items>
std::string keys(const Items& items) {
  std::vector<std::string> all;
  for (const auto& item : items)
    all.push_back(key_of(item));
  return spi::array_literal(all);
}

}  // namespace

std::string key_of(const held_right& r) {
  return r.consumer + "\n" + r.role + "\n" + r.uses + "\n" + r.right;
}

// Who finds the contract by its bare name.
std::string key_of(const bound_name& n) {
  return n.consumer + "\n" + n.role;
}

surroundings surroundings_of(std::int64_t contract) {
  surroundings s{rights_of_consumers(contract), bind_names({}, server_search_path(), contract),
                 references_to(registry::get_contract_by_id(contract).relation)};
  std::erase_if(s.names, [](const bound_name& n) { return !stands_for(n.relation, n); });
  return s;
}

std::optional<known_good> last_known_good(std::int64_t contract) {
  static constinit spi::prepared statement{
      "SELECT at, rights, names, referrers FROM accord_catalog.known_good WHERE contract_id IS NOT DISTINCT FROM $1::bigint"};
  auto rows = catalog::run(statement, {or_null(contract)});
  if (rows.empty()) return std::nullopt;
  return known_good{rows.front().text(0), rows.front().texts(1), rows.front().texts(2), rows.front().texts(3)};
}

void remember(std::int64_t contract, const surroundings& s) {
  if (XactReadOnly) return;
  catalog::execute(
      "INSERT INTO accord_catalog.known_good (contract_id, rights, names, referrers) VALUES ($1::bigint, $2::text[], $3::text[], "
      "$4::text[])"
      " ON CONFLICT (contract_id) DO UPDATE SET at = excluded.at, rights = excluded.rights, names = excluded.names,"
      " referrers = excluded.referrers",
      {or_null(contract), keys(s.rights), keys(s.names), keys(s.references)});
}

void remember_subscription(std::int64_t contract, const std::string& consumer) {
  auto s = surroundings_of(contract);
  if (!last_known_good(contract)) {
    remember(contract, s);
    return;
  }
  std::erase_if(s.rights, [&](const held_right& r) { return r.consumer != consumer; });
  std::erase_if(s.names, [&](const bound_name& n) { return n.consumer != consumer; });
  catalog::execute(
      "UPDATE accord_catalog.known_good SET rights = ARRAY(SELECT unnest(rights) UNION SELECT unnest($2::text[])),"
      " names = ARRAY(SELECT unnest(names) UNION SELECT unnest($3::text[])) WHERE contract_id = $1::bigint",
      {contract, keys(s.rights), keys(s.names)});
}

void remember_reference(std::int64_t contract, const reference_to& r) {
  catalog::execute(
      "UPDATE accord_catalog.known_good SET referrers = referrers || $2::text WHERE contract_id = $1::bigint AND $2::text <> ALL "
      "(referrers)",
      {contract, key_of(r)});
}

void remember_if_known(std::int64_t contract) {
  if (last_known_good(contract)) remember(contract, surroundings_of(contract));
}

}  // namespace accord::consumers
