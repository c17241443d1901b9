// made_of: SQL for what is made of types.
#pragma once

#include <string>
#include <string_view>

namespace accord::registry {

// The head of a query: WITH RECURSIVE used(classid, oid), the objects that `objects` selects by class and oid, and the types that are made
// of them: arrays, domains, composite types.
std::string with_made_of(std::string_view objects);

}  // namespace accord::registry
