// The texts behind core/errors.hpp.
#include "core/errors.hpp"

#include <fmt/format.h>

#include "core/shape.hpp"

namespace accord::core::errors {

failure invalid_version(std::string_view text) {
  return {sqlstate::invalid_parameter,
          fmt::format("invalid contract version: \"{}\"", text),
          {},
          "Write a version as 2, 2.1 or 2.1.0."};
}

failure version_too_large(std::string_view part) {
  return {sqlstate::invalid_parameter, fmt::format("version number \"{}\" is out of range", part),
          "A part of a version has at most nine digits."};
}

failure unrecognized_strictness(std::string_view word) {
  return {sqlstate::invalid_parameter,
          fmt::format("unrecognized strictness: \"{}\"", word),
          {},
          "Use data, text, typed, prepared, star or exact."};
}

failure unrecognized_access(std::string_view word) {
  return {sqlstate::invalid_parameter,
          fmt::format("unrecognized access: \"{}\"", word),
          {},
          "Use read, write or read write."};
}

failure unrecognized_level(std::string_view word) {
  return {sqlstate::invalid_parameter,
          fmt::format("unrecognized compatibility level: \"{}\"", word),
          {},
          "Use none, readers, writers, clients or full, or one of them followed by _transitive."};
}

failure not_a_shape(std::string_view reason) {
  return {sqlstate::internal_error, "could not read the shape of a contract version",
          std::string(reason)};
}

failure unsupported_shape_format(int format) {
  return {sqlstate::feature_not_supported, fmt::format("shape format {} is not supported", format),
          fmt::format("This version of pg_accord reads formats up to {}.", shape_format),
          "Update the extension and the tool to the version that wrote the shape."};
}

}  // namespace accord::core::errors
