// accord.verify: whether every row says the same in both versions of a migration.
//
// The queries are made by plan/verify_sql; here they run, all in one snapshot.  The expressions of users run as the table's owner in a
// security-restricted operation with row security off, so that a policy cannot hide a row: where the owner may not turn it off, that is an
// error and not a smaller answer.  Nothing is raised for what is found: the result tells, also that an expression failed on some row.
#include <cstdlib>
#include <fmt/format.h>

#include "core/version.hpp"
#include "pg/arguments.hpp"
#include "pg/result_rows.hpp"
#include "pg/scope.hpp"
#include "plan/move_sql.hpp"
#include "plan/verify_sql.hpp"
#include "server/backfill/job.hpp"
#include "server/moves/store.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/contract.hpp"

#include "pg/pg.h"

namespace accord::verify {

namespace {

struct subject {
  plan::verify_table table;
  std::vector<plan::verify_transform> transforms;
  std::vector<plan::move_place> moves;
  core::qualified_name old_view, new_view;  // schema empty: there is none
  Oid owner = InvalidOid;
};

// A snapshot that is active for a block, whatever statements run in it.
class active_snapshot {
 public:
  active_snapshot() : exceptions_(std::uncaught_exceptions()) {
    pg([] { PushActiveSnapshot(GetTransactionSnapshot()); });
  }
  ~active_snapshot() {
    if (std::uncaught_exceptions() == exceptions_) PopActiveSnapshot();  // cannot raise: it is ours
  }
  active_snapshot(const active_snapshot&) = delete;
  active_snapshot& operator=(const active_snapshot&) = delete;

 private:
  int exceptions_;
};

plan::verify_column describe(Oid relation, const std::string& name, const std::string& physical) {
  auto rows = catalog::query(
      "SELECT a.atttypid::oid, pg_catalog.format_type(a.atttypid, a.atttypmod),"
      "       CASE WHEN a.attcollation <> 0 THEN pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.collname) END"
      "  FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_collation c ON c.oid = a.attcollation"
      "  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace"
      " WHERE a.attrelid = $1::oid AND a.attname = $2 AND NOT a.attisdropped",
      {relation, physical});
  if (rows.empty())
    throw failure(core::sqlstate::undefined_column, fmt::format("column \"{}\" of a migrated table is missing", physical),
                  "It was dropped while a migration needs it.");
  Oid type = rows[0].oid(0);
  struct abilities {
    bool equality, hash;
  };
  auto can = pg([&] {
    TypeCacheEntry* entry = lookup_type_cache(type, TYPECACHE_EQ_OPR | TYPECACHE_HASH_EXTENDED_PROC);
    // An operator outside pg_catalog is not found by its name under our search_path.
    return abilities{OidIsValid(entry->eq_opr) && entry->eq_opr < FirstNormalObjectId, OidIsValid(entry->hash_extended_proc)};
  });
  return {name, physical, rows[0].text(1), rows[0].text_or(2, ""), can.equality, can.hash};
}

plan::verify_scope read_scope(std::int64_t contract, Oid relation, const std::string& version, const std::string& qualifier) {
  plan::verify_scope scope{qualifier, {}};
  auto rows = catalog::query(
      "SELECT name, physical FROM accord_catalog.version_column WHERE contract_id = $1::bigint AND major = $2::integer ORDER BY position",
      {contract, core::parse_version(version).major});
  for (const auto& row : rows)
    scope.columns.push_back(describe(relation, row.text(0), row.text(1)));
  return scope;
}

std::vector<plan::verify_column> pick(const plan::verify_scope& scope, const std::vector<std::string>& names) {
  std::vector<plan::verify_column> columns;
  for (const auto& name : names)
    for (const auto& column : scope.columns)
      if (column.name == name) columns.push_back(column);
  if (columns.size() != names.size())
    throw failure(core::sqlstate::internal_error, "the map of a version lacks a column that its migration transforms");
  return columns;
}

// The one view of a version's schema that stands for the table: named as the table was called in that version.
core::qualified_name find_view(const std::string& schema, const std::string& name) {
  auto rows = catalog::query(
      "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
      " WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind = 'v'",
      {schema, name});
  return rows.empty() ? core::qualified_name{} : core::qualified_name{schema, name};
}

std::string name_in_version(const registry::contract& contract, const std::string& version) {
  for (const auto& v : registry::versions(contract.id))
    if (v.version == core::parse_version(version) && !v.shape.relation.name.empty()) return v.shape.relation.name;
  return contract.name.name;
}

subject read_subject(const migration::backfill_job& job) {
  auto contract = registry::get_contract(job.relation);
  auto rows = catalog::query(
      "SELECT r.from_version, r.to_version, r.from_schema, r.to_schema, r.marker, c.relowner::oid"
      "  FROM accord_catalog.migration_relation r, pg_catalog.pg_class c"
      " WHERE r.migration_id = $1::bigint AND r.contract_id = $2::bigint AND c.oid = $3::oid",
      {job.migration, job.contract, job.relation});
  if (rows.empty()) throw failure(core::sqlstate::internal_error, "the migration vanished");
  const auto& row = rows[0];
  std::string old_name = name_in_version(contract, row.text(0)), new_name = name_in_version(contract, row.text(1));
  subject s;
  s.owner = row.oid(5);
  s.table.name = contract.name;
  s.table.marker = row.text_or(4, "");
  s.table.old_version = read_scope(job.contract, job.relation, row.text(0), old_name);
  s.table.new_version = read_scope(job.contract, job.relation, row.text(1), new_name);
  if (!row.is_null(2)) s.old_view = find_view(row.text(2), old_name);
  if (!row.is_null(3)) s.new_view = find_view(row.text(3), new_name);
  for (const auto& key :
       catalog::query("SELECT a.attname FROM pg_catalog.pg_index i CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY "
                      "k(attnum, position)"
                      "  JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum"
                      " WHERE i.indrelid = $1::oid AND i.indisprimary AND k.position <= i.indnkeyatts ORDER BY k.position",
                      {job.relation}))
    s.table.key.push_back(key.text(0));
  for (const auto& t : catalog::query(
           "SELECT old_columns::text[], new_columns::text[], up, pg_catalog.to_json(down), computed FROM accord_catalog.migration_transform"
           " WHERE migration_id = $1::bigint AND contract_id = $2::bigint ORDER BY ordinal",
           {job.migration, job.contract})) {
    plan::verify_transform transform;
    transform.old_columns = pick(s.table.old_version, t.texts(0));
    transform.new_columns = pick(s.table.new_version, t.texts(1));
    transform.up = t.texts(2);
    transform.computed = t.boolean(4);
    // Element by element, as it may contain NULLs.
    for (const auto& e :
         catalog::query("SELECT e FROM pg_catalog.json_array_elements_text($1::json) WITH ORDINALITY x(e, i) ORDER BY i", {t.text(3)}))
      transform.down.push_back(e.optional(0));
    s.transforms.push_back(std::move(transform));
  }
  for (std::size_t n = 1; n <= migration::load_moves(job.migration, job.contract).size(); n++)
    s.moves.push_back(migration::place_of(job.migration, static_cast<std::int64_t>(n)).place);
  return s;
}

void require_every_row_visible(const subject& s, Oid relation, const std::string& name) {
  bool hidden = pg([&] {
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(tuple)) return false;
    auto* form = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple));
    bool forced = form->relrowsecurity && form->relforcerowsecurity;
    ReleaseSysCache(tuple);
    return forced && !has_bypassrls_privilege(s.owner);
  });
  if (hidden)
    throw failure(core::sqlstate::insufficient_privilege, fmt::format("cannot verify \"{}\" under forced row-level security", name),
                  "Its policies apply to its owner too, so that rows could be left out.",
                  "Give the owner BYPASSRLS, or ALTER TABLE ... NO FORCE ROW LEVEL SECURITY for the time of the migration.");
}

std::string verdict(std::int64_t pending, std::int64_t mismatched) {
  if (mismatched > 0) return "mismatch";
  return pending > 0 ? "pending" : "ok";
}

using cells = std::vector<std::optional<std::string>>;

struct check {
  std::string name, count, samples;
  bool has_way_back = true;
  const char* when_found = "mismatch";
};

// As any reader has it: no step of the migration comes between what is read about the table and the reading of its rows.
migration::backfill_job locked_job(Oid relation, const std::optional<std::string>& to_version) {
  auto job = migration::find_backfill_job(relation, to_version, false);
  pg([&] { LockRelationOid(job.relation, AccessShareLock); });
  return migration::find_backfill_job(relation, to_version, false);  // a step can have ended meanwhile
}

cells run(const subject& s, const check& c, int sample) {
  std::int64_t rows = 0, pending = 0, mismatched = 0;
  std::vector<std::string> keys;
  reported_error error;
  bool done = subtransaction(
      [&] {
        pinned_search_path path;
        path.set("row_security", "off");
        as_user owner(s.owner, true);
        auto counts = spi::query_in_snapshot(c.count);
        rows = counts[0].integer(0);
        pending = counts[0].integer(1);
        mismatched = counts[0].integer(2);
        if (mismatched > 0 && sample > 0)
          for (const auto& row : spi::query_in_snapshot(c.samples))
            keys.push_back(row.text(0));
      },
      error);
  if (!done) return {c.name, {}, {}, {}, {}, "error: " + error.message};
  bool set_by_hand = mismatched > 0 && !c.has_way_back;
  return {c.name,
          std::to_string(rows),
          std::to_string(pending),
          std::to_string(mismatched),
          spi::array_literal(keys),
          set_by_hand      ? "one-way"
          : mismatched > 0 ? c.when_found
                           : verdict(pending, 0)};
}

std::vector<cells> check_views(const subject& s) {
  std::vector<cells> found;
  reported_error error;
  bool done = subtransaction(
      [&] {
        pinned_search_path path;
        path.set("row_security", "off");
        as_user owner(extension_owner());  // no expression of a user's is in these views
        auto r = spi::query_in_snapshot(plan::compare_views(s.old_view, s.new_view, s.table.old_version, s.table.new_version));
        std::int64_t before = r[0].integer(0), after = r[0].integer(2), lost = std::abs(before - after);
        bool same = r[0].text(1) == r[0].text(3);
        found.push_back({"rows of both views", std::to_string(before), "0", std::to_string(lost), "{}", verdict(0, lost)});
        found.push_back({"shared columns of both views", std::to_string(before), "0", same ? std::optional<std::string>("0") : std::nullopt,
                         "{}", verdict(0, same ? 0 : 1)});
      },
      error);
  if (!done) found = {{"rows of both views", {}, {}, {}, {}, "error: " + error.message}};
  return found;
}

}  // namespace
}  // namespace accord::verify

ACCORD_FUNCTION(accord_verify) {
  using namespace accord;
  using namespace accord::verify;
  arguments args(fcinfo);
  Oid relation = args.oid(0, "contract");
  int sample = args.int4(2, "sample");
  if (sample < 0 || sample > 1000)
    throw failure(core::sqlstate::invalid_parameter, fmt::format("sample must be between 0 and 1000, not {}", sample));
  auto job = locked_job(relation, args.optional_text(1));
  auto s = read_subject(job);
  require_every_row_visible(s, relation, job.contract_name);
  result_rows rows;
  active_snapshot snapshot;
  for (const auto& transform : s.transforms)
    if (plan::can_be_compared(transform))
      rows.add(run(s,
                   {plan::check_name(transform), plan::count_mismatches(s.table, transform),
                    plan::sample_mismatches(s.table, transform, sample), plan::has_way_back(transform)},
                   sample));
  for (const auto& move : s.moves) {
    rows.add(run(s, {plan::check_name(move.what), plan::count_mismatches(move), plan::sample_mismatches(move, sample)}, sample));
    if (move.what.arrives)
      rows.add(run(
          s,
          {fmt::format("rows of {} that go", move.what.target.name), plan::count_lost(move), plan::sample_lost(move, sample), true, "lost"},
          sample));
  }
  if (!s.old_view.schema.empty() && !s.new_view.schema.empty())
    for (auto& row : check_views(s))
      rows.add(std::move(row));
  return rows.finish(fcinfo);
}
