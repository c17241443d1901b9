// Access to accord_catalog.  See catalog.hpp.
#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::catalog {

spi::rows query(std::string_view sql, std::initializer_list<spi::param> params) {
  return as_owner([&] { return spi::query(sql, params); });
}

std::int64_t execute(std::string_view sql, std::initializer_list<spi::param> params) {
  return as_owner([&] { return spi::execute(sql, params); });
}

spi::rows run(spi::prepared& statement, std::initializer_list<spi::param> params) {
  return as_owner([&] { return statement.run(params); });
}

bool is_installed() {
  return pg([] {
    if (!IsTransactionState()) return false;
    Oid extension = get_extension_oid("pg_accord", true);
    return OidIsValid(extension) && !(creating_extension && CurrentExtensionObject == extension);
  });
}

void audit(const audit_entry& entry) {
  std::string actor = pg([] { return GetUserNameFromId(GetUserId(), false); });
  auto id_or_null = [](std::int64_t id) { return id ? spi::param(id) : spi::param(std::nullopt); };
  execute(
      "INSERT INTO accord_catalog.audit_log (actor, action, contract_id, migration_id, detail)"
      " VALUES ($1::name, $2, $3::bigint, $4::bigint, $5::jsonb)",
      {actor, entry.action, id_or_null(entry.contract), id_or_null(entry.migration), entry.detail});
}

}  // namespace accord::catalog
