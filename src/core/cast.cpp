// See cast.hpp.
#include "core/cast.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/name.hpp"

namespace accord::core {

namespace {

using std::string_view;
using pair = std::pair<string_view, string_view>;

// Explicit casts between different built-in types (pg_cast), where a category has some and not others, or where they cross categories.
constexpr std::array pairs = {
    pair{"integer", "money"},
    pair{"bigint", "money"},
    pair{"numeric", "money"},
    pair{"money", "numeric"},
    pair{"date", "timestamp without time zone"},
    pair{"date", "timestamp with time zone"},
    pair{"timestamp without time zone", "date"},
    pair{"timestamp with time zone", "date"},
    pair{"timestamp without time zone", "time without time zone"},
    pair{"timestamp with time zone", "time without time zone"},
    pair{"timestamp with time zone", "time with time zone"},
    pair{"time without time zone", "time with time zone"},
    pair{"time with time zone", "time without time zone"},
    pair{"timestamp without time zone", "timestamp with time zone"},
    pair{"timestamp with time zone", "timestamp without time zone"},
    pair{"time without time zone", "interval"},
    pair{"interval", "time without time zone"},
    pair{"boolean", "integer"},
    pair{"integer", "boolean"},
    pair{"json", "jsonb"},
    pair{"jsonb", "json"},
    pair{"jsonb", "boolean"},
    pair{"jsonb", "smallint"},
    pair{"jsonb", "integer"},
    pair{"jsonb", "bigint"},
    pair{"jsonb", "numeric"},
    pair{"jsonb", "real"},
    pair{"jsonb", "double precision"},
    pair{"bit", "bit varying"},
    pair{"bit varying", "bit"},
    pair{"bit", "integer"},
    pair{"bit", "bigint"},
    pair{"integer", "bit"},
    pair{"bigint", "bit"},
    pair{"cidr", "inet"},
    pair{"inet", "cidr"},
    pair{"macaddr", "macaddr8"},
    pair{"macaddr8", "macaddr"},
};
constexpr std::array numbers = {string_view("smallint"), string_view("integer"), string_view("bigint"),
                                string_view("numeric"),  string_view("real"),    string_view("double precision")};

bool is_number(string_view base) {
  return std::find(numbers.begin(), numbers.end(), base) != numbers.end();
}

bool is_array(const column_type& type) {
  return type.base.ends_with("[]");
}

column_type element(column_type type) {
  if (type.text.ends_with("[]")) type.text.resize(type.text.size() - 2);
  type.base.resize(type.base.size() - 2);
  return type;
}

bool is_array_of_enum(const column_type& type) {
  return is_array(type) && !type.labels.empty();
}

column_type under_domain(const column_type& type) {
  if (type.kind != "d" || type.domain_base.empty()) return type;
  column_type base;
  base.text = type.domain_base;
  base.base = type.domain_base.substr(0, type.domain_base.find('('));
  base.category = type.category;
  return base;
}

// Anything becomes text, and text anything, by input and output.
bool is_text(const column_type& type) {
  return type.category == "S";
}

}  // namespace

bool has_cast(const column_type& given_from, const column_type& given_to) {
  const column_type from = under_domain(given_from), to = under_domain(given_to);
  if (is_text(from) || is_text(to) || from.base == to.base) return true;
  if (is_array(from) && is_array(to)) return has_cast(element(from), element(to));
  if (is_number(from.base) && is_number(to.base)) return true;
  return std::find(pairs.begin(), pairs.end(), pair{from.base, to.base}) != pairs.end();
}

std::string cast_text(string_view column, const column_type& from, const column_type& to) {
  std::string name = quote_identifier(column);
  if (has_cast(from, to)) return name + "::" + to.text;
  if (from.kind == "e" && to.kind == "e") return name + "::text::" + to.text;
  if (is_array_of_enum(from) && is_array_of_enum(to)) return name + "::text[]::" + to.text;
  return "/* " + to.text + " from " + from.text + " */";
}

}  // namespace accord::core
