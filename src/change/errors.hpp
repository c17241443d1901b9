// The errors of changes that do not fit the shape they are applied to, as named constructors; the
// texts are the server's own.
#pragma once

#include <string_view>

#include "core/failure.hpp"
#include "core/name.hpp"

namespace accord::change::errors {

core::failure no_such_column(const core::qualified_name& relation, std::string_view column);
core::failure column_exists(const core::qualified_name& relation, std::string_view column);
core::failure no_such_constraint(const core::qualified_name& relation, std::string_view constraint);
core::failure constraint_exists(const core::qualified_name& relation, std::string_view constraint);
core::failure no_such_object(const core::qualified_name& relation, std::string_view kind, std::string_view name);
core::failure object_exists(const core::qualified_name& relation, std::string_view kind, std::string_view name);
core::failure no_such_privilege(const core::qualified_name& relation, std::string_view kind, std::string_view grantee);
core::failure wrong_column_order(const core::qualified_name& relation);

}  // namespace accord::change::errors
