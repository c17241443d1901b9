// accord_catalog.resolve_expression and parse_assignments: expressions from SQL, for tests and for
// those who look inside.
#include <fmt/format.h>

#include "pg/arguments.hpp"
#include "pg/spi.hpp"
#include "server/sync/expression.hpp"

#include "pg/pg.h"

namespace accord {

// resolve_expression(relation regclass, qualifier name, names name[], physical name[], expression
// text, target name) -> text
ACCORD_FUNCTION(accord_resolve_expression) {
  arguments args(fcinfo);
  migration::expression_scope scope;
  scope.relation = args.oid(0, "relation");
  scope.qualifier = args.name(1, "qualifier");
  auto names = args.optional_names(2).value_or(std::vector<std::string>{});
  auto physical = args.optional_names(3).value_or(names);
  if (names.size() != physical.size()) throw failure(core::sqlstate::invalid_parameter, "each visible name needs one physical column");
  for (std::size_t i = 0; i < names.size(); i++) {
    const char* column = physical[i].c_str();
    AttrNumber attnum = pg([&] { return get_attnum(scope.relation, column); });
    if (attnum == InvalidAttrNumber) migration::column_target(scope.relation, physical[i]);  // throws
    scope.columns.push_back({names[i], attnum});
  }
  auto target = migration::column_target(scope.relation, args.name(5, "target"));
  return text_result(migration::resolve_expression(scope, args.text(4, "expression"), target).text);
}

// parse_assignments(set_list text) -> setof (column_name name, expression text, position integer)
ACCORD_FUNCTION(accord_parse_assignments) {
  auto list = migration::parse_assignments(arguments(fcinfo).text(0, "set_list"));
  pg([&] { InitMaterializedSRF(fcinfo, 0); });
  auto* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
  for (const auto& assignment : list) {
    const char *column = assignment.column.c_str(), *expression = assignment.expression.text.c_str();
    pg([&] {
      Datum values[3] = {DirectFunctionCall1(namein, CStringGetDatum(column)), CStringGetTextDatum(expression),
                         Int32GetDatum(assignment.position)};
      bool nulls[3] = {false, false, false};
      tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    });
  }
  return Datum(0);
}

}  // namespace accord
