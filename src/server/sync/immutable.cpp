// See immutable.hpp.
#include "server/sync/immutable.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "pg/bridge.hpp"
#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

bool is_steady(Oid function) {
  return function == F_ENUM_IN || function == F_ENUM_OUT || func_volatile(function) == PROVOLATILE_IMMUTABLE;
}

// array_in and array_out are as steady as the functions of the elements; a domain's constraints are the table's matter.
Oid written_type(Oid type) {
  Oid base = getBaseType(type);
  Oid element = get_element_type(base);
  return OidIsValid(element) ? written_type(element) : base;
}

bool writes_steadily(Oid type) {
  Oid function;
  bool is_varlena;
  getTypeOutputInfo(written_type(type), &function, &is_varlena);
  return is_steady(function);
}

bool reads_steadily(Oid type) {
  Oid function, parameter;
  getTypeInputInfo(written_type(type), &function, &parameter);
  return is_steady(function);
}

bool is_text_of_arguments(const FuncExpr* call) {
  constexpr Oid functions[] = {F_CONCAT,      F_CONCAT_WS,      F_ARRAY_TO_STRING_ANYARRAY_TEXT, F_ARRAY_TO_STRING_ANYARRAY_TEXT_TEXT,
                               F_FORMAT_TEXT, F_FORMAT_TEXT_ANY};
  if (std::find(std::begin(functions), std::end(functions), call->funcid) == std::end(functions)) return false;
  for (int i = 0; i < list_length(call->args); i++)
    if (!writes_steadily(exprType(static_cast<Node*>(list_nth(call->args, i))))) return false;
  return true;
}

// The expression with each conversion that is steady replaced by what it converts, so that the rest can be asked about its volatility.
Node* without_steady(Node* node, void*) {
  if (!node) return nullptr;
  if (IsA(node, CoerceViaIO)) {
    auto* conversion = reinterpret_cast<CoerceViaIO*>(node);
    if (writes_steadily(exprType(reinterpret_cast<Node*>(conversion->arg))) && reads_steadily(conversion->resulttype))
      return without_steady(reinterpret_cast<Node*>(conversion->arg), nullptr);
  }
  if (IsA(node, FuncExpr)) {
    auto* call = reinterpret_cast<FuncExpr*>(node);
    if (is_text_of_arguments(call)) {
      auto* arguments = makeNode(RowExpr);
      arguments->args =
          reinterpret_cast<List*>(accord_expression_tree_mutator(reinterpret_cast<Node*>(call->args), without_steady, nullptr));
      arguments->row_typeid = RECORDOID;
      return reinterpret_cast<Node*>(arguments);
    }
  }
  return accord_expression_tree_mutator(node, without_steady, nullptr);
}

struct mutable_part {
  Oid function = InvalidOid;
  bool value_function = false;  // CURRENT_DATE and its like
};

bool is_mutable(Oid function, void* context) {
  if (func_volatile(function) == PROVOLATILE_IMMUTABLE) return false;
  static_cast<mutable_part*>(context)->function = function;
  return true;
}

bool find_mutable(Node* node, void* context) {
  if (!node) return false;
  if (check_functions_in_node(node, is_mutable, context)) return true;
  if (IsA(node, SQLValueFunction)) return static_cast<mutable_part*>(context)->value_function = true;
  return accord_expression_tree_walker(node, find_mutable, context);
}

struct mutable_function {
  bool found = false, is_volatile = false, takes_time_zone = false;
  const char* name = nullptr;
};

// Inside pg().  Planned first, so that a function whose inlined body is immutable counts as immutable.
mutable_function find_mutable_function(Node* node) {
  Node* planned = reinterpret_cast<Node*>(expression_planner(reinterpret_cast<Expr*>(copyObjectImpl(node))));
  planned = without_steady(planned, nullptr);
  mutable_part part;
  mutable_function result;
  result.found = find_mutable(planned, &part) || contain_mutable_functions(planned);
  if (OidIsValid(part.function)) {
    result.name = format_procedure(part.function);
    result.is_volatile = func_volatile(part.function) == PROVOLATILE_VOLATILE;
    constexpr Oid with_zone[] = {TIMESTAMPTZOID, TIMETZOID};
    Oid* types;
    int count;
    Oid returned = get_func_signature(part.function, &types, &count);
    auto depends = [&](Oid type) { return std::find(std::begin(with_zone), std::end(with_zone), type) != std::end(with_zone); };
    result.takes_time_zone = depends(returned) || std::any_of(types, types + count, depends);
  }
  return result;
}

}  // namespace

void require_immutable(Node* node, const std::string& column) {
  mutable_function found = pg([&] { return find_mutable_function(node); });
  if (!found.found) return;
  std::string detail = found.name ? fmt::format("Function {} is {}: its result depends on more than its arguments.", found.name,
                                                found.is_volatile ? "volatile" : "stable")
                                  : "Its result depends on more than the columns of the row.";
  std::string hint = found.takes_time_zone ? "Make the result independent of the session's time "
                                             "zone, for example with AT TIME ZONE 'UTC'."
                     : found.is_volatile   ? "An expression must give the same result whenever it is evaluated."
                                           : "Wrap it in a function that is declared IMMUTABLE and sets what the "
                                             "result depends on, for example CREATE FUNCTION ... "
                                             "IMMUTABLE SET timezone = 'UTC' SET datestyle = 'ISO'.";
  throw failure(core::sqlstate::migration_refused, fmt::format("expression for column \"{}\" is not immutable", column), detail, hint);
}

}  // namespace accord::migration
