// What a change of type does to values.  See type_change.hpp.
#include "rule/type_change.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>

#include "core/text.hpp"

namespace accord::rule {

namespace {

using core::is_one_of;

// Decimal digits that every value of an integer type fits into; 0: no integer type.
int digits_of(std::string_view base) {
  return base == "smallint" ? 5 : base == "integer" ? 10 : base == "bigint" ? 19 : 0;
}

// Binary digits that a floating-point type keeps; what an integer type needs.
int mantissa_of(std::string_view base) {
  return base == "real" ? 24 : base == "double precision" ? 53 : 0;
}
int bits_of(std::string_view base) {
  return base == "smallint" ? 15 : base == "integer" ? 31 : base == "bigint" ? 63 : 0;
}

bool is_unpadded_string(std::string_view base) {
  return is_one_of(base, {"text", "character varying"});
}

bool is_wider_modifier(const type_pair& p) {
  return p.to.modifier < 0 || (p.from.modifier >= 0 && p.to.modifier >= p.from.modifier);
}

// Every old value is one of the new type's, and both write it alike.
bool keeps_values(const type_pair& p) {
  const auto &from = p.from.base, &to = p.to.base;
  if (from == to) {
    if (from == "numeric") {
      if (p.to.modifier < 0) return true;
      return p.from.modifier >= 0 && p.to.scale == p.from.scale && p.to.modifier >= p.from.modifier;
    }
    if (is_one_of(from, {"character", "bit"})) return p.to.modifier == p.from.modifier;
    return is_wider_modifier(p);
  }
  if (is_unpadded_string(from) && is_unpadded_string(to)) return is_wider_modifier(p);
  if (from == "bit" && to == "bit varying") return is_wider_modifier(p);
  if (from == "name" && is_unpadded_string(to)) return p.to.modifier < 0;
  if (from == "oid" && to == "bigint") return true;
  if (int need = digits_of(from)) {
    if (int has = digits_of(to)) return has >= need;
    if (to == "numeric") return p.to.modifier < 0 || (p.to.scale == 0 && p.to.modifier >= need);
    // 1 + 6 digits are written without an exponent by real, 15 by double precision.
    if (mantissa_of(to)) return bits_of(from) <= mantissa_of(to) && digits_of(from) <= (to == "real" ? 6 : 15);
  }
  return false;
}

// Those values that the new type accepts are written as before.
bool keeps_what_it_accepts(const type_pair& p) {
  if (keeps_values(p)) return true;
  const auto &from = p.from.base, &to = p.to.base;
  if (digits_of(from) && digits_of(to)) return true;
  if (from == "bigint" && to == "oid") return true;
  if (is_unpadded_string(from) && to == "json") return true;  // which keeps what it was given
  if (from == "jsonb" && (to == "json" || to == "numeric")) return p.to.modifier < 0;
  if (from == "bit varying" && to == "bit") return !p.explicitly;  // of exactly its length
  if (is_one_of(from, {"cidr", "\"char\""}) && is_unpadded_string(to)) return p.to.modifier < 0;
  return p.from.base == "numeric" && p.to.base == "numeric" && p.from.modifier >= 0 && p.to.modifier >= 0 && p.from.scale == p.to.scale;
}

// Types whose input reads everything that their output writes, as the same value.
bool reads_its_own_text(std::string_view base) {
  return digits_of(base) || mantissa_of(base) || is_unpadded_string(base) ||
         is_one_of(base, {"boolean",
                          "numeric",
                          "oid",
                          "uuid",
                          "bytea",
                          "date",
                          "time without time zone",
                          "time with time zone",
                          "timestamp without time zone",
                          "timestamp with time zone",
                          "interval",
                          "json",
                          "jsonb",
                          "inet",
                          "cidr",
                          "macaddr",
                          "macaddr8",
                          "bit",
                          "bit varying",
                          "enum",
                          "int4range",
                          "int8range",
                          "numrange",
                          "daterange"});
}

// Types that are sent as their text.
bool is_sent_as_text(std::string_view base) {
  return is_unpadded_string(base) || is_one_of(base, {"character", "name", "json", "enum"});
}

bool comes_back(const type_pair& p) {
  if (keeps_values(p)) return true;
  const auto &from = p.from.base, &to = p.to.base;
  if (from == "real" && to == "double precision") return true;
  // Blanks at the end, which its type does not count, come back with the length.
  if (from == "character" && is_unpadded_string(to)) return is_wider_modifier(p);
  if (from == "character" && to == "character") return p.to.modifier >= p.from.modifier;
  if (from == "numeric" && to == "numeric" && p.from.modifier >= 0 && p.to.modifier >= 0)
    return p.to.scale >= p.from.scale && p.to.modifier - p.to.scale >= p.from.modifier - p.from.scale;
  if (int need = digits_of(from); need && to == "numeric") return p.to.modifier - p.to.scale >= need;
  if (from == "numeric" && p.from.modifier >= 0 && mantissa_of(to)) return p.from.modifier <= (to == "real" ? 6 : 15);
  if (from == "macaddr" && to == "macaddr8") return true;
  if (from.starts_with("reg") && is_one_of(to, {"oid", "bigint"})) return true;  // names of an oid
  if (from == "time without time zone" && to == "time with time zone") return is_wider_modifier(p);
  if (from == "jsonb" && to == "json") return true;
  if (is_one_of(from, {"inet", "cidr", "\"char\""}) && is_unpadded_string(to)) return p.to.modifier < 0;
  return p.through_text && is_unpadded_string(to) && p.to.modifier < 0 && reads_its_own_text(from);
}

}  // namespace

type_facts facts_of(const type_pair& p, const std::vector<tried_value>& values) {
  type_facts f;
  for (const auto& v : values) {
    if (!v.accepted || !v.comes_back) {
      if (f.lossless.value_or(true)) f.loss_witness = v.value;
      f.lossless = false;
    }
    if (!v.accepted) continue;
    if (!v.same_text) {
      if (f.same_text.value_or(true)) f.text_witness = v.value;
      f.same_text = false;
    }
    if (v.same_wire && !*v.same_wire) {
      if (f.same_wire.value_or(true)) f.wire_witness = v.value;
      f.same_wire = false;
    }
  }
  bool tried_wire = std::any_of(values.begin(), values.end(), [](const tried_value& v) { return v.same_wire.has_value(); });
  bool kept = keeps_values(p);
  if (!f.same_text && (keeps_what_it_accepts(p) || p.all_tried || (p.through_text && is_unpadded_string(p.to.base) && p.to.modifier < 0)))
    f.same_text = true;
  if (!f.lossless && (p.all_tried || p.relabels || comes_back(p))) f.lossless = true;
  if (!f.same_wire && f.same_text == true && is_sent_as_text(p.from.base) && is_sent_as_text(p.to.base)) f.same_wire = true;
  if (!f.same_wire && tried_wire && (p.all_tried || p.relabels || (kept && p.from.base == p.to.base))) f.same_wire = true;
  return f;
}

}  // namespace accord::rule
