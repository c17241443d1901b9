// frames.  See frames.hpp.
#include "server/guard/frames.hpp"

#include <algorithm>
#include <memory>

#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::guard {

namespace {

// On the heap and never freed as a whole: a global with a destructor would run after shared memory is gone.
constinit std::vector<std::unique_ptr<frame>>* running = nullptr;

void drop_from(std::size_t first) noexcept {
  running->erase(running->begin() + static_cast<std::ptrdiff_t>(first), running->end());
}

void on_transaction_end(XactEvent event, void*) {
  if (running && (event == XACT_EVENT_ABORT || event == XACT_EVENT_COMMIT || event == XACT_EVENT_PREPARE)) drop_from(0);
}

void on_subtransaction_end(SubXactEvent event, SubTransactionId, SubTransactionId, void*) {
  if (!running || event != SUBXACT_EVENT_ABORT_SUB) return;
  int level = GetCurrentTransactionNestLevel();
  std::size_t keep = 0;
  while (keep < running->size() && (*running)[keep]->level < level)
    keep++;
  drop_from(keep);
}

std::size_t position(const void* tree) {
  for (std::size_t i = running ? running->size() : 0; i > 0; i--)
    if ((*running)[i - 1]->tree == tree) return i - 1;
  return static_cast<std::size_t>(-1);
}

}  // namespace

frame& frames::push(const void* tree) {
  if (!running) running = new std::vector<std::unique_ptr<frame>>;
  running->push_back(std::make_unique<frame>());
  running->back()->tree = tree;
  running->back()->level = GetCurrentTransactionNestLevel();
  return *running->back();
}

frame* frames::find(const void* tree) {
  std::size_t i = position(tree);
  return i == static_cast<std::size_t>(-1) ? nullptr : (*running)[i].get();
}

void frames::pop(const void* tree) {
  if (std::size_t i = position(tree); i != static_cast<std::size_t>(-1)) drop_from(i);
}

void frames::init() {
  RegisterXactCallback(on_transaction_end, nullptr);
  RegisterSubXactCallback(on_subtransaction_end, nullptr);
}

stored_columns columns_of(Oid relation) {
  static constinit spi::prepared statement{
      "SELECT attnum, attname, atttypid, atttypmod, attcollation FROM pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT "
      "attisdropped"};
  stored_columns result;
  for (const auto& row : catalog::run(statement, {relation}))
    result[static_cast<int>(row.integer(0))] = {row.text(1), row.oid(2), static_cast<int>(row.integer(3)), row.oid(4)};
  return result;
}

std::vector<sync_trigger> sync_triggers_of(Oid relation) {
  static constinit spi::prepared statement{
      "WITH RECURSIVE sync AS ("
      "  SELECT oid, tgrelid, tgname, tgenabled FROM pg_trigger"
      "   WHERE tgrelid = $1::oid AND (tgname IN ('!accord_sync', '~accord_sync') OR starts_with(tgname, '!accord_move_'))"
      "     AND NOT tgisinternal"
      "  UNION ALL"
      "  SELECT t.oid, t.tgrelid, t.tgname, t.tgenabled FROM sync JOIN pg_trigger t ON t.tgparentid = sync.oid)"
      " SELECT tgrelid, tgname, tgenabled = 'A' FROM sync"};
  std::vector<sync_trigger> result;
  for (const auto& row : catalog::run(statement, {relation}))
    result.push_back({row.oid(0), row.text(1), row.boolean(2)});
  return result;
}

std::vector<machine_part> machinery_of(Oid relation, Oid contracted) {
  static constinit spi::prepared is_live{
      "SELECT FROM accord_catalog.contract c JOIN accord_catalog.migration_relation r ON r.contract_id = c.id"
      "  JOIN accord_catalog.migration m ON m.id = r.migration_id"
      " WHERE c.relation = $1::oid AND m.state IN ('preparing', 'active', 'completed') LIMIT 1"};
  if (catalog::run(is_live, {contracted}).empty()) return {};
  // Expressions as the catalogs keep them, since to deparse them the table would have to be opened.
  static constinit spi::prepared statement{
      "WITH contract AS (SELECT id, relation FROM accord_catalog.contract WHERE relation = $2::oid),"
      " own AS (SELECT k.name FROM accord_catalog.migration_companion k JOIN contract ON contract.id = k.contract_id WHERE k.role <> "
      "'dropped' AND coalesce(k.relation, contract.relation) = $1::oid),"
      " version AS (SELECT v.physical, v.major FROM accord_catalog.version_column v JOIN contract ON contract.id = v.contract_id),"
      " part AS ("
      "   SELECT 'constraint' AS kind, conname AS name FROM pg_constraint WHERE conrelid = $1::oid"
      "   UNION ALL SELECT 'index', c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = $1::oid"
      "   UNION ALL SELECT 'trigger', tgname FROM pg_trigger WHERE tgrelid = $1::oid AND NOT tgisinternal AND tgname !~ '^[!~]accord_sync$'"
      "   UNION ALL SELECT 'policy', polname FROM pg_policy WHERE polrelid = $1::oid)"
      " SELECT format('%s \"%s\"', p.kind, p.name), '' FROM part p"
      "  WHERE p.name IN (SELECT name FROM own) OR starts_with(p.name, '_accord_') OR starts_with(p.name, '~accord_')"
      " UNION ALL"
      " SELECT format('column \"%s\"', a.attname), concat_ws(' ', a.attnotnull, a.attidentity, a.attgenerated, md5(d.adbin::text))"
      "   FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
      "  WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped"
      "    AND (starts_with(a.attname, '_accord_')"
      "         OR (SELECT count(*) FROM version v WHERE v.physical = a.attname) BETWEEN 1 AND (SELECT count(DISTINCT major) FROM version) "
      "- 1)"};
  std::vector<machine_part> result;
  for (const auto& row : catalog::run(statement, {relation, contracted}))
    result.push_back({row.text(0), row.text(1)});
  return result;
}

}  // namespace accord::guard
