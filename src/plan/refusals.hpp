// What around a table stands in the way of a migration: indexes and keys, triggers, publications, privileges, consumers of SELECT *.
//
// Each of these would break silently for somebody (a unique key that half of the clients escape, a trigger that does not fire, a subscriber
// that stops applying), so each is refused by name; what merely stays behind with the old version is announced.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/planner.hpp"

namespace accord::plan {

// `dual`: columns of the new version kept in step; `removed`: columns of the old version that are left out.
void check_surroundings(const request&, const migration&, const std::vector<std::string>& dual, const std::vector<std::string>& removed,
                        std::vector<std::string>& announcements);
// Triggers, policies and publications of one table, be it that of the contract or one below it.
void check_around(const surroundings&, const migration&, bool adds_columns, const std::vector<std::string>& removed,
                  std::string_view table);

}  // namespace accord::plan
