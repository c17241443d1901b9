// add_column: ADD COLUMN with the constraints written at the column, and serial types, which the server takes apart later.
#include "core/text.hpp"
#include "server/ddl/tree.hpp"

#include "pg/pg.h"

namespace accord::ddl {

namespace {

const char* serial_base(const TypeName* name) {
  if (list_length(name->names) != 1 || name->setof || name->arrayBounds != NIL) return nullptr;
  std::string_view word = strVal(linitial(name->names));
  if (word == "serial" || word == "serial4") return "int4";
  if (word == "bigserial" || word == "serial8") return "int8";
  if (word == "smallserial" || word == "serial2") return "int2";
  return nullptr;
}

}  // namespace

bool read_add_column(ColumnDef* definition, bool if_not_exists, const statement& s, context& c, std::vector<change::any_change>& into) {
  if (if_not_exists && c.shape && c.shape->find_column(definition->colname)) return true;

  TypeName* name = definition->typeName;
  const char* serial = serial_base(name);
  if (serial) name = pg([&] { return SystemTypeName(const_cast<char*>(serial)); });
  Oid type = InvalidOid;
  int typmod = -1;
  auto resolved = resolve_type(name, definition->collClause, &type, &typmod);
  if (!resolved) return false;

  bool understood = true;
  core::column column;
  column.name = definition->colname;
  column.type = *resolved;
  if (serial) {
    column.not_null = true;
    std::string sequence = pg([&] { return makeObjectName(s.target.name.c_str(), definition->colname, "seq"); });
    column.default_expression = "nextval(" + core::quote_literal(core::qualified_name{s.target.schema, sequence}.sql()) + "::regclass)";
  }
  std::vector<change::any_change> constraints;
  for (int i = 0; i < list_length(definition->constraints); i++) {
    auto* constraint = static_cast<Constraint*>(list_nth(definition->constraints, i));
    if (ACCORD_IS_NOT_ENFORCED_CLAUSE(constraint) && !constraints.empty()) {
      auto& last = std::get<change::constraint_added>(constraints.back()).constraint;
      last.enforced = last.validated = false;
      last.definition += " NOT ENFORCED";
      continue;
    }
    switch (constraint->contype) {
      case CONSTR_NOTNULL:
        column.not_null = true;
        break;
      case CONSTR_DEFAULT:
        column.default_expression = canonical_default(constraint->raw_expr, type, typmod, column.name, c);
        if (!column.default_expression) return false;
        if (core::says_null(*column.default_expression)) column.default_expression.reset();
        break;
      case CONSTR_IDENTITY:
        column.identity = constraint->generated_when == ATTRIBUTE_IDENTITY_ALWAYS ? "always" : "by default";
        column.not_null = true;
        break;
      case CONSTR_GENERATED:
        column.generated = c.text.parenthesised(constraint->location);
        column.generated_kind = ACCORD_IS_VIRTUAL(constraint) ? "virtual" : "stored";
        break;
      case CONSTR_PRIMARY:
        column.not_null = true;
        [[fallthrough]];
      case CONSTR_UNIQUE:
      case CONSTR_CHECK:
      case CONSTR_FOREIGN:
        understood = read_add_constraint(constraint, s, c, column.name, constraints) && understood;
        break;
      case CONSTR_NULL:
        break;
      default:  // DEFERRABLE and its like belong to the constraint before
        understood = false;
    }
  }
  into.emplace_back(change::column_added{std::move(column)});
  for (auto& constraint : constraints)
    into.push_back(std::move(constraint));
  return understood;
}

}  // namespace accord::ddl
