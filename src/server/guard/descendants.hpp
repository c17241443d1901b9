// descendants: commands that take rows to a relation, or away from it, with a partition or a table that inherits from it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/verdict.hpp"
#include "server/ddl/statement.hpp"
#include "server/guard/frames.hpp"
#include "server/guard/judgement.hpp"

namespace accord::guard {

// A partition that may go with its rows where the contract lets partitions go: any but the default one.
bool retires(Oid relation);

// Contracted relations above those that the command attaches, detaches or drops.
std::vector<Oid> relations_above(Node* tree, const std::vector<ddl::statement>& named);
// Do tables inherit from it, other than as its partitions?
bool is_inherited_from(Oid relation);
// All below.
std::map<Oid, child> children_of(Oid relation, Node* tree, const std::vector<ddl::statement>& named);
// The partition that CREATE TABLE has made: what is written to it later in the transaction, clients write.
void add_created(Node* tree, watched& before);
// Rows that went to one partition, the default one or one below it, and go to another, new one.
struct diversion {
  Oid from = InvalidOid, to = InvalidOid;
};
std::optional<diversion> diverted_to(Oid partition, Oid relation, const std::function<bool(Oid)>& was_below);
// What it means that those of `before` were below and others are now.  Those that come or go without a row change nothing, unless they were
// promised as a place for rows; and where the contract lets partitions go, theirs are written to the audit log and not held against anybody.
void add_moved_rows(charges&, const promise&, const watched& before, const std::string& statement);
// DETACH … CONCURRENTLY commits before it ends, so it is judged before it begins: what goes, and from where.
charges detached_concurrently(Node* tree, const promise&);
// Where a contract does not let partitions go, how it may learn to.
std::string retention_hint(const promise&);

}  // namespace accord::guard
