// reach.  See reach.hpp.
#include "server/guard/reach.hpp"

#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::guard {

namespace {

struct relation_facts {
  bool permanent, has_children;
};

relation_facts facts_of(Oid relation) {
  return pg([&] {
    relation_facts f{false, false};
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    if (HeapTupleIsValid(tuple)) {
      auto* form = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple));
      f = {form->relpersistence != RELPERSISTENCE_TEMP, form->relhassubclass};
      ReleaseSysCache(tuple);
    }
    return f;
  });
}

void add(std::vector<reached>& to, Oid relation, std::size_t statement, bool inherited) {
  for (const auto& known : to)
    if (known.relation == relation) return;
  if (auto p = promise_of(relation)) to.push_back({std::move(*p), relation, statement, inherited});
}

std::vector<Oid> oids(const spi::rows& rows) {
  std::vector<Oid> result;
  for (const auto& row : rows)
    result.push_back(row.oid(0));
  return result;
}

List* altered_type(Node* tree) {
  switch (nodeTag(tree)) {
    case T_AlterEnumStmt:
      return reinterpret_cast<AlterEnumStmt*>(tree)->typeName;
    case T_AlterDomainStmt:
      return reinterpret_cast<AlterDomainStmt*>(tree)->typeName;
    case T_RenameStmt: {
      auto* rename = reinterpret_cast<RenameStmt*>(tree);
      bool type = rename->renameType == OBJECT_TYPE || rename->renameType == OBJECT_DOMAIN || rename->renameType == OBJECT_DOMCONSTRAINT;
      return type ? reinterpret_cast<List*>(rename->object) : NIL;
    }
    case T_AlterObjectSchemaStmt: {
      auto* move = reinterpret_cast<AlterObjectSchemaStmt*>(tree);
      bool type = move->objectType == OBJECT_TYPE || move->objectType == OBJECT_DOMAIN;
      return type ? reinterpret_cast<List*>(move->object) : NIL;
    }
    default:
      return NIL;
  }
}

}  // namespace

std::vector<reached> reach_of(const std::vector<ddl::statement>& statements, bool recurse) {
  std::vector<reached> result;
  for (std::size_t i = 0; i < statements.size(); i++) {
    Oid relation = statements[i].relation;
    if (!OidIsValid(relation) || relation < FirstNormalObjectId) continue;
    relation_facts facts = facts_of(relation);
    if (!facts.permanent) continue;
    add(result, relation, i, false);
    if (!facts.has_children || !recurse) continue;
    List* children = pg([&] { return find_all_inheritors(relation, NoLock, nullptr); });
    for (int n = 0; n < list_length(children); n++)
      if (list_nth_oid(children, n) != relation) add(result, list_nth_oid(children, n), i, true);
  }
  return result;
}

bool recurses(Node* tree) {
  if (IsA(tree, AlterTableStmt)) return reinterpret_cast<AlterTableStmt*>(tree)->relation->inh;
  if (IsA(tree, RenameStmt) && reinterpret_cast<RenameStmt*>(tree)->relation) {
    auto* rename = reinterpret_cast<RenameStmt*>(tree);
    return rename->relation->inh && (rename->renameType == OBJECT_COLUMN || rename->renameType == OBJECT_TABCONSTRAINT);
  }
  return false;
}

std::vector<Oid> users_of_altered_type(Node* tree) {
  List* name = altered_type(tree);
  if (name == NIL) return {};
  Oid type = pg([&] {
    HeapTuple tuple = LookupTypeName(nullptr, makeTypeNameFromNameList(name), nullptr, true);
    if (!tuple) return InvalidOid;
    Oid oid = reinterpret_cast<Form_pg_type>(GETSTRUCT(tuple))->oid;
    ReleaseSysCache(tuple);
    return oid;
  });
  if (!OidIsValid(type)) return {};
  // The element's dependants: its array type, domains over it, composite types with it, and the columns of any of these.
  return oids(catalog::query(
      "WITH RECURSIVE used(oid) AS ("
      "  SELECT $1::oid"
      "  UNION"
      "  SELECT CASE WHEN d.classid = 'pg_type'::regclass THEN d.objid ELSE c.reltype END"
      "    FROM used JOIN pg_depend d ON d.refclassid = 'pg_type'::regclass AND d.refobjid = used.oid"
      "    LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relkind = 'c'"
      "   WHERE d.classid = 'pg_type'::regclass OR c.oid IS NOT NULL)"
      " SELECT DISTINCT k.relation::oid"
      "   FROM used JOIN pg_depend d ON d.refclassid = 'pg_type'::regclass AND d.refobjid = used.oid AND d.classid = 'pg_class'::regclass"
      "   JOIN accord_catalog.contract k ON k.relation = d.objid ORDER BY 1",
      {type}));
}

std::vector<Oid> relations_of_renamed_schema(Node* tree) {
  if (!IsA(tree, RenameStmt) || reinterpret_cast<RenameStmt*>(tree)->renameType != OBJECT_SCHEMA) return {};
  return oids(
      catalog::query("SELECT k.relation::oid FROM accord_catalog.contract k JOIN pg_class c ON c.oid = k.relation JOIN pg_namespace n ON "
                     "n.oid = c.relnamespace"
                     " WHERE n.nspname = $1::name ORDER BY 1",
                     {static_cast<const char*>(reinterpret_cast<RenameStmt*>(tree)->subname)}));
}

}  // namespace accord::guard
