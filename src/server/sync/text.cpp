// Reading the live migrations of a contract.  See text.hpp.
#include "server/sync/text.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "pg/spi.hpp"
#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::migration {

const column_text* version_text::find(const std::string& name) const {
  auto column = std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.name == name; });
  return column == columns.end() ? nullptr : &*column;
}

const version_text& sync_text::version(const std::string& semantic_version) const {
  int major = std::stoi(semantic_version);
  auto found = std::find_if(versions.begin(), versions.end(), [&](const auto& v) { return v.major == major; });
  if (found == versions.end())
    throw failure(core::sqlstate::internal_error,
                  fmt::format("version {} of contract \"{}\" has no columns", semantic_version, contract_name));
  return *found;
}

sync_text read_sync_text(std::int64_t contract) {
  sync_text text;
  catalog::as_owner([&] {
    auto contracts = spi::query_latest(
        "SELECT relation::oid, last_name, last_schema, owner FROM accord_catalog.contract WHERE id "
        "= $1::bigint",
        {contract});
    if (contracts.empty())
      throw failure(core::sqlstate::object_not_in_prerequisite_state,
                    fmt::format("contract {} of the synchronization trigger does not exist", contract),
                    "The trigger keeps the columns of two contract versions in step, and its contract is not "
                    "in this database.",
                    "Restore the tables of schema accord_catalog, or drop the triggers \"!accord_sync\" and "
                    "\"~accord_sync\".");
    if (!contracts[0].is_null(0)) text.relation = contracts[0].oid(0);
    text.contract_name = contracts[0].text(1);
    text.schema = contracts[0].text(2);
    text.owner = contracts[0].text(3);

    for (const auto& row : spi::query_latest("SELECT m.id, r.from_version, r.to_version, r.marker"
                                             "  FROM accord_catalog.migration m JOIN "
                                             "accord_catalog.migration_relation r ON r.migration_id = m.id"
                                             " WHERE r.contract_id = $1::bigint AND m.state IN ('preparing', "
                                             "'active', 'completed') ORDER BY m.id",
                                             {contract}))
      text.migrations.push_back({row.integer(0), row.text(1), row.text(2), row.text_or(3, "")});

    for (const auto& row : spi::query_latest("SELECT major, name, physical, default_expression FROM accord_catalog.version_column"
                                             " WHERE contract_id = $1::bigint ORDER BY major, position",
                                             {contract})) {
      int major = static_cast<int>(row.integer(0));
      if (text.versions.empty() || text.versions.back().major != major) text.versions.push_back({major, {}});
      text.versions.back().columns.push_back({row.text(1), row.text(2), row.optional(3)});
    }

    // An expression of `down` may be NULL, which the reader of arrays does not know: "=" stands
    // before those that are not.
    for (const auto& row : spi::query_latest("SELECT migration_id, old_columns, new_columns, up,"
                                             "       ARRAY(SELECT coalesce('=' || d, '') FROM unnest(down) WITH "
                                             "ORDINALITY AS u(d, n) ORDER BY n), computed"
                                             "  FROM accord_catalog.migration_transform WHERE contract_id = "
                                             "$1::bigint ORDER BY migration_id, ordinal",
                                             {contract})) {
      auto migration = std::find_if(text.migrations.begin(), text.migrations.end(), [&](const auto& m) { return m.id == row.integer(0); });
      if (migration == text.migrations.end()) continue;
      transform_text transform;
      transform.migration = static_cast<int>(migration - text.migrations.begin());
      transform.old_columns = row.texts(1);
      transform.new_columns = row.texts(2);
      transform.up = row.texts(3);
      for (const auto& down : row.texts(4))
        transform.down.push_back(down.empty() ? std::nullopt : std::optional<std::string>(down.substr(1)));
      transform.down.resize(transform.old_columns.size());
      transform.computed = row.boolean(5);
      text.transforms.push_back(std::move(transform));
    }
  });
  return text;
}

}  // namespace accord::migration
