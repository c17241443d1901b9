// accord.sessions and accord.drain.  See sessions.hpp.
//
// Rights: what a session does is shown to those who may act for its consumer and to the owners of the contracts that it is subscribed to.
// A session is ended under the caller's own rights, by PostgreSQL's own rule.
#include "server/cutover/sessions.hpp"

#include <fmt/format.h>
#include <set>

#include "pg/arguments.hpp"
#include "pg/result_rows.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::cutover {

std::vector<live_session> live_sessions(std::optional<std::int64_t> consumer) {
  std::vector<live_session> found;
  auto rows = catalog::query(
      "SELECT a.pid, c.name, c.role, a.application_name, a.backend_start, a.state, a.state_change, mine.generation, latest.generation,"
      "       (SELECT string_agg(coalesce(k.last_name, v.key) || ' ' || v.value, ', ' ORDER BY k.last_name)"
      "          FROM accord_catalog.generation g, jsonb_each_text(g.versions) v LEFT JOIN accord_catalog.contract k ON k.id::text = v.key"
      "         WHERE g.consumer_id = c.id AND g.generation = mine.generation)"
      "  FROM accord_catalog.consumer c JOIN pg_stat_activity a ON a.usename = c.role AND a.datname = current_database(),"
      "  LATERAL (SELECT max(g.generation) FROM accord_catalog.generation g WHERE g.consumer_id = c.id AND g.created_at <= "
      "a.backend_start) mine(generation),"
      "  LATERAL (SELECT max(g.generation) FROM accord_catalog.generation g WHERE g.consumer_id = c.id AND g.retired_at IS NULL) "
      "latest(generation)"
      " WHERE a.backend_type = 'client backend' AND c.id = coalesce($1::bigint, c.id) ORDER BY c.name, a.backend_start, a.pid",
      {consumer ? spi::param(*consumer) : spi::param(std::nullopt)});
  auto number = [](const spi::row& row, std::size_t i) {
    return row.is_null(i) ? std::nullopt : std::optional<int>(static_cast<int>(row.integer(i)));
  };
  for (const auto& row : rows)
    found.push_back({static_cast<int>(row.integer(0)), row.text(1), row.text(2), row.text_or(3, ""), row.text(4), row.optional(5),
                     row.optional(6), number(row, 7), number(row, 8), row.optional(9)});
  return found;
}

namespace {

bool may_see(const consumers::consumer& who) {
  if (consumers::may_act_for(who)) return true;
  for (const auto& row :
       catalog::query("SELECT DISTINCT c.owner FROM accord_catalog.subscription s JOIN accord_catalog.contract c ON c.id = s.contract_id"
                      " WHERE s.consumer_id = $1::bigint",
                      {who.id}))
    if (rights::is_member_of(row.text(0))) return true;
  return false;
}

std::optional<std::string> number_text(std::optional<int> number) {
  return number ? std::optional(std::to_string(*number)) : std::nullopt;
}

}  // namespace
}  // namespace accord::cutover

// accord_catalog.live_sessions()
ACCORD_FUNCTION(accord_live_sessions) {
  using namespace accord;
  using namespace accord::cutover;
  result_rows rows;
  std::set<std::string> visible, hidden;
  for (const auto& s : live_sessions(std::nullopt)) {
    if (!visible.count(s.consumer) && !hidden.count(s.consumer))
      (may_see(consumers::get_consumer(s.consumer)) ? visible : hidden).insert(s.consumer);
    if (hidden.count(s.consumer)) continue;
    rows.add({std::to_string(s.pid), s.consumer, s.role, s.application_name, s.backend_start, s.state, s.state_change,
              number_text(s.generation), number_text(s.current_generation), s.versions, s.outdated() ? "true" : "false"});
  }
  return rows.finish(fcinfo);
}

// drain(consumer name, terminate boolean)
ACCORD_FUNCTION(accord_drain) {
  using namespace accord;
  using namespace accord::cutover;
  arguments args(fcinfo);
  auto who = consumers::get_consumer(args.name(0, "consumer"));
  bool terminate = args.boolean(1, "terminate");
  if (!may_see(who)) throw failure(core::sqlstate::insufficient_privilege, fmt::format("permission denied for consumer \"{}\"", who.name));
  result_rows rows;
  int self = pg([] { return MyProcPid; });
  for (const auto& s : live_sessions(who.id)) {
    if (!s.outdated() || s.pid == self) continue;
    bool ended = false;
    if (terminate && s.state == "idle") ended = spi::query("SELECT pg_catalog.pg_terminate_backend($1::integer)", {s.pid})[0].boolean(0);
    rows.add({std::to_string(s.pid), s.application_name, s.state, s.state_change, number_text(s.generation), ended ? "true" : "false"});
  }
  return rows.finish(fcinfo);
}
