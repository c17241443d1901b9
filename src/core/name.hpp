// Names of SQL objects and how they are written in SQL text.
//
// The server has its own quote_identifier(); these twins exist because plans and hints are also
// rendered in the tool. sql/core_quoting.sql compares the two on every keyword of the server.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace accord::core {

inline constexpr std::size_t max_name_bytes = 63;

std::string quote_identifier(std::string_view);
std::string quote_literal(std::string_view);                          // '...' or E'...', safe with any standard_conforming_strings
std::string dollar_quote(std::string_view);                           // $accord$...$accord$, with a tag that the text does not contain
std::string quote_list(const std::vector<std::string>& identifiers);  // "a, b, c"

// prefix + name, cut and hashed to fit 63 bytes, never inside a UTF-8 character; the same input
// gives the same output.
std::string fitted_name(std::string_view prefix, std::string_view name);

struct qualified_name {
  std::string schema, name;

  auto operator<=>(const qualified_name&) const = default;
  std::string sql() const;      // quoted where needed: public.flights
  std::string display() const;  // for messages, unquoted: public.flights
};

}  // namespace accord::core
