// Running the statements of a step.
//
// Each runs under the identity the plan gives it: the table's owner, in a security-restricted operation, wherever a domain's check or a
// default of somebody's making can be evaluated; the extension's owner for schemas, views and triggers.  The guard knows them as our own.
#pragma once

#include <string>
#include <vector>

#include "plan/migration.hpp"
#include "server/migration/store.hpp"

namespace accord::migration {

void run(const std::vector<plan::statement>&, Oid relation);

// Leaves out the drop of a version's schema in which somebody has put objects of his own.
void spare_foreign_objects(std::vector<plan::statement>&, const plan::migration&);

// AC003 where somebody has disabled the triggers that keep the versions in step: what was written since is in one version only.
void require_kept_in_step(const registry::contract&, const plan::migration&);

// The migration that a call means; `to_version` NULL: the only one in one of the states.  `hint` ends an error when there is none.
record choose(const registry::contract&, const std::optional<std::string>& to_version, const std::vector<std::string>& states,
              const std::string& verb);

// The next statement of a migration, as SQL that runs when pasted; empty: none is due.
std::string next_step(const registry::contract&, const record&);

}  // namespace accord::migration
