// reach.  See reach.hpp.
#include "server/guard/reach.hpp"

#include <algorithm>

#include "server/registry/catalog.hpp"
#include "server/registry/made_of.hpp"

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

// The name of an object of this kind that the command renames or moves to another schema.
List* renamed(Node* tree, ObjectType kind) {
  if (IsA(tree, RenameStmt)) {
    auto* rename = reinterpret_cast<RenameStmt*>(tree);
    return rename->renameType == kind ? reinterpret_cast<List*>(rename->object) : NIL;
  }
  if (IsA(tree, AlterObjectSchemaStmt)) {
    auto* move = reinterpret_cast<AlterObjectSchemaStmt*>(tree);
    return move->objectType == kind ? reinterpret_cast<List*>(move->object) : NIL;
  }
  return NIL;
}

List* altered_type(Node* tree) {
  switch (nodeTag(tree)) {
    case T_AlterEnumStmt:
      return reinterpret_cast<AlterEnumStmt*>(tree)->typeName;
    case T_AlterDomainStmt:
      return reinterpret_cast<AlterDomainStmt*>(tree)->typeName;
    case T_RenameStmt:
    case T_AlterObjectSchemaStmt:
      for (ObjectType kind : {OBJECT_TYPE, OBJECT_DOMAIN, OBJECT_DOMCONSTRAINT})
        if (List* name = renamed(tree, kind); name != NIL) return name;
      return NIL;
    default:
      return NIL;
  }
}

// Contracted relations among the objects, and those that have columns of them or of what is made of them.  `objects`: a query for classes and
// oids.
std::vector<Oid> users_of(const char* objects, const spi::param& argument) {
  return oids(catalog::query(registry::with_made_of(objects) +
                                 " SELECT k.relation::oid FROM used JOIN accord_catalog.contract k"
                                 "    ON used.classid = 'pg_class'::regclass AND k.relation = used.oid"
                                 " UNION"
                                 " SELECT k.relation::oid"
                                 "   FROM used JOIN pg_depend d ON d.refclassid = used.classid AND d.refobjid = used.oid"
                                 "   JOIN accord_catalog.contract k ON k.relation = d.objid"
                                 "  WHERE used.classid <> 'pg_class'::regclass AND d.classid = 'pg_class'::regclass ORDER BY 1",
                             {argument}));
}

bool recurses(Node* tree) {
  if (IsA(tree, AlterTableStmt)) return reinterpret_cast<AlterTableStmt*>(tree)->relation->inh;
  if (IsA(tree, RenameStmt) && reinterpret_cast<RenameStmt*>(tree)->relation) {
    auto* rename = reinterpret_cast<RenameStmt*>(tree);
    return rename->relation->inh && (rename->renameType == OBJECT_COLUMN || rename->renameType == OBJECT_TABCONSTRAINT);
  }
  return false;
}

bool is_permanent_user_relation(Oid relation) {
  return OidIsValid(relation) && relation >= FirstNormalObjectId && facts_of(relation).permanent;
}

}  // namespace

std::vector<reached> reach_of(const std::vector<ddl::statement>& statements) {
  std::vector<reached> result;
  for (std::size_t i = 0; i < statements.size(); i++)
    if (is_permanent_user_relation(statements[i].relation)) add(result, statements[i].relation, i, false);
  return result;
}

void add_below(std::vector<reached>& to, const std::vector<ddl::statement>& statements, Node* tree) {
  if (!recurses(tree)) return;
  for (std::size_t i = 0; i < statements.size(); i++) {
    Oid relation = statements[i].relation;
    if (!is_permanent_user_relation(relation) || !facts_of(relation).has_children) continue;
    List* children = pg([&] { return find_all_inheritors(relation, NoLock, nullptr); });
    std::vector<Oid> below;
    for (int n = 0; n < list_length(children); n++)
      if (list_nth_oid(children, n) != relation) below.push_back(list_nth_oid(children, n));
    for (Oid child : registry::contracted(below))
      add(to, child, i, true);
  }
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
  return OidIsValid(type) ? users_of_type(type) : std::vector<Oid>{};
}

std::vector<Oid> users_of_type(Oid type) {
  return users_of("SELECT 'pg_type'::regclass, $1::oid", type);
}

std::vector<Oid> users_of_altered_collation(Node* tree) {
  List* name = renamed(tree, OBJECT_COLLATION);
  if (name == NIL) return {};
  Oid collation = pg([&] { return get_collation_oid(name, true); });
  return OidIsValid(collation) ? users_of("SELECT 'pg_collation'::regclass, $1::oid", collation) : std::vector<Oid>{};
}

std::vector<Oid> users_of_altered_schema(Node* tree) {
  if (!IsA(tree, RenameStmt) || reinterpret_cast<RenameStmt*>(tree)->renameType != OBJECT_SCHEMA) return {};
  return users_of(
      "SELECT o.classid, o.oid FROM pg_namespace n, LATERAL (SELECT 'pg_class'::regclass, oid FROM pg_class WHERE relnamespace = n.oid"
      "  UNION ALL SELECT 'pg_type'::regclass, oid FROM pg_type WHERE typnamespace = n.oid"
      "  UNION ALL SELECT 'pg_collation'::regclass, oid FROM pg_collation WHERE collnamespace = n.oid) o(classid, oid)"
      " WHERE n.nspname = $1::name",
      static_cast<const char*>(reinterpret_cast<RenameStmt*>(tree)->subname));
}

std::vector<Oid> users_of_altered_extension(Node* tree) {
  if (!IsA(tree, AlterObjectSchemaStmt)) return {};
  auto* move = reinterpret_cast<AlterObjectSchemaStmt*>(tree);
  if (move->objectType != OBJECT_EXTENSION) return {};
  return users_of(
      "SELECT d.classid, d.objid FROM pg_extension e JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass"
      "   AND d.refobjid = e.oid AND d.deptype = 'e' WHERE e.extname = $1::name",
      static_cast<const char*>(strVal(move->object)));
}

std::vector<Oid> users_of_altered_function(Node* tree) {
  List* name = NIL;
  if (IsA(tree, CreateFunctionStmt) && reinterpret_cast<CreateFunctionStmt*>(tree)->replace)
    name = reinterpret_cast<CreateFunctionStmt*>(tree)->funcname;
  if (IsA(tree, AlterFunctionStmt)) name = reinterpret_cast<AlterFunctionStmt*>(tree)->func->objname;
  if (name == NIL) return {};
  // All of that name: which one it will be takes its arguments' types.
  static constinit spi::prepared functions{"SELECT oid FROM pg_proc WHERE proname = $1::name AND oid >= 16384"};
  std::vector<Oid> result;
  for (const auto& function : catalog::run(functions, {static_cast<const char*>(strVal(llast(name)))}))
    for (Oid relation : oids(catalog::query(
             "SELECT DISTINCT k.relation::oid FROM pg_depend d"
             "  LEFT JOIN pg_trigger t ON d.classid = 'pg_trigger'::regclass AND t.oid = d.objid"
             "  LEFT JOIN pg_attrdef a ON d.classid = 'pg_attrdef'::regclass AND a.oid = d.objid"
             "  LEFT JOIN pg_constraint c ON d.classid = 'pg_constraint'::regclass AND c.oid = d.objid"
             "  LEFT JOIN pg_policy p ON d.classid = 'pg_policy'::regclass AND p.oid = d.objid"
             "  LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid"
             "  LEFT JOIN pg_index i ON d.classid = 'pg_class'::regclass AND i.indexrelid = d.objid"
             "  JOIN accord_catalog.contract k ON k.relation IN (t.tgrelid, a.adrelid, c.conrelid, p.polrelid, w.ev_class, i.indrelid)"
             " WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = $1::oid ORDER BY 1",
             {function.oid(0)})))
      result.push_back(relation);
  return result;
}

std::vector<Oid> relations_of_rights(Node* tree) {
  std::vector<Oid> result;
  auto collect = [&](const spi::rows& rows) {
    for (Oid relation : oids(rows))
      result.push_back(relation);
  };
  if (IsA(tree, GrantStmt)) {
    auto* grant = reinterpret_cast<GrantStmt*>(tree);
    if (grant->targtype != ACL_TARGET_ALL_IN_SCHEMA || grant->objtype != OBJECT_TABLE) return {};
    for (int i = 0; i < list_length(grant->objects); i++)
      collect(
          catalog::query("SELECT k.relation::oid FROM accord_catalog.contract k JOIN pg_class c ON c.oid = k.relation"
                         "  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1::name ORDER BY 1",
                         {static_cast<const char*>(strVal(list_nth(grant->objects, i)))}));
  }
  if (IsA(tree, DropOwnedStmt)) {
    auto* drop = reinterpret_cast<DropOwnedStmt*>(tree);
    for (int i = 0; i < list_length(drop->roles); i++) {
      auto* role = static_cast<RoleSpec*>(list_nth(drop->roles, i));
      Oid oid = pg([&] { return get_rolespec_oid(role, true); });
      if (!OidIsValid(oid)) continue;
      collect(catalog::query(
          "SELECT k.relation::oid FROM pg_shdepend d LEFT JOIN pg_policy p ON d.classid = 'pg_policy'::regclass AND p.oid = d.objid"
          "  JOIN accord_catalog.contract k ON k.relation = CASE WHEN d.classid = 'pg_class'::regclass THEN d.objid ELSE p.polrelid END"
          " WHERE d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
          "   AND d.refclassid = 'pg_authid'::regclass AND d.refobjid = $1::oid ORDER BY 1",
          {oid}));
    }
  }
  return result;
}

std::vector<Oid> relations_of_publication(Node* tree) {
  List* objects = NIL;
  const char* name = nullptr;
  bool all = false;
  if (IsA(tree, CreatePublicationStmt)) {
    auto* create = reinterpret_cast<CreatePublicationStmt*>(tree);
    objects = create->pubobjects;
    all = create->for_all_tables;
  } else if (IsA(tree, AlterPublicationStmt)) {
    auto* alter = reinterpret_cast<AlterPublicationStmt*>(tree);
    objects = alter->pubobjects;
    name = alter->pubname;
  } else if (IsA(tree, DropStmt) && reinterpret_cast<DropStmt*>(tree)->removeType == OBJECT_PUBLICATION) {
    name = strVal(linitial(reinterpret_cast<DropStmt*>(tree)->objects));
  } else {
    return {};
  }
  std::vector<Oid> result;
  auto collect = [&](const spi::rows& rows) {
    for (Oid relation : oids(rows))
      if (std::find(result.begin(), result.end(), relation) == result.end()) result.push_back(relation);
  };
  if (all) collect(catalog::query("SELECT relation::oid FROM accord_catalog.contract WHERE relation IS NOT NULL ORDER BY 1"));
  if (name)
    collect(catalog::query(
        "SELECT k.relation::oid FROM accord_catalog.contract k JOIN pg_class c ON c.oid = k.relation, pg_publication p"
        " WHERE p.pubname = $1::name AND (p.puballtables"
        "   OR EXISTS (SELECT FROM pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = k.relation)"
        "   OR EXISTS (SELECT FROM pg_publication_namespace s WHERE s.pnpubid = p.oid AND s.pnnspid = c.relnamespace)) ORDER BY 1",
        {name}));
  ddl::catalog_world as_is;
  for (int i = 0; i < list_length(objects); i++) {
    auto* object = static_cast<PublicationObjSpec*>(list_nth(objects, i));
    if (object->pubtable) {
      collect(catalog::query("SELECT relation::oid FROM accord_catalog.contract WHERE relation = $1::oid",
                             {as_is.find(object->pubtable->relation)}));
    } else if (object->name) {
      collect(
          catalog::query("SELECT k.relation::oid FROM accord_catalog.contract k JOIN pg_class c ON c.oid = k.relation"
                         "  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1::name",
                         {static_cast<const char*>(object->name)}));
    }
  }
  return result;
}

std::vector<std::int64_t> contracts_of_access(Node* tree) {
  std::vector<std::string> schemas;
  Oid table = InvalidOid;
  if (IsA(tree, GrantStmt)) {
    auto* grant = reinterpret_cast<GrantStmt*>(tree);
    if (!grant->is_grant && grant->targtype == ACL_TARGET_OBJECT && grant->objtype == OBJECT_SCHEMA)
      for (int i = 0; i < list_length(grant->objects); i++)
        schemas.emplace_back(strVal(list_nth(grant->objects, i)));
  } else if (IsA(tree, AlterOwnerStmt) && reinterpret_cast<AlterOwnerStmt*>(tree)->objectType == OBJECT_SCHEMA) {
    schemas.emplace_back(strVal(reinterpret_cast<AlterOwnerStmt*>(tree)->object));
  } else if (IsA(tree, AlterTableStmt)) {
    auto* alter = reinterpret_cast<AlterTableStmt*>(tree);
    for (int i = 0; i < list_length(alter->cmds); i++)
      if (static_cast<AlterTableCmd*>(list_nth(alter->cmds, i))->subtype == AT_ChangeOwner) {
        ddl::catalog_world as_is;
        table = as_is.find(alter->relation);
      }
  }
  std::vector<std::int64_t> contracts;
  if (auto c = registry::find_contract(table)) contracts.push_back(c->id);
  for (const auto& schema : schemas)
    for (const auto& row : catalog::query("SELECT k.id FROM accord_catalog.contract k JOIN pg_class c ON c.oid = k.relation"
                                          "  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1::name ORDER BY 1",
                                          {schema}))
      contracts.push_back(row.integer(0));
  return contracts;
}

}  // namespace accord::guard
