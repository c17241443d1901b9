// shape_text: the SQL functions that deparse an expression of a table without opening the table.
//
// pg_get_expr and pg_get_constraintdef look up column names by opening the relation, and so wait for whoever holds ACCESS EXCLUSIVE on it.
// A verdict must not wait.  ruleutils asks a range table entry that is no relation for the names in its alias instead: such an entry is
// made here from pg_attribute's cache.
#include "pg/arguments.hpp"
#include "pg/bridge.hpp"
#include "pg/spi.hpp"
#include "rule/trigger_body.hpp"

#include "pg/pg.h"

namespace {

// What follows runs inside pg(): plain C, may ereport.

List* columns_of(Oid relation) {
  HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
  if (!HeapTupleIsValid(tuple)) elog(ERROR, "cache lookup failed for relation %u", relation);
  int count = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relnatts;
  ReleaseSysCache(tuple);
  List* names = NIL;
  for (int i = 1; i <= count; i++) {
    HeapTuple attribute = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(static_cast<int16>(i)));
    const char* name = "";  // what ruleutils takes for dropped
    if (HeapTupleIsValid(attribute)) {
      auto* form = reinterpret_cast<Form_pg_attribute>(GETSTRUCT(attribute));
      if (!form->attisdropped) name = pstrdup(NameStr(form->attname));
      ReleaseSysCache(attribute);
    }
    names = lappend(names, makeString(const_cast<char*>(name)));
  }
  return names;
}

bool names_system_columns(Node* expression) {
  Bitmapset* columns = nullptr;
  pull_varattnos(expression, 1, &columns);
  int member = -1;
  while ((member = bms_next_member(columns, member)) >= 0)
    if (member + FirstLowInvalidHeapAttributeNumber < 0) return true;
  return false;
}

char* deparse(Node* expression, Oid relation) {
  char* name = get_rel_name(relation);
  if (!name) return nullptr;
  List* context;
  // tableoid has no name in an alias, and a subquery locks the relations it reads in any case.
  if (contain_subplans(expression) || names_system_columns(expression)) {
    context = deparse_context_for(name, relation);
  } else {
    RangeTblEntry* entry = makeNode(RangeTblEntry);
    entry->rtekind = RTE_VALUES;
    entry->eref = makeAlias(name, columns_of(relation));
    PlannedStmt* statement = makeNode(PlannedStmt);
    statement->rtable = list_make1(entry);
    context = deparse_context_for_plan_tree(statement, list_make1(name));
  }
  return deparse_expression(expression, context, false, false);
}

char* check_definition(Oid constraint) {
  HeapTuple tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(constraint));
  if (!HeapTupleIsValid(tuple)) return nullptr;
  auto* form = reinterpret_cast<Form_pg_constraint>(GETSTRUCT(tuple));
  bool null;
  Datum stored = SysCacheGetAttr(CONSTROID, tuple, Anum_pg_constraint_conbin, &null);
  char* result = nullptr;
  if (!null && OidIsValid(form->conrelid)) {
    char* sql = deparse(static_cast<Node*>(stringToNode(TextDatumGetCString(stored))), form->conrelid);
    const char* state = !constraint_is_enforced(form) ? " NOT ENFORCED" : !form->convalidated ? " NOT VALID" : "";
    if (sql) result = psprintf("CHECK (%s)%s%s", sql, form->connoinherit ? " NO INHERIT" : "", state);
  }
  ReleaseSysCache(tuple);
  return result;
}

}  // namespace

ACCORD_FUNCTION(accord_expression_text) {
  char* sql =
      accord::pg([&] { return deparse(static_cast<Node*>(stringToNode(TextDatumGetCString(PG_GETARG_DATUM(0)))), PG_GETARG_OID(1)); });
  if (!sql) PG_RETURN_NULL();
  return accord::pg([&] { return CStringGetTextDatum(sql); });
}

ACCORD_FUNCTION(accord_check_text) {
  char* sql = accord::pg([&] { return check_definition(PG_GETARG_OID(0)); });
  if (!sql) PG_RETURN_NULL();
  return accord::pg([&] { return CStringGetTextDatum(sql); });
}

ACCORD_FUNCTION(accord_trigger_effects) {
  accord::arguments args(fcinfo);
  const int type = PG_GETARG_INT16(1);
  accord::rule::trigger_use use;
  use.before = TRIGGER_FOR_BEFORE(type) || TRIGGER_FOR_INSTEAD(type);
  use.each_row = TRIGGER_FOR_ROW(type);
  use.on_delete = TRIGGER_FOR_DELETE(type);
  use.on_other = TRIGGER_FOR_INSERT(type) || TRIGGER_FOR_UPDATE(type);
  use.definer = PG_GETARG_BOOL(2);
  const std::string text = accord::spi::array_literal(accord::rule::effects_of_body(args.text(0, "body"), use));
  const char* words = text.c_str();
  Datum result = accord::pg([&] { return OidInputFunctionCall(F_ARRAY_IN, const_cast<char*>(words), TEXTOID, -1); });
  return result;
}
