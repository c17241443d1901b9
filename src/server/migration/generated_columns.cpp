// make_generated: a column that holds the values of an expression becomes a stored generated column of it; make_plain: the way back.
//
// ALTER TABLE can only add such a column, which writes every row while nobody can read.  Until completion the triggers have kept the values,
// so that what is left is what the server would write down about the column.  The way back is DROP EXPRESSION, which PostgreSQL refuses where
// tables below the table have others below them.
//
// Invariants: the expression passes what the server asks of one for a generated column; partitions and children get it too, each by its own
// column numbers.
//
// Locking: the caller's ACCESS EXCLUSIVE on the table.
#include <fmt/format.h>

#include "pg/arguments.hpp"
#include "pg/scope.hpp"
#include "pg/spi.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

// Inside pg().
void mark_generated(Oid table, AttrNumber column, char kind) {
  Relation catalog = table_open(AttributeRelationId, RowExclusiveLock);
  HeapTuple tuple = SearchSysCacheCopy2(ATTNUM, ObjectIdGetDatum(table), Int16GetDatum(column));
  reinterpret_cast<Form_pg_attribute>(GETSTRUCT(tuple))->attgenerated = kind;
  CatalogTupleUpdate(catalog, &tuple->t_self, tuple);
  heap_freetuple(tuple);
  table_close(catalog, RowExclusiveLock);
  CommandCounterIncrement();
}

// Inside pg().
Node* cooked(Relation relation, AttrNumber column, const char* expression) {
  ParseState* state = make_parsestate(nullptr);
  state->p_sourcetext = expression;
  ParseNamespaceItem* item = addRangeTableEntryForRelation(state, relation, AccessShareLock, nullptr, false, true);
  addNSItemToQuery(state, item, true, true, true);
  auto* select = castNode(SelectStmt, linitial_node(RawStmt, raw_parser(expression, RAW_PARSE_PLPGSQL_EXPR))->stmt);
  Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(relation), column - 1);
  return cookDefault(state, linitial_node(ResTarget, select->targetList)->val, attribute->atttypid, attribute->atttypmod,
                     NameStr(attribute->attname), ATTRIBUTE_GENERATED_STORED);
}

// Inside pg().
void forget_expression(Oid table, AttrNumber column) {
  mark_generated(table, column, '\0');
  // The expression is a part of the column until then, and could not go without it.
  (void)deleteDependencyRecordsFor(AttrDefaultRelationId, GetAttrDefaultOid(table, column), false);
  CommandCounterIncrement();
  RemoveAttrDefault(table, column, DROP_RESTRICT, false, false);
}

// Inside pg().  Changes the column of the table and of each one below it.  False: it is not fit in one of them, or not there.
template <typename Fit, typename Change>
bool change_in_tree(Oid table, const char* name, Fit is_fit, Change change) {
  LockRelationOid(table, AccessExclusiveLock);
  List* tables = find_all_inheritors(table, AccessExclusiveLock, nullptr);
  for (int i = 0; i < list_length(tables); i++) {
    Oid one = list_nth_oid(tables, i);
    HeapTuple tuple = SearchSysCacheAttName(one, name);
    if (!HeapTupleIsValid(tuple)) return false;
    auto* attribute = reinterpret_cast<Form_pg_attribute>(GETSTRUCT(tuple));
    AttrNumber column = attribute->attnum;
    bool fit = is_fit(attribute);
    ReleaseSysCache(tuple);
    if (!fit) return false;
    change(one, column);
    CacheInvalidateRelcacheByRelid(one);
    CommandCounterIncrement();
  }
  return true;
}

}  // namespace

}  // namespace accord::migration

using namespace accord;
using namespace accord::migration;

// make_generated(relation regclass, column_name name, expression text) -> void
ACCORD_FUNCTION(accord_make_generated) {
  arguments args(fcinfo);
  Oid table = args.oid(0, "relation");
  std::string name = args.name(1, "column_name"), expression = args.text(2, "expression");
  const char *column_name = name.c_str(), *text = expression.c_str();
  pinned_search_path path;
  bool fit = pg([&] {
    return change_in_tree(
        table, column_name, [](Form_pg_attribute a) { return !a->atthasdef && !a->attidentity && !a->attgenerated; },
        [&](Oid one, AttrNumber column) {
          mark_generated(one, column, ATTRIBUTE_GENERATED_STORED);
          Relation relation = table_open(one, NoLock);
          // The expression must not read the column itself or another generated one.
          accord_store_generation(relation, column, cooked(relation, column, text));
          table_close(relation, NoLock);
        });
  });
  if (!fit)
    throw failure(core::sqlstate::object_not_in_prerequisite_state, fmt::format("cannot make column \"{}\" a generated column", name),
                  "There is no such column, or it has a default, an identity or an expression already.");
  return Datum(0);
}

// make_plain(relation regclass, column_name name) -> void
ACCORD_FUNCTION(accord_make_plain) {
  arguments args(fcinfo);
  Oid table = args.oid(0, "relation");
  std::string name = args.name(1, "column_name");
  const char* column_name = name.c_str();
  bool fit = pg([&] {
    return change_in_tree(
        table, column_name, [](Form_pg_attribute a) { return a->attgenerated == ATTRIBUTE_GENERATED_STORED; }, forget_expression);
  });
  if (!fit)
    throw failure(core::sqlstate::object_not_in_prerequisite_state, fmt::format("cannot take the expression of column \"{}\" away", name),
                  "There is no such column, or it is not a stored generated one.");
  return Datum(0);
}
