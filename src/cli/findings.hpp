// What accord check found, independent of how it is printed.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/database.hpp"
#include "cli/files.hpp"
#include "cli/sql_text.hpp"

namespace accord::cli {

// Why a finding does not count.
struct suppression {
  std::string by;  // comment, baseline
  std::string reason, until;
};

struct finding {
  int line = 0;      // of the whole script, from 1; 0: of no line
  std::string file;  // "<stdin>" for standard input
  int file_line = 0;
  std::string statement, severity, rule, element;                           // severity: error, warning, advice, unknown or ok
  std::vector<std::pair<std::string, std::optional<std::string>>> details;  // the other columns of accord.check
  std::optional<suppression> suppressed;

  std::string place() const;                          // migrations/002.sql:14
  std::string detail(std::string_view column) const;  // empty where there is none
  bool counts() const { return !suppressed && severity != "ok"; }
  bool is_hazard() const;          // of locks, rows or the script as a whole (docs/hazards.md): breaks no contract
  bool is_contract_error() const;  // the guard would refuse it
};

// From which findings on the tool fails.
enum class fail_on {
  error,    // breaks a contract, or fails
  data,     // or reads or copies a table to its end, under a lock, that holds rows
  warning,  // or warns at all
  advice    // or advises
};

// It makes the exit status 1.
bool fails(const finding&, fail_on);

// Rules of the tool's own, beside those of the registry.
namespace tool_rule {
inline constexpr const char* server_refuses = "statement-fails";  // accord.check says so
inline constexpr const char* cannot_tell = "cannot-tell";
inline constexpr const char* refused = "refused-by-guard";
inline constexpr const char* failed = "statement-failed";
inline constexpr const char* not_plain_sql = "not-plain-sql";
inline constexpr const char* ignore_expired = "ignore-expired";
inline constexpr const char* ignore_malformed = "ignore-malformed";
inline constexpr const char* ignore_unused = "ignore-unused";
inline constexpr const char* baseline_expired = "baseline-expired";
}  // namespace tool_rule

// Is it about that statement of its file?
bool belongs(const finding&, const text_piece& statement);

// A statement that fails, or that the server never saw, cannot be let pass.
bool may_be_suppressed(const finding&);

struct rule_text {
  std::string explanation, safe_way;
};
rule_text text_of_rule(const std::string& id);

struct findings {
  std::vector<std::pair<std::string, value_kind>> detail_columns;
  std::vector<finding> all;

  // The rows of accord.check.
  void add_rows(const table&, const script&);
  finding& add(const script&, int line, std::string statement, std::string severity, std::string rule, std::string element);
  void set_detail(finding&, const std::string& column, std::string value);
  void sort();  // by place; those of one place as they came
};

// "column "dep_delay": breaks readers, breaks writers; consumers: billing"
std::string message_of(const finding&);

// Today in UTC, as 2027-01-01.
std::string today();
bool is_date(const std::string&);

}  // namespace accord::cli
