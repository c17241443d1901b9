// reach: what of the database a script may reach, and where the statements about whole schemas need other words among the clones.
#pragma once

#include <string>
#include <vector>

#include "server/check/closure.hpp"
#include "server/check/engine.hpp"
#include "server/ddl/statement.hpp"

namespace accord::check {

reach_of_script reach_of(const std::string& script);

// The statement's text with clones put in.
std::string on_schemas(Node* tree, const std::string& text, clone_names&, bool defines_qualified);
void after_renaming_schema(Node* tree, clone_names&);

// It can change contracted relations that it does not lock.
bool reaches_without_lock(Node* tree);

// Relations that kinds of statements name which concern no shape.
std::vector<Oid> also_named(Node* tree, ddl::world&);

// Adds what only happens where there are rows: the tables that the statement's query would read, sequences that would be asked.
void read_rows(Node* tree, const std::vector<Oid>& named, effects&, const engine&);

}  // namespace accord::check
