// row_type.  See row_type.hpp.
#include "server/guard/row_type.hpp"

#include "pg/scope.hpp"
#include "server/ddl/tree.hpp"
#include "server/guard/reach.hpp"

#include "pg/pg.h"

namespace accord::guard {

namespace {

// Columns and domains depend on a type for ordinary, its array type does internally.
bool is_used(Oid type) {
  return pg([&] {
    ScanKeyData conditions[2];
    ScanKeyInit(&conditions[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(TypeRelationId));
    ScanKeyInit(&conditions[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(type));
    Relation depend = table_open(DependRelationId, AccessShareLock);
    SysScanDesc rows = systable_beginscan(depend, DependReferenceIndexId, true, nullptr, 2, conditions);
    bool used = false;
    for (HeapTuple tuple = systable_getnext(rows); !used && HeapTupleIsValid(tuple); tuple = systable_getnext(rows))
      used = reinterpret_cast<Form_pg_depend>(GETSTRUCT(tuple))->deptype == DEPENDENCY_NORMAL;
    systable_endscan(rows);
    table_close(depend, AccessShareLock);
    return used;
  });
}

bool alters_attributes(Node* tree) {
  if (IsA(tree, AlterTableStmt)) return true;
  if (!IsA(tree, RenameStmt)) return false;
  ObjectType kind = reinterpret_cast<RenameStmt*>(tree)->renameType;
  return kind == OBJECT_COLUMN || kind == OBJECT_ATTRIBUTE;
}

// A list of attributes as a shape has it, while a command works on it.
struct attribute_list {
  std::vector<std::string> entries;

  static std::string quoted(const char* name) { return core::quote_identifier(name); }
  // It, or one within it.
  static bool is_of(const std::string& entry, const std::string& name) {
    return entry.starts_with(name) && entry.size() > name.size() && (entry[name.size()] == ' ' || entry[name.size()] == '.');
  }
  auto find(const std::string& name) {
    return std::find_if(entries.begin(), entries.end(), [&](const std::string& entry) { return is_of(entry, name); });
  }
  void rename(const char* from, const char* to) {
    for (auto& entry : entries)
      if (is_of(entry, quoted(from))) entry.replace(0, quoted(from).size(), quoted(to));
  }
  void drop(const char* name) {
    std::erase_if(entries, [&](const std::string& entry) { return is_of(entry, quoted(name)); });
  }
  void put(std::vector<std::string>::iterator at, const char* name, const core::column_type& type) {
    std::vector<std::string> more = {quoted(name) + " " + type.text};
    for (const auto& inner : type.attributes)
      more.push_back(quoted(name) + "." + inner);
    entries.insert(at, more.begin(), more.end());
  }
  void retype(const char* name, const core::column_type& type) {
    auto at = find(quoted(name)) - entries.begin();
    drop(name);
    put(entries.begin() + at, name, type);
  }
  void run(const AlterTableCmd* command) {
    auto* definition = command->def && IsA(command->def, ColumnDef) ? reinterpret_cast<ColumnDef*>(command->def) : nullptr;
    auto type = definition && definition->typeName ? ddl::resolve_type(definition->typeName, nullptr) : std::nullopt;
    if (command->subtype == AT_DropColumn) drop(command->name);
    if (command->subtype == AT_AddColumn && type && find(quoted(definition->colname)) == entries.end())
      put(entries.end(), definition->colname, *type);
    if (command->subtype == AT_AlterColumnType && type) retype(command->name, *type);
  }
};

}  // namespace

std::vector<Oid> users_of_row_type(Node* tree, const std::vector<ddl::statement>& named) {
  if (!alters_attributes(tree) || named.empty() || named.front().relation < FirstNormalObjectId) return {};
  const Oid type = pg([&] { return get_rel_type_id(named.front().relation); });
  if (!OidIsValid(type)) return {};
  const Oid array = pg([&] { return get_array_type(type); });
  if (!is_used(type) && (!OidIsValid(array) || !is_used(array))) return {};
  return users_of_type(type);
}

std::vector<change::any_change> attributes_altered(Node* tree, Oid altered, const core::shape& shape) {
  std::string name;
  {
    pinned_search_path path;
    name = pg([&] { return format_type_be(get_rel_type_id(altered)); });
  }
  std::vector<change::any_change> changes;
  for (const auto& column : shape.columns) {
    if (column.type.text != name && column.type.text != name + "[]") continue;
    attribute_list now{column.type.attributes};
    if (IsA(tree, RenameStmt)) {
      now.rename(reinterpret_cast<RenameStmt*>(tree)->subname, reinterpret_cast<RenameStmt*>(tree)->newname);
    } else {
      List* commands = reinterpret_cast<AlterTableStmt*>(tree)->cmds;
      for (int i = 0; i < list_length(commands); i++)
        now.run(static_cast<AlterTableCmd*>(list_nth(commands, i)));
    }
    if (now.entries != column.type.attributes)
      changes.emplace_back(change::attributes_changed{column.name, column.type.attributes, now.entries});
  }
  return changes;
}

}  // namespace accord::guard
