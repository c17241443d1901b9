// See carried_keys.hpp.
#include "server/registry/carried_keys.hpp"

#include <algorithm>

namespace accord {

namespace {

constinit const carried_keys* carried = nullptr;

}  // namespace

carried_keys::carried_keys(Oid referenced, std::vector<core::qualified_name> tables) : referenced_(referenced), tables_(std::move(tables)) {
  carried = this;
}

carried_keys::~carried_keys() {
  carried = nullptr;
}

bool carried_keys::include(Oid referenced, const core::qualified_name& table) {
  return carried && carried->referenced_ == referenced && std::any_of(carried->tables_.begin(), carried->tables_.end(), [&](const auto& t) {
           return t.name == table.name && (t.schema.empty() || t.schema == table.schema);
         });
}

}  // namespace accord
