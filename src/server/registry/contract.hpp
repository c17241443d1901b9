// Contracts, versions and subscriptions as values read from accord_catalog.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/shape.hpp"
#include "core/verdict.hpp"
#include "core/version.hpp"
#include "pg/bridge.hpp"

namespace accord::registry {

struct contract {
  std::int64_t id = 0;
  Oid relation = InvalidOid;  // InvalidOid once the table is gone
  core::qualified_name name;  // as of now, or the last known
  std::string owner;
  core::contract_level level;
  std::optional<std::string> mode;  // enforce, warn, off; nullopt: the database's
  bool partitions_may_go = false;   // with their rows: the contract's retention

  std::string display() const;  // flights, or schema.flights outside public
};

struct contract_version {
  core::semantic_version version;
  std::string status;
  core::shape shape;
  std::string fingerprint;
};

std::optional<contract> find_contract(Oid relation);
// Those of the relations that have a contract.
std::vector<Oid> contracted(const std::vector<Oid>& relations);
// The contract whose version or consumer view this is: with such a schema first in the search_path, the table's name means the view.
std::optional<contract> contract_of_view(Oid relation);
contract get_contract(Oid relation);  // throws 42704 with a HINT to register it
contract get_contract_by_id(std::int64_t id);
// Those of relations with this name, in whatever schema.  Like find_contract() cheap enough to be asked at every statement.
std::vector<std::int64_t> contracts_named(const std::string& name);

// All versions, latest first; or those that are promised now (active or deprecated), latest first.
std::vector<contract_version> versions(std::int64_t contract);
std::vector<contract_version> promised_versions(std::int64_t contract);
std::optional<contract_version> latest_promised(std::int64_t contract);
// The version a user means by "2", "2.1" or "2.1.0": the latest that matches; throws 42704 listing the choices.
contract_version get_version(const contract&, const std::string& pattern);

// Consumers that subscribed on the same terms together.
std::vector<core::subscription> subscriptions(std::int64_t contract);
// The consumers of those that `which` accepts, sorted, each once.
std::vector<std::string> subscribers(const std::vector<core::subscription>&, const std::function<bool(const core::subscription&)>& which);
// The roles whose rights this role has, "public" among them, with core::role_owner … where they apply; nothing where there is no such role.
std::optional<std::vector<std::string>> rights_of(const std::string& role, Oid relation);
// Names the current user may see of these: all for the contract's owner and accord_admin, else only consumers whose role they belong to.
std::vector<std::string> visible_consumers(const contract&, const std::vector<std::string>& names);
// For a DETAIL: "Consumers affected: billing and 2 others."  The others are those that the current user may not see.
std::string consumers_affected(const contract&, const std::vector<std::string>& names);

// The shape of a relation as it is now in the catalogs, without what pg_accord added.  Where the relation has unique indexes that are no
// constraints, exclusion constraints, partition keys, conditions of triggers or is a view, takes ACCESS SHARE on it for a moment.
core::shape capture_shape(Oid relation);
// The same for those who may not wait: nothing where ACCESS SHARE cannot be had at once.
std::optional<core::shape> try_capture_shape(Oid relation);

}  // namespace accord::registry
