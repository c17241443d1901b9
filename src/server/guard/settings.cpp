// settings.  See settings.hpp.
#include "server/guard/settings.hpp"

#include <fmt/format.h>

#include "pg/arguments.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::guard {

namespace {

constinit bool guard_is_on = true;
constinit bool unused_is_allowed = false;
constinit int judged_at = 0;
constinit const config_enum_entry moments[] = {{"statement", 0, false}, {"commit", 1, false}, {nullptr, 0, false}};

mode parse_mode(const std::string& text) {
  if (text == "enforce") return mode::enforce;
  if (text == "warn") return mode::warn;
  if (text == "off") return mode::off;
  throw failure(core::sqlstate::invalid_parameter, fmt::format("unrecognized guard mode \"{}\"", text),
                "Guard modes are enforce, warn and off.");
}

}  // namespace

bool is_on() {
  return guard_is_on;
}
bool allows_unused() {
  return unused_is_allowed;
}
bool judges_at_commit() {
  return judged_at == 1;
}

bool restores() {
  return !check_function_bodies && !row_security && *namespace_search_path == '\0';
}

mode mode_of(const registry::contract& c) {
  if (c.mode) return parse_mode(*c.mode);
  static constinit spi::prepared statement{"SELECT value FROM accord_catalog.setting WHERE name = 'guard_mode'"};
  auto rows = catalog::run(statement);
  return rows.empty() ? mode::enforce : parse_mode(rows.front().text(0));
}

void log_passing(const std::string& tag, const std::string& contract) {
  const char *t = tag.c_str(), *c = contract.c_str();
  pg([&] { ereport(LOG, (errmsg("accord.guard is off: %s on contract \"%s\" passes unjudged", t, c))); });
}

void settings_init() {
  DefineCustomBoolVariable("accord.guard", "Refuses DDL that would break a contract.",
                           "Off is the kill switch: DDL on contracted tables passes unjudged, and is logged.", &guard_is_on, true,
                           PGC_SUSET, 0, nullptr, nullptr, nullptr);
  DefineCustomBoolVariable("accord.allow_unused", "Lets a breaking change pass where it affects no registered consumer.", nullptr,
                           &unused_is_allowed, false, PGC_USERSET, 0, nullptr, nullptr, nullptr);
  DefineCustomEnumVariable("accord.judge_at", "When DDL on contracted tables is judged: at each statement, or once for a transaction.",
                           "At commit a transaction passes that restores what it broke; nothing that is promised is weaker for it.",
                           &judged_at, 0, moments, PGC_USERSET, 0, nullptr, nullptr, nullptr);
}

}  // namespace accord::guard

using namespace accord;

ACCORD_FUNCTION(accord_set_guard_mode) {
  arguments args(fcinfo);
  std::string text = args.text(0, "mode");
  if (text != "default" || args.is_null(1)) (void)guard::parse_mode(text);
  if (auto relation = args.optional_oid(1)) {
    auto c = registry::get_contract(*relation);
    rights::require_contract_owner(c.owner, c.display());
    auto value = text == "default" ? spi::param(std::nullopt) : spi::param(text);
    catalog::execute("UPDATE accord_catalog.contract SET mode = $2 WHERE id = $1::bigint", {c.id, value});
    catalog::audit({"set guard mode", c.id, 0, fmt::format(R"({{"mode": "{}"}})", text)});
  } else {
    if (!rights::is_admin())
      throw failure(core::sqlstate::insufficient_privilege, "must be a member of accord_admin to set the guard mode of the database", {},
                    "Name a contract that you own to set the mode of that one.");
    catalog::execute(
        "INSERT INTO accord_catalog.setting (name, value) VALUES ('guard_mode', $1)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        {text});
    catalog::audit({"set guard mode", 0, 0, fmt::format(R"({{"mode": "{}"}})", text)});
  }
  PG_RETURN_VOID();
}
