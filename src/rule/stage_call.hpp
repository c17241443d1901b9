// stage_call: the SQL that carries a refused change through instead.
//
// It is written to be pasted: schema-qualified, quoted, and with the expressions that only the author could know replaced by the most
// likely ones, so that the way out of the error is shorter than the way around it.
#pragma once

#include <span>
#include <string>

#include "change/change.hpp"
#include "core/shape.hpp"

namespace accord::rule {

// Not of views, foreign tables and parts of a table, nor where a column is to be of a domain that is NOT NULL: it cannot wait for its values.
bool can_be_staged(const core::shape&, std::span<const change::any_change>);

// The changes as one DDL statement, or several where SQL needs them; empty where one of them cannot be written as ALTER TABLE.
std::string ddl_for(const core::qualified_name& relation, std::span<const change::any_change>);

// SELECT accord.stage(…) for the changes; empty where they cannot be staged.
std::string stage_call(const core::qualified_name& relation, const core::shape& before, std::span<const change::any_change>);

}  // namespace accord::rule
