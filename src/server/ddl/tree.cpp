// tree: the small questions that handlers ask of a parse tree.  See tree.hpp.
#include "server/ddl/tree.hpp"

#include <algorithm>

#include "server/registry/contract.hpp"

#include "pg/pg.h"

namespace accord::ddl {

namespace {

// Gathers the ColumnRefs below a node: plain data only, the walker is C.
bool collect_references(Node* node, void* state) {
  if (!node) return false;
  if (IsA(node, ColumnRef)) {
    auto* found = static_cast<List**>(state);
    *found = lappend(*found, node);
    return false;
  }
  return ACCORD_RAW_WALKER(node, collect_references, state);
}

}  // namespace

std::vector<std::string> columns_named_in(Node* expression, const core::shape* shape, const std::string& own) {
  List* references = NIL;
  pg([&] { (void)collect_references(expression, &references); });
  std::vector<std::string> columns;
  for (int i = 0; i < list_length(references); i++) {
    auto* last = static_cast<Node*>(llast(static_cast<ColumnRef*>(list_nth(references, i))->fields));
    if (!IsA(last, String)) continue;
    std::string name = strVal(last);
    if ((!shape || shape->find_column(name) || name == own) && std::find(columns.begin(), columns.end(), name) == columns.end())
      columns.push_back(std::move(name));
  }
  return columns;
}

core::qualified_name written_name(const RangeVar* written) {
  return {written->schemaname ? written->schemaname : "", written->relname};
}

std::vector<std::string> strings(List* list) {
  std::vector<std::string> result;
  for (int i = 0; i < list_length(list); i++)
    result.emplace_back(strVal(list_nth(list, i)));
  return result;
}

RangeVar* range_var_of(List* qualified_name) {
  return pg([&] { return makeRangeVarFromNameList(qualified_name); });
}

statement about(const RangeVar* written, context& c) {
  statement s;
  s.relation = c.w.find(written);
  s.target = OidIsValid(s.relation) ? c.w.name_of(s.relation) : written_name(written);
  s.target_location = written->location;
  c.shape = OidIsValid(s.relation) && !c.names_only ? c.w.shape_of(s.relation) : nullptr;
  return s;
}

Oid catalog_world::find(const RangeVar* written) {
  return pg([&] { return RangeVarGetRelid(written, NoLock, true); });
}

core::qualified_name catalog_world::name_of(Oid relation) {
  struct parts {
    const char *schema, *name;
  };
  auto p = pg([&] {
    parts found{nullptr, get_rel_name(relation)};
    if (found.name) found.schema = get_namespace_name(get_rel_namespace(relation));
    return found;
  });
  if (!p.name || !p.schema) return {};
  return {p.schema, p.name};
}

const core::shape* catalog_world::shape_of(Oid relation) {
  if (auto known = shapes_.find(relation); known != shapes_.end()) return &known->second;
  char kind = pg([&] { return get_rel_relkind(relation); });
  if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE && kind != RELKIND_VIEW && kind != RELKIND_MATVIEW &&
      kind != RELKIND_FOREIGN_TABLE)
    return nullptr;
  return &shapes_.emplace(relation, registry::capture_shape(relation)).first->second;
}

}  // namespace accord::ddl
