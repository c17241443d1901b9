// waiting.  See waiting.hpp.
#include "server/check/waiting.hpp"

#include <set>

#include "pg/spi.hpp"

#include "pg/pg.h"

namespace accord::check {

void waiting_sessions::look(const engine& clones) {
  std::string originals = "{";
  for (const auto& [clone, r] : clones.relations())
    if (OidIsValid(r.original)) originals += std::to_string(r.original) + ",";
  if (originals.size() == 1) return;
  originals.back() = '}';
  pinned_search_path path;
  for (const auto& row :
       spi::query("SELECT l.relation, m.mode, format('%s%s%s', coalesce('pid ' || l.pid, 'a prepared transaction'), ' (' || "
                  "nullif(a.application_name, '') || ')',"
                  "              CASE WHEN l.granted THEN ' holds ' ELSE ' waits for ' END)"
                  "  FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid"
                  "  JOIN unnest('{AccessShareLock,RowShareLock,RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,"
                  "ExclusiveLock,AccessExclusiveLock}'::text[]) WITH ORDINALITY m(name, mode) ON m.name = l.mode"
                  " WHERE l.locktype = 'relation' AND l.relation = ANY ($1::oid[]) AND l.pid IS DISTINCT FROM pg_backend_pid()"
                  "   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY l.pid, m.mode",
                  {originals}))
    holders_.push_back({row.oid(0), static_cast<LOCKMODE>(row.integer(1)), row.text(2)});
}

std::optional<std::string> waiting_sessions::in_the_way(const effects& e, const engine& clones) const {
  std::string text;
  std::set<std::string> said;
  for (const auto& l : e.locks) {
    const relation& r = clones.at(l.clone);
    for (const auto& h : holders_) {
      if (h.relation != r.original || !DoLockModesConflict(l.mode, h.mode)) continue;
      std::string one = h.who + mode_name(h.mode) + " on " + r.name.sql();
      if (said.insert(one).second) text += (text.empty() ? "" : ", ") + one;
    }
  }
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace accord::check
