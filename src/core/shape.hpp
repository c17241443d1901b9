// shape: what the clients of a table can see and rely on, as a plain value.
//
// A shape is captured from the catalogs as JSON (accord_catalog.capture_shape), stored with each
// contract version, and compared here. All texts are deparsed with search_path pinned to
// pg_catalog, so that two captures compare as text.
//
// Invariants: columns are in attribute order; constraints, policies, privileges and triggers are
// ordered by name, so that equal shapes have equal JSON and equal fingerprints.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/name.hpp"

namespace accord::core {

inline constexpr int shape_format = 1;

struct column_type {
  std::string text;                 // format_type with typmod: "character varying(10)", "public.mood"
  std::string base;                 // without typmod: "character varying"
  std::string kind;                 // pg_type.typtype: b, c, d, e, p, r, m
  std::string category;             // pg_type.typcategory
  std::string collation;            // qualified, empty where the type's own or none
  std::vector<std::string> labels;  // of an enum, in order
  std::vector<std::string>
      attributes;           // of a composite type, in order: "a integer"; those of one that is composite behind it, as "b.c text"
  std::string domain_base;  // of a domain: its base type with typmod
  bool domain_not_null = false;
  std::string domain_default;
  std::vector<std::string> domain_checks;
  std::vector<column_type> within;  // enums and domains that its attributes, elements or bounds are of: text, kind, and what each demands

  bool operator==(const column_type&) const = default;
};

struct column {
  std::string name;
  column_type type;
  bool not_null = false;
  std::optional<std::string> default_expression;  // not of generated columns
  std::string identity;                           // "", "always", "by default"
  std::optional<std::string> generated;           // the expression of a generated column
  std::string generated_kind;                     // "", "stored", "virtual"
  std::string comment;

  bool operator==(const column&) const = default;
};

struct constraint {
  std::string name;
  std::string kind;                  // primary key, unique, unique index, check, foreign key, exclusion
  std::vector<std::string> columns;  // key columns; of a check the columns it names
  std::string definition;            // pg_get_constraintdef / pg_get_indexdef without the index name
  bool validated = true, enforced = true, deferrable = false, deferred = false;
  bool partial = false;              // of a unique index
  std::string references;            // of a foreign key: schema.table
  std::string on_delete, on_update;  // of a foreign key

  bool operator==(const constraint&) const = default;
};

struct policy {
  std::string name, command, roles, using_expression, check_expression;
  bool permissive = true;

  bool operator==(const policy&) const = default;
};

struct privilege {
  std::string grantee, kind,
      column;  // column empty: the whole relation; grantee "public" for everybody
  bool grantable = false;

  bool operator==(const privilege&) const = default;
};

struct trigger {  // user triggers and rules
  std::string name, definition, enabled;
  // What it can do to a write: "none", or words of "swallows", "raises", "fills COLUMN"; empty: it is not known.
  std::vector<std::string> effects;

  bool operator==(const trigger&) const = default;
};

struct shape {
  int format = shape_format;
  qualified_name relation;
  std::string kind;                       // table, partitioned table, view, materialized view, foreign table
  std::string persistence;                // permanent, unlogged
  std::string replica_identity;           // default, nothing, full, or index name
  std::string partition_key;              // of a partitioned table
  std::string partition_of;               // parent and bound, of a partition
  std::vector<std::string> partitions;    // of a partitioned table: name and bound
  std::vector<std::string> parents;       // inheritance
  std::vector<std::string> publications;  // that carry it: name and what they publish
  std::vector<std::string> functions;     // of users, that its defaults, checks, policies and expressions call: name and hash of the body
  std::string comment;
  bool row_security = false, force_row_security = false;
  std::vector<column> columns;
  std::vector<constraint> constraints;
  std::vector<policy> policies;
  std::vector<privilege> privileges;
  std::vector<std::string> owner_lacks;  // kinds of privileges that the owner has taken from himself
  std::vector<trigger> triggers;
  std::string view_definition;  // of a view

  bool operator==(const shape&) const = default;

  const column* find_column(std::string_view name) const;
  column* find_column(std::string_view name);
  const constraint* find_constraint(std::string_view name) const;
};

// Puts the lists that have no order of their own into the canonical one; parse_shape does so for
// what it reads.
void canonicalize(shape&);

shape parse_shape(std::string_view json);                 // UTF-8; throws failure XX000 on text that is not a shape
void parse_details(std::string_view json, column_type&);  // what accord_catalog.type_details says of the type
std::string to_json(const shape&);                        // canonical: keys in fixed order, defaults left out
std::string fingerprint(const shape&);                    // 16 hex digits over to_json: equal shapes, equal fingerprints

}  // namespace accord::core
