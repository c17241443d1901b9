// tree: what the handlers of statement kinds share: where they are, and the small questions that they ask of a parse tree.
#pragma once

#include <string>
#include <vector>

#include "server/ddl/source.hpp"
#include "server/ddl/statement.hpp"

namespace accord::ddl {

// The statement being read.
struct context {
  world& w;
  const source& text;
  bool names_only = false;             // resolve which relations are concerned, and nothing else
  const core::shape* shape = nullptr;  // of the relation that the statement concerns, before it; nullptr: unknown
};

// Reads `tree` into one statement for each relation that it concerns; called with nothing but `tag` filled in.
using handler = std::vector<statement> (*)(Node* tree, context&);

std::vector<statement> read_tree(Node*, context&);  // looks the handler up: dispatch.cpp
std::vector<statement> read_alter_table(Node*, context&);
std::vector<statement> read_rename(Node*, context&);
std::vector<statement> read_drop(Node*, context&);
std::vector<statement> read_set_schema(Node*, context&);
std::vector<statement> read_comment(Node*, context&);
std::vector<statement> read_create_index(Node*, context&);
std::vector<statement> read_touching(Node*, context&);  // concerns a relation, but `changes` cannot say what it does

// Parts of ALTER TABLE.  Each returns false where `into` cannot say all that the subcommand does.
bool read_add_column(ColumnDef*, bool if_not_exists, const statement&, context&, std::vector<change::any_change>& into);
bool read_add_constraint(Constraint*, const statement&, context&, const std::string& own_column, std::vector<change::any_change>& into);

// A statement about `written`, with relation, target and shape resolved.
statement about(const RangeVar* written, context&);
core::qualified_name written_name(const RangeVar*);
RangeVar* range_var_of(List* qualified_name);  // of DROP and COMMENT: (schema.)name

std::vector<std::string> strings(List*);
// The columns of `shape` that a raw expression names, in the order of their first mention; and `own`, which is being added.
std::vector<std::string> columns_named_in(Node* expression, const core::shape* shape, const std::string& own);

const char* action_name(char action);  // of a foreign key, as a shape has it

// The type as capture_shape would write it; nullopt where it does not exist or is only a shell.
std::optional<core::column_type> resolve_type(TypeName*, CollateClause*, Oid* oid = nullptr, int* typmod = nullptr);
// PostgreSQL's own error where a column of ALTER TABLE has a type that is not there.
void require_types(Node* tree);

// A default expression as capture_shape would write it; nullopt where it names what a script has made.
std::optional<std::string> canonical_default(Node* raw, Oid type, int typmod, const std::string& column, const context&);
// The type of a column as the catalogs have it, or nullopt.
struct stored_type {
  Oid type;
  int typmod;
};
std::optional<stored_type> catalog_type(Oid relation, const std::string& column);
stored_type named_type(const std::string& canonical);  // as a shape writes it

}  // namespace accord::ddl
