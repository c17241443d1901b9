// accord.create_release, drop_release and use_release.  See release.hpp.
//
// Rights: who makes a release may change all of its contracts.  The views are security_invoker and granted what their tables grant.
//
// Locking: the contracts' rows, so that the versions stay while the views are made; ACCESS EXCLUSIVE on the views of a release that is dropped,
// for 200 ms at most.
#include "server/cutover/release.hpp"

#include <fmt/format.h>
#include <set>

#include "core/version.hpp"
#include "pg/arguments.hpp"
#include "plan/errors.hpp"
#include "server/consumers/search_path.hpp"
#include "server/cutover/generation.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/contract.hpp"
#include "server/registry/detail.hpp"
#include "server/registry/lifecycle.hpp"
#include "server/registry/own_ddl.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::cutover {

using core::quote_identifier;
using core::quote_literal;

namespace {

struct chosen {
  registry::contract contract;
  registry::contract_version version;
};

registry::contract_version usable_version(const registry::contract& contract, const std::optional<std::string>& wanted) {
  if (!wanted) {
    if (auto latest = registry::latest_promised(contract.id)) return *latest;
    throw failure(core::sqlstate::migration_refused, fmt::format("contract \"{}\" has no version that can be used", contract.display()));
  }
  auto version = registry::get_version(contract, *wanted);
  if (version.status != "active" && version.status != "deprecated")
    throw failure(
        core::sqlstate::migration_refused,
        fmt::format("version {} of contract \"{}\" cannot be used: it is {}", version.version.text(), contract.display(), version.status),
        version.status == "preparing" ? "It becomes usable when no row is pending and its constraints are valid." : "");
  return version;
}

chosen choose_version(const registry::contract& contract, const std::optional<std::string>& wanted) {
  rights::require_contract_owner(contract.owner, contract.display());
  registry::lock_contract(contract.id);
  return {contract, usable_version(contract, wanted)};
}

// As the caller's search_path finds the tables.
std::vector<chosen> choose(const std::optional<std::string>& versions) {
  std::vector<chosen> result;
  if (!versions) {
    for (const auto& row : catalog::query("SELECT c.id, c.owner FROM accord_catalog.contract c WHERE EXISTS (SELECT FROM pg_class k WHERE "
                                          "k.oid = c.relation) ORDER BY c.last_schema, c.last_name"))
      if (rights::is_member_of(row.text(1))) result.push_back(choose_version(registry::get_contract_by_id(row.integer(0)), std::nullopt));
    return result;
  }
  if (catalog::query("SELECT jsonb_typeof($1::jsonb)", {*versions})[0].text(0) != "object")
    throw failure(core::sqlstate::invalid_parameter, "versions must be a JSON object of contracts and their versions", {},
                  R"(For example '{"flights": "2", "planes": null}'; null means the latest.)");
  for (const auto& row : catalog::query("SELECT key, value FROM jsonb_each_text($1::jsonb) ORDER BY key", {*versions})) {
    Oid relation = spi::query("SELECT $1::pg_catalog.regclass::pg_catalog.oid", {row.text(0)})[0].oid(0);
    result.push_back(choose_version(registry::get_contract(relation), row.optional(1)));
  }
  return result;
}

void make_release_view(const release& made, const chosen& c, std::set<std::string>& names) {
  auto view = make_view(c.contract, {c.contract.id, c.version.version.major, std::nullopt, {}}, std::nullopt);
  // Two tables of one name in different schemas: the second is found under both its names.
  if (!names.insert(view.name).second) view.name = core::fitted_name("", c.contract.name.schema + "_" + view.name);
  auto sql = core::qualified_name{made.schema, view.name}.sql();
  catalog::execute(fmt::format("CREATE VIEW {} WITH (security_invoker = true) AS {}", sql, view.select()));
  for (const auto& column : view.columns)
    if (column.default_expression)
      catalog::execute(
          fmt::format("ALTER VIEW {} ALTER COLUMN {} SET DEFAULT {}", sql, quote_identifier(column.name), *column.default_expression));
  if (!c.version.shape.comment.empty())
    catalog::execute(fmt::format("COMMENT ON VIEW {} IS {}", sql, quote_literal(c.version.shape.comment)));
  for (const auto& column : c.version.shape.columns)
    if (!column.comment.empty())
      catalog::execute(fmt::format("COMMENT ON COLUMN {}.{} IS {}", sql, quote_identifier(column.name), quote_literal(column.comment)));
  for (const auto& row :
       catalog::query("SELECT format('GRANT %s ON %s TO %s%s', e.privilege_type, $2::text, CASE WHEN e.grantee = 0 THEN "
                      "'PUBLIC' ELSE quote_ident(pg_get_userbyid(e.grantee)) END,"
                      "              CASE WHEN e.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)"
                      "  FROM pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) e"
                      " WHERE c.oid = $1::oid AND e.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE') ORDER BY 1",
                      {c.contract.relation, sql}))
    catalog::execute(row.text(0));
  catalog::execute(
      "INSERT INTO accord_catalog.release_contract (release_id, contract_id, major, view_name)"
      " VALUES ($1::bigint, $2::bigint, $3::integer, $4)",
      {made.id, c.contract.id, c.version.version.major, view.name});
}

void require_may_drop(const release& r) {
  if (!rights::is_member_of(r.created_by))
    throw failure(core::sqlstate::insufficient_privilege, fmt::format("must be the creator of release \"{}\"", r.name));
}

// Roles whose new sessions would find nothing, and sessions that are at work with it.
void require_unused_release(const release& r) {
  std::vector<std::string> roles;
  std::string reset;
  for (const auto& row : catalog::query("SELECT role, database, reset FROM accord_catalog.release_setting WHERE release_id = $1::bigint"
                                        " ORDER BY role, database",
                                        {r.id})) {
    roles.push_back(row.is_null(0) ? "all roles" : plan::errors::quoted(row.text(0)));
    if (reset.empty()) reset = row.text(2);
  }
  if (!roles.empty())
    throw failure(core::sqlstate::version_in_use, fmt::format("release \"{}\" is still in use", r.name),
                  fmt::format("New sessions are pointed to it by the settings of: {}.", plan::errors::listed(roles)), reset);
  std::vector<std::string> sessions;
  for (const auto& row : catalog::query(
           "SELECT DISTINCT pid FROM accord_catalog.release_session WHERE release_id = $1::bigint AND pid <> pg_backend_pid() ORDER BY pid",
           {r.id}))
    sessions.push_back(fmt::format("process {}", row.text(0)));
  if (!sessions.empty())
    throw failure(core::sqlstate::version_in_use, fmt::format("release \"{}\" is still in use", r.name),
                  fmt::format("Sessions: {}.", plan::errors::listed(sessions)),
                  "Wait until they end or choose another release, or drop it with force => true.");
}

LOCKTAG release_tag(std::int64_t id) {
  LOCKTAG tag;
  auto key = static_cast<std::uint64_t>(id);
  SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, static_cast<uint32>(key >> 32), static_cast<uint32>(key), release_lock_space);
  return tag;
}

// False: a session works with it.
bool lock_release(const release& r) {
  LOCKTAG tag = release_tag(r.id);
  return pg([&] { return LockAcquire(&tag, ExclusiveLock, false, true); }) != LOCKACQUIRE_NOT_AVAIL;
}

void drop_release_views(const release& r) {
  reported_error error;
  bool done = subtransaction(
      [&] {
        local_settings settings;
        settings.set("lock_timeout", "200ms");
        own_ddl ours;
        for (const auto& row :
             catalog::query("SELECT format('DROP VIEW %I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON "
                            "n.oid = c.relnamespace WHERE n.nspname = $1::name AND c.relkind = 'v' ORDER BY 1",
                            {r.schema}))
          catalog::execute(row.text(0));
        if (!catalog::query("SELECT FROM pg_namespace WHERE nspname = $1::name", {r.schema}).empty())
          catalog::execute(fmt::format("DROP SCHEMA {}", quote_identifier(r.schema)));
      },
      error);
  if (done) return;
  if (error.sqlstate != "55P03") throw failure(error.sqlstate, error.message, error.detail, error.hint);
  std::string blockers;
  for (const auto& row :
       catalog::query("SELECT DISTINCT l.pid FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON "
                      "n.oid = c.relnamespace WHERE n.nspname = $1::name AND l.granted AND l.pid <> pg_backend_pid() ORDER BY 1",
                      {r.schema}))
    blockers += (blockers.empty() ? "" : ", ") + row.text(0);
  throw failure("55P03", fmt::format("could not drop the views of release \"{}\" within 200 ms", r.name),
                blockers.empty() ? "" : fmt::format("They are in use by PID {}.", blockers), "Try again when they are done.");
}

// The release that this session works with: DISCARD ALL takes the lock without asking us.
constinit bool uses_release = false;
constinit LOCKTAG used_release = {};

void leave_release() {
  if (!uses_release) return;
  uses_release = false;
  pg([] {
    if (ACCORD_LOCK_HELD(&used_release, ShareLock)) LockRelease(&used_release, ShareLock, true);
  });
}

}  // namespace

release get_release(const std::string& name) {
  auto rows = catalog::query("SELECT id, name, schema_name, created_by FROM accord_catalog.release WHERE name = $1::name", {name});
  if (rows.empty())
    throw failure(core::sqlstate::undefined_object, fmt::format("there is no release \"{}\"", name), {}, "SELECT * FROM accord.releases;");
  return {rows[0].integer(0), rows[0].text(1), rows[0].text(2), rows[0].text(3)};
}

std::vector<std::string> release_schemas() {
  std::vector<std::string> schemas;
  for (const auto& row : catalog::query("SELECT schema_name FROM accord_catalog.release ORDER BY id"))
    schemas.push_back(row.text(0));
  return schemas;
}

}  // namespace accord::cutover

using namespace accord;
using namespace accord::cutover;

// create_release(release name, versions jsonb) RETURNS name: its schema
ACCORD_FUNCTION(accord_create_release) {
  arguments args(fcinfo);
  release made;
  made.name = args.name(0, "release");
  auto versions = args.optional_json(1);
  if (!catalog::query("SELECT FROM accord_catalog.release WHERE name = $1::name", {made.name}).empty())
    throw failure("42710", fmt::format("release \"{}\" already exists", made.name), {},
                  fmt::format("SELECT accord.drop_release({});", quote_literal(made.name)));
  auto contracts = choose(versions);
  if (contracts.empty())
    throw failure(core::sqlstate::invalid_parameter, fmt::format("release \"{}\" would have no view", made.name),
                  "There is no contract that you own, or none was named.");
  made.schema = core::fitted_name("release_", made.name);
  made.id = catalog::query(
                "INSERT INTO accord_catalog.release (name, schema_name, created_by) VALUES ($1::name, $2::name, $3::name) RETURNING id",
                {made.name, made.schema, rights::current_role()})[0]
                .integer(0);
  own_ddl ours;
  catalog::execute(fmt::format("CREATE SCHEMA {}", quote_identifier(made.schema)));
  catalog::execute(fmt::format("GRANT USAGE ON SCHEMA {} TO PUBLIC", quote_identifier(made.schema)));
  std::set<std::string> names;
  for (const auto& c : contracts)
    make_release_view(made, c, names);
  catalog::audit({"create_release", 0, 0, registry::json_detail({{"release", made.name}, {"schema", made.schema}})});
  return name_result(made.schema);
}

// drop_release(release name, force boolean) RETURNS void
ACCORD_FUNCTION(accord_drop_release) {
  arguments args(fcinfo);
  auto r = get_release(args.name(0, "release"));
  bool force = args.optional_boolean(1).value_or(false);
  require_may_drop(r);
  catalog::query("SELECT FROM accord_catalog.release WHERE id = $1::bigint FOR UPDATE", {r.id});
  if (!force) require_unused_release(r);
  if (!lock_release(r) && !force)
    throw failure(core::sqlstate::version_in_use, fmt::format("release \"{}\" is still in use", r.name),
                  "A session has just begun to use it.");
  drop_release_views(r);
  catalog::execute("DELETE FROM accord_catalog.release WHERE id = $1::bigint", {r.id});
  catalog::audit(
      {"drop_release", 0, 0, registry::json_detail({{"release", r.name}, {"schema", r.schema}, {"force", force ? "true" : "false"}})});
  PG_RETURN_VOID();
}

// use_release(release name) RETURNS text: the new search_path
ACCORD_FUNCTION(accord_use_release) {
  arguments args(fcinfo);
  auto r = get_release(args.name(0, "release"));
  LOCKTAG tag = release_tag(r.id);
  leave_release();
  (void)pg([&] { return LockAcquire(&tag, ShareLock, true, false); });  // waits for who is dropping it
  used_release = tag;
  uses_release = true;
  (void)get_release(r.name);
  std::string now = pg([] { return GetConfigOption("search_path", false, false); });
  auto path = consumers::join_search_path(consumers::replace_entries(consumers::split_search_path(now), release_schemas(), r.schema));
  spi::query("SELECT pg_catalog.set_config('search_path', $1, false)", {path});
  return text_result(path);
}
