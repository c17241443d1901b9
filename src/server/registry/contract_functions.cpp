// SQL functions on contracts: register, alter, drop, forget.
//
// Rights: who owns the table may register it; who owns the contract (a member of its owner role) may change it; accord_admin may do all.
#include <fmt/format.h>

#include "pg/arguments.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/detail.hpp"
#include "server/registry/lifecycle.hpp"
#include "server/registry/publish.hpp"
#include "server/registry/reserved_names.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::registry {

namespace {

struct table {
  Oid oid;
  core::qualified_name name;
  std::string owner;

  std::string display() const { return name.schema == "public" ? name.name : name.display(); }
};

// The relation as something that can have a contract, locked against being dropped until the end of the transaction.
table get_table(Oid oid) {
  struct facts {
    const char *schema = nullptr, *name = nullptr, *owner = nullptr;
    char kind = 0, persistence = 0;
    Oid space = InvalidOid;
  };
  auto f = pg([&] {
    facts r;
    LockRelationOid(oid, AccessShareLock);
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(oid));
    if (!HeapTupleIsValid(tuple)) return r;
    auto* form = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple));
    r.name = pstrdup(NameStr(form->relname));
    r.schema = get_namespace_name(form->relnamespace);
    r.owner = GetUserNameFromId(form->relowner, true);
    r.kind = form->relkind;
    r.persistence = form->relpersistence;
    r.space = form->relnamespace;
    ReleaseSysCache(tuple);
    return r;
  });
  if (!f.name || !f.schema) throw failure(core::sqlstate::undefined_table, fmt::format("relation with OID {} does not exist", oid));
  table t{oid, {f.schema, f.name}, f.owner ? f.owner : ""};
  switch (f.kind) {
    case RELKIND_RELATION:
    case RELKIND_PARTITIONED_TABLE:
    case RELKIND_VIEW:
    case RELKIND_MATVIEW:
    case RELKIND_FOREIGN_TABLE:
      break;
    default:
      throw failure("42809", fmt::format("cannot register a contract for relation \"{}\"", t.display()),
                    "It is not a table, partitioned table, view, materialized view or foreign table.");
  }
  if (f.persistence == RELPERSISTENCE_TEMP)
    throw failure("42809", fmt::format("cannot register a contract for temporary table \"{}\"", t.name.name));
  if (oid < FirstNormalObjectId || t.name.schema == "accord" || t.name.schema == "accord_catalog")
    throw failure("42809", fmt::format("cannot register a contract for system relation \"{}\"", t.display()));
  if (auto behind = contract_of_view(oid))
    throw failure("42809", fmt::format("cannot register a contract for view \"{}\"", t.display()),
                  fmt::format("It is the view of a version of contract \"{}\".", behind->display()));
  return t;
}

// PostgreSQL's own error, which names the kind of the relation.
void require_relation_owner(const table& t) {
  if (rights::owns_relation(t.oid) || rights::is_admin()) return;
  const char* name = t.name.name.c_str();
  pg([&] { aclcheck_error(ACLCHECK_NOT_OWNER, get_relkind_objtype(get_rel_relkind(t.oid)), name); });
}

// Ownership is given only to a role that the giver could act as.
void require_may_give_to(const std::string& role) {
  rights::require_role_exists(role);
  if (!rights::is_admin() && !rights::is_member_of(role))
    throw failure(core::sqlstate::insufficient_privilege, fmt::format("must be member of role \"{}\"", role));
}

// A contract whose table was dropped and whose name and owner are those of the new table.
std::optional<contract> find_detached(const table& t, const std::string& owner) {
  auto rows = catalog::query(
      "SELECT id FROM accord_catalog.contract"
      " WHERE relation IS NULL AND last_schema = $1::name AND last_name = $2::name AND owner = $3::name ORDER BY id DESC LIMIT 1",
      {t.name.schema, t.name.name, owner});
  if (rows.empty()) return std::nullopt;
  return get_contract_by_id(rows.front().integer(0));
}

std::string reattach(contract c, const table& t) {
  lock_contract(c.id);
  auto updated =
      catalog::execute("UPDATE accord_catalog.contract SET relation = $2::oid WHERE id = $1::bigint AND relation IS NULL", {c.id, t.oid});
  if (updated == 0) throw failure(core::sqlstate::duplicate_object, fmt::format("contract \"{}\" already exists", t.display()));
  catalog::audit({"reattach_contract", c.id, 0, json_detail({{"relation", t.name.display()}})});
  auto latest = base_version(c.id);
  bool same = latest && core::fingerprint(capture_shape(t.oid)) == latest->fingerprint;
  spi::notice(fmt::format("contract \"{}\" is attached to the table again", t.display()),
              latest ? fmt::format("It was registered before the table was dropped; its latest version is {}.", latest->version.text())
                     : "It was registered before the table was dropped.",
              same ? std::string()
                   : fmt::format("The table does not have the shape of that version.  See what differs: SELECT * FROM accord.diff({});",
                                 core::quote_literal(t.name.sql())));
  return latest ? latest->version.text() : std::string();
}

std::string existing_version(const contract& c) {
  auto latest = base_version(c.id);
  return latest ? latest->version.text() : std::string();
}

}  // namespace

}  // namespace accord::registry

// register_contract(contract regclass, owner name, version text, level text, description text, if_not_exists boolean) RETURNS text
ACCORD_FUNCTION(accord_register_contract) {
  using namespace accord;
  using namespace accord::registry;
  arguments args(fcinfo);
  auto t = get_table(args.oid(0, "contract"));
  require_relation_owner(t);
  auto owner = args.optional_name(1).value_or(t.owner);
  require_may_give_to(owner);
  auto version = core::parse_version(args.optional_text(2).value_or("1.0.0"));
  auto level = core::name_of(core::parse_level(args.optional_text(3).value_or("clients")));
  auto description = args.optional_text(4);
  bool if_not_exists = args.optional_boolean(5).value_or(false);

  auto skip = [&](const contract& c) {
    spi::notice(fmt::format("contract \"{}\" already exists, skipping", c.display()));
    return text_result(existing_version(c));
  };
  auto duplicate = [&] {
    return failure(core::sqlstate::duplicate_object, fmt::format("contract \"{}\" already exists", t.display()), {},
                   "Publish a new version of it with accord.publish_version, or change it with accord.alter_contract.");
  };
  if (auto existing = find_contract(t.oid)) {
    if (if_not_exists) return skip(*existing);
    throw duplicate();
  }
  require_own_names(t.oid);
  if (auto detached = find_detached(t, owner)) return text_result(reattach(*detached, t));

  // Waits for a transaction that is registering the same table, and then finds its contract.
  auto created = catalog::query(
      "INSERT INTO accord_catalog.contract (relation, last_schema, last_name, owner, level, description, created_by)"
      " VALUES ($1::oid, $2::name, $3::name, $4::name, $5, $6, $7::name) ON CONFLICT (relation) DO NOTHING RETURNING id",
      {t.oid, t.name.schema, t.name.name, owner, level, description, rights::current_role()});
  if (created.empty()) {
    if (if_not_exists)
      if (auto existing = find_contract(t.oid)) return skip(*existing);
    throw duplicate();
  }
  auto c = get_contract_by_id(created.front().integer(0));
  insert_version(c, {version, "active", std::nullopt, std::nullopt}, capture_shape(t.oid));
  catalog::audit({"register_contract", c.id, 0,
                  json_detail({{"contract", t.name.display()}, {"version", version.text()}, {"owner", owner}, {"level", level}})});
  return text_result(version.text());
}

// alter_contract(contract regclass, owner name, level text, description text) RETURNS void
ACCORD_FUNCTION(accord_alter_contract) {
  using namespace accord;
  using namespace accord::registry;
  arguments args(fcinfo);
  auto c = get_contract(args.oid(0, "contract"));
  rights::require_contract_owner(c.owner, c.display());
  auto owner = args.optional_name(1);
  if (owner) require_may_give_to(*owner);
  auto level = args.optional_text(2);
  if (level) level = core::name_of(core::parse_level(*level));
  auto description = args.optional_text(3);
  if (!owner && !level && !description)
    throw failure(core::sqlstate::null_not_allowed, "nothing to change", {},
                  "Give one of the arguments \"owner\", \"level\" and \"description\".");
  catalog::execute(
      "UPDATE accord_catalog.contract SET owner = coalesce($2::name, owner), level = coalesce($3, level),"
      " description = coalesce($4, description) WHERE id = $1::bigint",
      {c.id, owner, level, description});
  catalog::audit({"alter_contract", c.id, 0,
                  json_detail({{"contract", c.name.display()}, {"owner", owner}, {"level", level}, {"description", description}})});
  return Datum(0);
}

// allow_row_removal(contract regclass, partitions boolean, reason text) RETURNS void
ACCORD_FUNCTION(accord_allow_row_removal) {
  using namespace accord;
  using namespace accord::registry;
  arguments args(fcinfo);
  auto c = get_contract(args.oid(0, "contract"));
  rights::require_contract_owner(c.owner, c.display());
  bool partitions = args.boolean(1, "partitions");
  std::string reason = args.text(2, "reason");
  if (reason.find_first_not_of(" \t\n\r\f\v") == std::string::npos)
    throw failure(core::sqlstate::invalid_parameter, "letting rows go needs a reason");
  if (!OidIsValid(c.relation) || pg([&] { return get_rel_relkind(c.relation); }) != RELKIND_PARTITIONED_TABLE)
    throw failure("42809", fmt::format("\"{}\" is not a partitioned table", c.display()));
  lock_contract(c.id);
  catalog::execute("UPDATE accord_catalog.contract SET partitions_may_go = $2::boolean WHERE id = $1::bigint", {c.id, partitions});
  catalog::audit({"allow_row_removal", c.id, 0,
                  json_detail({{"contract", c.name.display()}, {"partitions", partitions ? "true" : "false"}, {"reason", reason}})});
  auto readers = subscribers(subscriptions(c.id), [](const auto& s) { return s.access != core::access::write; });
  if (partitions && !c.partitions_may_go && !readers.empty())
    spi::notice(fmt::format("rows of contract \"{}\" may go with their partitions from now on", c.display()),
                consumers_affected(c, readers));
  return Datum(0);
}

// drop_contract(contract regclass, force boolean) RETURNS void
ACCORD_FUNCTION(accord_drop_contract) {
  using namespace accord;
  using namespace accord::registry;
  arguments args(fcinfo);
  auto c = get_contract(args.oid(0, "contract"));
  rights::require_contract_owner(c.owner, c.display());
  bool force = args.optional_boolean(1).value_or(false);
  lock_contract(c.id);
  require_no_live_migration(c.id, fmt::format("drop contract \"{}\"", c.display()));
  auto names = subscribers(subscriptions(c.id), [](const auto&) { return true; });
  if (!names.empty() && !force)
    throw failure(core::sqlstate::version_in_use,
                  fmt::format("cannot drop contract \"{}\" because consumers are subscribed to it", c.display()),
                  consumers_affected(c, names),
                  fmt::format("Unsubscribe them, or drop it all the same: SELECT accord.drop_contract({}, force => true);",
                              core::quote_literal(c.name.sql())));
  catalog::audit({"drop_contract", c.id, 0,
                  json_detail({{"contract", c.name.display()},
                               {"consumers", names.empty() ? std::nullopt : std::optional(spi::array_literal(names))}})});
  catalog::execute("DELETE FROM accord_catalog.contract WHERE id = $1::bigint", {c.id});
  return Datum(0);
}

// forget_contract(schema_name name, table_name name) RETURNS void: of a table that was dropped
ACCORD_FUNCTION(accord_forget_contract) {
  using namespace accord;
  using namespace accord::registry;
  arguments args(fcinfo);
  core::qualified_name name{args.name(0, "schema_name"), args.name(1, "table_name")};
  auto rows = catalog::query(
      "SELECT id FROM accord_catalog.contract WHERE relation IS NULL AND last_schema = $1::name AND last_name = $2::name ORDER BY id",
      {name.schema, name.name});
  if (rows.empty())
    throw failure(core::sqlstate::undefined_object, fmt::format("there is no contract of a dropped table \"{}\"", name.display()), {},
                  "The contract of a table that exists is dropped with accord.drop_contract.");
  for (const auto& row : rows) {
    auto c = get_contract_by_id(row.integer(0));
    rights::require_contract_owner(c.owner, c.display());
    require_no_live_migration(c.id, fmt::format("forget contract \"{}\"", c.display()));
    catalog::audit({"forget_contract", c.id, 0, json_detail({{"contract", name.display()}})});
    catalog::execute("DELETE FROM accord_catalog.contract WHERE id = $1::bigint", {c.id});
  }
  return Datum(0);
}
