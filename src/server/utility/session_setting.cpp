// SET session_replication_role: ordinary triggers and foreign keys stop working in the session.  The guard and the sync triggers are ENABLE
// ALWAYS, so no promise is broken by the statement itself; who did it is in the audit log.
//
// SET event_triggers = off (17 and later) takes the guard away from the session, as disabling its event triggers does.
#include "server/guard/settings.hpp"
#include "server/utility/handler.hpp"
#include "server/utility/tampering.hpp"

#include "pg/pg.h"

namespace accord::utility {

std::unique_ptr<judged> on_session_setting(const statement& s) {
  auto* set = reinterpret_cast<VariableSetStmt*>(s.tree);
  if (set->kind != VAR_SET_VALUE || !guard::any_contract()) return nullptr;
  std::string value = pg([&] { return ExtractSetVariableArgs(set); });
  if (pg_strcasecmp(set->name, "event_triggers") == 0) {
    bool on = true;
    const char* text = value.c_str();
    if (pg([&] { return parse_bool(text, &on); }) && !on && pg([] { return superuser(); }))
      return refuse_tampering("SET event_triggers", s);
    return nullptr;
  }
  if (pg_strcasecmp(value.c_str(), "replica") != 0) return nullptr;
  return recorded("SET session_replication_role", s.text);
}

}  // namespace accord::utility
