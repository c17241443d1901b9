// clone: makes the empty structural copies that accord.check executes a script on.
//
// Everything that decides what DDL does is copied exactly, from the server's own words for it: columns, domains, defaults, constraints also
// where NOT VALID, indexes, partition trees and inheritance, foreign keys, triggers, rules, policies, statistics, replica identity, storage,
// publications.  Nothing but ACCESS SHARE is taken on the originals.
//
// To be called in a subtransaction that is rolled back.
#pragma once

#include <string>
#include <vector>

#include "server/check/closure.hpp"
#include "server/check/executor.hpp"
#include "server/check/names.hpp"

namespace accord::check {

// Makes the clones; gives what could not be copied, for people: empty where the copy is exact.
std::vector<std::string> clone(const closure&, const executor&, clone_names&);

}  // namespace accord::check
