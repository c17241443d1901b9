// Consumers.  See consumer.hpp.
#include "server/consumers/consumer.hpp"

#include <fmt/format.h>

#include "server/registry/catalog.hpp"
#include "server/registry/rights.hpp"
#include "server/registry/suggest.hpp"

#include "pg/pg.h"

namespace accord::consumers {

std::optional<consumer> find_consumer(const std::string& name) {
  auto rows = catalog::query("SELECT id, name, role, created_by FROM accord_catalog.consumer WHERE name = $1::name", {name});
  if (rows.empty()) return std::nullopt;
  const auto& row = rows.front();
  return consumer{row.integer(0), row.text(1), row.optional(2), row.text(3)};
}

consumer get_consumer(const std::string& name) {
  if (auto found = find_consumer(name)) return *found;
  std::vector<std::string> visible;
  for (const auto& row : catalog::query("SELECT name, role, created_by FROM accord_catalog.consumer ORDER BY name"))
    if (rights::is_admin() || rights::is_member_of(row.text(2)) || (!row.is_null(1) && rights::is_member_of(row.text(1))))
      visible.push_back(row.text(0));
  auto closest = registry::closest_name(name, visible);
  throw failure(core::sqlstate::undefined_object, fmt::format("consumer \"{}\" does not exist", name), {},
                closest.empty() ? fmt::format("Register it: SELECT accord.register_consumer({});", core::quote_literal(name))
                                : fmt::format("Perhaps you meant \"{}\".", closest));
}

bool may_act_for(const consumer& c) {
  return rights::is_admin() || rights::is_member_of(c.created_by) || (c.role && rights::is_member_of(*c.role));
}

void require_may_act_for(const consumer& c) {
  if (may_act_for(c)) return;
  throw failure(core::sqlstate::insufficient_privilege, fmt::format("permission denied for consumer \"{}\"", c.name));
}

}  // namespace accord::consumers
