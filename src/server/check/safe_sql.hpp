// safe_sql: the same end by a way that blocks nobody for long, as SQL that runs as it is.
//
// Texts are made from what the user wrote, so that his names and expressions stay as they are.  Empty where there is no such way.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/check/hazards.hpp"

namespace accord::check::safe_sql {

// The text with `words` after its first token that is `after`.
std::string with_words_after(const std::string& text, std::string_view after, std::string_view words);

std::string index_concurrently(const hazard_input&, IndexStmt*);
std::string drop_index_concurrently(const hazard_input&, DropStmt*);
std::string reindex_concurrently(const hazard_input&);
std::string refresh_concurrently(const hazard_input&);
std::string detach_first(const hazard_input&, DropStmt*);
std::string drop_keys_first(const hazard_input&, const std::vector<Oid>& referenced);
std::string view_with_old_name(const hazard_input&, RenameStmt*);
std::string domain_not_valid(const hazard_input&);

std::string not_null(const std::string& table, const std::string& column);
std::string not_valid(const std::string& table, const std::string& constraint, const std::string& definition);
std::string key_from_index(const std::string& table, Constraint*);
std::string stage(const hazard_input&);

// A partition, or a partitioned table.
bool is_partitioned_family(const hazard_input&, Oid clone);

}  // namespace accord::check::safe_sql
