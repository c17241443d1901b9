// observed: what this backend has locked and read, from its own memory and caches: asked after each statement, so SQL would be too slow.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "pg/bridge.hpp"

namespace accord::check {

struct locked_relation {
  LOCKMODE strongest = NoLock;
  unsigned held = 0;  // a bit for each mode
};

// The locks of this session on relations of users in this database.
std::map<Oid, locked_relation> own_locks();

struct relation_facts {
  std::string schema, name;
  char kind;
  Oid file;
  Oid table = InvalidOid;  // of an index
};

// nullopt: there is none, or no more.
std::optional<relation_facts> facts_of(Oid relation);

// How often this transaction has begun to read it.
std::int64_t scans_of(Oid relation);

}  // namespace accord::check
