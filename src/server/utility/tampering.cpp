// The guard's event triggers.  See tampering.hpp.
#include "server/utility/tampering.hpp"

#include <fmt/format.h>

#include "server/guard/settings.hpp"
#include "server/registry/catalog.hpp"
#include "server/utility/handler.hpp"

#include "pg/pg.h"

namespace accord::utility {

namespace {

bool is_of_guard(const char* trigger) {
  return !catalog::query(
              "SELECT FROM pg_event_trigger e JOIN pg_depend d ON d.classid = 'pg_event_trigger'::regclass AND d.objid = e.oid AND "
              "d.deptype = 'e'"
              "  JOIN pg_extension x ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = x.oid"
              " WHERE x.extname = 'pg_accord' AND e.evtname = $1::name",
              {trigger})
              .empty();
}

// With the guard off nothing of ours is asked: it is the first step of the way out when our own functions fail.
bool is_off(const char* tag) {
  if (guard::is_on()) return false;
  pg([&] { ereport(LOG, (errmsg("accord.guard is off: %s passes unjudged", tag))); });
  return true;
}

}  // namespace

std::unique_ptr<judged> refuse_tampering(const std::string& what, const statement& s) {
  registry::contract none;
  none.mode = std::nullopt;
  guard::mode mode = guard::mode_of(none);  // the database's
  if (mode != guard::mode::off) {
    std::string message = fmt::format("{} would switch off the guard of every contract in this database", what);
    std::string detail = "The event triggers of pg_accord refuse what would break a contract.";
    std::string hint =
        "To let one change through use accord.waive(); accord.set_guard_mode('off') switches the guard off and records what passes, and a "
        "superuser can SET accord.guard = off.";
    if (mode == guard::mode::enforce) throw core::failure(core::sqlstate::contract_broken, message, detail, hint);
    spi::warning(message, detail, hint);
  }
  return recorded(s.tag, s.text);
}

std::unique_ptr<judged> on_guard_tampering(const statement& s) {
  const char* trigger = nullptr;
  switch (nodeTag(s.tree)) {
    case T_AlterEventTrigStmt: {
      auto* alter = reinterpret_cast<AlterEventTrigStmt*>(s.tree);
      if (alter->tgenabled == TRIGGER_FIRES_ALWAYS) return nullptr;  // as it should be
      trigger = alter->trigname;
      break;
    }
    case T_RenameStmt:
      trigger = strVal(reinterpret_cast<RenameStmt*>(s.tree)->object);
      break;
    case T_AlterExtensionContentsStmt: {
      auto* alter = reinterpret_cast<AlterExtensionContentsStmt*>(s.tree);
      if (alter->action > 0 || strcmp(alter->extname, "pg_accord") != 0) return nullptr;
      trigger = strVal(alter->object);
      break;
    }
    default:
      return nullptr;
  }
  if (is_off(s.tag.c_str()) || !pg([] { return superuser(); }) || !is_of_guard(trigger) || !guard::any_contract()) return nullptr;
  return refuse_tampering(s.tag, s);
}

}  // namespace accord::utility
