// The rules of compatibility: what each kind of change does to readers and writers who rely on the
// old shape.
//
// The registry is the one source for accord.check, the guard's errors, accord.rules and the
// documentation. A rule's effects are what it does at worst; a finding is the rule applied to one
// change, and can be milder. Each family of rules is a file with its own part of the registry
// beside the code that finds them.
//
// Invariants: a finding's rule is in the registry (test/unit/rule checks it); ids never change
// their meaning, since waivers and baselines name them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "change/change.hpp"
#include "core/shape.hpp"
#include "core/verdict.hpp"
#include "core/version.hpp"

namespace accord::rule {

struct rule_info {
  std::string_view id;
  core::effect readers, writers;
  core::strictness readers_at, writers_at;  // the loosest at which it matters
  std::string_view explanation;             // what happens to them, with the SQLSTATE where there is one
  std::string_view safe_way;                // what to do instead
};

std::vector<const rule_info*> rules();  // by family, then as the families list them
const rule_info* find_rule(std::string_view id);
std::string_view family_of(std::string_view id);  // columns, types, …; empty where there is no such rule

// What one change does, and what all the changes from one shape to another do.
std::vector<core::finding> judge(const change::any_change&, const core::shape& before, const core::shape& after);
std::vector<core::finding> judge(const core::shape& before, const core::shape& after, const change::renames& = {});

// What it does to clients of the new shape when it is taken back; a contract of level full promises that they survive that.  Rights and
// triggers are left out: a rollback of the shape does not take them.
std::vector<core::finding> judge_rollback(const core::shape& before, const core::shape& after, const change::renames& = {});

// What a statement made worse: the findings after it without those that were there before.
std::vector<core::finding> worse(const std::vector<core::finding>& after, const std::vector<core::finding>& before);

// Does it hit this subscriber, on the columns that it uses, at its strictness, in what it does?
bool hits(const core::finding&, const core::subscription&);

// The finding as far as a contract of this level promises anything: without what it does to others.
core::finding promised(core::finding, core::contract_level);

// Does it break what a contract of this level promises to everybody (at strictness typed)?
bool violates(const core::finding&, core::contract_level);

// The least step from one shape to the next: breaking at strictness typed is major, anything else
// that clients can see is minor, a comment is a patch.
core::bump required_bump(const core::shape& before, const core::shape& after, const change::renames& = {});

}  // namespace accord::rule
