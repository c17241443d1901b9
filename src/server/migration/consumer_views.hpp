// Views of consumers' schemas that stand on columns which are about to go.
//
// Views of an earlier generation that no session can be using any more are dropped on the way; the others belong to somebody who is at work,
// and keep the step from being taken.
#pragma once

#include <string>
#include <vector>

#include "server/registry/contract.hpp"

namespace accord::migration {

// Throws AC004 naming the consumers whose views on `physical` columns are in use; `version` goes, `other` is where they can move.
void release_consumer_views(const registry::contract&, const std::vector<std::string>& physical, const std::string& version,
                            const std::string& other);

// Sessions that were started with a generation of views on this major version, for people.
std::vector<std::string> sessions_with_views_of(const registry::contract&, int major);

}  // namespace accord::migration
