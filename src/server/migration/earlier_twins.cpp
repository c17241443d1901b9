// See earlier_twins.hpp.
#include "server/migration/earlier_twins.hpp"

#include <algorithm>

namespace accord::migration {

namespace {

using plan::companion;
using plan::companion_kind;

bool is_same_table(const companion& a, const companion& b) {
  return a.kind != companion_kind::inbound_key || a.references == b.references;
}

// A unique constraint that will be the primary key cannot be both at once.
constexpr bool changes_on_completion(const companion& c) {
  return c.added && c.kind == companion_kind::primary_key;
}

void adopt(companion& found, const companion& twin, const std::string& its_name) {
  found.kind = twin.kind;
  found.name = twin.name;
  found.original = its_name;
  found.deferrable = twin.deferrable;
  found.deferred = twin.deferred;
  found.clustered = twin.clustered;
  found.replica_identity = twin.replica_identity;
  found.comment = twin.comment;
  found.index_comment = twin.index_comment;
}

}  // namespace

void adopt_twins(plan::surroundings& around, const plan::migration& earlier) {
  for (const auto& twin : earlier.companions) {
    const auto name = plan::twin_name(earlier.id, twin);
    if (!twin.added)
      std::erase_if(around.keys, [&](const auto& key) {
        return key.twin.kind == twin.kind && key.twin.name == twin.name && is_same_table(twin, key.twin);
      });
    for (auto& key : around.keys) {
      if (key.twin.name != name || !is_same_table(twin, key.twin)) continue;
      if (!twin.added)
        adopt(key.twin, twin, name);
      else if (changes_on_completion(twin))
        key.twin.kind = companion_kind::none;
    }
  }
}

}  // namespace accord::migration
