// What a contract rests on that is no part of the table's shape: the rights of its consumers, what its name means to them, and
// who refers to it.
//
// No event trigger sees it change, or the guard was off, so accord.drift() compares it with what was there when all was well last.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/consumers/access.hpp"
#include "server/consumers/references.hpp"
#include "server/consumers/resolution.hpp"
#include "server/registry/contract.hpp"

namespace accord::consumers {

struct surroundings {
  std::vector<held_right> rights;
  std::vector<bound_name> names;
  std::vector<reference_to> references;
};
surroundings surroundings_of(std::int64_t contract);

// The last time all was well; contract 0: with the guard itself.
struct known_good {
  std::string at;
  std::vector<std::string> rights, names, references;  // keys as below
};
std::optional<known_good> last_known_good(std::int64_t contract);

std::string key_of(const held_right&);
std::string key_of(const bound_name&);

// All is well now.
void remember(std::int64_t contract, const surroundings&);
// A consumer has subscribed: what it has now counts as good, beside what is known of the others.
void remember_subscription(std::int64_t contract, const std::string& consumer);
// The guard has let another table refer to it.
void remember_reference(std::int64_t contract, const reference_to&);
// The guard has let something pass: what is there from now on counts as good.
void remember_if_known(std::int64_t contract);

}  // namespace accord::consumers
