// Shapes as JSON: the text in which they are captured, stored and compared.
//
// Each struct lists its fields once, in the order in which they are printed; reading and printing
// both walk that list, so that they cannot disagree.  A field with its default value is left out,
// which keeps stored shapes small and lets a later format add fields without changing the
// fingerprints of shapes that do not use them.  docs/shape.md describes the result for those who
// write it in SQL.
//
// Invariants: a key is never renamed or given another meaning without raising shape_format.
#include <cstdint>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <tuple>

#include "core/errors.hpp"
#include "core/shape.hpp"

namespace accord::core {
namespace {

using json = nlohmann::ordered_json;

template <class Struct, class Value>
struct field {
  const char* key;
  Value Struct::*member;
};
template <class Struct, class Value>
field(const char*, Value Struct::*) -> field<Struct, Value>;

template <class Struct>
struct fields_of;  // one specialisation a struct

template <>
struct fields_of<qualified_name> {
  static constexpr auto list = std::tuple(field{"schema", &qualified_name::schema},  //
                                          field{"name", &qualified_name::name});
};

template <>
struct fields_of<column_type> {
  static constexpr auto list = std::tuple(
      field{"text", &column_type::text}, field{"base", &column_type::base}, field{"kind", &column_type::kind},
      field{"category", &column_type::category}, field{"collation", &column_type::collation}, field{"labels", &column_type::labels},
      field{"attributes", &column_type::attributes}, field{"domain_base", &column_type::domain_base},
      field{"domain_not_null", &column_type::domain_not_null}, field{"domain_default", &column_type::domain_default},
      field{"domain_checks", &column_type::domain_checks}, field{"within", &column_type::within});
};

template <>
struct fields_of<column> {
  static constexpr auto list = std::tuple(field{"name", &column::name}, field{"type", &column::type}, field{"not_null", &column::not_null},
                                          field{"default_expression", &column::default_expression}, field{"identity", &column::identity},
                                          field{"generated", &column::generated}, field{"generated_kind", &column::generated_kind},
                                          field{"comment", &column::comment});
};

template <>
struct fields_of<constraint> {
  static constexpr auto list = std::tuple(
      field{"name", &constraint::name}, field{"kind", &constraint::kind}, field{"columns", &constraint::columns},
      field{"definition", &constraint::definition}, field{"validated", &constraint::validated}, field{"enforced", &constraint::enforced},
      field{"deferrable", &constraint::deferrable}, field{"deferred", &constraint::deferred}, field{"partial", &constraint::partial},
      field{"references", &constraint::references}, field{"on_delete", &constraint::on_delete}, field{"on_update", &constraint::on_update});
};

template <>
struct fields_of<policy> {
  static constexpr auto list = std::tuple(field{"name", &policy::name}, field{"command", &policy::command}, field{"roles", &policy::roles},
                                          field{"using_expression", &policy::using_expression},
                                          field{"check_expression", &policy::check_expression}, field{"permissive", &policy::permissive});
};

template <>
struct fields_of<privilege> {
  static constexpr auto list = std::tuple(field{"grantee", &privilege::grantee}, field{"kind", &privilege::kind},
                                          field{"column", &privilege::column}, field{"grantable", &privilege::grantable});
};

template <>
struct fields_of<trigger> {
  static constexpr auto list = std::tuple(field{"name", &trigger::name}, field{"definition", &trigger::definition},
                                          field{"enabled", &trigger::enabled}, field{"effects", &trigger::effects});
};

template <>
struct fields_of<shape> {
  static constexpr auto list = std::tuple(
      field{"format", &shape::format}, field{"relation", &shape::relation}, field{"kind", &shape::kind},
      field{"persistence", &shape::persistence}, field{"replica_identity", &shape::replica_identity},
      field{"partition_key", &shape::partition_key}, field{"partition_of", &shape::partition_of}, field{"partitions", &shape::partitions},
      field{"parents", &shape::parents}, field{"publications", &shape::publications}, field{"functions", &shape::functions},
      field{"owner_lacks", &shape::owner_lacks}, field{"comment", &shape::comment}, field{"row_security", &shape::row_security},
      field{"force_row_security", &shape::force_row_security}, field{"columns", &shape::columns}, field{"constraints", &shape::constraints},
      field{"policies", &shape::policies}, field{"privileges", &shape::privileges}, field{"triggers", &shape::triggers},
      field{"view_definition", &shape::view_definition});
};

// ---- printing ----

json encode(bool value) {
  return value;
}
json encode(int value) {
  return value;
}
json encode(const std::string& value) {
  return value;
}
json encode(const std::optional<std::string>& value) {
  return *value;
}

template <class Struct>
json encode(const Struct&);

template <class Element>
json encode(const std::vector<Element>& list) {
  json result = json::array();
  for (const Element& element : list)
    result.push_back(encode(element));
  return result;
}

template <class Struct>
json encode(const Struct& value) {
  const Struct fallback{};
  json result = json::object();
  const auto put = [&](const auto& f) {
    // The format number is always there: its default is what changes when there is a next one.
    if (value.*f.member != fallback.*f.member || std::string_view(f.key) == "format") {
      result[f.key] = encode(value.*f.member);
    }
  };
  std::apply([&](const auto&... f) { (put(f), ...); }, fields_of<Struct>::list);
  return result;
}

// ---- reading ----

[[noreturn]] void refuse(const std::string& where, const char* wanted) {
  if (where.empty()) throw errors::not_a_shape(std::string("The document is not ") + wanted + ".");
  throw errors::not_a_shape("The value of \"" + where + "\" is not " + wanted + ".");
}

void decode(const json& from, bool& to, const std::string& where) {
  if (!from.is_boolean()) refuse(where, "a boolean");
  to = from.get<bool>();
}

void decode(const json& from, int& to, const std::string& where) {
  if (!from.is_number_integer()) refuse(where, "an integer");
  const auto number = from.get<std::int64_t>();
  if (number < 0 || number > 1'000'000) refuse(where, "a number in range");
  to = static_cast<int>(number);
}

void decode(const json& from, std::string& to, const std::string& where) {
  if (!from.is_string()) refuse(where, "a string");
  to = from.get<std::string>();
}

void decode(const json& from, std::optional<std::string>& to, const std::string& where) {
  decode(from, to.emplace(), where);
}

template <class Struct>
void decode(const json&, Struct&, const std::string& where);

template <class Element>
void decode(const json& from, std::vector<Element>& to, const std::string& where) {
  if (!from.is_array()) refuse(where, "an array");
  to.clear();
  for (const json& element : from)
    decode(element, to.emplace_back(), where);
}

template <class Struct>
void decode(const json& from, Struct& to, const std::string& where) {
  if (!from.is_object()) refuse(where, "an object");
  for (const auto& item : from.items()) {
    const std::string& key = item.key();
    const json& value = item.value();
    const std::string path = where.empty() ? key : fmt::format("{}.{}", where, key);
    bool known = false;
    const auto take = [&](const auto& f) {
      if (key != f.key) return;
      known = true;
      if (!value.is_null()) decode(value, to.*f.member, path);  // null is how SQL says: left out
    };
    std::apply([&](const auto&... f) { (take(f), ...); }, fields_of<Struct>::list);
    if (!known) throw errors::not_a_shape("The key \"" + path + "\" is not recognized.");
  }
}

}  // namespace

std::string to_json(const shape& s) {
  // A byte that is not UTF-8 becomes U+FFFD: a shape with one is better than no shape.
  return encode(s).dump(-1, ' ', false, json::error_handler_t::replace);
}

shape parse_shape(std::string_view text) {
  const json document = json::parse(text, nullptr, /* allow_exceptions */ false);
  if (document.is_discarded()) throw errors::not_a_shape("The text is not JSON.");
  shape result;
  decode(document, result, {});
  if (result.format > shape_format) throw errors::unsupported_shape_format(result.format);
  canonicalize(result);
  return result;
}

void parse_details(std::string_view text, column_type& type) {
  const json document = json::parse(text, nullptr, /* allow_exceptions */ false);
  if (document.is_discarded()) throw errors::not_a_shape("The text is not JSON.");
  decode(document, type, {});
}

}  // namespace accord::core
