// See search_path.hpp.
#include "server/consumers/search_path.hpp"

#include <algorithm>

#include "core/name.hpp"
#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::consumers {

std::vector<std::string> split_search_path(const std::string& path) {
  const char* text = path.c_str();
  struct names {
    char** values;
    int count;
  };
  auto parsed = pg([&] {
    List* list = NIL;
    if (!SplitIdentifierString(pstrdup(text), ',', &list)) return names{nullptr, 0};
    names n{static_cast<char**>(palloc0(sizeof(char*) * static_cast<Size>(list_length(list) + 1))), list_length(list)};
    for (int i = 0; i < n.count; i++)
      n.values[i] = static_cast<char*>(list_nth(list, i));
    return n;
  });
  return {parsed.values, parsed.values + parsed.count};
}

std::string join_search_path(const std::vector<std::string>& entries) {
  std::string path;
  for (const auto& entry : entries)
    path += (path.empty() ? "" : ", ") + core::quote_identifier(entry);
  return path.empty() ? "\"\"" : path;
}

std::vector<std::string> replace_entries(const std::vector<std::string>& path, const std::vector<std::string>& without,
                                         const std::optional<std::string>& first) {
  std::vector<std::string> result;
  if (first) result.push_back(*first);
  for (const auto& entry : path)
    if (entry != first && std::find(without.begin(), without.end(), entry) == without.end()) result.push_back(entry);
  return result;
}

std::vector<std::string> search_path_of_role(const std::string& role, const std::optional<std::string>& server_path) {
  // The most specific setting wins, as at login; without any, the server's own, unless our own session cannot tell it from a role's.
  auto rows = catalog::query(
      "SELECT path FROM ("
      "  SELECT 1, substr(c, strpos(c, '=') + 1) FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole"
      "    LEFT JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) c"
      "   WHERE c LIKE 'search\\_path=%' AND (s.setrole = 0 OR r.rolname = $1::name) AND (s.setdatabase = 0 OR d.datname = "
      "current_database())"
      "   ORDER BY (s.setrole <> 0 AND s.setdatabase <> 0) DESC, s.setrole <> 0 DESC LIMIT 1) own(rank, path)"
      " UNION ALL SELECT path FROM (SELECT 2, coalesce($2, boot_val) FROM pg_settings WHERE name = 'search_path') server(rank, path)"
      " LIMIT 1",
      {role, server_path});
  return split_search_path(rows.at(0).text(0));
}

}  // namespace accord::consumers
