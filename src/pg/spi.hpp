// SQL from C++: run a statement, get its rows as plain values.
//
// All values travel as text, in and out, and the statement casts ($1::regclass): simple, and never
// a hot path.  Nothing of SPI stays open when a call returns, so the caller may throw, commit or
// recurse.
#pragma once

#include <cstdint>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <initializer_list>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pg/bridge.hpp"

namespace accord::spi {

// One parameter; NULL when empty.
struct param {
  std::optional<std::string> value;

  param(std::nullopt_t) {}
  param(std::optional<std::string> v) : value(std::move(v)) {}
  param(std::string v) : value(std::move(v)) {}
  param(std::string_view v) : value(std::string(v)) {}
  param(const char* v) : value(v ? std::optional<std::string>(v) : std::nullopt) {}
  param(bool v) : value(v ? "true" : "false") {}
  template <typename I>
  requires std::is_integral_v<I> param(I v) : value(std::to_string(v)) {}
};

class row {
 public:
  explicit row(std::vector<std::optional<std::string>> values) : values_(std::move(values)) {}
  bool is_null(std::size_t column) const { return !values_.at(column); }
  const std::string& text(std::size_t column) const { return values_.at(column).value(); }
  const std::optional<std::string>& optional(std::size_t column) const { return values_.at(column); }
  std::string text_or(std::size_t column, std::string otherwise) const { return values_.at(column).value_or(std::move(otherwise)); }
  std::int64_t integer(std::size_t column) const { return std::stoll(text(column)); }
  Oid oid(std::size_t column) const { return static_cast<Oid>(std::stoul(text(column))); }
  bool boolean(std::size_t column) const { return text(column) == "t" || text(column) == "true"; }
  std::vector<std::string> texts(std::size_t column) const;  // a text[]; NULL is empty

 private:
  std::vector<std::optional<std::string>> values_;
};

using rows = std::vector<row>;

// Runs one statement (or several without parameters) as the current user under the current
// search_path.
rows query(std::string_view sql, std::initializer_list<param> params = {});
rows query(std::string_view sql, std::span<const param> params);
// A SELECT with the latest snapshot, also in a repeatable read transaction whose own snapshot is older.
rows query_latest(std::string_view sql, std::initializer_list<param> params = {});
// A query that sees exactly what the active snapshot, which the caller has pushed, sees.
rows query_in_snapshot(std::string_view sql);
std::int64_t execute(std::string_view sql, std::initializer_list<param> params = {});  // rows processed

// A statement whose plan is kept for the session.  Constant initialised; use as a function-local or
// namespace-scope `constinit`.
struct prepared {
  const char* sql;
  SPIPlanPtr plan = nullptr;
  rows run(std::initializer_list<param> params = {});
};

// "{a,b}" for a parameter that is cast to name[] or text[].
std::string array_literal(const std::vector<std::string>&);
std::string set_literal(const std::set<std::string>&);
// "{1,2}" of a range of Oid, for a parameter that is cast to oid[].
template <class Oids>
std::string oid_array(const Oids& oids) {
  return fmt::format("{{{}}}", fmt::join(oids, ","));
}
std::vector<std::string> parse_array(std::string_view literal);  // one-dimensional text array output, without NULLs

// Messages to the client.
void notice(const std::string& message, const std::string& detail = {}, const std::string& hint = {});
void warning(const std::string& message, const std::string& detail = {}, const std::string& hint = {});

}  // namespace accord::spi
