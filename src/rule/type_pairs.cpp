// type_pairs.  See type_pairs.hpp.
#include "rule/type_pairs.hpp"

#include <algorithm>
#include <charconv>

#include "core/text.hpp"

namespace accord::rule {

namespace {

using core::column_type;
using core::effect;
using core::is_one_of;
using core::strictness;

// The numbers between the parentheses: numeric(10,2) -> 10, 2.
struct modifier {
  std::optional<int> first, second;
};

modifier modifier_of(const column_type& type) {
  modifier m;
  auto open = type.text.find('(');
  if (open == std::string::npos) return m;
  const char *at = type.text.data() + open + 1, *end = type.text.data() + type.text.size();
  int value = 0;
  auto one = std::from_chars(at, end, value);
  if (one.ec != std::errc{}) return m;
  m.first = value;
  if (one.ptr != end && *one.ptr == ',') {
    auto two = std::from_chars(one.ptr + 1, end, value);
    if (two.ec == std::errc{}) m.second = value;
  }
  return m;
}

int integer_width(std::string_view base) {
  if (base == "smallint") return 2;
  if (base == "integer") return 4;
  if (base == "bigint") return 8;
  return 0;
}

// The same base type with another modifier.
type_verdict modifier_changed(const column_type& from, const column_type& to) {
  modifier a = modifier_of(from), b = modifier_of(to);
  outcome harmless{};
  if (from.base == "numeric") {
    if (!b.first) return {"type-widened", {}, harmless};
    if (!a.first) return {"type-rounded", {}, {}};
    int scale_a = a.second.value_or(0), scale_b = b.second.value_or(0);
    if (scale_b < scale_a) return {"type-rounded", {}, {}};
    bool fits = *b.first - scale_b >= *a.first - scale_a;
    if (scale_b > scale_a) return {"type-text-changed", {}, fits ? harmless : outcome{effect::data_dependent, strictness::data}};
    return fits ? type_verdict{"type-widened", {}, harmless} : type_verdict{"type-narrowed", {}, {}};
  }
  bool wider = !b.first || (a.first && *b.first >= *a.first);
  if (is_one_of(from.base, {"character varying", "bit varying", "varbit"}))
    return wider ? type_verdict{"type-widened", {}, harmless} : type_verdict{"type-narrowed", {}, {}};
  if (from.base == "character" || from.base == "bit")
    return wider ? type_verdict{"type-text-changed", {}, harmless}  // the padding is part of the text
                 : type_verdict{"type-narrowed", outcome{effect::breaks, strictness::text}, {}};
  // Times and intervals round to their precision.
  return wider ? type_verdict{"type-widened", {}, harmless} : type_verdict{"type-rounded", {}, {}};
}

// With a scale the text gets digits after the point; with a precision the largest values may not fit.
type_verdict integer_to_numeric(int width, const modifier& to) {
  const int scale = to.second.value_or(0), digits = width == 2 ? 5 : width == 4 ? 10 : 19;
  const outcome writers{effect::breaks, to.first && *to.first - scale < digits ? strictness::data : strictness::typed};
  if (scale > 0) return {"type-text-changed", {}, writers};
  return {"type-changed", {}, writers};
}

type_verdict base_changed(const column_type& from, const column_type& to) {
  outcome harmless{};
  int a = integer_width(from.base), b = integer_width(to.base);
  if (a && b) return a < b ? type_verdict{"type-widened", {}, {}} : type_verdict{"type-narrowed", {}, {}};
  if (is_string(from.base) && to.base == "name") return {"type-rounded", {}, {}};  // cut without an error
  if (a && to.base == "numeric") return integer_to_numeric(a, modifier_of(to));
  if ((a > 2 && to.base == "real") || (a > 4 && to.base == "double precision")) return {"type-rounded", {}, {}};
  if (a && is_one_of(to.base, {"double precision", "real"})) return {"type-changed", {}, {}};
  if (from.base == "real" && to.base == "double precision") return {"type-text-changed", {}, {}};
  if (is_string(from.base) && is_string(to.base)) {
    modifier m = modifier_of(to), old = modifier_of(from);
    bool fits = !m.first || (old.first && *old.first <= *m.first);
    outcome by_length = fits ? harmless : outcome{effect::data_dependent, strictness::data};
    // The padding goes, and from now on blanks at the end count.
    if (from.base == "character") return {"type-text-changed", {}, fits ? outcome{effect::silent, strictness::typed} : by_length};
    if (to.base == "character") return {"type-text-changed", {}, by_length};
    return fits ? type_verdict{"type-widened", {}, harmless} : type_verdict{"type-narrowed", {}, {}};
  }
  auto starts = [](const std::string& text, std::string_view with) { return text.rfind(with, 0) == 0; };
  if (starts(from.base, "timestamp with") && starts(to.base, "timestamp with")) return {"type-reinterpreted", {}, {}};
  if (starts(from.base, "time with") && starts(to.base, "time with")) return {"type-reinterpreted", {}, {}};
  if (starts(from.base, "timestamp") && to.base == "date") return {"type-rounded", {}, {}};
  if (from.base == "date" && starts(to.base, "timestamp")) return {"type-text-changed", {}, {}};
  if (from.base == "interval" && starts(to.base, "time ")) return {"type-rounded", {}, {}};  // days and months go
  if (from.base == "double precision" && to.base == "real") return {"type-rounded", {}, {}};
  if (from.base == "numeric" && is_one_of(to.base, {"double precision", "real"})) {
    const int digits = modifier_of(from).first.value_or(1000);  // so many come back as they were
    return digits <= (to.base == "real" ? 6 : 15) ? type_verdict{"type-text-changed", {}, {}} : type_verdict{"type-rounded", {}, {}};
  }
  if (is_one_of(from.base, {"numeric", "double precision", "real"}) && (b || to.base == "numeric"))
    return b ? type_verdict{"type-rounded", {}, {}} : type_verdict{"type-changed", {}, {}};
  if (from.base == "json" && to.base == "jsonb") return {"type-text-changed", {}, {}};
  if (from.base == "jsonb" && to.base == "json") return {"type-changed", {}, {}};
  if (from.kind == "e" && is_string(to.base)) return {"type-changed", {}, harmless};
  if (is_string(from.base) && to.kind == "e") return {"type-changed", {}, outcome{effect::breaks, strictness::data}};
  if (from.base == "cidr" && to.base == "inet") return {"type-widened", {}, harmless};
  // These are cast to another text than they are written as, or to one that depends on the session.
  if (is_string(to.base) && (is_one_of(from.base, {"boolean", "inet", "cidr"}) || from.base == "timestamp with time zone"))
    return {"type-text-changed", {}, outcome{effect::breaks, strictness::typed}};
  if (is_string(to.base)) return {"type-changed", {}, {}};
  return {"type-representation-changed", {}, {}};
}

// The same type under another name: nothing but the name is new.
bool is_renamed(const column_type& from, const column_type& to) {
  const bool elements =
      from.base.ends_with("[]") && to.base.ends_with("[]") && from.labels == to.labels && from.attributes == to.attributes;
  return from.kind == to.kind && from.text != to.text &&
         ((elements && (!from.labels.empty() || !from.attributes.empty())) || (from.kind == "e" && from.labels == to.labels) ||
          (from.kind == "c" && from.attributes == to.attributes) ||
          (from.kind == "d" && from.domain_base == to.domain_base && from.domain_not_null == to.domain_not_null &&
           from.domain_checks == to.domain_checks && from.domain_default == to.domain_default));
}

}  // namespace

bool is_string(std::string_view base) {
  return is_one_of(base, {"text", "character varying", "character"});
}

column_type type_of_text(const std::string& text) {
  column_type type;
  type.text = type.base = text;
  type.kind = "b";
  const std::size_t open = text.find('('), close = text.find(')');
  if (open != std::string::npos && close != std::string::npos) type.base = text.substr(0, open) + text.substr(close + 1);
  return type;
}

type_verdict compare(const column_type& from, const column_type& to) {
  if (is_renamed(from, to)) return {"type-renamed", {}, {}};
  if (from.base.ends_with("[]") && to.base.ends_with("[]")) {
    auto element = [](column_type type) {  // an array goes the way of its elements
      for (std::string* text : {&type.text, &type.base})
        text->resize(text->size() - 2);
      return type;
    };
    return compare(element(from), element(to));
  }
  // With all its labels: another name for the same texts.
  auto known = [&](const std::string& label) { return std::find(to.labels.begin(), to.labels.end(), label) != to.labels.end(); };
  if (from.kind == "e" && to.kind == "e" && std::all_of(from.labels.begin(), from.labels.end(), known)) return {"type-renamed", {}, {}};
  // Drivers are told a domain's base type, so that only what the domain checks is new.
  if (to.kind == "d" && from.kind != "d" && to.domain_base == from.text) {
    bool checks = to.domain_not_null || !to.domain_checks.empty();
    return {"domain-applied", {}, outcome{checks ? effect::data_dependent : effect::none, {}}};
  }
  if (from.kind == "d" && to.kind != "d" && from.domain_base == to.text) {
    bool checked = from.domain_not_null || !from.domain_checks.empty();
    if (checked) return {"domain-removed", outcome{effect::silent, strictness::typed}, {}};
    return {"domain-removed", {}, {}};
  }
  if (from.kind == "d" || to.kind == "d") {  // judged by what the domains stand for
    auto plain = [](column_type type) { return type.kind == "d" ? type_of_text(type.domain_base) : type; };
    const column_type a = plain(from), b = plain(to);
    if (a.text != b.text) return a.base == b.base ? modifier_changed(a, b) : base_changed(a, b);
    return {"domain-applied", {}, {}};
  }
  return from.base == to.base ? modifier_changed(from, to) : base_changed(from, to);
}

}  // namespace accord::rule
