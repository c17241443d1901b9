// The errors of the core, as named constructors.
//
// Every text that a user can read stands here and not where it is thrown, so that one test can walk
// them all and hold them to PostgreSQL's error message style guide, and so that the same mistake
// reads the same everywhere.
#pragma once

#include <string_view>

#include "core/failure.hpp"

namespace accord::core::errors {

failure invalid_version(std::string_view text);
failure version_too_large(std::string_view part);
failure unrecognized_strictness(std::string_view word);
failure unrecognized_access(std::string_view word);
failure unrecognized_level(std::string_view word);
failure not_a_shape(std::string_view reason);  // a stored shape that cannot be read; reason is a full sentence
failure unsupported_shape_format(int format);

}  // namespace accord::core::errors
