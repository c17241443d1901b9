// Access to accord_catalog: every statement runs as the extension's owner with search_path pinned.
//
// Callers have checked the rights of the user before they come here; see rights.hpp.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "pg/spi.hpp"

namespace accord::catalog {

spi::rows query(std::string_view sql, std::initializer_list<spi::param> params = {});
std::int64_t execute(std::string_view sql, std::initializer_list<spi::param> params = {});
spi::rows run(spi::prepared&, std::initializer_list<spi::param> params = {});

// Runs f as the extension's owner with the search_path pinned, for several statements in a row.
template <typename F>
auto as_owner(F&& f);

// True when the extension's tables are there: the library can be loaded where the extension is not
// created, or is being created.
bool is_installed();

// One line in accord_catalog.audit_log.  `detail` is JSON text.
struct audit_entry {
  std::string action;
  std::int64_t contract = 0, migration = 0;  // 0: none
  std::string detail = "{}";
};
void audit(const audit_entry&);

}  // namespace accord::catalog

#include "pg/scope.hpp"

template <typename F>
auto accord::catalog::as_owner(F&& f) {
  pinned_search_path path;
  as_user owner(extension_owner());
  return f();
}
