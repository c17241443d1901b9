// Views of releases and consumers over a table whose versions come and go.
#pragma once

#include <string>
#include <vector>

#include "pg/bridge.hpp"
#include "server/registry/contract.hpp"

namespace accord::migration {

// Throws AC004 naming the releases that show this major version; `verb`: what cannot be done.
void require_no_release(const registry::contract&, int major, const std::string& version, const std::string& verb);

// All of them: a step that changes the table's defaults changes theirs.
std::vector<Oid> views_over(const registry::contract&);
// After the maps of versions were written: a view's column has the default of its version, whatever the table's is now.
void refresh_view_defaults(const registry::contract&);
// What is granted on the table is granted on the views of releases.
void carry_to_releases(const registry::contract&);

}  // namespace accord::migration
