// failure: an error that a user will read, with the fields PostgreSQL's ereport() has.
//
// Raised by the pure folders and by the server code alike; src/pg/bridge turns it into an ereport,
// the tool prints it. The text follows PostgreSQL's error message style guide, which
// test/unit/core/failure_test.cpp checks.
#pragma once

#include <exception>
#include <string>
#include <utility>

namespace accord::core {

struct failure : std::exception {
  std::string sqlstate;  // five characters
  std::string message, detail, hint;

  failure(std::string state, std::string text, std::string more = {}, std::string advice = {})
      : sqlstate(std::move(state)), message(std::move(text)), detail(std::move(more)), hint(std::move(advice)) {}

  const char* what() const noexcept override { return message.c_str(); }
};

// The SQLSTATEs of pg_accord.  Class AC is ours; where a standard code says the same, that one is
// used.
namespace sqlstate {
inline constexpr const char* contract_broken = "AC001";      // the guard refuses a change
inline constexpr const char* version_refused = "AC002";      // a version bump that is too small, an immutable version
inline constexpr const char* migration_refused = "AC003";    // a plan that cannot be made or a step that is not due
inline constexpr const char* version_in_use = "AC004";       // somebody still relies on what would go away
inline constexpr const char* transform_failed = "AC005";     // a value that the other version cannot hold
inline constexpr const char* transform_conflict = "AC006";   // both sides of a pair were changed, and disagree
inline constexpr const char* verification_failed = "AC007";  // the versions differ
inline constexpr const char* invalid_parameter = "22023";
inline constexpr const char* null_not_allowed = "22004";
inline constexpr const char* undefined_object = "42704";
inline constexpr const char* undefined_table = "42P01";
inline constexpr const char* undefined_column = "42703";
inline constexpr const char* duplicate_column = "42701";
inline constexpr const char* duplicate_object = "42710";
inline constexpr const char* insufficient_privilege = "42501";
inline constexpr const char* object_not_in_prerequisite_state = "55000";
inline constexpr const char* feature_not_supported = "0A000";
inline constexpr const char* syntax_error = "42601";
inline constexpr const char* active_transaction = "25001";
inline constexpr const char* internal_error = "XX000";
}  // namespace sqlstate

}  // namespace accord::core
