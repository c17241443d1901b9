// See index_job.hpp.
#include "server/worker/index_job.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "pg/arguments.hpp"
#include "pg/pause.hpp"
#include "pg/transaction.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/contract.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::worker {

namespace {

enum class action { create, drop, rebuild, none };

bool asks_concurrently(const ReindexStmt* statement) {
  ListCell* cell;
  foreach (cell, statement->params) {
    auto* option = static_cast<DefElem*>(lfirst(cell));
    if (strcmp(option->defname, "concurrently") == 0) return defGetBoolean(option);
  }
  return false;
}

action action_of(const std::string& sql) {
  const char* text = sql.c_str();
  return pg([&] {
    List* parsed = raw_parser(text, RAW_PARSE_DEFAULT);
    if (list_length(parsed) != 1) return action::none;
    Node* tree = linitial_node(RawStmt, parsed)->stmt;
    if (IsA(tree, IndexStmt)) return reinterpret_cast<IndexStmt*>(tree)->concurrent ? action::create : action::none;
    if (IsA(tree, DropStmt)) {
      auto* drop = reinterpret_cast<DropStmt*>(tree);
      return drop->removeType == OBJECT_INDEX && drop->concurrent ? action::drop : action::none;
    }
    if (IsA(tree, ReindexStmt)) {
      auto* rebuild = reinterpret_cast<ReindexStmt*>(tree);
      return rebuild->kind == REINDEX_OBJECT_INDEX && asks_concurrently(rebuild) ? action::rebuild : action::none;
    }
    return action::none;
  });
}

enum class condition { missing, invalid, valid };

condition condition_of(const std::string& index) {
  auto rows = catalog::query("SELECT indisvalid AND indisready FROM pg_index WHERE indexrelid = to_regclass($1)", {index});
  if (rows.empty()) return condition::missing;
  return rows.front().boolean(0) ? condition::valid : condition::invalid;
}

// What a try that failed has left of this index: itself, not valid, or the copy that REINDEX CONCURRENTLY was making.
std::vector<std::string> leftovers(const std::string& index, action what) {
  const char* query =
      what == action::rebuild
          ? "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_index old JOIN pg_class o ON o.oid = old.indexrelid"
            "  JOIN pg_index i ON i.indrelid = old.indrelid AND NOT i.indisvalid JOIN pg_class c ON c.oid = i.indexrelid"
            "  JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE old.indexrelid = to_regclass($1) AND c.relnamespace = o.relnamespace AND c.relname ~ '_cc(new|old)[0-9]*$'"
            "   AND starts_with(o.relname, regexp_replace(c.relname, '_cc(new|old)[0-9]*$', '')) ORDER BY 1"
          : "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            "  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE i.indexrelid = to_regclass($1) AND NOT i.indisvalid";
  std::vector<std::string> names;
  for (const auto& row : catalog::query(query, {index}))
    names.push_back(row.text(0));
  return names;
}

bool drop_leftovers(const std::string& index, action what, reported_error& error) {
  std::vector<std::string> names;
  if (!transaction([&] { names = leftovers(index, what); }, error)) return false;
  for (const auto& name : names)
    if (!outside_transaction([&] { run_at_top_level("DROP INDEX CONCURRENTLY IF EXISTS " + name); }, error)) return false;
  return true;
}

bool is_worth_another_try(const reported_error& error) {
  return error.sqlstate == "40P01" || error.sqlstate == "55P03";
}

// The end that the statement was to have is there already: a worker was lost after its work and before it could say so.
bool is_done(action what, condition found) {
  return what == action::create ? found == condition::valid : what == action::drop && found == condition::missing;
}

void require_good_end(action what, const std::string& index) {
  condition found = condition_of(index);
  if (what == action::drop ? found == condition::missing : found == condition::valid) return;
  throw failure(core::sqlstate::object_not_in_prerequisite_state,
                found == condition::missing   ? fmt::format("the statement has made no index {}", index)
                : found == condition::invalid ? fmt::format("index {} is not valid", index)
                                              : fmt::format("index {} is still there", index));
}

constexpr int most_tries = 10;
constexpr uint16 turn_lock_space = 19152;

// Inside pg().  Of one that action_of knows: the table that gets an index, or the index.  Null: several indexes.
RangeVar* named_in(Node* tree) {
  if (IsA(tree, IndexStmt)) return reinterpret_cast<IndexStmt*>(tree)->relation;
  if (IsA(tree, ReindexStmt)) return reinterpret_cast<ReindexStmt*>(tree)->relation;
  List* objects = reinterpret_cast<DropStmt*>(tree)->objects;
  return list_length(objects) == 1 ? makeRangeVarFromNameList(linitial_node(List, objects)) : nullptr;
}

// Inside pg().  The table whose index it is.
Oid table_of(const char* sql) {
  Node* tree = linitial_node(RawStmt, raw_parser(sql, RAW_PARSE_DEFAULT))->stmt;
  RangeVar* named = named_in(tree);
  Oid found = named ? RangeVarGetRelid(named, NoLock, true) : InvalidOid;
  return IsA(tree, IndexStmt) || !OidIsValid(found) ? found : IndexGetRelation(found, true);
}

// Two builds on one table can end in a deadlock: the first waits for the snapshot of the second, which waits for its lock.  So ours take
// turns, and wait for them with nothing in hand.
class turn {
 public:
  bool take(const std::string& sql, reported_error& error) {
    const char* text = sql.c_str();
    Oid table = InvalidOid;
    if (!transaction([&] { table = pg([&] { return table_of(text); }); }, error)) return false;
    SET_LOCKTAG_ADVISORY(tag_, MyDatabaseId, 0, table, turn_lock_space);
    // A look into the catalogs would be a snapshot again, so this transaction does nothing else.
    taken_ = transaction([&] { pg([&] { (void)LockAcquire(&tag_, ExclusiveLock, true, false); }); }, error);
    return taken_;
  }
  turn() = default;
  ~turn() {
    if (taken_) pg([&] { LockRelease(&tag_, ExclusiveLock, true); });
  }
  turn(const turn&) = delete;
  turn& operator=(const turn&) = delete;

 private:
  LOCKTAG tag_{};
  bool taken_ = false;
};

}  // namespace

outcome run_index_job(const job& job, reported_error& error) {
  std::string statement, index;
  action what = action::none;
  condition found = condition::missing;
  bool read = transaction(
      [&] {
        statement = job_argument(job.id, "statement").value();
        index = job_argument(job.id, "index").value();
        what = action_of(statement);
        found = condition_of(index);
      },
      error);
  if (!read) return outcome::failed;
  if (job.attempts > 1 && is_done(what, found)) return outcome::done;
  turn ours;
  if (!ours.take(statement, error)) return outcome::failed;
  bool done = false;
  for (int tries = 1; !done; tries++) {
    done = drop_leftovers(index, what, error) && outside_transaction([&] { run_at_top_level(statement); }, error);
    if (done || !is_worth_another_try(error) || tries == most_tries) break;
    bool slept = outside_transaction([&] { pause_ms(random_up_to(std::min(60'000, 500 << tries))); }, error);
    if (!slept) break;
  }
  if (done) done = transaction([&] { require_good_end(what, index); }, error);
  reported_error ignored;
  if (!done && what != action::drop) drop_leftovers(index, what, ignored);
  return done ? outcome::done : outcome::failed;
}

std::int64_t start_index_job(const index_job& wanted) {
  if (action_of(wanted.statement) == action::none)
    throw failure(core::sqlstate::invalid_parameter, "an index job takes one CONCURRENTLY statement", wanted.statement,
                  "CREATE INDEX CONCURRENTLY, DROP INDEX CONCURRENTLY and REINDEX INDEX CONCURRENTLY can be given.");
  bool now = wanted.start == index_start::now;
  auto argument = catalog::query("SELECT jsonb_build_object('statement', $1::text, 'index', $2::text, 'start', $3::text)",
                                 {wanted.statement, wanted.index.sql(), now ? "now" : "filled"});
  auto id = create_job(wanted.migration, wanted.contract, "index", argument.front().text(0), rights::current_role());
  if (!now) return id;
  if (!launch_job(id, fmt::format("pg_accord index job {}", id)))
    spi::warning(fmt::format("no background worker is free for index {}", wanted.index.display()), "The job is written down and waits.",
                 "accord.backfill starts it; or increase max_worker_processes.");
  return id;
}

}  // namespace accord::worker

using namespace accord;

namespace {

std::int64_t bigint(FunctionCallInfo fcinfo, int i, const char* name) {
  if (PG_ARGISNULL(i)) throw failure(core::sqlstate::null_not_allowed, fmt::format("argument \"{}\" must not be null", name));
  return PG_GETARG_INT64(i);
}

registry::contract require_migration(std::int64_t migration, std::int64_t contract) {
  auto rows = catalog::query(
      "SELECT FROM accord_catalog.migration_relation r JOIN accord_catalog.migration m ON m.id = r.migration_id"
      " WHERE r.migration_id = $1::bigint AND r.contract_id = $2::bigint AND m.state IN ('preparing', 'active', 'completed')",
      {migration, contract});
  if (rows.empty())
    throw failure(core::sqlstate::undefined_object, fmt::format("there is no live migration {} of contract {}", migration, contract));
  auto found = registry::get_contract_by_id(contract);
  rights::require_contract_owner(found.owner, found.display());
  return found;
}

// What a statement needs rights on, as the caller reads it.
struct subject {
  RangeVar* named = nullptr;  // the table that gets an index, or the index
  bool creates = false;
  std::string index, tablespace;
};

subject subject_of(const std::string& statement) {
  const char* text = statement.c_str();
  Node* tree = pg([&] { return linitial_node(RawStmt, raw_parser(text, RAW_PARSE_DEFAULT))->stmt; });
  subject s;
  if (IsA(tree, IndexStmt)) {
    auto* create = reinterpret_cast<IndexStmt*>(tree);
    s = {create->relation, true, create->idxname ? create->idxname : "", create->tableSpace ? create->tableSpace : ""};
    return s;
  }
  s.named = pg([&] { return worker::named_in(tree); });
  if (s.named) s.index = s.named->relname;
  return s;
}

// A worker runs the statement with a superuser's rights, so the caller must have those that it would ask him for.
void require_rights(const worker::index_job& wanted) {
  subject s = subject_of(wanted.statement);
  if (!s.named || !s.named->schemaname)
    throw failure(core::sqlstate::invalid_parameter, "the statement must name one relation, with its schema", wanted.statement);
  Oid relation = pg([&] { return RangeVarGetRelid(s.named, NoLock, false); });
  auto refuse = [](std::string why) { throw failure(core::sqlstate::insufficient_privilege, std::move(why)); };
  if (!rights::owns_relation(relation)) refuse(fmt::format("must be owner of {} {}", s.creates ? "table" : "index", s.named->relname));
  auto may = [&](const char* sql, const std::string& object) {
    return catalog::query(sql, {rights::current_role(), object}).front().boolean(0);
  };
  if (s.creates && !may("SELECT has_schema_privilege($1::name, $2, 'CREATE')", s.named->schemaname))
    refuse(fmt::format("permission denied for schema {}", s.named->schemaname));
  if (!s.tablespace.empty() && !may("SELECT has_tablespace_privilege($1::name, $2, 'CREATE')", s.tablespace))
    refuse(fmt::format("permission denied for tablespace {}", s.tablespace));
  // What a failed try leaves behind is dropped by its name.
  if (wanted.index.schema != s.named->schemaname || wanted.index.name != s.index)
    throw failure(core::sqlstate::invalid_parameter, fmt::format("the statement is not about index {}", wanted.index.display()),
                  wanted.statement);
}

}  // namespace

ACCORD_FUNCTION(accord_start_index_build) {
  arguments args(fcinfo);
  worker::index_job job;
  job.migration = bigint(fcinfo, 0, "migration");
  job.contract = bigint(fcinfo, 1, "contract");
  job.statement = args.text(2, "statement");
  std::string name = args.text(3, "index_name");
  std::string when = args.text(4, "start_when");
  if (when != "now" && when != "filled")
    throw failure(core::sqlstate::invalid_parameter, fmt::format("unrecognized value for start_when: \"{}\"", when), {},
                  "Use now or filled.");
  job.start = when == "now" ? worker::index_start::now : worker::index_start::when_filled;
  require_migration(job.migration, job.contract);
  auto parts = catalog::query("SELECT parse_ident($1)", {name}).front().texts(0);
  if (parts.size() != 2) throw failure(core::sqlstate::invalid_parameter, fmt::format("index name {} is not schema-qualified", name));
  job.index = {parts[0], parts[1]};
  if (worker::action_of(job.statement) != worker::action::none) require_rights(job);
  return Int64GetDatum(worker::start_index_job(job));
}

ACCORD_FUNCTION(accord_restart_jobs) {
  std::int64_t migration = bigint(fcinfo, 0, "migration"), contract = bigint(fcinfo, 1, "contract");
  require_migration(migration, contract);
  return Int32GetDatum(worker::restart_jobs(migration, contract, "index", worker::which::cancelled_too));
}
