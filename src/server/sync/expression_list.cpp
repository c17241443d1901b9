// SET lists: "col = expr, …" taken apart with the server's own parser and scanner.  See
// expression.hpp.
//
// The parser says what the columns are and refuses what is not a SET list; the scanner says where
// each expression begins and ends, which the parse tree does not, so that the text of an expression
// is the user's own.
#include <fmt/format.h>

#include "pg/scope.hpp"
#include "server/sync/expression.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

constexpr const char* prefix = "UPDATE t SET ";
constexpr int prefix_length = 13;

// Moves a position in our own statement into the user's text, and shows that text.
void show_list_text(void* arg) {
  int position = geterrposition();
  if (position <= 0) return;
  errposition(0);
  internalerrposition(position > prefix_length ? position - prefix_length : 1);
  internalerrquery(static_cast<const char*>(arg));
}

struct raw_item {
  const char* column;
  int location;     // bytes in the user's text
  List* qualifier;  // names before the column's
};
struct raw_token {
  int code;
  int location;
};
struct raw_list {
  raw_item* items = nullptr;
  int item_count = 0;
  raw_token* tokens = nullptr;
  int token_count = 0;
};

[[noreturn]] void refuse(const char* text, int location, const char* message) {
  (void)text;
  ereport(ERROR, (errcode(ERRCODE_SYNTAX_ERROR), errmsg_internal("%s", message),
                  errposition(pg_mbstrlen_with_len(text, location) + 1 + prefix_length)));
  pg_unreachable();
}

// table.column, which the parser takes for a field of a column "table".
raw_item named_target(const char* text, const ResTarget* target, int location, bool may_be_qualified) {
  List* names = list_make1(makeString(target->name));
  ListCell* cell;
  foreach (cell, target->indirection) {
    if (!may_be_qualified || !IsA(lfirst(cell), String))
      refuse(text, location, "assignments to elements or fields of a column are not allowed here");
    names = lappend(names, lfirst(cell));
  }
  const char* column = strVal(llast(names));
  return {column, location, list_truncate(names, list_length(names) - 1)};
}

// Inside pg().
raw_list parse(const char* text, const char* statement_text, bool may_be_qualified) {
  ErrorContextCallback callback = {error_context_stack, show_list_text, const_cast<char*>(text)};
  error_context_stack = &callback;
  raw_list list;

  core_yy_extra_type extra;
  core_yyscan_t scanner = scanner_init(text, &extra, &ScanKeywords, ScanKeywordTokens);
  int capacity = 64;
  list.tokens = static_cast<raw_token*>(palloc(sizeof(raw_token) * capacity));
  for (;;) {
    core_YYSTYPE value;
    int location = 0;
    int code = core_yylex(&value, &location, scanner);
    if (code == 0) break;
    if (list.token_count == capacity) list.tokens = static_cast<raw_token*>(repalloc(list.tokens, sizeof(raw_token) * (capacity *= 2)));
    list.tokens[list.token_count++] = {code, location};
  }
  scanner_finish(scanner);

  if (list.token_count > 0) {
    List* statements = raw_parser(statement_text, RAW_PARSE_DEFAULT);
    auto* statement = linitial_node(RawStmt, statements)->stmt;
    if (list_length(statements) != 1) {
      auto* second = lsecond_node(RawStmt, statements);
      int location = second->stmt_location - prefix_length;
      refuse(text, location > 0 ? location : 0, "only a list of assignments is allowed here");
    }
    if (!IsA(statement, UpdateStmt)) refuse(text, 0, "only a list of assignments is allowed here");
    auto* update = reinterpret_cast<UpdateStmt*>(statement);
    if (update->fromClause || update->whereClause || update_returns(update) || update->withClause)
      refuse(text, list.tokens[list.token_count - 1].location, "only a list of assignments is allowed here");
    list.items = static_cast<raw_item*>(palloc(sizeof(raw_item) * list_length(update->targetList)));
    ListCell* cell;
    foreach (cell, update->targetList) {
      auto* target = lfirst_node(ResTarget, cell);
      int location = target->location - prefix_length;
      raw_item item = named_target(text, target, location, may_be_qualified);
      if (IsA(target->val, MultiAssignRef)) refuse(text, location, "each column needs an assignment of its own");
      if (IsA(target->val, SetToDefault)) refuse(text, location, "DEFAULT is not allowed here");
      for (int i = 0; i < list.item_count; i++)
        if (strcmp(list.items[i].column, item.column) == 0 && equal(list.items[i].qualifier, item.qualifier))
          refuse(text, location, psprintf("multiple assignments to same column \"%s\"", item.column));
      list.items[list.item_count++] = item;
    }
  }
  error_context_stack = callback.previous;
  return list;
}

}  // namespace

std::vector<assignment> parse_assignments(const std::string& set_list, bool may_be_qualified) {
  memory_scope scope("accord assignments");
  const char* text = set_list.c_str();
  const std::string statement = prefix + set_list;
  const char* statement_text = statement.c_str();
  raw_list list = pg([&] { return parse(text, statement_text, may_be_qualified); });
  auto characters = [&](int bytes) { return pg([&] { return pg_mbstrlen_with_len(text, bytes); }); };

  std::vector<assignment> result;
  int token = 0;
  for (int i = 0; i < list.item_count; i++) {
    int last = i + 1 < list.item_count ? list.items[i + 1].location : static_cast<int>(set_list.size());
    while (list.tokens[token].location < list.items[i].location)
      token++;
    int name = token + 2 * list_length(list.items[i].qualifier);
    int begin = name + 2 < list.token_count ? list.tokens[name + 2].location : last;  // after the name and "="
    int next = token;
    while (next < list.token_count && list.tokens[next].location < last)
      next++;
    int end = last;
    int code = list.tokens[next - 1].code;
    if (code == ',' || code == ';') end = list.tokens[next - 1].location;
    std::string expression = set_list.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    while (!expression.empty() && std::isspace(static_cast<unsigned char>(expression.back())))
      expression.pop_back();
    std::vector<std::string> qualifier;
    for (int q = 0; q < list_length(list.items[i].qualifier); q++)
      qualifier.emplace_back(strVal(list_nth(list.items[i].qualifier, q)));
    result.push_back({list.items[i].column, expression_text(std::move(expression), set_list, characters(begin)),
                      characters(list.items[i].location) + 1, std::move(qualifier), characters(list.tokens[name].location)});
    token = next;
  }
  return result;
}

}  // namespace accord::migration
