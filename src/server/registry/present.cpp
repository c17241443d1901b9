// See present.hpp.
#include "server/registry/present.hpp"

#include <algorithm>

#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::registry {

namespace {

// As the version has the element of that name, or not at all.
template <typename Element>
void settle(std::vector<Element>& now, const std::vector<Element>& version, const std::string& name) {
  auto named = [&](const Element& e) { return e.name == name; };
  auto at = std::find_if(now.begin(), now.end(), named);
  auto meant = std::find_if(version.begin(), version.end(), named);
  if (at == now.end()) return;
  if (meant == version.end())
    now.erase(at);
  else
    *at = *meant;
}

void settle_migration(const contract& c, core::shape& now, const core::shape& version) {
  static constinit spi::prepared companions{
      "SELECT p.kind, p.name FROM accord_catalog.migration_companion p JOIN accord_catalog.migration m ON m.id = p.migration_id"
      " WHERE p.contract_id = $1::bigint AND p.relation IS NULL AND (p.kind IN ('trigger', 'policy') AND m.state IN ('preparing', "
      "'active', 'completed')"
      "                                    OR p.role = 'added' AND m.state IN ('preparing', 'active')"
      "                                    OR p.role = 'dropped' AND m.state = 'completed')"};
  static constinit spi::prepared live{
      "SELECT FROM accord_catalog.migration_relation r JOIN accord_catalog.migration m ON m.id = r.migration_id"
      " WHERE r.contract_id = $1::bigint AND m.state IN ('preparing', 'active', 'completed') LIMIT 1"};
  if (catalog::run(live, {c.id}).empty()) return;
  for (const auto& row : catalog::run(companions, {c.id})) {
    auto kind = row.text(0), name = row.text(1);
    if (kind == "trigger")
      settle(now.triggers, version.triggers, name);
    else if (kind == "policy")
      settle(now.policies, version.policies, name);
    else
      settle(now.constraints, version.constraints, name);
  }
  // One of the versions gives the values itself, so the table must take them.
  for (auto& column : now.columns)
    if (const auto* meant = version.find_column(column.name); meant && column.identity == "by default") column.identity = meant->identity;
}

}  // namespace

core::shape present_shape(const contract& c, const core::shape& version) {
  auto now = capture_shape(c.relation);
  auto place = [&](const core::column& column) {
    return std::find_if(version.columns.begin(), version.columns.end(), [&](const auto& v) { return v.name == column.name; });
  };
  std::stable_sort(now.columns.begin(), now.columns.end(), [&](const auto& a, const auto& b) { return place(a) < place(b); });
  if (now != version) settle_migration(c, now, version);
  return now;
}

}  // namespace accord::registry
