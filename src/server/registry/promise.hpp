// promise: what a contract promises now.
#pragma once

#include <optional>
#include <vector>

#include "server/registry/contract.hpp"

namespace accord::registry {

// The version whose shape the relation itself has.
struct promise {
  registry::contract contract;
  contract_version version;
  // An earlier version that the table does not keep any more as a whole.  What is left of it is promised to those who are still subscribed, and
  // to nobody else.
  bool to_subscribers_only = false;
};

// Nothing where there is no contract, or it has no version that is active or deprecated.  While a migration prepares or runs the next version
// the relation itself still has the shape of the old one.
std::optional<promise> promise_of(Oid relation);
std::optional<promise> promise_of(const contract&);

// What is promised besides: earlier versions that somebody is subscribed to, as after a waived break; and with a transitive level all those that
// are supported.
std::vector<promise> earlier_promises(const promise&);

}  // namespace accord::registry
