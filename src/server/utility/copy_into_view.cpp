// See copy_into_view.hpp.
#include "server/utility/copy_into_view.hpp"

#include "pg/try.h"

#include "pg/pg.h"

namespace accord::utility {

namespace {

// Lives on the C stack of the hook, which pops it also when the statement fails.
struct running_copy {
  running_copy* outer;
  CopyStmt* statement;
  List* columns;
  const char* text;
  Relation view;
  CopyFromState source;
  bool has_reader;  // the function that gives the rows has begun
  uint64 rows;
};

constinit running_copy* running = nullptr;

[[noreturn]] void refuse_option(const char* option) {
  ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("COPY into the view of a version cannot have the option %s", option),
                  errhint("Leave it out, or copy into a table of your own and INSERT from there.")));
}

// What the server decides while it inserts, and not while it reads.
void require_options(List* options) {
  ListCell* cell;
  foreach (cell, options) {
    auto* option = static_cast<DefElem*>(lfirst(cell));
    if (strcmp(option->defname, "freeze") == 0 && defGetBoolean(option)) refuse_option("FREEZE");
    if (strcmp(option->defname, "default") == 0) refuse_option("DEFAULT");
    if (strcmp(option->defname, "on_error") == 0 && strcmp(defGetString(option), "stop") != 0) refuse_option("ON_ERROR");
  }
}

// As COPY into a table asks it.
void require_source_rights(CopyStmt* copy) {
  if (!copy->filename) return;
  Oid needed = copy->is_program ? ROLE_PG_EXECUTE_SERVER_PROGRAM : ROLE_PG_READ_SERVER_FILES;
  if (has_privs_of_role(GetUserId(), needed)) return;
  ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                  errmsg("permission denied to COPY from a %s of the server", copy->is_program ? "program" : "file"),
                  errdetail("Only roles with the privileges of \"%s\" may do so.", GetUserNameFromId(needed, false)),
                  errhint("Anyone can COPY from STDIN, and so can \\copy of psql.")));
}

// INSERT INTO v (a, b) SELECT v.a, v.b FROM (SELECT (r).a, (r).b FROM (SELECT copied_rows(NULL::v) AS r) s) v WHERE …
RawStmt* insert_of(const running_copy& copy) {
  const char* schema = quote_identifier(get_namespace_name(RelationGetNamespace(copy.view)));
  const char* name = quote_identifier(RelationGetRelationName(copy.view));
  StringInfoData into, fields;
  initStringInfo(&into);
  initStringInfo(&fields);
  ListCell* cell;
  foreach (cell, copy.columns) {
    const char* column = quote_identifier(strVal(lfirst(cell)));
    const char* comma = cell == list_head(copy.columns) ? "" : ", ";
    appendStringInfo(&into, "%s%s", comma, column);
    appendStringInfo(&fields, "%s(r).%s", comma, column);
  }
  char* sql = psprintf(
      "INSERT INTO %s.%s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM"
      " (SELECT %s FROM (SELECT accord.copied_rows(NULL::%s.%s) AS r) AS s) AS %s",
      schema, name, into.data, into.data, fields.data, schema, name, name);
  auto* raw = linitial_node(RawStmt, raw_parser(sql, RAW_PARSE_DEFAULT));
  auto* select = reinterpret_cast<SelectStmt*>(reinterpret_cast<InsertStmt*>(raw->stmt)->selectStmt);
  select->whereClause = static_cast<Node*>(copyObjectImpl(copy.statement->whereClause));
  return raw;
}

QueryDesc* planned(const running_copy& copy) {
  List* queries = pg_rewrite_query(parse_analyze_fixedparams(insert_of(copy), copy.text, nullptr, 0, nullptr));
  if (list_length(queries) != 1) elog(ERROR, "an INSERT into the view of a version became %d statements", list_length(queries));
  PlannedStmt* plan = pg_plan_query(linitial_node(Query, queries), copy.text, 0, nullptr);
  PushCopiedSnapshot(GetActiveSnapshot());
  UpdateActiveSnapshotCommandId();
  return CreateQueryDesc(plan, copy.text, GetActiveSnapshot(), InvalidSnapshot, None_Receiver, nullptr, nullptr, 0);
}

void insert_all(running_copy& copy, QueryDesc* query) {
  // The line that is at fault, also where a trigger or a constraint refuses its row.
  ErrorContextCallback context = {error_context_stack, CopyFromErrorCallback, copy.source};
  error_context_stack = &context;
  accord_executor_run(query);
  error_context_stack = context.previous;
}

void run(running_copy& copy) {
  CopyStmt* statement = copy.statement;
  require_options(statement->options);
  require_source_rights(statement);
  PreventCommandIfReadOnly("COPY FROM");
  copy.view = table_openrv(statement->relation, RowExclusiveLock);
  (void)CopyGetAttnums(RelationGetDescr(copy.view), copy.view, copy.columns);  // a name that is none, or twice
  QueryDesc* query = planned(copy);
  ExecutorStart(query, 0);  // rights first: a client that may not must not begin to send
  ParseState* parse = make_parsestate(nullptr);
  parse->p_sourcetext = copy.text;
  copy.source =
      BeginCopyFrom(parse, copy.view, nullptr, statement->filename, statement->is_program, nullptr, copy.columns, statement->options);
  copy.source->num_defaults = 0;  // they are the INSERT's
  insert_all(copy, query);
  ExecutorFinish(query);
  copy.rows = query->estate->es_processed;
  ExecutorEnd(query);
  FreeQueryDesc(query);
  PopActiveSnapshot();
  EndCopyFrom(copy.source);
  free_parsestate(parse);
  table_close(copy.view, NoLock);
}

}  // namespace

void copy_into_view(CopyStmt* statement, List* columns, const char* text, QueryCompletion* completion) {
  running_copy copy = {running, statement, statement->attlist ? statement->attlist : columns, text, nullptr, nullptr, false, 0};
  running = &copy;
  bool ok = accord_pg_try([](void* c) { run(*static_cast<running_copy*>(c)); }, &copy);
  running = copy.outer;
  if (!ok) PG_RE_THROW();
  if (completion) SetQueryCompletion(completion, CMDTAG_COPY, copy.rows);
}

}  // namespace accord::utility

using namespace accord;
using namespace accord::utility;

// copied_rows(view anyelement) -> setof anyelement: one row a call, as it is read
ACCORD_FUNCTION(accord_copied_rows) {
  return pg([&] {
    auto* copy = static_cast<running_copy*>(fcinfo->flinfo->fn_extra);
    auto* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
    if (!copy) {
      copy = running;
      if (!copy || !copy->source || copy->has_reader || !result || !IsA(result, ReturnSetInfo) ||
          get_fn_expr_rettype(fcinfo->flinfo) != copy->view->rd_rel->reltype)
        ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("no COPY into a view is running"),
                        errdetail("This function gives COPY its rows and is not for use by others.")));
      copy->has_reader = true;
      fcinfo->flinfo->fn_extra = copy;
    }
    TupleDesc row = RelationGetDescr(copy->view);
    auto* values = static_cast<Datum*>(palloc(sizeof(Datum) * static_cast<Size>(row->natts)));
    auto* nulls = static_cast<bool*>(palloc(static_cast<Size>(row->natts)));
    if (!NextCopyFrom(copy->source, result->econtext, values, nulls)) {
      result->isDone = ExprEndResult;
      fcinfo->isnull = true;
      return Datum(0);
    }
    result->isDone = ExprMultipleResult;
    return HeapTupleHeaderGetDatum(heap_form_tuple(row, values, nulls)->t_data);
  });
}
