// clone_sql: the queries that give the DDL of what is cloned, in the server's own words, every name qualified.
//
// Each takes an array of oids and gives rows of (what it is, DDL); to be run with search_path pinned.
#pragma once

namespace accord::check::clone_sql {

extern const char* const names;  // ($1 relations, $2 types, $3 functions) -> (schema, name) of everything that gets a clone
extern const char* const types;
extern const char* const functions;
extern const char* const sequences;
extern const char* const tables;
extern const char* const not_valid;  // constraints that are not valid
extern const char* const columns;    // what a column has beyond its definition
extern const char* const partitions;
extern const char* const sequence_owners;
extern const char* const views;
extern const char* const indexes;  // with the constraints that they are for
extern const char* const index_partitions;
extern const char* const foreign_keys;
extern const char* const rest;       // triggers, rules, policies, statistics, identity of rows, rights
extern const char* const published;  // -> the names of the tables that a publication lists

}  // namespace accord::check::clone_sql
