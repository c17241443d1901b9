// Quoting of names and texts for SQL, and names that fit the server's limit.
//
// Plans and hints are rendered where no server is, so the server's own quoting functions have twins
// here.  The keyword list is the union over PostgreSQL 15 to 18 of every keyword that is not
// unreserved: quoting a word that an older server would not have quoted is harmless, leaving out
// quotes that a newer one needs is not.
//
// Invariants: `quoted_keywords` is sorted (checked at compile time), since it is searched by
// bisection.
#include "core/name.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>

#include "core/hash.hpp"

namespace accord::core {
namespace {

using namespace std::string_view_literals;

constexpr std::array quoted_keywords = {
    "all"sv,
    "analyse"sv,
    "analyze"sv,
    "and"sv,
    "any"sv,
    "array"sv,
    "as"sv,
    "asc"sv,
    "asymmetric"sv,
    "authorization"sv,
    "between"sv,
    "bigint"sv,
    "binary"sv,
    "bit"sv,
    "boolean"sv,
    "both"sv,
    "case"sv,
    "cast"sv,
    "char"sv,
    "character"sv,
    "check"sv,
    "coalesce"sv,
    "collate"sv,
    "collation"sv,
    "column"sv,
    "concurrently"sv,
    "constraint"sv,
    "create"sv,
    "cross"sv,
    "current_catalog"sv,
    "current_date"sv,
    "current_role"sv,
    "current_schema"sv,
    "current_time"sv,
    "current_timestamp"sv,
    "current_user"sv,
    "dec"sv,
    "decimal"sv,
    "default"sv,
    "deferrable"sv,
    "desc"sv,
    "distinct"sv,
    "do"sv,
    "else"sv,
    "end"sv,
    "except"sv,
    "exists"sv,
    "extract"sv,
    "false"sv,
    "fetch"sv,
    "float"sv,
    "for"sv,
    "foreign"sv,
    "freeze"sv,
    "from"sv,
    "full"sv,
    "grant"sv,
    "greatest"sv,
    "group"sv,
    "grouping"sv,
    "having"sv,
    "ilike"sv,
    "in"sv,
    "initially"sv,
    "inner"sv,
    "inout"sv,
    "int"sv,
    "integer"sv,
    "intersect"sv,
    "interval"sv,
    "into"sv,
    "is"sv,
    "isnull"sv,
    "join"sv,
    "json"sv,
    "json_array"sv,
    "json_arrayagg"sv,
    "json_exists"sv,
    "json_object"sv,
    "json_objectagg"sv,
    "json_query"sv,
    "json_scalar"sv,
    "json_serialize"sv,
    "json_table"sv,
    "json_value"sv,
    "lateral"sv,
    "leading"sv,
    "least"sv,
    "left"sv,
    "like"sv,
    "limit"sv,
    "localtime"sv,
    "localtimestamp"sv,
    "merge_action"sv,
    "national"sv,
    "natural"sv,
    "nchar"sv,
    "none"sv,
    "normalize"sv,
    "not"sv,
    "notnull"sv,
    "null"sv,
    "nullif"sv,
    "numeric"sv,
    "offset"sv,
    "on"sv,
    "only"sv,
    "or"sv,
    "order"sv,
    "out"sv,
    "outer"sv,
    "overlaps"sv,
    "overlay"sv,
    "placing"sv,
    "position"sv,
    "precision"sv,
    "primary"sv,
    "real"sv,
    "references"sv,
    "returning"sv,
    "right"sv,
    "row"sv,
    "select"sv,
    "session_user"sv,
    "setof"sv,
    "similar"sv,
    "smallint"sv,
    "some"sv,
    "substring"sv,
    "symmetric"sv,
    "system_user"sv,
    "table"sv,
    "tablesample"sv,
    "then"sv,
    "time"sv,
    "timestamp"sv,
    "to"sv,
    "trailing"sv,
    "treat"sv,
    "trim"sv,
    "true"sv,
    "union"sv,
    "unique"sv,
    "user"sv,
    "using"sv,
    "values"sv,
    "varchar"sv,
    "variadic"sv,
    "verbose"sv,
    "when"sv,
    "where"sv,
    "window"sv,
    "with"sv,
    "xmlattributes"sv,
    "xmlconcat"sv,
    "xmlelement"sv,
    "xmlexists"sv,
    "xmlforest"sv,
    "xmlnamespaces"sv,
    "xmlparse"sv,
    "xmlpi"sv,
    "xmlroot"sv,
    "xmlserialize"sv,
    "xmltable"sv,
};
static_assert(std::is_sorted(quoted_keywords.begin(), quoted_keywords.end()));

constexpr bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || c == '_';
}
constexpr bool continues_word(char c) {
  return starts_word(c) || (c >= '0' && c <= '9');
}

bool needs_quotes(std::string_view name) {
  if (name.empty() || !starts_word(name.front())) return true;
  if (!std::all_of(name.begin(), name.end(), continues_word)) return true;
  return std::binary_search(quoted_keywords.begin(), quoted_keywords.end(), name);
}

std::string doubled(std::string_view text, char mark) {
  std::string result;
  result.reserve(text.size() + 2);
  result += mark;
  for (char c : text) {
    if (c == mark) result += c;
    result += c;
  }
  result += mark;
  return result;
}

// The largest length up to `limit` that does not cut a UTF-8 character in two.  A character has at
// most three continuation bytes, so text in another encoding cannot make this walk far.
std::size_t whole_characters(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text.size();
  std::size_t end = limit;
  for (int step = 0; step < 3 && end > 0; ++step) {
    if ((static_cast<unsigned char>(text[end]) & 0xC0) != 0x80) return end;
    --end;
  }
  return end;
}

}  // namespace

std::string quote_identifier(std::string_view name) {
  return needs_quotes(name) ? doubled(name, '"') : std::string(name);
}

std::string quote_literal(std::string_view text) {
  if (text.find('\\') == std::string_view::npos) return doubled(text, '\'');
  // E'' reads a backslash the same way whatever standard_conforming_strings says.
  std::string escaped;
  escaped.reserve(text.size() + 8);
  for (char c : text) {
    if (c == '\\') escaped += c;
    escaped += c;
  }
  return "E" + doubled(escaped, '\'');
}

std::string dollar_quote(std::string_view text) {
  std::string tag = "$accord$";
  // The first place where the closing tag is found must be the one written after the text, also
  // where the text ends in a part of it.
  for (int n = 1; (std::string(text) + tag).find(tag) != text.size(); ++n) {
    tag = fmt::format("$accord{}$", n);
  }
  return fmt::format("{}{}{}", tag, text, tag);
}

std::string quote_list(const std::vector<std::string>& identifiers) {
  std::string result;
  for (const std::string& name : identifiers) {
    if (!result.empty()) result += ", ";
    result += quote_identifier(name);
  }
  return result;
}

std::string fitted_name(std::string_view prefix, std::string_view name) {
  std::string full = fmt::format("{}{}", prefix, name);
  if (full.size() <= max_name_bytes) return full;
  const std::string tail = fmt::format("_{}", hex_digits(hash_of(full)).substr(0, 10));
  full.resize(whole_characters(full, max_name_bytes - tail.size()));
  return full + tail;
}

std::string qualified_name::sql() const {
  return fmt::format("{}.{}", quote_identifier(schema), quote_identifier(name));
}

std::string qualified_name::display() const {
  return fmt::format("{}.{}", schema, name);
}

}  // namespace accord::core
