// An explicit cast in a hint: which of them PostgreSQL has, as far as the types tell.
#pragma once

#include <string>
#include <string_view>

#include "core/shape.hpp"

namespace accord::core {

// "amount"::integer; through text where only that leads there, as between two enums; /* integer from money */ where there is no cast, for
// the author to write.
std::string cast_text(std::string_view column, const column_type& from, const column_type& to);
bool has_cast(const column_type& from, const column_type& to);

}  // namespace accord::core
