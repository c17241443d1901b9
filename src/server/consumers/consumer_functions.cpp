// SQL functions on consumers and subscriptions.
//
// Rights: a consumer can be registered by a member of its role, by whoever owns a contract (who must be able to name who relies on it), and
// by accord_admin.  A subscription is made by the contract's owner, or for a consumer by those who may act for it, if its role may use the
// table at all: a promise to somebody who cannot read the table would only be a way to block its owner.
#include <algorithm>
#include <fmt/format.h>

#include "pg/arguments.hpp"
#include "server/consumers/consumer.hpp"
#include "server/consumers/surroundings.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/detail.hpp"
#include "server/registry/lifecycle.hpp"
#include "server/registry/rights.hpp"
#include "server/registry/suggest.hpp"

#include "pg/pg.h"

namespace accord::consumers {

namespace {

bool owns_a_contract() {
  for (const auto& row : catalog::query("SELECT DISTINCT owner FROM accord_catalog.contract"))
    if (rights::is_member_of(row.text(0))) return true;
  return false;
}

bool role_may_use(const std::string& role, Oid relation) {
  return catalog::query(
             "SELECT has_any_column_privilege(r.oid, $2::oid, 'SELECT, INSERT, UPDATE') OR has_table_privilege(r.oid, $2::oid, 'DELETE')"
             "  FROM pg_roles r WHERE r.rolname = $1::name AND EXISTS (SELECT FROM pg_class WHERE oid = $2::oid)",
             {role, relation})
      .front()
      .boolean(0);
}

void require_may_subscribe(const registry::contract& c, const consumer& who) {
  if (rights::is_admin() || rights::is_member_of(c.owner)) return;
  require_may_act_for(who);
  if (!who.role || !OidIsValid(c.relation) || !role_may_use(*who.role, c.relation))
    throw failure(core::sqlstate::insufficient_privilege, fmt::format("permission denied for contract \"{}\"", c.display()),
                  fmt::format("Consumer \"{}\" has no role that may use the table.", who.name),
                  fmt::format("Grant rights on the table first, or ask the owner of the contract, \"{}\".", c.owner));
}

// The version a subscription is made for; it must be promised.
registry::contract_version version_to_subscribe(const registry::contract& c, const std::optional<std::string>& text) {
  auto promised = registry::promised_versions(c.id);
  if (!text) {
    if (promised.empty())
      throw failure(core::sqlstate::object_not_in_prerequisite_state, fmt::format("contract \"{}\" has no active version", c.display()));
    return std::move(promised.front());
  }
  auto pattern = core::parse_version_pattern(*text);
  for (auto& v : promised)
    if (pattern.matches(v.version)) return std::move(v);
  auto v = registry::get_version(c, *text);
  throw failure(core::sqlstate::object_not_in_prerequisite_state,
                fmt::format("version {} of contract \"{}\" is {}", v.version.text(), c.display(), v.status),
                v.status == "preparing" ? "It becomes active when its migration has filled every row." : std::string(),
                "Subscribe to an active version.");
}

void require_columns(const registry::contract& c, const registry::contract_version& v, const std::vector<std::string>& columns) {
  if (columns.empty())
    throw failure(core::sqlstate::invalid_parameter, "list of columns is empty", {}, "Leave \"columns\" out to subscribe to all columns.");
  std::vector<std::string> known;
  for (const auto& column : v.shape.columns)
    known.push_back(column.name);
  std::vector<std::string_view> seen;
  for (const auto& column : columns) {
    if (!v.shape.find_column(column))
      throw failure(core::sqlstate::undefined_column,
                    fmt::format("column \"{}\" does not exist in contract \"{}\" {}", column, c.display(), v.version.text()), {},
                    registry::name_hint(column, "columns", known));
    if (std::find(seen.begin(), seen.end(), column) != seen.end())
      throw failure("42701", fmt::format("column \"{}\" specified more than once", column));
    seen.push_back(column);
  }
}

}  // namespace

}  // namespace accord::consumers

// register_consumer(consumer name, role name, team text, contact text, description text, if_not_exists boolean) RETURNS void
ACCORD_FUNCTION(accord_register_consumer) {
  using namespace accord;
  using namespace accord::registry;
  using namespace accord::consumers;
  arguments args(fcinfo);
  auto name = args.name(0, "consumer");
  if (name.empty()) throw failure(core::sqlstate::invalid_parameter, "name of a consumer must not be empty");
  auto role = args.optional_name(1);
  if (role) rights::require_role_exists(*role);
  if (!rights::is_admin() && !(role && rights::is_member_of(*role)) && !owns_a_contract())
    throw failure(core::sqlstate::insufficient_privilege, fmt::format("permission denied to register consumer \"{}\"", name),
                  "Only members of the consumer's role, owners of contracts and members of \"accord_admin\" may register it.");

  auto created = catalog::execute(
      "INSERT INTO accord_catalog.consumer (name, role, team, contact, description, created_by)"
      " VALUES ($1::name, $2::name, $3, $4, $5, $6::name) ON CONFLICT (name) DO NOTHING",
      {name, role, args.optional_text(2), args.optional_text(3), args.optional_text(4), rights::current_role()});
  if (created == 0) {
    if (!args.optional_boolean(5).value_or(false))
      throw failure(core::sqlstate::duplicate_object, fmt::format("consumer \"{}\" already exists", name));
    spi::notice(fmt::format("consumer \"{}\" already exists, skipping", name));
    return Datum(0);
  }
  catalog::audit({"register_consumer", 0, 0, json_detail({{"consumer", name}, {"role", role}, {"team", args.optional_text(2)}})});
  return Datum(0);
}

// drop_consumer(consumer name, force boolean) RETURNS void
ACCORD_FUNCTION(accord_drop_consumer) {
  using namespace accord;
  using namespace accord::registry;
  using namespace accord::consumers;
  arguments args(fcinfo);
  auto who = get_consumer(args.name(0, "consumer"));
  require_may_act_for(who);
  catalog::query("SELECT FROM accord_catalog.consumer WHERE id = $1::bigint FOR UPDATE", {who.id});
  auto generations = catalog::query(
      "SELECT schema_name FROM accord_catalog.generation WHERE consumer_id = $1::bigint AND retired_at IS NULL ORDER BY generation",
      {who.id});
  if (!generations.empty())
    throw failure(core::sqlstate::version_in_use, fmt::format("cannot drop consumer \"{}\" because its views are in use", who.name),
                  fmt::format("Its sessions read schema \"{}\".", generations.front().text(0)));
  std::string contracts;
  for (const auto& row : catalog::query("SELECT DISTINCT contract_id FROM accord_catalog.subscription WHERE consumer_id = $1::bigint"
                                        " ORDER BY contract_id",
                                        {who.id}))
    contracts += (contracts.empty() ? "\"" : ", \"") + get_contract_by_id(row.integer(0)).display() + '"';
  if (!contracts.empty() && !args.optional_boolean(1).value_or(false))
    throw failure(core::sqlstate::version_in_use,
                  fmt::format("cannot drop consumer \"{}\" because it is subscribed to contracts", who.name),
                  fmt::format("It is subscribed to {}.", contracts),
                  fmt::format("Unsubscribe it, or drop it all the same: SELECT accord.drop_consumer({}, force => true);",
                              core::quote_literal(who.name)));
  catalog::execute("DELETE FROM accord_catalog.consumer WHERE id = $1::bigint", {who.id});
  catalog::audit({"drop_consumer", 0, 0,
                  json_detail({{"consumer", who.name}, {"contracts", contracts.empty() ? std::nullopt : std::optional(contracts)}})});
  return Datum(0);
}

// subscribe(contract regclass, consumer name, version text, columns name[], access text, strictness text) RETURNS void
ACCORD_FUNCTION(accord_subscribe) {
  using namespace accord;
  using namespace accord::registry;
  using namespace accord::consumers;
  arguments args(fcinfo);
  auto c = get_contract(args.oid(0, "contract"));
  auto who = get_consumer(args.name(1, "consumer"));
  require_may_subscribe(c, who);
  auto access = core::name_of(core::parse_access(args.optional_text(4).value_or("read write")));
  auto strictness = core::name_of(core::parse_strictness(args.optional_text(5).value_or("typed")));

  lock_contract(c.id);  // so that the version cannot be retired meanwhile
  if (catalog::query("SELECT FROM accord_catalog.consumer WHERE id = $1::bigint FOR KEY SHARE", {who.id}).empty())
    throw failure(core::sqlstate::undefined_object, fmt::format("consumer \"{}\" does not exist", who.name));
  auto v = version_to_subscribe(c, args.optional_text(2));
  auto columns = args.optional_names(3);
  if (columns) require_columns(c, v, *columns);
  auto list = columns ? std::optional(spi::array_literal(*columns)) : std::nullopt;

  auto updated = catalog::query(
      "SELECT FROM accord_catalog.subscription WHERE consumer_id = $1::bigint AND contract_id = $2::bigint AND major = $3::integer",
      {who.id, c.id, v.version.major});
  catalog::execute(
      "INSERT INTO accord_catalog.subscription (consumer_id, contract_id, major, columns, access, strictness, created_by)"
      " VALUES ($1::bigint, $2::bigint, $3::integer, $4::name[], $5, $6, $7::name)"
      " ON CONFLICT (consumer_id, contract_id, major) DO UPDATE SET columns = excluded.columns, access = excluded.access,"
      " strictness = excluded.strictness",
      {who.id, c.id, v.version.major, list, access, strictness, rights::current_role()});
  catalog::audit({"subscribe", c.id, 0,
                  json_detail({{"contract", c.name.display()},
                               {"consumer", who.name},
                               {"version", std::to_string(v.version.major)},
                               {"columns", list},
                               {"access", std::string(access)},
                               {"strictness", std::string(strictness)}})});
  remember_subscription(c.id, who.name);
  if (!updated.empty())
    spi::notice(fmt::format("consumer \"{}\" was subscribed to contract \"{}\" {} already, and its subscription is changed", who.name,
                            c.display(), v.version.major));
  if (v.status == "deprecated") spi::warning(fmt::format("version {} of contract \"{}\" is deprecated", v.version.text(), c.display()));
  return Datum(0);
}

// unsubscribe(contract regclass, consumer name, version text) RETURNS void
ACCORD_FUNCTION(accord_unsubscribe) {
  using namespace accord;
  using namespace accord::registry;
  using namespace accord::consumers;
  arguments args(fcinfo);
  auto c = get_contract(args.oid(0, "contract"));
  auto who = get_consumer(args.name(1, "consumer"));
  if (!rights::is_admin() && !rights::is_member_of(c.owner)) require_may_act_for(who);
  std::optional<int> major;
  if (auto text = args.optional_text(2)) major = core::parse_version_pattern(*text).major;
  auto removed = catalog::execute(
      "DELETE FROM accord_catalog.subscription WHERE consumer_id = $1::bigint AND contract_id = $2::bigint"
      " AND major = coalesce($3::integer, major)",
      {who.id, c.id, major ? std::optional(std::to_string(*major)) : std::nullopt});
  if (removed == 0)
    throw failure(core::sqlstate::undefined_object, fmt::format("consumer \"{}\" is not subscribed to contract \"{}\"{}", who.name,
                                                                c.display(), major ? fmt::format(" {}", *major) : std::string()));
  catalog::audit({"unsubscribe", c.id, 0,
                  json_detail({{"contract", c.name.display()},
                               {"consumer", who.name},
                               {"version", major ? std::optional(std::to_string(*major)) : std::nullopt}})});
  return Datum(0);
}
