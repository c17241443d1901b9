// Random names and shapes for property tests.
//
// The pools are small on purpose: two shapes drawn from them share columns, types and constraints,
// so that a comparison finds renames, changes and equal parts and not only additions and removals.
#pragma once

#include <algorithm>
#include <rapidcheck.h>
#include <string>
#include <vector>

#include "core/shape.hpp"

namespace accord::test {

using texts = std::vector<std::string>;

inline texts all_names() {
  return {"a", "b", "c", "id", "dep_delay", "Mixed Case", "select", "größe", "quo\"ted", "x9", "has space", "json"};
}

inline rc::Gen<std::string> any_name() {
  return rc::gen::elementOf(all_names());
}

inline rc::Gen<std::string> any_expression() {
  return rc::gen::element<std::string>("0", "(a + 1)", "'x'::text", "now()", "nextval('s'::regclass)");
}

inline rc::Gen<core::column_type> any_type() {
  return rc::gen::exec([] {
    core::column_type type;
    type.kind = *rc::gen::element<std::string>("b", "b", "b", "c", "e", "d");
    if (type.kind == "e") {
      type.text = type.base = "public.mood";
      type.category = "E";
      type.labels = *rc::gen::element(texts{"sad", "ok"}, texts{"sad", "ok", "happy"}, texts{"ok", "sad"}, texts{"gloomy", "ok"});
    } else if (type.kind == "c") {
      type.text = type.base = "public.pair";
      type.category = "C";
      type.attributes = *rc::gen::element(texts{"a integer", "b text"}, texts{"a integer"}, texts{"c integer", "b text"});
    } else if (type.kind == "d") {
      type.text = type.base = "public.positive";
      type.category = "N";
      type.domain_base = *rc::gen::element<std::string>("integer", "bigint");
      type.domain_not_null = *rc::gen::arbitrary<bool>();
      type.domain_default = *rc::gen::element<std::string>("", "1");
      type.domain_checks = *rc::gen::element(texts{}, texts{"CHECK ((VALUE > 0))"}, texts{"CHECK ((VALUE > 1))"});
    } else {
      type.base = *rc::gen::element<std::string>("integer", "bigint", "text", "character varying", "numeric");
      type.category = type.base == "text" || type.base == "character varying" ? "S" : "N";
      type.text = type.base;
      if (type.base == "character varying") {
        type.text = *rc::gen::element<std::string>("character varying", "character varying(10)", "character varying(20)");
      }
      if (type.category == "S") {
        type.collation = *rc::gen::element<std::string>("", "pg_catalog.\"C\"");
      }
    }
    return type;
  });
}

inline rc::Gen<core::column> any_column(std::string name) {
  return rc::gen::exec([name] {
    core::column column;
    column.name = name;
    column.type = *any_type();
    column.not_null = *rc::gen::arbitrary<bool>();
    column.comment = *rc::gen::element<std::string>("", "", "minutes late");
    switch (*rc::gen::inRange(0, 5)) {
      case 0:
        column.default_expression = *any_expression();
        break;
      case 1:
        column.identity = *rc::gen::element<std::string>("always", "by default");
        break;
      case 2:
        column.generated = *any_expression();
        column.generated_kind = *rc::gen::element<std::string>("stored", "virtual");
        break;
      default:
        break;
    }
    return column;
  });
}

inline std::vector<std::string> some_of(std::vector<std::string> names, std::size_t most) {
  std::vector<std::string> chosen;
  const auto count = *rc::gen::inRange<std::size_t>(0, std::min(most, names.size()) + 1);
  while (chosen.size() < count) {
    const auto at = *rc::gen::inRange<std::size_t>(0, names.size());
    chosen.push_back(names[at]);
    names.erase(names.begin() + static_cast<std::ptrdiff_t>(at));
  }
  return chosen;
}

inline std::vector<std::string> column_names(const core::shape& shape) {
  std::vector<std::string> names;
  for (const core::column& column : shape.columns)
    names.push_back(column.name);
  return names;
}

inline core::constraint make_constraint(std::string name, const core::shape& shape) {
  core::constraint made;
  made.name = std::move(name);
  made.kind = *rc::gen::element<std::string>("primary key", "unique", "unique index", "check", "foreign key", "exclusion");
  made.columns = some_of(column_names(shape), 2);
  const std::string list = core::quote_list(made.columns);
  if (made.kind == "check") {
    made.definition = made.columns.empty() ? "CHECK (true)" : "CHECK ((" + core::quote_identifier(made.columns[0]) + " IS NOT NULL))";
    made.validated = *rc::gen::arbitrary<bool>();
    made.enforced = *rc::gen::arbitrary<bool>();
  } else if (made.kind == "foreign key") {
    made.references = *rc::gen::element<std::string>("public.airports", "public.flights");
    made.definition = "FOREIGN KEY (" + list + ") REFERENCES " + made.references + "(id)";
    made.on_delete = *rc::gen::element<std::string>("no action", "cascade");
    made.on_update = "no action";
  } else {
    made.definition = made.kind + " (" + list + ")";
    made.deferrable = *rc::gen::arbitrary<bool>();
    made.partial = made.kind == "unique index" && *rc::gen::arbitrary<bool>();
  }
  return made;
}

inline core::shape make_shape() {
  core::shape shape;
  shape.relation = {*rc::gen::element<std::string>("public", "ops"), *rc::gen::element<std::string>("flights", "legs")};
  shape.kind = *rc::gen::element<std::string>("table", "table", "partitioned table", "view");
  if (shape.kind == "partitioned table") {
    shape.partition_key = *rc::gen::element<std::string>("RANGE (id)", "HASH (id)");
  }
  if (shape.kind == "view") {
    shape.view_definition = *rc::gen::element<std::string>("SELECT 1", "SELECT a FROM public.t");
  }
  shape.persistence = *rc::gen::element<std::string>("permanent", "permanent", "unlogged");
  shape.replica_identity = *rc::gen::element<std::string>("default", "full", "nothing");
  shape.partition_of = *rc::gen::element<std::string>("", "", "public.p FOR VALUES IN (1)");
  if (shape.kind == "partitioned table") shape.partitions = some_of({"public.p1 FOR VALUES IN (1)", "public.p2 FOR VALUES IN (2)"}, 2);
  shape.publications = some_of({"pub: update", "other: insert"}, 2);
  shape.functions = some_of({"public.f() 1", "public.g() 2"}, 2);
  shape.parents = some_of({"public.base", "public.other"}, 2);
  shape.comment = *rc::gen::element<std::string>("", "all flights");
  shape.row_security = *rc::gen::arbitrary<bool>();
  shape.force_row_security = *rc::gen::arbitrary<bool>();

  for (const std::string& name : some_of(all_names(), 6))
    shape.columns.push_back(*any_column(name));

  for (const std::string& name : some_of({"k1", "k2", "k3"}, 3)) {
    shape.constraints.push_back(make_constraint(name, shape));
  }
  for (const std::string& name : some_of({"p1", "p2"}, 2)) {
    shape.policies.push_back({name, *rc::gen::element<std::string>("all", "select"), "public",
                              *rc::gen::element<std::string>("", "(a > 0)"), "", *rc::gen::arbitrary<bool>()});
  }
  for (const std::string& kind : some_of({"SELECT", "INSERT", "UPDATE"}, 3)) {
    shape.privileges.push_back({*rc::gen::element<std::string>("public", "billing_app"), kind, *rc::gen::element<std::string>("", "a"),
                                *rc::gen::arbitrary<bool>()});
  }
  for (const std::string& name : some_of({"t1", "t2"}, 2)) {
    shape.triggers.push_back({name, *rc::gen::element<std::string>("BEFORE INSERT", "BEFORE UPDATE"),
                              *rc::gen::element<std::string>("origin", "disabled"), some_of({"swallows", "raises"}, 2)});
  }
  core::canonicalize(shape);
  return shape;
}

inline rc::Gen<core::shape> any_shape() {
  return rc::gen::noShrink(rc::gen::exec([] { return make_shape(); }));
}

}  // namespace accord::test

namespace accord::core {
inline void showValue(const shape& value, std::ostream& out) {
  out << to_json(value);
}
}  // namespace accord::core

template <>
struct rc::Arbitrary<accord::core::shape> {
  static Gen<accord::core::shape> arbitrary() { return accord::test::any_shape(); }
};
