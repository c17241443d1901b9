// What the bare name of a contracted table means to the consumers that subscribed to it, in a new session of theirs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pg/bridge.hpp"

namespace accord::consumers {

struct bound_name {
  std::int64_t contract = 0;
  std::string consumer, role, name;
  int major = 0;              // that the consumer subscribed to
  Oid relation = InvalidOid;  // what the name means; InvalidOid: nothing
};

// `role`: of consumers with this role only.  `server_path`: the search_path of the configuration file, where it is not the one of now.
std::vector<bound_name> bind_names(const std::optional<std::string>& role = {}, const std::optional<std::string>& server_path = {},
                                   std::int64_t contract = 0);

// The search_path that the configuration files give now; nothing where they give none.
std::optional<std::string> server_search_path();

// Does this relation stand for the contract, to a consumer of this major version?  The table itself only while it has that version's shape.
bool stands_for(Oid relation, const bound_name&);

std::string described(Oid relation);  // table "public.flights"; empty where there is none

}  // namespace accord::consumers
