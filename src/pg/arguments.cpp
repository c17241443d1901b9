// Arguments of SQL-callable functions.  See arguments.hpp.
#include "pg/arguments.hpp"

#include <fmt/format.h>

#include "pg/pg.h"

namespace accord {

namespace {

// Outside the class, whose text() would hide the server's type of that name in its macros.
char* cstring_of(Datum text_datum) {
  return pg([&] { return TextDatumGetCString(text_datum); });
}

}  // namespace

void arguments::require(int i, std::string_view name) const {
  if (is_null(i)) throw failure(core::sqlstate::null_not_allowed, fmt::format("argument \"{}\" must not be null", name));
}

Oid arguments::oid(int i, std::string_view name) const {
  require(i, name);
  return DatumGetObjectId(datum(i));
}

std::string arguments::text(int i, std::string_view name) const {
  require(i, name);
  return *optional_text(i);
}

std::string arguments::name(int i, std::string_view name) const {
  require(i, name);
  return *optional_name(i);
}

bool arguments::boolean(int i, std::string_view name) const {
  require(i, name);
  return DatumGetBool(datum(i));
}

int arguments::int4(int i, std::string_view name) const {
  require(i, name);
  return DatumGetInt32(datum(i));
}

std::optional<Oid> arguments::optional_oid(int i) const {
  if (is_null(i)) return std::nullopt;
  return DatumGetObjectId(datum(i));
}

std::optional<std::string> arguments::optional_text(int i) const {
  if (is_null(i)) return std::nullopt;
  return std::string(cstring_of(datum(i)));
}

std::optional<std::string> arguments::optional_json(int i) const {
  if (is_null(i)) return std::nullopt;
  return std::string(pg([&] { return OidOutputFunctionCall(F_JSONB_OUT, datum(i)); }));
}

std::optional<std::string> arguments::optional_name(int i) const {
  if (is_null(i)) return std::nullopt;
  return std::string(NameStr(*DatumGetName(datum(i))));
}

std::optional<bool> arguments::optional_boolean(int i) const {
  if (is_null(i)) return std::nullopt;
  return DatumGetBool(datum(i));
}

std::optional<int> arguments::optional_int4(int i) const {
  if (is_null(i)) return std::nullopt;
  return DatumGetInt32(datum(i));
}

std::optional<std::vector<std::string>> arguments::optional_names(int i) const {
  if (is_null(i)) return std::nullopt;
  struct elements {
    Datum* values;
    bool* nulls;
    int count;
  };
  auto e = pg([&] {
    elements e{};
    deconstruct_array(DatumGetArrayTypeP(datum(i)), NAMEOID, NAMEDATALEN, false, TYPALIGN_CHAR, &e.values, &e.nulls, &e.count);
    return e;
  });
  std::vector<std::string> names;
  for (int n = 0; n < e.count; n++) {
    if (e.nulls[n]) throw failure(core::sqlstate::null_not_allowed, "a list of columns must not contain nulls");
    names.emplace_back(NameStr(*DatumGetName(e.values[n])));
  }
  return names;
}

Datum text_result(const std::string& text) {
  const char* s = text.c_str();
  return pg([&] { return CStringGetTextDatum(s); });
}

Datum name_result(const std::string& text) {
  const char* s = text.c_str();
  return pg([&] { return DirectFunctionCall1(namein, CStringGetDatum(s)); });
}

}  // namespace accord
