// shadowing.  See shadowing.hpp.
#include "server/guard/shadowing.hpp"

#include <algorithm>

#include "server/registry/catalog.hpp"
#include "server/registry/contract.hpp"

#include "pg/pg.h"

namespace accord::guard {

namespace {

bool is_relation(ObjectType kind) {
  return kind == OBJECT_TABLE || kind == OBJECT_VIEW || kind == OBJECT_MATVIEW || kind == OBJECT_FOREIGN_TABLE || kind == OBJECT_SEQUENCE;
}

void add_name(std::vector<std::string>& to, const RangeVar* name) {
  const bool temporary = name->relpersistence == RELPERSISTENCE_TEMP || (name->schemaname && strncmp(name->schemaname, "pg_temp", 7) == 0);
  if (!temporary) to.emplace_back(name->relname);
}

// Bare names that relations have after the command and did not have, in some schema, before.
std::vector<std::string> names_made_by(Node* tree) {
  std::vector<std::string> names;
  switch (nodeTag(tree)) {
    case T_CreateStmt:
    case T_CreateForeignTableStmt:
      add_name(names, reinterpret_cast<CreateStmt*>(tree)->relation);
      break;
    case T_ViewStmt:
      add_name(names, reinterpret_cast<ViewStmt*>(tree)->view);
      break;
    case T_CreateTableAsStmt:
      add_name(names, reinterpret_cast<CreateTableAsStmt*>(tree)->into->rel);
      break;
    case T_CreateSeqStmt:
      add_name(names, reinterpret_cast<CreateSeqStmt*>(tree)->sequence);
      break;
    case T_CompositeTypeStmt:
      add_name(names, reinterpret_cast<CompositeTypeStmt*>(tree)->typevar);
      break;
    case T_RenameStmt:
      if (is_relation(reinterpret_cast<RenameStmt*>(tree)->renameType)) names.emplace_back(reinterpret_cast<RenameStmt*>(tree)->newname);
      break;
    case T_AlterObjectSchemaStmt:
      if (is_relation(reinterpret_cast<AlterObjectSchemaStmt*>(tree)->objectType))
        names.emplace_back(reinterpret_cast<AlterObjectSchemaStmt*>(tree)->relation->relname);
      break;
    case T_CreateSchemaStmt: {
      List* elements = reinterpret_cast<CreateSchemaStmt*>(tree)->schemaElts;
      for (int i = 0; i < list_length(elements); i++)
        for (auto& name : names_made_by(static_cast<Node*>(list_nth(elements, i))))
          names.push_back(std::move(name));
      break;
    }
    default:
      break;
  }
  return names;
}

// Schemas that are found by another name, or by more roles, after the command.
std::vector<std::string> schemas_opened_by(Node* tree) {
  std::vector<std::string> schemas;
  if (IsA(tree, RenameStmt) && reinterpret_cast<RenameStmt*>(tree)->renameType == OBJECT_SCHEMA)
    schemas.emplace_back(reinterpret_cast<RenameStmt*>(tree)->subname);
  if (IsA(tree, GrantStmt)) {
    auto* grant = reinterpret_cast<GrantStmt*>(tree);
    if (grant->is_grant && grant->targtype == ACL_TARGET_OBJECT && grant->objtype == OBJECT_SCHEMA)
      for (int i = 0; i < list_length(grant->objects); i++)
        schemas.emplace_back(strVal(list_nth(grant->objects, i)));
  }
  return schemas;
}

std::vector<consumers::bound_name> bound_now(const std::vector<std::int64_t>& contracts) {
  std::vector<consumers::bound_name> names;
  if (contracts.empty()) return names;
  auto path = consumers::server_search_path();
  for (std::int64_t id : contracts)
    for (auto& n : consumers::bind_names({}, path, id))
      names.push_back(std::move(n));
  return names;
}

}  // namespace

std::vector<consumers::bound_name> names_at_stake(Node* tree) {
  std::vector<std::int64_t> contracts;
  for (const auto& name : names_made_by(tree))
    for (std::int64_t id : registry::contracts_named(name))
      contracts.push_back(id);
  for (const auto& schema : schemas_opened_by(tree))
    for (const auto& row : catalog::query("SELECT k.id FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid"
                                          "  JOIN accord_catalog.contract k ON k.last_name = c.relname AND k.relation <> c.oid"
                                          " WHERE n.nspname = $1::name",
                                          {schema}))
      contracts.push_back(row.integer(0));
  std::sort(contracts.begin(), contracts.end());
  contracts.erase(std::unique(contracts.begin(), contracts.end()), contracts.end());
  return bound_now(contracts);
}

std::vector<consumers::bound_name> bound_again(const std::vector<consumers::bound_name>& before) {
  std::vector<std::int64_t> contracts;
  for (const auto& n : before)
    if (contracts.empty() || contracts.back() != n.contract) contracts.push_back(n.contract);
  return bound_now(contracts);
}

}  // namespace accord::guard
