// A small lexer of deparsed SQL.
#include "change/names_in_sql.hpp"

namespace accord::change {
namespace {

bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool continues_word(char c) {
  return starts_word(c) || (c >= '0' && c <= '9') || c == '$';
}

// The end of what starts at `at` with a quote; a doubled quote stays inside, with escapes so does a
// quote behind a backslash.
std::size_t end_of_quoted(std::string_view sql, std::size_t at, bool escapes) {
  const char quote = sql[at];
  for (++at; at < sql.size(); ++at) {
    if (escapes && sql[at] == '\\') {
      ++at;
    } else if (sql[at] == quote) {
      if (at + 1 < sql.size() && sql[at + 1] == quote) {
        ++at;
      } else {
        return at + 1;
      }
    }
  }
  return sql.size();
}

std::string without_quotes(std::string_view quoted) {
  std::string name;
  for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
    name += quoted[i];
    if (quoted[i] == '"') ++i;
  }
  return name;
}

}  // namespace

std::string renamed_in(std::string_view sql, const renames& names) {
  std::string result;
  std::size_t at = 0;
  while (at < sql.size()) {
    std::size_t end = at + 1;
    if (sql[at] == '\'') {
      const bool escapes = at > 0 && sql[at - 1] == 'E';
      end = end_of_quoted(sql, at, escapes);
    } else if (sql[at] == '"' || starts_word(sql[at])) {
      const bool quoted = sql[at] == '"';
      if (quoted) {
        end = end_of_quoted(sql, at, false);
      } else {
        while (end < sql.size() && continues_word(sql[end]))
          ++end;
      }
      const std::string_view token = sql.substr(at, end - at);
      // Before a dot stands a schema or a table, before a parenthesis a function, behind :: a type.
      const bool elsewhere = (end < sql.size() && (sql[end] == '.' || sql[end] == '(')) || (at >= 2 && sql.substr(at - 2, 2) == "::");
      const auto found = elsewhere ? names.end() : names.find(quoted ? without_quotes(token) : std::string(token));
      if (found != names.end()) {
        result += core::quote_identifier(found->second);
        at = end;
        continue;
      }
    } else if (sql[at] >= '0' && sql[at] <= '9') {
      while (end < sql.size() && continues_word(sql[end]))
        ++end;  // 1e5 holds no name
    }
    result += sql.substr(at, end - at);
    at = end;
  }
  return result;
}

bool names_column(std::string_view sql, const std::string& column) {
  return renamed_in(sql, {{column, column + "_"}}) != sql;
}

std::string retargeted_in(std::string_view sql, std::string_view from, std::string_view to) {
  std::string result;
  std::size_t at = 0;
  while (at < sql.size()) {
    const std::size_t found = sql.find(from, at);
    if (found == std::string_view::npos) break;
    const std::size_t end = found + from.size();
    const bool starts = found == 0 || (!continues_word(sql[found - 1]) && sql[found - 1] != '.' && sql[found - 1] != '"');
    const bool ends = end == sql.size() || (!continues_word(sql[end]) && sql[end] != '"');
    result += sql.substr(at, found - at);
    result += starts && ends ? to : from;
    at = end;
  }
  result += sql.substr(at);
  return result;
}

}  // namespace accord::change
