// Compiling and resolving expressions.  See expression.hpp.
#include "server/sync/expression.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

#include "pg/scope.hpp"
#include "server/registry/catalog.hpp"
#include "server/sync/immutable.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

// What the error context callback shows: plain data, alive while the expression is compiled.
struct position_context {
  const char* source;
  const char* column;
  int offset;
};

void show_users_text(void* arg) {
  auto* context = static_cast<position_context*>(arg);
  int position = geterrposition();
  if (position > 0) {
    errposition(0);
    internalerrposition(position + context->offset);
    internalerrquery(context->source);
  }
  errcontext("expression for column \"%s\"", context->column);
}

struct raw_scope {
  Oid relation;
  const char* qualifier;
  const char* const* names;  // by attribute number - 1; NULL: cannot be named
  int count;
};

// Inside pg(): the one expression of the text, not analysed.
Node* parse_one(ParseState* state, const char* text) {
  List* statements = raw_parser(text, RAW_PARSE_PLPGSQL_EXPR);
  auto* select = castNode(SelectStmt, linitial_node(RawStmt, statements)->stmt);
  auto* target = select->targetList ? linitial_node(ResTarget, select->targetList) : nullptr;
  if (!target || list_length(select->targetList) != 1 || target->name || select->distinctClause || select->fromClause ||
      select->whereClause || select->groupClause || select->havingClause || select->windowClause || select->valuesLists ||
      select->sortClause || select->limitOffset || select->limitCount || select->lockingClause || select->withClause ||
      select->op != SETOP_NONE)
    ereport(ERROR,
            (errcode(ERRCODE_SYNTAX_ERROR), errmsg("only one expression is allowed here"),
             parser_errposition(state, list_length(select->targetList) > 1 ? lsecond_node(ResTarget, select->targetList)->location : 0)));
  return target->val;
}

bool refuse_special_variables(Node* node, void* context) {
  if (!node) return false;
  if (IsA(node, Var)) {
    auto* var = reinterpret_cast<Var*>(node);
    if (var->varattno <= 0)
      ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                      var->varattno == 0 ? errmsg("whole-row references are not allowed in expressions of a migration")
                                         : errmsg("system columns are not allowed in expressions of a migration"),
                      parser_errposition(static_cast<ParseState*>(context), var->location)));
    return false;
  }
  return accord_expression_tree_walker(node, refuse_special_variables, context);
}

Node* compile(const raw_scope& scope, const char* text, const char* source, int offset, const char* column, Oid type, int32 typmod) {
  position_context context = {source, column, offset};
  ErrorContextCallback callback = {error_context_stack, show_users_text, &context};
  error_context_stack = &callback;

  ParseState* state = make_parsestate(nullptr);
  state->p_sourcetext = text;
  Node* raw = parse_one(state, text);

  Relation relation = table_open(scope.relation, AccessShareLock);
  // One alias for each attribute that exists.  The empty name cannot be written in SQL, and is what
  // the parser itself gives dropped columns.
  List* names = NIL;
  TupleDesc descriptor = RelationGetDescr(relation);
  for (int i = 0; i < descriptor->natts; i++)
    if (!TupleDescAttr(descriptor, i)->attisdropped)
      names = lappend(names, makeString(pstrdup(i < scope.count && scope.names[i] ? scope.names[i] : "")));
  ParseNamespaceItem* item =
      addRangeTableEntryForRelation(state, relation, AccessShareLock, makeAlias(scope.qualifier, names), false, true);
  addNSItemToQuery(state, item, true, true, true);

  Node* node = transformExpr(state, raw, EXPR_KIND_GENERATED_COLUMN);
  Oid actual = exprType(node);
  Node* coerced = coerce_to_target_type(state, node, actual, type, typmod, COERCION_ASSIGNMENT, COERCE_IMPLICIT_CAST, -1);
  if (!coerced)
    ereport(ERROR,
            (errcode(ERRCODE_DATATYPE_MISMATCH),
             errmsg("column \"%s\" is of type %s but expression is of type %s", column, format_type_be(type), format_type_be(actual)),
             errhint("You will need to rewrite or cast the expression."), parser_errposition(state, exprLocation(node))));
  assign_expr_collations(state, coerced);
  refuse_special_variables(coerced, state);

  table_close(relation, NoLock);
  free_parsestate(state);
  error_context_stack = callback.previous;
  return coerced;
}

// Names by attribute number, for raw_scope.
std::vector<const char*> names_by_attnum(const expression_scope& scope) {
  AttrNumber highest = 0;
  for (const auto& column : scope.columns)
    highest = std::max(highest, column.attnum);
  std::vector<const char*> names(static_cast<std::size_t>(highest), nullptr);
  for (const auto& column : scope.columns)
    if (column.attnum > 0) names[static_cast<std::size_t>(column.attnum - 1)] = column.name.c_str();
  return names;
}

// Canonical text

// The deparser knows only the table's own names: columns become parameters, and the parameters of
// its text become visible names.
Node* columns_to_parameters(Node* node, void* context) {
  if (!node) return nullptr;
  if (IsA(node, Var)) {
    auto* var = reinterpret_cast<Var*>(node);
    auto* parameter = makeNode(Param);
    parameter->paramkind = PARAM_EXTERN;
    parameter->paramid = var->varattno;
    parameter->paramtype = var->vartype;
    parameter->paramtypmod = var->vartypmod;
    parameter->paramcollid = var->varcollid;
    parameter->location = -1;
    return reinterpret_cast<Node*>(parameter);
  }
  return accord_expression_tree_mutator(node, columns_to_parameters, context);
}

struct raw_text {
  const char* text = nullptr;
  int* places = nullptr;  // pairs: byte, attribute number
  int count = 0;
};

// Inside pg(), under a pinned search_path.
raw_text deparse(Node* node) {
  raw_text result;
  Node* parameters = columns_to_parameters(node, nullptr);
  result.text = deparse_expression(parameters, NIL, false, false);
  result.places = static_cast<int*>(palloc(sizeof(int) * (strlen(result.text) + 2)));
  core_yy_extra_type extra;
  core_yyscan_t scanner = scanner_init(result.text, &extra, &ScanKeywords, ScanKeywordTokens);
  for (;;) {
    core_YYSTYPE value;
    int location = 0;
    int code = core_yylex(&value, &location, scanner);
    if (code == 0) break;
    // "$" begins a parameter and nothing else that the scanner reports as a number.
    if (result.text[location] == '$' && std::isdigit(static_cast<unsigned char>(result.text[location + 1]))) {
      result.places[2 * result.count] = location;
      result.places[2 * result.count + 1] = value.ival;
      result.count++;
    }
  }
  scanner_finish(scanner);
  return result;
}

std::string canonical_text(const expression_scope& scope, Node* node) {
  pinned_search_path path;
  raw_text raw = pg([&] { return deparse(node); });
  std::string text;
  const char* from = raw.text;
  for (int i = 0; i < raw.count; i++) {
    int attnum = raw.places[2 * i + 1];
    auto column = std::find_if(scope.columns.begin(), scope.columns.end(), [&](const auto& c) { return c.attnum == attnum; });
    text.append(from, raw.text + raw.places[2 * i]);
    const char* name = column->name.c_str();
    text += pg([&] { return quote_identifier(name); });
    from = raw.text + raw.places[2 * i] + 1;
    while (std::isdigit(static_cast<unsigned char>(*from)))
      from++;
  }
  return text + from;
}

}  // namespace

expression_target column_target(Oid relation, const std::string& column) {
  struct column_type {
    Oid type;
    int32 typmod;
    bool found;
  };
  const char* name = column.c_str();
  auto type = pg([&] {
    column_type t{InvalidOid, -1, false};
    HeapTuple tuple = SearchSysCacheAttName(relation, name);
    if (HeapTupleIsValid(tuple)) {
      auto* attribute = reinterpret_cast<Form_pg_attribute>(GETSTRUCT(tuple));
      t = {attribute->atttypid, attribute->atttypmod, true};
      ReleaseSysCache(tuple);
    }
    return t;
  });
  if (!type.found) {
    const char* relation_name = pg([&] { return get_rel_name(relation); });
    throw failure(core::sqlstate::undefined_column,
                  fmt::format("column \"{}\" of relation \"{}\" does not exist", column, relation_name ? relation_name : ""));
  }
  return {column, type.type, type.typmod};
}

Node* compile_expression(const expression_scope& scope, const expression_text& expression, const expression_target& target) {
  std::vector<const char*> names = names_by_attnum(scope);
  raw_scope raw = {scope.relation, scope.qualifier.c_str(), names.data(), static_cast<int>(names.size())};
  const char* text = expression.text.c_str();
  const char* source = expression.source.empty() ? text : expression.source.c_str();
  const char* column = target.column.c_str();
  return pg([&] { return compile(raw, text, source, expression.offset, column, target.type, target.typmod); });
}

namespace {

Node* generated_to_expression(Node* node, void* context) {
  if (!node) return nullptr;
  if (IsA(node, Var)) {
    auto* relation = static_cast<Relation>(context);
    auto* var = reinterpret_cast<Var*>(node);
    if (TupleDescAttr(RelationGetDescr(relation), var->varattno - 1)->attgenerated) return build_column_default(relation, var->varattno);
    return node;
  }
  return accord_expression_tree_mutator(node, generated_to_expression, context);
}

}  // namespace

Node* expand_generated_columns(Oid relation, Node* node) {
  return pg([&] {
    Relation rel = table_open(relation, AccessShareLock);
    Node* result = generated_to_expression(node, rel);
    table_close(rel, NoLock);
    return result;
  });
}

resolved_expression resolve_expression(const expression_scope& scope, const expression_text& expression, const expression_target& target) {
  memory_scope memory("accord expression");
  Node* node = compile_expression(scope, expression, target);
  require_immutable(node, target.column);

  resolved_expression result;
  result.text = canonical_text(scope, node);
  Bitmapset* used = pg([&] {
    Bitmapset* attributes = nullptr;
    pull_varattnos(node, 1, &attributes);
    return attributes;
  });
  std::vector<visible_column> columns = scope.columns;
  std::sort(columns.begin(), columns.end(), [](const auto& a, const auto& b) { return a.attnum < b.attnum; });
  for (const auto& column : columns)
    if (bms_is_member(column.attnum - FirstLowInvalidHeapAttributeNumber, used)) result.columns.push_back(column.name);

  // The triggers will compile it as the table's owner.
  Oid owner = pg([&] {
    Relation rel = table_open(scope.relation, AccessShareLock);
    Oid o = rel->rd_rel->relowner;
    table_close(rel, NoLock);
    return o;
  });
  pinned_search_path path;
  as_user as_owner(owner, true);
  compile_expression(scope, expression_text(result.text), target);
  return result;
}

}  // namespace accord::migration
