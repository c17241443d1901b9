// judgement: from what changed to findings, and from findings to what the guard does about them.
#pragma once

#include <string>
#include <vector>

#include "server/guard/verdict.hpp"

namespace accord::guard {

// What is known already only where the new finding says more.
void add_new(std::vector<core::finding>& to, std::vector<core::finding> more);

// Whether what is said of a parent reaches the tables that inherit from it.
bool reaches_children(const change::any_change&);

// What these changes, made by one statement, would break of the promised shape.  Nothing where they do not fit it: PostgreSQL's own error
// (no such column …) is the better one.
std::vector<core::finding> foreseen(const core::shape& promised, const std::vector<change::any_change>& changes);

// What the shape has become worse in than it was before, both against the promised one.
struct truth {
  core::shape now;
  change::renames renames;  // of promised columns
  std::vector<core::finding> worse;
};
truth seen(const promise&, const watched&);

// Refuses, warns or lets pass, from the parse tree.
void act_on_intent(const promise&, const std::vector<core::finding>&, frame&);
// The same from the truth; a breaking change that passes is recorded as the next major version, and its waivers as used.
void act_on_truth(const promise&, const truth&, frame&);

}  // namespace accord::guard
