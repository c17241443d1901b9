// See widening.hpp.
#include "plan/widening.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace accord::plan {

namespace {

using std::string_view;

// Later ones hold every value of earlier ones.
constexpr std::array<string_view, 4> whole_numbers = {"smallint", "integer", "bigint", "numeric"};
constexpr std::array<string_view, 2> floating = {"real", "double precision"};

template <std::size_t N>
bool climbs(const std::array<string_view, N>& ladder, string_view from, string_view to) {
  auto low = std::find(ladder.begin(), ladder.end(), from), high = std::find(ladder.begin(), ladder.end(), to);
  return low != ladder.end() && high != ladder.end() && low < high;
}

// The number in the first parentheses: 10 of character varying(10).
std::optional<int> length_of(string_view type) {
  auto open = type.find('(');
  if (open == string_view::npos) return std::nullopt;
  int length = 0;
  auto [end, error] = std::from_chars(type.data() + open + 1, type.data() + type.size(), length);
  return error == std::errc() ? std::optional(length) : std::nullopt;
}

bool has_modifier(string_view type) {
  return type.find('(') != string_view::npos;
}

}  // namespace

bool is_widening(const core::column_type& from, const core::column_type& to) {
  if (from.kind != "b" || to.kind != "b") return false;
  auto is_array = [](const core::column_type& type) { return type.base.ends_with("[]") && type.text.ends_with("[]"); };
  if (is_array(from) && is_array(to)) {
    auto element = [](core::column_type type) {
      type.text.resize(type.text.size() - 2);
      type.base.resize(type.base.size() - 2);
      return type;
    };
    return is_widening(element(from), element(to));
  }
  if (climbs(floating, from.base, to.base)) return true;
  if (climbs(whole_numbers, from.base, to.base)) return !has_modifier(to.text);
  if (from.base == "character varying") {
    if (to.base == "text") return true;
    if (to.base != "character varying") return false;
    auto before = length_of(from.text), after = length_of(to.text);
    return !after || (before && *before <= *after);
  }
  // numeric(8,2) -> numeric; a longer precision of the same scale is left to be spelled out.
  return from.base == "numeric" && to.base == "numeric" && has_modifier(from.text) && !has_modifier(to.text);
}

bool has_sure_way_back(const core::column_type& from, const core::column_type& to) {
  auto rounds = [](string_view base) { return base.starts_with("numeric") || base.starts_with("double precision"); };
  return is_widening(from, to) || (is_widening(to, from) && !rounds(from.base));
}

}  // namespace accord::plan
