// expression: what a user writes after "col =" in up, down or USING, compiled against the columns
// that one version shows.
//
// A version's names are not the table's: a renamed column, or a dual column that stands in for the
// old one, must be found under the name that the version gives it, and everything else must not be
// found at all.  So an expression has a scope: the relation, the name of the table in that version,
// and a visible name for some of the attributes.  stage() resolves each expression once, under the
// user's search_path, to a canonical text in which every name is qualified; the sync triggers
// compile that text in each session under a pinned search_path, so that no later search_path can
// change what it means.
//
// Errors carry their position in the text that the user wrote, as PostgreSQL's own errors do.
#pragma once

#include <string>
#include <vector>

#include "pg/bridge.hpp"

namespace accord::migration {

struct visible_column {
  std::string name;
  AttrNumber attnum;
};

struct expression_scope {
  Oid relation = InvalidOid;            // locked by the caller, at least ACCESS SHARE
  std::string qualifier;                // name of the table in this version
  std::vector<visible_column> columns;  // attributes that are not listed cannot be named
};

// An expression, and where it stands in a longer text of the user.
struct expression_text {
  std::string text;
  std::string source;  // the whole text; empty: `text` itself
  int offset = 0;      // characters of `source` before `text`

  expression_text(std::string expression) : text(std::move(expression)) {}
  expression_text(std::string expression, std::string whole, int characters_before)
      : text(std::move(expression)), source(std::move(whole)), offset(characters_before) {}
};

// The column that the value is for: assignment casts to its type, as in UPDATE … SET.
struct expression_target {
  std::string column;
  Oid type = InvalidOid;
  int32 typmod = -1;
};

// "a = x + 1, b = 'c'" as written, in order.
struct assignment {
  std::string column;
  expression_text expression;
  int position;                        // of the target, in characters from 1
  std::vector<std::string> qualifier;  // table, or schema and table, where they may be given
  int name_offset;                     // characters before the column's own name
};

// Takes a SET list apart; an empty text gives an empty list.  Throws a syntax error with its
// position for anything else: subqueries and sub-selects as a whole, several columns from one row,
// array elements, DEFAULT, a column twice, more than one statement; table.column unless it may be qualified.
std::vector<assignment> parse_assignments(const std::string& set_list, bool may_be_qualified = false);

// The type of an existing column; throws 42703.
expression_target column_target(Oid relation, const std::string& column);

// Parses, analyses and coerces, as the current user under the current search_path.  The tree is
// allocated in the current memory context and has varno 1.
Node* compile_expression(const expression_scope&, const expression_text&, const expression_target&);

// The same tree with generated columns replaced by their expressions: a BEFORE trigger runs before
// they are computed.
Node* expand_generated_columns(Oid relation, Node*);

struct resolved_expression {
  std::string text;                  // canonical: every name qualified, parses the same under search_path = pg_catalog
  std::vector<std::string> columns;  // visible columns that it reads, in attribute order
};

// What stage() calls: compiles, requires the expression to be immutable (else AC003 naming the
// function), and checks that the table's owner can compile the canonical text too.
resolved_expression resolve_expression(const expression_scope&, const expression_text&, const expression_target&);

}  // namespace accord::migration
