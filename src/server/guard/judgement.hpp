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

// What leads from the promised shape to this one breaks; at level full also of those who come after.
std::vector<core::finding> judged(const core::shape& promised, const core::shape& now, const change::renames&, core::contract_level);

// Where staging is no way.
std::string hint_to_waive(const promise&);

// What a statement would break, or has broken: of the version that the relation itself has, and of what is promised besides.
struct charges {
  struct earlier_charge {
    promise p;
    std::vector<core::finding> worse;
  };
  std::vector<core::finding> worse;
  std::vector<earlier_charge> earlier;
  std::string hint;  // in place of the usual one

  void add(const core::finding&);  // that is the same to everybody
};

// What these changes, made by one statement, would break.  Nothing where they do not fit the promised shape: PostgreSQL's own error (no such
// column …) is the better one.
charges foreseen(const promise&, const std::vector<change::any_change>& changes);
// The same of findings that no shape shows.
charges charged(const promise&, const std::vector<core::finding>&);

// What the shape has become worse in than it was before, both against what is promised.
struct truth : charges {
  core::shape now;
  change::renames renames;  // of promised columns
};
truth seen(const promise&, const watched&);
truth seen(const promise&, const watched&, core::shape now);  // where that is not what the catalogs say of the relation

// What changes do to values, where nothing that follows can take it back: a conversion of the author's own, or one that loses something.
// Before they are made.
std::vector<core::finding> lost_values(const promise&, const std::vector<change::any_change>& changes);
// Foreign keys of the relation that are made again (rule/beyond_shape.hpp), before they are.
std::vector<core::finding> keys_made_again(Oid relation, const core::shape& promised, const std::vector<change::any_change>& changes);

// Of columns that have the same type and collation as before, findings that say only what these are called now become type-renamed.
void tell_renamed_types(std::vector<core::finding>&, const core::shape& promised, const core::shape& before, const core::shape& now,
                        const std::vector<std::string>& columns);
// Columns whose type is another one of the same name now.
std::vector<core::finding> remade_types(const core::shape& promised, const core::shape& before, const core::shape& now,
                                        const std::vector<std::string>& columns);

// Does it break anything?
bool breaks(const promise&, const charges&);

// Refuses, warns or lets pass, from the parse tree.
void act_on_intent(const promise&, const charges&, frame&);
// The same from the truth; a breaking change that passes is recorded as the next major version, and its waivers as used.
void act_on_truth(const promise&, const truth&, frame&);

}  // namespace accord::guard
