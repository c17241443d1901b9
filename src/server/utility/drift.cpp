// accord.drift: what changed outside the guard's sight.
//
// Of each contract the live shape is compared with the promised one, and its surroundings with the last known good; and the machine of the
// guard and of live migrations is looked over.  Nothing is repaired.
#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "change/change.hpp"
#include "core/name.hpp"
#include "pg/arguments.hpp"
#include "pg/result_rows.hpp"
#include "rule/refusal.hpp"
#include "rule/rule.hpp"
#include "rule/statements.hpp"
#include "server/consumers/surroundings.hpp"
#include "server/guard/frames.hpp"
#include "server/guard/verdict.hpp"
#include "server/migration/children.hpp"
#include "server/moves/store.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/detail.hpp"
#include "server/registry/lifecycle.hpp"
#include "server/registry/present.hpp"
#include "server/registry/publish.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::utility {

namespace {

struct drift_row {
  std::string kind, element;
  std::optional<std::string> rule, readers, writers;
  std::string detail;
  std::vector<std::string> consumers;
};

drift_row row_of(std::string kind, const core::finding& f) {
  return {std::move(kind), f.element, f.rule, std::string(core::name_of(f.readers)), std::string(core::name_of(f.writers)), f.detail, {}};
}

void shape_drift(const registry::contract& c, const registry::promise& p, std::vector<drift_row>& rows) {
  const core::shape& promised = p.version.shape;
  core::shape now = registry::present_shape(c, promised);
  auto changes = change::diff(promised, now);
  if (changes.empty()) return;
  auto findings = rule::judge(promised, now);
  for (const auto& f : findings) {
    auto row = row_of("shape", f);
    row.consumers = guard::consumers_of(p, {f});
    rows.push_back(std::move(row));
  }
  for (const auto& change : changes) {
    // Partitions come and go; the guard judges the rows that move with them.
    if (const auto* p = std::get_if<change::partitioning_changed>(&change); p && p->from_key == p->to_key && p->from_of == p->to_of)
      continue;
    std::string element = change::element(change);
    auto told = [&](const core::finding& f) { return f.element == element; };
    if (std::none_of(findings.begin(), findings.end(), told))
      rows.push_back({"shape", element, std::nullopt, "none", "none", change::describe(change) + ".", {}});
  }
}

bool had(const std::vector<std::string>& keys, const std::string& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

// A consumer that subscribed in another way since then, or not at all any more, has lost nothing.
void rights_drift(const registry::contract& c, const consumers::known_good& good, const consumers::surroundings& now,
                  std::vector<drift_row>& rows) {
  auto subscribed = catalog::query(
      "SELECT u.name, u.role, concat_ws(' ', s.major, s.access, s.columns) FROM accord_catalog.subscription s"
      "  JOIN accord_catalog.consumer u ON u.id = s.consumer_id WHERE s.contract_id = $1::bigint AND u.role IS NOT NULL ORDER BY 1, 3",
      {c.id});
  for (const auto& s : subscribed) {
    consumers::held_right r{c.id, s.text(0), s.text(1), s.text(2), {}, false, false};
    std::string lost;
    bool reads = false, writes = false;
    for (const char* right : {"DELETE", "INSERT", "SELECT", "SELECT of some columns", "UPDATE", "USAGE on the schema"}) {
      r.right = right;
      std::string key = key_of(r);
      bool held = std::any_of(now.rights.begin(), now.rights.end(), [&](const consumers::held_right& h) { return key_of(h) == key; });
      if (held || !had(good.rights, key)) continue;
      lost += (lost.empty() ? "" : ", ") + r.right;
      reads = reads || r.right.starts_with("SELECT") || r.right.starts_with("USAGE");
      writes = writes || !r.right.starts_with("SELECT");
    }
    if (lost.empty()) continue;
    auto row = row_of("rights", rule::membership_revoked(r.role, lost, reads, writes));
    row.consumers = {r.consumer};
    rows.push_back(std::move(row));
  }
}

// Where tables or columns were renamed since then, as many refer on the same terms as before.
void reference_drift(const registry::promise& p, const consumers::known_good& good, const consumers::surroundings& now,
                     std::vector<drift_row>& rows) {
  std::map<std::string, std::size_t> known;
  for (const auto& key : good.references)
    known[consumers::terms_in(key)]++;
  std::map<std::string, std::size_t> found;
  for (const auto& r : now.references)
    found[consumers::terms_in(key_of(r))]++;
  for (const auto& r : now.references) {
    const std::string key = key_of(r), terms = consumers::terms_in(key);
    if (had(good.references, key) || found[terms] <= known[terms]) continue;
    auto findings = rule::table_referenced(p.version.shape, {r.name.name, r.columns, r.on_delete, r.on_update});
    auto hit = guard::consumers_of(p, findings);
    if (hit.empty()) continue;  // as the guard says nothing then
    rows.push_back(row_of("reference", findings.front()));
    rows.back().consumers = std::move(hit);
  }
}

void name_drift(const registry::contract& c, const consumers::known_good& good, std::vector<drift_row>& rows) {
  for (const auto& n : consumers::bind_names({}, consumers::server_search_path(), c.id)) {
    if (stands_for(n.relation, n) || !had(good.names, key_of(n))) continue;
    auto row = row_of("name", rule::name_rebound(n.name, n.role, consumers::described(n.relation)));
    row.consumers = {n.consumer};
    rows.push_back(std::move(row));
  }
}

drift_row lost_trigger(std::string trigger, const char* effect) {
  auto detail = fmt::format("It is not there or not ENABLE ALWAYS, so {}.", effect);
  return {"sync trigger", std::move(trigger), std::nullopt, "silent", "silent", std::move(detail), {}};
}

void sync_drift_at(Oid relation, const std::string& where, std::vector<drift_row>& rows) {
  auto found = guard::sync_triggers_of(relation);
  for (const char* trigger : {"!accord_sync", "~accord_sync"}) {
    auto same = [&](const guard::sync_trigger& t) { return t.name == trigger; };
    auto fires = [&](const guard::sync_trigger& t) { return !same(t) || t.fires; };
    if (std::none_of(found.begin(), found.end(), same) || !std::all_of(found.begin(), found.end(), fires))
      rows.push_back(lost_trigger(fmt::format("trigger \"{}\"{}", trigger, where), "writes through one version do not reach the other"));
  }
}

void sync_drift(const registry::contract& c, std::vector<drift_row>& rows) {
  auto dual = catalog::query(
      "SELECT m.id FROM accord_catalog.migration_relation r JOIN accord_catalog.migration m ON m.id = r.migration_id"
      " WHERE r.contract_id = $1::bigint AND r.marker IS NOT NULL AND m.state IN ('preparing', 'active', 'completed') ORDER BY m.id",
      {c.id});
  if (dual.empty()) return;
  for (const auto& m : dual)
    for (auto& trigger : migration::lost_triggers(m.integer(0), c.id, c.name))
      rows.push_back(lost_trigger(std::move(trigger), "writes of one table do not reach the other"));
  sync_drift_at(c.relation, "", rows);
  // Partitions have those of their table; what inherits otherwise has its own.
  for (Oid child : migration::children_of(c.relation))
    sync_drift_at(child, fmt::format(" on table \"{}\"", migration::about_child(c, child).display()), rows);
}

std::vector<drift_row> drift_of(const registry::contract& c, std::optional<consumers::surroundings>& good_now) {
  std::vector<drift_row> rows;
  if (pg([&] { return get_rel_relkind(c.relation); }) == '\0') {
    rows.push_back({"table",
                    fmt::format("table \"{}\"", c.display()),
                    "relation-dropped",
                    "breaks",
                    "breaks",
                    "The table is gone, and the guard was not told.",
                    {}});
    return rows;
  }
  auto p = registry::promise_of(c);
  if (p) shape_drift(c, *p, rows);
  sync_drift(c, rows);
  auto now = consumers::surroundings_of(c.id);
  if (auto good = consumers::last_known_good(c.id)) {
    rights_drift(c, *good, now, rows);
    name_drift(c, *good, rows);
    if (p) reference_drift(*p, *good, now, rows);
  }
  if (rows.empty()) good_now = std::move(now);
  return rows;
}

const char* without(const std::string& event_trigger) {
  if (event_trigger == "accord_grant") return ", so what GRANT gives on a migrating table does not reach the views of its versions.";
  if (event_trigger == "accord_create_child") return ", so a table that is created below a migrating one is not kept in step.";
  if (event_trigger == "accord_drop_child") return ", so a migration still knows of tables below its own that are dropped.";
  return ", so the guard does not see what it should.";
}

std::vector<drift_row> drift_of_guard() {
  std::vector<drift_row> rows;
  auto triggers = catalog::query(
      "SELECT w.name, e.oid IS NOT NULL, coalesce(e.evtenabled, 'D') = 'A',"
      "       p.prosrc = 'accord_' || w.function AND p.prolang = (SELECT oid FROM pg_language WHERE lanname = 'c')"
      "  FROM (VALUES ('accord_ddl_command_start', 'ddl_command_start', 'on_ddl_command_start'), ('accord_table_rewrite', 'table_rewrite',"
      "                'on_table_rewrite'), ('accord_sql_drop', 'sql_drop', 'on_sql_drop'), ('accord_ddl_command_end', 'ddl_command_end',"
      "                'on_ddl_command_end'), ('accord_grant', 'ddl_command_end', 'carry_grants'), ('accord_create_child', "
      "'ddl_command_end',"
      "                'adopt_children'), ('accord_drop_child', 'sql_drop', 'forget_children')) w(name, event, function)"
      "  LEFT JOIN pg_proc p ON p.proname = w.function AND p.pronamespace = 'accord_catalog'::regnamespace"
      "  LEFT JOIN pg_event_trigger e ON e.evtfoid = p.oid AND e.evtevent = w.event ORDER BY 1");
  for (const auto& t : triggers) {
    std::string problem = !t.boolean(1)                   ? "It is not there"
                          : !t.boolean(2)                 ? "It is not ENABLE ALWAYS"
                          : t.is_null(3) || !t.boolean(3) ? "Its function is another one"
                                                          : "";
    if (!problem.empty())
      rows.push_back({"event trigger",
                      fmt::format("event trigger \"{}\"", t.text(0)),
                      std::nullopt,
                      std::nullopt,
                      std::nullopt,
                      problem + without(t.text(0)),
                      {}});
  }
  auto settings = catalog::query(
      "SELECT setting || CASE WHEN scope = '' THEN '' ELSE ' for ' || scope END FROM ("
      "  SELECT name || ' = ' || reset_val, '' FROM pg_settings"
      "   WHERE (name, reset_val) IN (('accord.guard', 'off'), ('event_triggers', 'off'))"
      "     AND NOT EXISTS (SELECT FROM pg_db_role_setting, unnest(setconfig) c WHERE c IN ('accord.guard=off', 'event_triggers=off'))"
      "  UNION ALL"
      "  SELECT replace(c, '=', ' = '), concat_ws(' in ', 'role \"' || r.rolname || '\"', 'database \"' || d.datname || '\"')"
      "    FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase,"
      "         unnest(s.setconfig) c"
      "   WHERE c IN ('accord.guard=off', 'event_triggers=off', 'session_replication_role=replica')"
      "     AND (d.datname IS NULL OR d.datname = current_database())) found(setting, scope) ORDER BY 1");
  for (const auto& s : settings)
    rows.push_back(
        {"setting", s.text(0), std::nullopt, std::nullopt, std::nullopt, "New sessions start without the guard or other triggers.", {}});
  return rows;
}

// The later of the last time all was well and of what says so by itself.
std::optional<std::string> since(std::int64_t contract) {
  auto rows = contract ? catalog::query(
                             "SELECT greatest((SELECT at FROM accord_catalog.known_good WHERE contract_id = $1::bigint),"
                             "       (SELECT max(published_at) FROM accord_catalog.contract_version WHERE contract_id = $1::bigint))",
                             {contract})
                       : catalog::query(
                             "SELECT coalesce((SELECT at FROM accord_catalog.known_good WHERE contract_id IS NULL),"
                             "       (SELECT min(created_at) FROM accord_catalog.contract))");
  return rows.at(0).optional(0);
}

class report {
 public:
  report() : until_(spi::query("SELECT now()").at(0).text(0)) {}

  void add(const registry::contract* c, const std::vector<drift_row>& found) {
    if (found.empty()) return;
    auto from = since(c ? c->id : 0);
    for (const auto& r : found) {
      std::optional<std::string> relation, schema, name, consumers;
      if (c) {
        if (r.kind != "table") relation = std::to_string(c->relation);
        schema = c->name.schema;
        name = c->name.name;
        consumers = spi::array_literal(registry::visible_consumers(*c, r.consumers));
      }
      rows_.add({relation, schema, name, r.kind, r.element, r.rule, r.detail, r.readers, r.writers, consumers, from, until_});
    }
  }

  Datum finish(FunctionCallInfo call) const { return rows_.finish(call); }

 private:
  result_rows rows_;
  std::string until_;
};

// The caller's own, or all of them for accord_admin.
std::vector<registry::contract> contracts_of_caller() {
  auto rows = catalog::query("SELECT id FROM accord_catalog.contract WHERE relation IS NOT NULL ORDER BY last_schema, last_name");
  bool all = rights::is_admin();
  std::vector<registry::contract> result;
  for (const auto& row : rows) {
    auto c = registry::get_contract_by_id(row.integer(0));
    if (all || rights::is_member_of(c.owner)) result.push_back(std::move(c));
  }
  return result;
}

}  // namespace

}  // namespace accord::utility

using namespace accord;

ACCORD_FUNCTION(accord_drift) {
  arguments args(fcinfo);
  std::vector<registry::contract> contracts;
  if (auto relation = args.optional_oid(0)) {
    auto c = registry::get_contract(*relation);
    rights::require_contract_owner(c.owner, c.display());
    contracts.push_back(std::move(c));
  } else {
    contracts = utility::contracts_of_caller();
  }
  utility::report report;
  if (!contracts.empty() || rights::is_admin()) {
    auto found = utility::drift_of_guard();
    report.add(nullptr, found);
    if (found.empty()) consumers::remember(0, {});
  }
  for (const auto& c : contracts) {
    std::optional<consumers::surroundings> good_now;
    report.add(&c, utility::drift_of(c, good_now));
    if (good_now) consumers::remember(c.id, *good_now);
  }
  return report.finish(fcinfo);
}

ACCORD_FUNCTION(accord_accept_drift) {
  arguments args(fcinfo);
  auto c = registry::get_contract(args.oid(0, "contract"));
  rights::require_contract_owner(c.owner, c.display());
  std::string reason = args.text(1, "reason");
  if (reason.find_first_not_of(" \t\n\r\f\v") == std::string::npos)
    throw failure(core::sqlstate::invalid_parameter, "accepting a drift needs a reason");
  std::optional<consumers::surroundings> good_now;
  auto found = utility::drift_of(c, good_now);
  auto open = std::find_if(found.begin(), found.end(),
                           [](const auto& r) { return r.kind != "rights" && r.kind != "name" && r.kind != "reference"; });
  if (open != found.end())
    throw failure(core::sqlstate::object_not_in_prerequisite_state,
                  fmt::format("the drift of contract \"{}\" cannot be accepted as it is", c.display()),
                  fmt::format("Drift in {}: {}", open->element, open->detail),
                  open->kind == "shape" ? fmt::format("Undo it, or publish the table as it is: SELECT accord.publish_version({});",
                                                      core::quote_literal(c.name.sql()))
                                        : "Undo it.");
  consumers::remember(c.id, consumers::surroundings_of(c.id));
  std::string elements;
  for (const auto& r : found)
    elements += (elements.empty() ? "" : ", ") + r.element;
  catalog::audit({"accept drift", c.id, 0, registry::json_detail({{"reason", reason}, {"elements", elements}})});
  PG_RETURN_VOID();
}
