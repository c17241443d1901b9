// The texts behind core/errors.hpp.
#include "core/errors.hpp"

#include "core/shape.hpp"
#include "core/text.hpp"

namespace accord::core::errors {

failure invalid_version(std::string_view text) {
  return {sqlstate::invalid_parameter, joined({"invalid contract version: \"", text, "\""}), {}, "Write a version as 2, 2.1 or 2.1.0."};
}

failure version_too_large(std::string_view part) {
  return {sqlstate::invalid_parameter, joined({"version number \"", part, "\" is out of range"}),
          "A part of a version has at most nine digits."};
}

failure unrecognized_strictness(std::string_view word) {
  return {sqlstate::invalid_parameter,
          joined({"unrecognized strictness: \"", word, "\""}),
          {},
          "Use data, text, typed, prepared, star or exact."};
}

failure unrecognized_access(std::string_view word) {
  return {sqlstate::invalid_parameter, joined({"unrecognized access: \"", word, "\""}), {}, "Use read, write or read write."};
}

failure unrecognized_level(std::string_view word) {
  return {sqlstate::invalid_parameter,
          joined({"unrecognized compatibility level: \"", word, "\""}),
          {},
          "Use none, readers, writers, clients or full, or one of them followed by _transitive."};
}

failure not_a_shape(std::string_view reason) {
  return {sqlstate::internal_error, "could not read the shape of a contract version", std::string(reason)};
}

failure unsupported_shape_format(int format) {
  return {sqlstate::feature_not_supported, joined({"shape format ", std::to_string(format), " is not supported"}),
          joined({"This version of pg_accord reads formats up to ", std::to_string(shape_format), "."}),
          "Update the extension and the tool to the version that wrote the shape."};
}

}  // namespace accord::core::errors
