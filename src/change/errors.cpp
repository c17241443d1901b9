// The texts behind change/errors.hpp.
#include "change/errors.hpp"

#include "core/text.hpp"

namespace accord::change::errors {

using core::failure;
namespace sqlstate = core::sqlstate;

failure no_such_column(const core::qualified_name& relation, std::string_view column) {
  return {sqlstate::undefined_column, core::joined({"column \"", column, "\" of relation \"", relation.name, "\" does not exist"})};
}

failure column_exists(const core::qualified_name& relation, std::string_view column) {
  return {sqlstate::duplicate_column, core::joined({"column \"", column, "\" of relation \"", relation.name, "\" already exists"})};
}

failure no_such_constraint(const core::qualified_name& relation, std::string_view constraint) {
  return no_such_object(relation, "constraint", constraint);
}

failure constraint_exists(const core::qualified_name& relation, std::string_view constraint) {
  return object_exists(relation, "constraint", constraint);
}

failure no_such_object(const core::qualified_name& relation, std::string_view kind, std::string_view name) {
  return {sqlstate::undefined_object, core::joined({kind, " \"", name, "\" for relation \"", relation.name, "\" does not exist"})};
}

failure object_exists(const core::qualified_name& relation, std::string_view kind, std::string_view name) {
  return {sqlstate::duplicate_object, core::joined({kind, " \"", name, "\" for relation \"", relation.name, "\" already exists"})};
}

failure no_such_privilege(const core::qualified_name& relation, std::string_view kind, std::string_view grantee) {
  return {sqlstate::undefined_object,
          core::joined({"role \"", grantee, "\" has no privilege ", kind, " on relation \"", relation.name, "\""})};
}

failure wrong_column_order(const core::qualified_name& relation) {
  return {sqlstate::invalid_parameter, core::joined({"cannot reorder the columns of relation \"", relation.name, "\""}),
          "The order must name every column once."};
}

}  // namespace accord::change::errors
