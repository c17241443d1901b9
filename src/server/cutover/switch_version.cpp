// accord.switch_version: a consumer moves to another version of a contract, or back.
//
// The new views are made beside the old ones, and new sessions of the consumer's role find them first in their search_path.  Nothing that is
// in use is locked or changed; with live => true the views of the current generation are replaced under running sessions, which is right only
// where they look the same afterwards.
//
// Locking: the consumer's row, so that two switches of one consumer follow each other, and the contract's, so that the version stays.
#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "core/version.hpp"
#include "pg/arguments.hpp"
#include "server/consumers/search_path.hpp"
#include "server/cutover/generation.hpp"
#include "server/cutover/sessions.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/detail.hpp"
#include "server/registry/lifecycle.hpp"
#include "server/registry/own_ddl.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::cutover {

namespace {

using core::quote_identifier;
using core::quote_literal;

void require_may_switch(const registry::contract& contract, const consumers::consumer& who) {
  if (!rights::is_member_of(contract.owner)) consumers::require_may_act_for(who);
}

void lock_consumer(const consumers::consumer& who) {
  catalog::query("SELECT FROM accord_catalog.consumer WHERE id = $1::bigint FOR UPDATE", {who.id});
}

void require_usable(const registry::contract& contract, const registry::contract_version& version) {
  if (version.status == "active" || version.status == "deprecated") return;
  bool preparing = version.status == "preparing";
  throw failure(
      core::sqlstate::migration_refused,
      fmt::format("version {} of contract \"{}\" cannot be used: it is {}", version.version.text(), contract.display(), version.status),
      preparing ? "It becomes usable when no row is pending and its constraints are valid." : "",
      preparing ? fmt::format("CALL accord.backfill({});", quote_literal(contract.name.sql())) : "");
}

void require_role(const consumers::consumer& who) {
  if (!who.role)
    throw failure(core::sqlstate::object_not_in_prerequisite_state, fmt::format("consumer \"{}\" has no role", who.name),
                  "New sessions are pointed to their views by a setting of their role.", "Register the consumer with its role.");
  auto rows = catalog::query("SELECT rolcanlogin FROM pg_roles WHERE rolname = $1::name", {who.role});
  if (rows.empty())
    throw failure(core::sqlstate::undefined_object, fmt::format("role \"{}\" of consumer \"{}\" does not exist", *who.role, who.name));
  if (!rows[0].boolean(0))
    spi::warning(fmt::format("role \"{}\" of consumer \"{}\" cannot log in", *who.role, who.name),
                 "A role's settings apply to sessions that log in as that role, not to those of its members.");
}

// The subscription that moves, and all others as they are.
struct move {
  std::vector<subscription> all;  // after the move, one for each contract; the moved one is the last
  std::optional<int> from;        // none: the consumer is subscribed to the version already
  std::map<std::int64_t, subscription> left;
};

// The way back gives what was subscribed before, not what the groups of columns would give, unless the subscription was changed since.
subscription moved_to(subscription moved, int major, const std::vector<generation>& generations) {
  const subscription* back = nullptr;
  if (!generations.empty() && generations.front().columns.count(moved.contract) &&
      generations.front().columns.at(moved.contract) == moved.columns) {
    auto found = generations.front().left.find(moved.contract);
    if (found != generations.front().left.end() && found->second.major == major) back = &found->second;
  }
  if (back)
    moved.columns = back->columns;
  else if (moved.columns)
    moved.columns = map_subscribed_columns(moved.contract, *moved.columns, moved.major, major);
  moved.major = major;
  return moved;
}

move plan_move(const registry::contract& contract, const consumers::consumer& who, int major, const std::vector<generation>& generations) {
  move result;
  std::vector<subscription> here;
  auto current_major = [&](std::int64_t id) -> std::optional<int> {
    if (generations.empty()) return std::nullopt;
    auto found = generations.front().versions.find(id);
    return found == generations.front().versions.end() ? std::nullopt : std::optional(found->second);
  };
  for (auto& sub : subscriptions_of(who)) {
    if (sub.contract == contract.id) {
      here.push_back(sub);
      continue;
    }
    // Of several majors of another contract, the one in use stays; else the highest.
    if (!result.all.empty() && result.all.back().contract == sub.contract) {
      if (result.all.back().major != current_major(sub.contract)) result.all.back() = sub;
    } else {
      result.all.push_back(sub);
    }
  }
  if (here.empty())
    throw failure(core::sqlstate::undefined_object,
                  fmt::format("consumer \"{}\" is not subscribed to contract \"{}\"", who.name, contract.display()), {},
                  fmt::format("SELECT accord.subscribe({}, {}, version => '{}');", quote_literal(contract.name.sql()),
                              quote_literal(who.name), major));
  for (const auto& sub : here)
    if (sub.major == major) {
      result.all.push_back(sub);
      return result;
    }
  subscription moved = here.front();
  for (const auto& sub : here)
    if (sub.major == current_major(contract.id)) moved = sub;
  result.from = moved.major;
  result.left[contract.id] = moved;
  result.all.push_back(moved_to(moved, major, generations));
  return result;
}

// Tables that migrations between the two versions take along, as far as the consumer is at the side that is left: they move together.
std::vector<subscription> take_along(move& m, const std::vector<generation>& generations) {
  std::vector<subscription> before;
  if (!m.from) return before;
  const subscription& moved = m.all.back();
  bool forward = moved.major > *m.from;
  auto rows = catalog::query(
      "SELECT o.contract_id, split_part(o.from_version, '.', 1), split_part(o.to_version, '.', 1)"
      "  FROM accord_catalog.migration_relation r JOIN accord_catalog.migration n ON n.id = r.migration_id"
      "  JOIN accord_catalog.migration_relation o ON o.migration_id = r.migration_id AND o.contract_id <> r.contract_id"
      " WHERE r.contract_id = $1::bigint AND n.state IN ('active', 'completed')"
      "   AND split_part(r.from_version, '.', 1)::integer >= $2::integer AND split_part(r.to_version, '.', 1)::integer <= $3::integer"
      " ORDER BY n.id * CASE WHEN $4::boolean THEN 1 ELSE -1 END",
      {moved.contract, std::min(*m.from, moved.major), std::max(*m.from, moved.major), forward});
  for (const auto& row : rows)
    for (std::size_t i = 0; i + 1 < m.all.size(); i++) {
      auto& other = m.all[i];
      auto from = row.integer(forward ? 1 : 2), to = row.integer(forward ? 2 : 1);
      if (other.contract != row.integer(0) || other.major != from) continue;
      before.push_back(other);
      m.left.insert_or_assign(other.contract, other);
      other = moved_to(other, static_cast<int>(to), generations);
    }
  return before;
}

// What other contracts left behind stays known while their subscription is the same.
void keep_left(move& m, const std::vector<generation>& generations) {
  if (generations.empty()) return;
  for (const auto& [id, sub] : generations.front().left)
    for (const auto& now : m.all)
      if (now.contract == id && now.major == generations.front().versions.at(id) && now.columns == generations.front().columns.at(id))
        m.left.try_emplace(id, sub);
}

void move_subscription(const consumers::consumer& who, int from, const subscription& moved) {
  catalog::execute(
      "UPDATE accord_catalog.subscription SET major = $4::integer, columns = $5::name[]"
      " WHERE consumer_id = $1::bigint AND contract_id = $2::bigint AND major = $3::integer",
      {who.id, moved.contract, from, moved.major,
       moved.columns ? spi::param(spi::array_literal(*moved.columns)) : spi::param(std::nullopt)});
}

// The subscription that was asked for, and those that it takes along.
void move_subscriptions(const consumers::consumer& who, const move& m, const std::vector<subscription>& along) {
  if (m.from) move_subscription(who, *m.from, m.all.back());
  for (const auto& before : along)
    for (const auto& now : m.all)
      if (now.contract == before.contract) move_subscription(who, before.major, now);
}

void set_search_path(const consumers::consumer& who, const std::vector<std::string>& without, const std::optional<std::string>& first) {
  auto path = consumers::replace_entries(consumers::search_path_of_role(*who.role), without, first);
  own_ddl ours;
  auto database = catalog::query("SELECT current_database()")[0].text(0);
  catalog::execute(fmt::format("ALTER ROLE {} IN DATABASE {} SET search_path = {}", quote_identifier(*who.role), quote_identifier(database),
                               consumers::join_search_path(path)));
}

void tell_of_old_sessions(const consumers::consumer& who) {
  std::string pids;
  int count = 0;
  for (const auto& s : live_sessions(who.id))
    if (s.outdated()) {
      pids += fmt::format("{}{}", pids.empty() ? "" : ", ", s.pid);
      count++;
    }
  if (count)
    spi::notice(fmt::format("{} running {} of \"{}\" {} on earlier views", count, count == 1 ? "session" : "sessions", who.name,
                            count == 1 ? "stays" : "stay"),
                fmt::format("PID: {}.", pids), "See accord.sessions; end idle ones with accord.drain.");
}

// The columns of a query as a client sees them: names and types in order.
std::vector<std::string> shape_of(const std::string& relation_or_select) {
  std::vector<std::string> shape;
  for (const auto& row : catalog::query(relation_or_select))
    shape.push_back(row.text(0));
  return shape;
}

void replace_live(const registry::contract& contract, const consumers::consumer& who, generation current, const move& m) {
  const subscription& moved = m.all.back();
  auto view = make_view(contract, moved, who.role);
  core::qualified_name name{current.schema, view.name};
  auto have =
      shape_of(fmt::format("SELECT attname || ' ' || format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = to_regclass({}) "
                           "AND attnum > 0 ORDER BY attnum",
                           quote_literal(name.sql())));
  std::vector<std::string> want;
  for (const auto& column : view.columns)
    for (const auto& row : catalog::query(
             "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = $1::oid AND attname = $2 AND NOT attisdropped",
             {contract.relation, column.physical}))
      want.push_back(column.name + " " + row.text(0));
  if (have != want)
    throw failure(
        core::sqlstate::migration_refused,
        fmt::format("cannot switch running sessions of \"{}\" to version {} of contract \"{}\"", who.name, moved.major, contract.display()),
        have.empty() ? fmt::format("The current views of the consumer have no \"{}\".", view.name)
                     : "Its columns look different there, which running sessions do not expect.",
        "Leave out live => true: new sessions get the new version, running ones go on with the old one.");
  reported_error error;
  bool done = subtransaction(
      [&] {
        local_settings settings;
        settings.set("lock_timeout", "200ms");
        own_ddl ours;
        catalog::execute(fmt::format("CREATE OR REPLACE VIEW {} WITH (security_invoker = true) AS {}", name.sql(), view.select()));
        for (const auto& column : view.columns)
          catalog::execute(fmt::format("ALTER VIEW {} ALTER COLUMN {} {}", name.sql(), quote_identifier(column.name),
                                       column.default_expression ? "SET DEFAULT " + *column.default_expression : "DROP DEFAULT"));
      },
      error);
  if (!done && error.sqlstate == "55P03") {
    std::string blockers;
    for (const auto& row : catalog::query(
             "SELECT DISTINCT pid FROM pg_locks WHERE relation = to_regclass($1) AND granted AND pid <> pg_backend_pid() ORDER BY pid",
             {name.sql()}))
      blockers += (blockers.empty() ? "" : ", ") + row.text(0);
    throw failure("55P03", fmt::format("could not replace view \"{}\" within 200 ms", name.display()),
                  blockers.empty() ? "" : fmt::format("It is in use by PID {}.", blockers), "Try again, or leave out live => true.");
  }
  if (!done) throw failure(error.sqlstate, error.message, error.detail, error.hint);
  current.versions[contract.id] = moved.major;
  current.columns[contract.id] = moved.columns;
  current.left = m.left;
  save_contents(who, current);
}

}  // namespace
}  // namespace accord::cutover

// switch_version(contract regclass, consumer name, version text, live boolean) RETURNS name: the schema of the consumer's views
ACCORD_FUNCTION(accord_switch_version) {
  using namespace accord;
  using namespace accord::cutover;
  arguments args(fcinfo);
  auto contract = registry::get_contract(args.oid(0, "contract"));
  auto who = consumers::get_consumer(args.name(1, "consumer"));
  std::string wanted = args.text(2, "version");
  bool live = args.boolean(3, "live");
  require_may_switch(contract, who);
  lock_consumer(who);
  registry::lock_contract(contract.id);
  auto version = registry::get_version(contract, wanted);
  require_usable(contract, version);
  require_role(who);
  int major = version.version.major;
  auto all = generations_of(who);
  bool has_current =
      !catalog::query("SELECT FROM accord_catalog.generation WHERE consumer_id = $1::bigint AND retired_at IS NULL", {who.id}).empty();
  auto m = plan_move(contract, who, major, all);
  keep_left(m, all);
  auto along = take_along(m, all);
  std::string schema;
  if (live) {
    if (!has_current)
      throw failure(core::sqlstate::object_not_in_prerequisite_state, fmt::format("consumer \"{}\" has no views yet", who.name),
                    "Its sessions use the tables themselves.", "Leave out live => true.");
    if (!along.empty())
      throw failure(
          core::sqlstate::migration_refused,
          fmt::format("cannot switch running sessions of \"{}\" to version {} of contract \"{}\"", who.name, major, contract.display()),
          "The migration moves other tables of the consumer too.",
          "Leave out live => true: new sessions get the new version, running ones go on with the old one.");
    move_subscriptions(who, m, along);
    replace_live(contract, who, all.front(), m);
    schema = all.front().schema;
  } else {
    move_subscriptions(who, m, along);
    auto made = create_generation(who, m.all, m.left);
    schema = made.schema;
    set_search_path(who, generation_schemas(who), schema);
    drop_unused(who);
  }
  catalog::audit({"switch_version", contract.id, 0,
                  registry::json_detail({{"contract", contract.name.display()},
                                         {"consumer", who.name},
                                         {"from", m.from ? std::optional(std::to_string(*m.from)) : std::nullopt},
                                         {"to", std::to_string(major)},
                                         {"schema", schema},
                                         {"live", live ? "true" : "false"}})});
  if (!live) tell_of_old_sessions(who);
  return name_result(schema);
}

// drop_unused_generations(consumer name) RETURNS integer: how many schemas were dropped
ACCORD_FUNCTION(accord_drop_unused_generations) {
  using namespace accord;
  using namespace accord::cutover;
  arguments args(fcinfo);
  auto who = consumers::get_consumer(args.name(0, "consumer"));
  consumers::require_may_act_for(who);
  lock_consumer(who);
  return Int32GetDatum(static_cast<int>(drop_unused(who).size()));
}

// retire_generations(consumer name) RETURNS void: new sessions use the tables themselves again
ACCORD_FUNCTION(accord_retire_generations) {
  using namespace accord;
  using namespace accord::cutover;
  arguments args(fcinfo);
  auto who = consumers::get_consumer(args.name(0, "consumer"));
  consumers::require_may_act_for(who);
  lock_consumer(who);
  if (who.role && !generations_of(who).empty()) set_search_path(who, generation_schemas(who), std::nullopt);
  catalog::execute(
      "UPDATE accord_catalog.generation SET retired_at = clock_timestamp() WHERE consumer_id = $1::bigint AND retired_at IS NULL",
      {who.id});
  catalog::audit({"retire_generations", 0, 0, registry::json_detail({{"consumer", who.name}})});
  return Datum(0);
}
