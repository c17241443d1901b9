// waiver.  See waiver.hpp.
#include "server/guard/waiver.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "pg/arguments.hpp"
#include "rule/rule.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::guard {

namespace {

void insist_on_rule(const std::string& id) {
  if (rule::find_rule(id)) return;
  throw failure(core::sqlstate::undefined_object, fmt::format("rule \"{}\" does not exist", id), {},
                "A refusal and accord.check name the rule that a change breaks.");
}

}  // namespace

std::optional<std::vector<std::int64_t>> waivers_for(const registry::contract& c, const std::vector<core::finding>& findings) {
  static constinit spi::prepared statement{
      "SELECT id, rule FROM accord_catalog.waiver"
      " WHERE contract_id = $1::bigint AND used_at IS NULL AND expires_at > clock_timestamp() ORDER BY rule IS NULL, id"};
  auto rows = catalog::run(statement, {c.id});
  std::vector<std::int64_t> chosen;
  for (const auto& f : findings) {
    auto covers = [&](const spi::row& row) { return row.is_null(1) || row.text(1) == f.rule; };
    auto found = std::find_if(rows.begin(), rows.end(), covers);
    if (found == rows.end()) return std::nullopt;
    if (std::find(chosen.begin(), chosen.end(), found->integer(0)) == chosen.end()) chosen.push_back(found->integer(0));
  }
  return chosen;
}

void use_waivers(const registry::contract& c, const std::vector<std::int64_t>& ids, const std::string& statement) {
  for (auto id : ids) {
    catalog::execute(
        "UPDATE accord_catalog.waiver SET used_at = clock_timestamp(), used_by = $2::name, used_for = $3 WHERE id = $1::bigint",
        {id, rights::current_role(), statement});
    auto detail = catalog::query(
        "SELECT jsonb_build_object('waiver', id, 'rule', rule, 'reason', reason, 'statement', used_for)"
        "  FROM accord_catalog.waiver WHERE id = $1::bigint",
        {id});
    catalog::audit({"use waiver", c.id, 0, detail.at(0).text(0)});
  }
}

}  // namespace accord::guard

using namespace accord;

ACCORD_FUNCTION(accord_waive) {
  arguments args(fcinfo);
  auto c = registry::get_contract(args.oid(0, "contract"));
  rights::require_contract_owner(c.owner, c.display());
  auto rule = args.optional_text(1);
  if (rule) guard::insist_on_rule(*rule);
  std::string reason = args.text(2, "reason");
  if (reason.find_first_not_of(" \t\n\r\f\v") == std::string::npos)
    throw failure(core::sqlstate::invalid_parameter, "a waiver needs a reason");
  if (args.is_null(3)) throw failure(core::sqlstate::null_not_allowed, "argument \"expires\" must not be null");
  Datum interval = fcinfo->args[3].value;
  std::string expires = pg([&] { return DatumGetCString(DirectFunctionCall1(interval_out, interval)); });
  auto rows = catalog::query(
      "INSERT INTO accord_catalog.waiver (contract_id, rule, reason, granted_by, expires_at)"
      " SELECT $1::bigint, $2, $3, $4::name, clock_timestamp() + $5::interval"
      " WHERE $5::interval > '0'"
      " RETURNING id, jsonb_build_object('waiver', id, 'rule', rule, 'reason', reason, 'expires', expires_at)",
      {c.id, rule, reason, rights::current_role(), expires});
  if (rows.empty()) throw failure(core::sqlstate::invalid_parameter, "a waiver must expire in the future");
  catalog::audit({"grant waiver", c.id, 0, rows.front().text(1)});
  PG_RETURN_INT64(rows.front().integer(0));
}

ACCORD_FUNCTION(accord_revoke_waiver) {
  arguments args(fcinfo);
  if (args.is_null(0)) throw failure(core::sqlstate::null_not_allowed, "argument \"waiver\" must not be null");
  std::int64_t id = PG_GETARG_INT64(0);
  auto rows = catalog::query("SELECT contract_id, used_at IS NOT NULL FROM accord_catalog.waiver WHERE id = $1::bigint", {id});
  if (rows.empty()) throw failure(core::sqlstate::undefined_object, fmt::format("there is no waiver {}", id));
  auto c = registry::get_contract_by_id(rows.front().integer(0));
  rights::require_contract_owner(c.owner, c.display());
  if (rows.front().boolean(1)) throw failure(core::sqlstate::object_not_in_prerequisite_state, fmt::format("waiver {} has been used", id));
  // It stays, expired, for the record.
  catalog::execute("UPDATE accord_catalog.waiver SET expires_at = least(expires_at, clock_timestamp()) WHERE id = $1::bigint", {id});
  catalog::audit({"revoke waiver", c.id, 0, fmt::format(R"({{"waiver": {}}})", id)});
  PG_RETURN_VOID();
}
