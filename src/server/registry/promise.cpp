// Promises.  See promise.hpp.
#include "server/registry/promise.hpp"

#include "server/registry/catalog.hpp"
#include "server/registry/publish.hpp"

#include "pg/pg.h"

namespace accord::registry {

std::optional<promise> promise_of(const contract& c) {
  auto base = base_version(c.id);
  if (!base) return std::nullopt;
  bool kept = base->status == "active" || base->status == "deprecated";
  if (kept && !own_version(c.id)) return promise{c, std::move(*base)};
  auto choose = [&](std::vector<contract_version> versions) -> std::optional<promise> {
    for (auto& v : versions)
      if (v.version.major <= base->version.major) return promise{c, std::move(v)};
    return std::nullopt;
  };
  // What this transaction has published by itself counts only where nothing else does.
  if (auto judged = choose(judged_versions(c.id))) return judged;
  return choose(promised_versions(c.id));
}

std::optional<promise> promise_of(Oid relation) {
  auto c = find_contract(relation);
  return c ? promise_of(*c) : std::nullopt;
}

std::vector<promise> earlier_promises(const promise& now) {
  // Of each major version that has subscribers the latest; and every one that is supported, where the level asks for that.
  static constinit spi::prepared statement{
      "SELECT v.major || '.' || v.minor || '.' || v.patch, v.status, v.shape, v.fingerprint, NOT ($5::boolean AND v.supported)"
      "  FROM (SELECT o.*, o.status IN ('active', 'deprecated') AS supported,"
      "               row_number() OVER (PARTITION BY o.major ORDER BY o.minor DESC, o.patch DESC) = 1"
      "               AND EXISTS (SELECT FROM accord_catalog.subscription s WHERE s.contract_id = o.contract_id AND s.major = o.major) AS "
      "used"
      "          FROM accord_catalog.contract_version o"
      "         WHERE o.contract_id = $1::bigint AND o.status NOT IN ('draft', 'preparing')) v"
      " WHERE (v.major, v.minor, v.patch) < ($2::integer, $3::integer, $4::integer)"
      "   AND (v.major < $2::integer AND v.used OR $5::boolean AND v.supported) ORDER BY v.major DESC, v.minor DESC, v.patch DESC"};
  const auto& v = now.version.version;
  std::vector<promise> result;
  for (const auto& row : catalog::run(statement, {now.contract.id, v.major, v.minor, v.patch, now.contract.level.transitive}))
    result.push_back(
        {now.contract, {core::parse_version(row.text(0)), row.text(1), core::parse_shape(row.text(2)), row.text(3)}, row.boolean(4)});
  return result;
}

}  // namespace accord::registry
