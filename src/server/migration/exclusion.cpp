// make_exclusion and prove_exclusion: an index that was built while clients write becomes an exclusion constraint.
//
// PostgreSQL makes such a constraint only together with its index, while nobody can read or write.  Here it comes about as a NOT VALID check
// does: the index is there, with every row in it; under a short lock that keeps writers out the server's own function writes the constraint
// down, so that whatever is written from then on is checked against all rows; then the rows of before are compared with each other, in one
// snapshot, while clients read and write.
//
// Invariants: the constraint counts as proven for accord only after prove_exclusion; the server's own mark of a constraint that is not valid is
// not used, because pg_dump would write one down that no server takes.
//
// Locking: SHARE ROW EXCLUSIVE on the table and its index for make_exclusion; SHARE UPDATE EXCLUSIVE on the table for prove_exclusion.
#include <fmt/format.h>

#include "pg/arguments.hpp"
#include "pg/scope.hpp"
#include "pg/spi.hpp"
#include "server/migration/facts.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

[[noreturn]] void cannot_exclude(const std::string& index, const std::string& why) {
  throw failure(core::sqlstate::object_not_in_prerequisite_state, fmt::format("cannot make index \"{}\" an exclusion constraint", index),
                why);
}

// Inside pg().  nullptr: the constraint is there.
const char* make_constraint(Oid table, Oid index_oid, const char* name, const Oid* operators, int count, bits16 flags) {
  Relation heap = table_open(table, NoLock);
  Relation index = index_open(index_oid, ShareRowExclusiveLock);
  IndexInfo* info = BuildIndexInfo(index);
  const char* why = nullptr;
  if (!index->rd_index->indisvalid || index->rd_index->indisexclusion || index->rd_index->indisunique || info->ii_NumIndexKeyAttrs != count)
    why = "It is not a valid plain index with as many columns as there are operators.";
  info->ii_ExclusionOps = static_cast<Oid*>(palloc(sizeof(Oid) * INDEX_MAX_KEYS));
  for (int i = 0; !why && i < count; i++) {
    info->ii_ExclusionOps[i] = operators[i];
    if (get_op_opfamily_strategy(operators[i], index->rd_opfamily[i]) == 0) why = "It cannot be searched by one of the operators.";
  }
  if (!why) {
    // What the index depends on by itself stays: its columns take it along with the constraint or without.
    (void)index_constraint_create(heap, index_oid, InvalidOid, info, name, CONSTRAINT_EXCLUSION, flags, false, true);
    CommandCounterIncrement();
    Relation catalog = table_open(IndexRelationId, RowExclusiveLock);
    HeapTuple tuple = SearchSysCacheCopy1(INDEXRELID, ObjectIdGetDatum(index_oid));
    reinterpret_cast<Form_pg_index>(GETSTRUCT(tuple))->indisexclusion = true;
    CatalogTupleUpdate(catalog, &tuple->t_self, tuple);
    heap_freetuple(tuple);
    table_close(catalog, RowExclusiveLock);
    // Statements that are planned know the index without its operators.
    CacheInvalidateRelcacheByRelid(table);
    CommandCounterIncrement();
  }
  index_close(index, NoLock);
  table_close(heap, NoLock);
  return why;
}

// Two rows, each by what the constraint compares.  The index finds the partners of a row; anything that compares all with all would not end.
std::string conflict_query(Oid table, const std::string& constraint) {
  auto key = spi::query(
      "SELECT $1::oid::regclass::text, coalesce(' AND (' || pg_get_expr(i.indpred, i.indrelid) || ')', ''),"
      "       (SELECT string_agg(format('%s%s AS e%s', pg_get_indexdef(c.conindid, n, false),"
      "                                 coalesce(' COLLATE ' || nullif(i.indcollation[n - 1], 0)::regcollation, ''), n), ', ' ORDER BY n)"
      "          FROM generate_series(1, cardinality(c.conexclop)) n),"
      "       (SELECT string_agg(format('a.e%1$s OPERATOR(%2$I.%3$s) b.e%1$s AND a.e%1$s IS NOT NULL AND b.e%1$s IS NOT NULL',"
      "                                 n, s.nspname, o.oprname), ' AND ' ORDER BY n)"
      "          FROM unnest(c.conexclop) WITH ORDINALITY u(op, n) JOIN pg_operator o ON o.oid = u.op"
      "          JOIN pg_namespace s ON s.oid = o.oprnamespace),"
      "       (SELECT string_agg(format('a.e%s::text', n), ' || '', '' || ' ORDER BY n) FROM generate_series(1, cardinality(c.conexclop)) "
      "n)"
      "  FROM pg_constraint c JOIN pg_index i ON i.indexrelid = c.conindid"
      " WHERE c.conrelid = $1::oid AND c.conname = $2::name AND c.contype = 'x'",
      {table, constraint});
  if (key.empty()) throw failure(core::sqlstate::undefined_object, fmt::format("there is no exclusion constraint \"{}\"", constraint));
  const auto& k = key.front();
  auto rows = fmt::format("SELECT ctid AS place, {} FROM ONLY {} WHERE true{}", k.text(2), k.text(0), k.text(1));
  return fmt::format("SELECT {} FROM ({}) a JOIN ({}) b ON {} WHERE a.place <> b.place LIMIT 1", k.text(4), rows, rows, k.text(3));
}

}  // namespace

}  // namespace accord::migration

using namespace accord;
using namespace accord::migration;

// make_exclusion(relation regclass, index_name name, operators text, is_deferrable boolean, is_deferred boolean) -> void
ACCORD_FUNCTION(accord_make_exclusion) {
  arguments args(fcinfo);
  Oid table = args.oid(0, "relation");
  std::string name = args.name(1, "index_name");
  bool deferrable = args.boolean(3, "is_deferrable"), deferred = args.boolean(4, "is_deferred");
  auto given = args.text(2, "operators");
  const char* text = name.c_str();
  pinned_search_path path;
  pg([&] { LockRelationOid(table, ShareRowExclusiveLock); });
  Oid index = pg([&] { return get_relname_relid(text, get_rel_namespace(table)); });
  if (!OidIsValid(index) || spi::query("SELECT FROM pg_index WHERE indexrelid = $1::oid AND indrelid = $2::oid", {index, table}).empty())
    cannot_exclude(name, "The table has no such index.");
  Oid operators[INDEX_MAX_KEYS] = {};
  int count = 0;
  for (const auto& op : spi::query("SELECT o::regoperator::oid FROM unnest($1::text[]) WITH ORDINALITY u(o, n) ORDER BY n", {given}))
    if (count < INDEX_MAX_KEYS) operators[count++] = op.oid(0);
  bits16 flags = INDEX_CONSTR_CREATE_UPDATE_INDEX;
  if (deferrable) flags |= INDEX_CONSTR_CREATE_DEFERRABLE;
  if (deferred) flags |= INDEX_CONSTR_CREATE_INIT_DEFERRED;
  const char* why = pg([&] { return make_constraint(table, index, text, operators, count, flags); });
  if (why) cannot_exclude(name, why);
  return Datum(0);
}

// prove_exclusion(relation regclass, constraint_name name) -> void
ACCORD_FUNCTION(accord_prove_exclusion) {
  arguments args(fcinfo);
  Oid table = args.oid(0, "relation");
  std::string name = args.name(1, "constraint_name");
  pg([&] { LockRelationOid(table, ShareUpdateExclusiveLock); });
  pinned_search_path settings;
  settings.set("row_security", "off");
  for (const char* way : {"enable_hashjoin", "enable_mergejoin", "enable_material", "enable_seqscan"})
    settings.set(way, "off");
  auto sql = conflict_query(table, name);
  as_user identity(owner_oid(table), true);
  auto rows = spi::query(sql);
  if (!rows.empty())
    throw failure("23P01", fmt::format("exclusion constraint \"{}\" is violated by some row", name),
                  fmt::format("Rows with ({}) conflict.", rows.front().text_or(0, "NULL")));
  return Datum(0);
}
