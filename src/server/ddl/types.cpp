// types: type names and default expressions of a statement in the canonical form of a shape.
//
// Names are looked up in the caller's search_path, as PostgreSQL would; texts are deparsed with the search_path pinned, as capture_shape does.
// Otherwise a statement would seem to change what it leaves alone.
#include "pg/scope.hpp"
#include "pg/spi.hpp"
#include "server/ddl/tree.hpp"

#include "pg/pg.h"

namespace accord::ddl {

namespace {

struct looked_up {
  bool found = false;
  Oid type = InvalidOid, base = InvalidOid;
  int32 typmod = -1;
  char kind = 'b', category = 'U';
  bool plain = true;           // has no details of its own: neither enum nor domain nor an array of something user-made
  Oid collation = InvalidOid;  // where it is not the type's own
};

looked_up look_up(TypeName* name, CollateClause* collate) {
  return pg([&] {
    looked_up r;
    HeapTuple tuple = LookupTypeName(nullptr, name, &r.typmod, true);
    if (!tuple) return r;
    auto* form = reinterpret_cast<Form_pg_type>(GETSTRUCT(tuple));
    r.found = form->typisdefined;
    r.type = form->oid;
    r.kind = form->typtype;
    r.category = form->typcategory;
    r.plain = form->typtype == TYPTYPE_BASE && (form->typcategory != TYPCATEGORY_ARRAY || form->typelem < FirstNormalObjectId);
    Oid own = form->typcollation;
    ReleaseSysCache(tuple);
    if (collate) {
      Oid collation = get_collation_oid(collate->collname, false);
      if (collation != own) r.collation = collation;
    }
    return r;
  });
}

std::string qualified(Oid collation) {
  struct parts {
    const char *schema, *name;
  };
  auto p = pg([&] {
    parts found{nullptr, nullptr};
    HeapTuple tuple = SearchSysCache1(COLLOID, ObjectIdGetDatum(collation));
    if (!HeapTupleIsValid(tuple)) return found;
    auto* form = reinterpret_cast<Form_pg_collation>(GETSTRUCT(tuple));
    found = {get_namespace_name(form->collnamespace), pstrdup(NameStr(form->collname))};
    ReleaseSysCache(tuple);
    return found;
  });
  if (!p.name || !p.schema) return {};
  return core::quote_identifier(p.schema) + "." + core::quote_identifier(p.name);
}

}  // namespace

void require_types(Node* tree) {
  if (!IsA(tree, AlterTableStmt)) return;
  List* commands = reinterpret_cast<AlterTableStmt*>(tree)->cmds;
  pg([&] {
    for (int i = 0; i < list_length(commands); i++) {
      auto* command = static_cast<AlterTableCmd*>(list_nth(commands, i));
      if (!command->def || !IsA(command->def, ColumnDef)) continue;
      TypeName* type = reinterpret_cast<ColumnDef*>(command->def)->typeName;
      if (type) (void)typenameTypeId(nullptr, type);
    }
  });
}

std::optional<core::column_type> resolve_type(TypeName* name, CollateClause* collate, Oid* oid, int* typmod) {
  looked_up found = look_up(name, collate);
  if (!found.found) return std::nullopt;
  if (oid) *oid = found.type;
  if (typmod) *typmod = found.typmod;

  core::column_type type;
  pinned_search_path path;
  type.text = pg([&] { return format_type_with_typemod(found.type, found.typmod); });
  type.base = pg([&] { return format_type_be(found.type); });
  type.kind = std::string(1, found.kind);
  type.category = std::string(1, found.category);
  if (OidIsValid(found.collation)) type.collation = qualified(found.collation);
  if (!found.plain) {
    // Whoever writes DDL need not be able to read our catalog.
    as_user identity(extension_owner());
    auto rows = spi::query("SELECT jsonb_strip_nulls(accord_catalog.type_details($1::oid, $2::integer))",
                           {static_cast<std::int64_t>(found.type), found.typmod});
    if (!rows.empty()) core::parse_details(rows[0].text(0), type);
  }
  return type;
}

namespace {

std::string cooked_default(Node* raw, Oid type, int typmod, const char* name) {
  Node* cooked = pg([&] {
    ParseState* state = make_parsestate(nullptr);
    Node* expression = cookDefault(state, static_cast<Node*>(copyObjectImpl(raw)), type, typmod, name, '\0');
    free_parsestate(state);
    return expression;
  });
  if (!cooked) return "NULL";
  pinned_search_path path;
  return pg([&] { return deparse_expression(cooked, NIL, false, false); });
}

}  // namespace

std::optional<std::string> canonical_default(Node* raw, Oid type, int typmod, const std::string& column, const context& c) {
  if (!c.w.is_ahead()) return cooked_default(raw, type, typmod, column.c_str());
  std::string text;
  reported_error unknown;
  if (subtransaction([&] { text = cooked_default(raw, type, typmod, column.c_str()); }, unknown)) return text;
  if (unknown.sqlstate.starts_with("57")) throw failure(unknown.sqlstate, unknown.message, unknown.detail, unknown.hint);  // cancelled
  return std::nullopt;
}

stored_type named_type(const std::string& canonical) {
  pinned_search_path path;
  const char* text = canonical.c_str();
  return pg([&] {
    stored_type found{InvalidOid, -1};
    parseTypeString(text, &found.type, &found.typmod, 0);  // 0: false until 15, no error context since
    return found;
  });
}

std::optional<stored_type> catalog_type(Oid relation, const std::string& column) {
  const char* name = column.c_str();
  auto found = pg([&] {
    stored_type t{InvalidOid, -1};
    HeapTuple tuple = SearchSysCacheAttName(relation, name);
    if (HeapTupleIsValid(tuple)) {
      auto* form = reinterpret_cast<Form_pg_attribute>(GETSTRUCT(tuple));
      t = {form->atttypid, form->atttypmod};
      ReleaseSysCache(tuple);
    }
    return t;
  });
  if (!OidIsValid(found.type)) return std::nullopt;
  return found;
}

}  // namespace accord::ddl
