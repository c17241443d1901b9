// reach.  See reach.hpp.
#include "server/check/reach.hpp"

#include <algorithm>

#include "core/name.hpp"
#include "pg/scope.hpp"
#include "pg/spi.hpp"
#include "server/ddl/source.hpp"
#include "server/ddl/statement.hpp"

#include "pg/pg.h"

namespace accord::check {

namespace {

bool is_type(ObjectType kind) {
  return kind == OBJECT_TYPE || kind == OBJECT_DOMAIN || kind == OBJECT_DOMCONSTRAINT || kind == OBJECT_ATTRIBUTE;
}

bool is_function(ObjectType kind) {
  return kind == OBJECT_FUNCTION || kind == OBJECT_PROCEDURE || kind == OBJECT_ROUTINE;
}

// Collations, and extensions with types, are told of like types: those who use them see what they are called.
bool about_types(Node* tree) {
  switch (nodeTag(tree)) {
    case T_AlterEnumStmt:
    case T_AlterDomainStmt:
      return true;
    case T_AlterTableStmt:
      return reinterpret_cast<AlterTableStmt*>(tree)->objtype == OBJECT_TYPE;
    case T_DropStmt:
      return is_type(reinterpret_cast<DropStmt*>(tree)->removeType);
    case T_RenameStmt:
      return is_type(reinterpret_cast<RenameStmt*>(tree)->renameType) ||
             reinterpret_cast<RenameStmt*>(tree)->renameType == OBJECT_COLLATION;
    case T_AlterObjectSchemaStmt: {
      const ObjectType kind = reinterpret_cast<AlterObjectSchemaStmt*>(tree)->objectType;
      return is_type(kind) || kind == OBJECT_COLLATION || kind == OBJECT_EXTENSION;
    }
    default:
      return false;
  }
}

bool about_functions(Node* tree) {
  switch (nodeTag(tree)) {
    case T_AlterFunctionStmt:
      return true;
    case T_DropStmt:
      return is_function(reinterpret_cast<DropStmt*>(tree)->removeType);
    case T_RenameStmt:
      return is_function(reinterpret_cast<RenameStmt*>(tree)->renameType);
    case T_AlterObjectSchemaStmt:
      return is_function(reinterpret_cast<AlterObjectSchemaStmt*>(tree)->objectType);
    default:
      return false;
  }
}

void add(words& to, words more) {
  to.identifiers.merge(more.identifiers);
  to.qualifiers.merge(more.qualifiers);
}

bool drops_schemas(Node* tree) {
  return IsA(tree, DropStmt) && reinterpret_cast<DropStmt*>(tree)->removeType == OBJECT_SCHEMA;
}

bool renames_schema(Node* tree) {
  return IsA(tree, RenameStmt) && reinterpret_cast<RenameStmt*>(tree)->renameType == OBJECT_SCHEMA;
}

class collector : public ddl::reader {
 public:
  reach_of_script reach;

  void each(Node* tree, std::vector<ddl::statement> targets) override {
    const std::string& text = targets.front().text;
    if (about_types(tree)) add(reach.of_types, words_of(text));
    if (about_functions(tree)) add(reach.of_functions, words_of(text));
    if (IsA(tree, VariableSetStmt))
      for (const auto& word : words_of(text).identifiers)
        reach.schemas.push_back(word);
    if (drops_schemas(tree)) {
      List* objects = reinterpret_cast<DropStmt*>(tree)->objects;
      for (int i = 0; i < list_length(objects); i++)
        reach.whole.emplace_back(strVal(list_nth(objects, i)));
    }
    if (renames_schema(tree)) reach.whole.emplace_back(reinterpret_cast<RenameStmt*>(tree)->subname);
    if (IsA(tree, TruncateStmt) && reinterpret_cast<TruncateStmt*>(tree)->behavior == DROP_CASCADE) reach.truncates_cascading = true;
  }
};

// Nothing is looked up when a script is only read through.
class no_world : public ddl::world {
 public:
  Oid find(const RangeVar*) override { return InvalidOid; }
  core::qualified_name name_of(Oid) override { return {}; }
  const core::shape* shape_of(Oid) override { return nullptr; }
  bool is_ahead() const override { return true; }
};

}  // namespace

reach_of_script reach_of(const std::string& script) {
  no_world nowhere;
  collector c;
  ddl::read(script, nowhere, c);
  c.reach.w = words_of(script);
  return std::move(c.reach);
}

std::string on_schemas(Node* tree, const std::string& text, clone_names& names, bool defines_qualified) {
  if (drops_schemas(tree)) {
    auto* drop = reinterpret_cast<DropStmt*>(tree);
    std::string list;
    for (int i = 0; i < list_length(drop->objects); i++) {
      std::string schema = strVal(list_nth(drop->objects, i));
      list += (list.empty() ? "" : ", ") + names.twin_of(schema).value_or(core::quote_identifier(schema));
    }
    return std::string("DROP SCHEMA ") + (drop->missing_ok ? "IF EXISTS " : "") + list + (drop->behavior == DROP_CASCADE ? " CASCADE" : "");
  }
  if (renames_schema(tree)) {
    // The twin keeps its name; which schema it stands for changes afterwards.
    if (auto twin = names.twin_of(reinterpret_cast<RenameStmt*>(tree)->subname)) return "COMMENT ON SCHEMA " + *twin + " IS NULL";
    return text;
  }
  if (IsA(tree, CreateSchemaStmt)) {
    if (const char* schema = reinterpret_cast<CreateSchemaStmt*>(tree)->schemaname) names.made(schema);
    return text;
  }
  std::string result = names.rewritten(text, defines_qualified);
  if (!IsA(tree, AlterObjectSchemaStmt)) return result;
  auto twin = names.twin_of(reinterpret_cast<AlterObjectSchemaStmt*>(tree)->newschema);
  ddl::source tokens(result);
  if (!twin || tokens.tokens().empty()) return result;
  auto last = tokens.tokens().back();
  return result.substr(0, static_cast<std::size_t>(last.begin)) + *twin;
}

void after_renaming_schema(Node* tree, clone_names& names) {
  if (!renames_schema(tree)) return;
  auto* rename = reinterpret_cast<RenameStmt*>(tree);
  names.rename_schema(rename->subname, rename->newname);
}

bool reaches_without_lock(Node* tree) {
  switch (nodeTag(tree)) {
    case T_GrantStmt:
    case T_AlterEnumStmt:
    case T_AlterDomainStmt:
    case T_AlterObjectSchemaStmt:
    case T_DropStmt:
    case T_CreateFunctionStmt:
      return true;
    case T_RenameStmt:
      return !reinterpret_cast<RenameStmt*>(tree)->relation || reinterpret_cast<RenameStmt*>(tree)->renameType == OBJECT_ATTRIBUTE;
    case T_AlterTableStmt:
      return reinterpret_cast<AlterTableStmt*>(tree)->objtype == OBJECT_TYPE;
    default:
      return false;
  }
}

std::vector<Oid> also_named(Node* tree, ddl::world& world) {
  std::vector<Oid> found;
  auto add = [&](const RangeVar* name) {
    if (!name) return;
    if (Oid relation = world.find(name); OidIsValid(relation)) found.push_back(relation);
  };
  auto add_all = [&](List* names) {
    for (int i = 0; i < list_length(names); i++)
      add(static_cast<RangeVar*>(list_nth(names, i)));
  };
  switch (nodeTag(tree)) {
    case T_TruncateStmt:
      add_all(reinterpret_cast<TruncateStmt*>(tree)->relations);
      break;
    case T_LockStmt:
      add_all(reinterpret_cast<LockStmt*>(tree)->relations);
      break;
    case T_ClusterStmt:
      add(reinterpret_cast<ClusterStmt*>(tree)->relation);
      break;
    case T_ReindexStmt:
      add(reinterpret_cast<ReindexStmt*>(tree)->relation);
      break;
    case T_RefreshMatViewStmt:
      add(reinterpret_cast<RefreshMatViewStmt*>(tree)->relation);
      break;
    case T_AlterSeqStmt:
      add(reinterpret_cast<AlterSeqStmt*>(tree)->sequence);
      break;
    default:
      break;
  }
  return found;
}

namespace {

// On a table with rows the default of a new column takes its values from its sequences.
void number_rows(AlterTableStmt* alter, effects& e, const engine& clones) {
  std::vector<std::string> added;
  for (int i = 0; i < list_length(alter->cmds); i++) {
    auto* c = static_cast<AlterTableCmd*>(list_nth(alter->cmds, i));
    if (c->subtype == AT_AddColumn) added.emplace_back(reinterpret_cast<ColumnDef*>(c->def)->colname);
  }
  if (added.empty() || e.rewritten.empty()) return;
  pinned_search_path path;
  static constinit spi::prepared statement{
      "SELECT DISTINCT d.refobjid FROM pg_attrdef f JOIN pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum"
      "  JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid AND d.refclassid = 'pg_class'::regclass"
      "  JOIN pg_class c ON c.oid = d.refobjid AND c.relkind = 'S'"
      " WHERE f.adrelid = ANY ($1::oid[]) AND a.attname = ANY ($2::name[])"};
  for (const auto& row : statement.run({spi::oid_array(e.rewritten), spi::array_literal(added)})) {
    Oid sequence = row.oid(0);
    bool known = std::any_of(e.locks.begin(), e.locks.end(), [&](const lock_taken& l) { return l.clone == sequence; });
    if (known || !clones.knows(sequence)) continue;
    auto weaker = std::find_if(e.locks.begin(), e.locks.end(), [](const lock_taken& l) { return l.mode < RowExclusiveLock; });
    e.locks.insert(weaker, {sequence, RowExclusiveLock});
  }
}

}  // namespace

void read_rows(Node* tree, const std::vector<Oid>& named, effects& e, const engine& clones) {
  if (IsA(tree, AlterTableStmt)) number_rows(reinterpret_cast<AlterTableStmt*>(tree), e, clones);
  if (IsA(tree, RefreshMatViewStmt)) {
    if (!reinterpret_cast<RefreshMatViewStmt*>(tree)->skipData) e.scanned.insert(e.scanned.end(), named.begin(), named.end());
  } else if (IsA(tree, CreateTableAsStmt)) {
    if (!reinterpret_cast<CreateTableAsStmt*>(tree)->into->skipData) e.scanned.insert(e.scanned.end(), e.read.begin(), e.read.end());
  } else if (IsA(tree, TruncateStmt)) {
    // New files, and empty indexes: nothing is copied or read.
    e.rewritten.clear();
    e.scanned.clear();
  }
}

}  // namespace accord::check
