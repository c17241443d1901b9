// The table that the examples of the tests are about, and shorthands for making others.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/shape.hpp"

namespace accord::test {

inline core::column_type make_type(const std::string& text, std::string category = "N") {
  core::column_type type;
  type.text = text;
  type.base = text.substr(0, text.find('('));
  type.kind = "b";
  type.category = std::move(category);
  return type;
}

inline core::column_type make_enum(std::vector<std::string> labels) {
  core::column_type type = make_type("public.mood", "E");
  type.kind = "e";
  type.labels = std::move(labels);
  return type;
}

inline core::column make_column(std::string name, core::column_type type) {
  core::column column;
  column.name = std::move(name);
  column.type = std::move(type);
  return column;
}

inline core::constraint make_constraint(std::string name, std::string kind, std::vector<std::string> columns, std::string definition) {
  core::constraint constraint;
  constraint.name = std::move(name);
  constraint.kind = std::move(kind);
  constraint.columns = std::move(columns);
  constraint.definition = std::move(definition);
  return constraint;
}

// public.flights(flight_id bigint primary key generated always as identity, carrier text not null,
// dep_delay integer)
inline core::shape flights() {
  core::shape shape;
  shape.relation = {"public", "flights"};
  shape.kind = "table";
  shape.persistence = "permanent";
  shape.replica_identity = "default";
  shape.columns = {make_column("flight_id", make_type("bigint")), make_column("carrier", make_type("text", "S")),
                   make_column("dep_delay", make_type("integer"))};
  shape.columns[0].not_null = true;
  shape.columns[0].identity = "always";
  shape.columns[1].not_null = true;
  shape.constraints = {make_constraint("flights_pkey", "primary key", {"flight_id"}, "PRIMARY KEY (flight_id)")};
  return shape;
}

}  // namespace accord::test
