// publication: what becomes of a contract when a breaking change of its relation was let through.
#pragma once

#include <string>

#include "server/guard/verdict.hpp"

namespace accord::guard {

// The promised version cannot be kept any more: the new shape becomes the next major version, the versions of the broken major are retired,
// columns that went away get a tombstone, and the audit log says why it passed.
void publish_breaking(const promise&, const verdict&, const core::shape& now, const std::string& statement);

// Of an earlier version, which the relation does not keep anyway: waivers are used and the audit log says so.
void record_break(const promise&, const verdict&, const std::string& statement);

// publish_breaking() where the relation itself is gone.
void record_drop(const promise&, const verdict&, const core::qualified_name& last, const std::string& statement);

}  // namespace accord::guard
