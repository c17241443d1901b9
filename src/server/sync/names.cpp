// names.  See names.hpp.
#include "server/sync/names.hpp"

#include <algorithm>

#include "pg/scope.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

bool collect(Node* node, void* context) {
  if (!node) return false;
  if (IsA(node, ColumnRef)) {
    Node* last = static_cast<Node*>(llast(reinterpret_cast<ColumnRef*>(node)->fields));
    auto* names = static_cast<List**>(context);
    if (IsA(last, String)) *names = lappend(*names, strVal(last));
    return false;
  }
  return ACCORD_RAW_WALKER(node, collect, context);
}

struct renaming {
  const char *from, *to;
};

bool rename_one(Node* node, void* context) {
  if (!node) return false;
  if (IsA(node, ColumnRef)) {
    ListCell* last = list_tail(reinterpret_cast<ColumnRef*>(node)->fields);
    auto* names = static_cast<renaming*>(context);
    if (IsA(lfirst(last), String) && strcmp(strVal(lfirst(last)), names->from) == 0) lfirst(last) = makeString(pstrdup(names->to));
    return false;
  }
  return ACCORD_RAW_WALKER(node, rename_one, context);
}

}  // namespace

void rename_columns(Node* raw, const char* from, const char* to) {
  renaming names{from, to};
  (void)rename_one(raw, &names);
}

void collect_names(Node* raw, List*& names) {
  (void)collect(raw, &names);
}

namespace {

bool collect_qualifiers(Node* node, void* context) {
  if (!node) return false;
  if (IsA(node, ColumnRef)) {
    List* fields = reinterpret_cast<ColumnRef*>(node)->fields;
    auto* names = static_cast<List**>(context);
    if (list_length(fields) > 1 && IsA(list_nth(fields, list_length(fields) - 2), String))
      *names = lappend(*names, strVal(list_nth(fields, list_length(fields) - 2)));
    return false;
  }
  return ACCORD_RAW_WALKER(node, collect_qualifiers, context);
}

std::vector<std::string> found_in(std::string_view expression, bool (*walker)(Node*, void*)) {
  memory_scope memory("accord names");
  std::string text(expression);
  const char* source = text.c_str();
  List* found = NIL;
  pg([&] { (void)walker(linitial_node(RawStmt, raw_parser(source, RAW_PARSE_PLPGSQL_EXPR))->stmt, &found); });
  std::vector<std::string> names;
  for (int i = 0; i < list_length(found); i++)
    names.emplace_back(static_cast<const char*>(list_nth(found, i)));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

std::vector<std::string> names_in(std::string_view expression) {
  return found_in(expression, collect);
}

std::vector<std::string> qualifiers_in(std::string_view expression) {
  return found_in(expression, collect_qualifiers);
}

}  // namespace accord::migration
