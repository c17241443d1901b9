// A connection to PostgreSQL with pg_accord in it, and tables of results as plain values.
//
// The one place that knows libpqxx, whose interface for parameters differs between its versions 6,
// 7 and 8.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace accord::cli {

// How a column is printed in JSON and aligned in a table.
enum class value_kind { text, number, boolean, json };

struct table {
  std::vector<std::string> columns;
  std::vector<value_kind> kinds;
  std::vector<std::vector<std::optional<std::string>>> rows;

  std::size_t index_of(std::string_view column) const;  // throws std::logic_error when there is none
  const std::optional<std::string>& at(std::size_t row, std::string_view column) const;
};

// What the server refused, with its fields; what() is the message as psql prints it.
struct sql_failure : std::runtime_error {
  std::string sqlstate;
  sql_failure(std::string state, const std::string& text) : std::runtime_error(text), sqlstate(std::move(state)) {}
};

// No server, no extension, or an extension of another version than this tool.
struct connection_failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class database {
 public:
  explicit database(const std::string& connection_string);
  ~database();
  database(database&&) noexcept;

  // Throws connection_failure unless the extension is there and of this tool's version.
  void require_extension();

  // Each runs in a transaction of its own.  Parameters $1, $2 … are given as text; nullopt is NULL.
  table query(std::string_view sql, const std::vector<std::optional<std::string>>& params = {});
  // A statement as it stands, without a transaction block around it, for CREATE INDEX CONCURRENTLY
  // and its like.
  void execute(const std::string& sql);

 private:
  struct implementation;
  std::unique_ptr<implementation> self_;
};

}  // namespace accord::cli
