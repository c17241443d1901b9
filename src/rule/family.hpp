// What the families of rules share: how a finding is made, and the list of families.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rule/rule.hpp"

namespace accord::rule {

struct context {
  const core::shape &before, &after;
  change::renames renamed = {};  // old column name -> new

  // Clients know a column by its name before the change; some changes carry the one after it.
  std::string old_name(const std::string& now) const;
  const core::column* now(const std::string& old) const;  // in after; null where it is gone
};

// Is a row without a value refused?  Whether NOT NULL, the domain or a check that says IS NOT NULL does it is the same to clients.
bool rejects_null(const core::shape&, const core::column&);
// Could nobody leave the column out?  COPY stores the NULL that a domain should refuse.
bool must_be_given(const core::shape&, const core::column&);
// Does a row get a value in it that the writer left out?
bool is_filled(const core::column&);
// Do rows go with rows of another table that they refer to?
bool rows_go_with_others(const core::shape&);
// Does a foreign key do something to rows that refer to one which goes, or changes?
bool acts_on_rows(const core::constraint& key);
// Can a trigger set the column, after the writer, whatever he wrote, and where he wrote nothing?
bool can_be_set_by_trigger(const core::shape&, const std::string& column);
// The column, of a check that says IS NOT NULL and no more; else empty.
std::string disguised_not_null(const core::constraint&);
// The columns of all checks that this one is in: another value in it may let something into those.
std::vector<std::string> checked_with(const core::shape&, const std::string& column);
// The same where both values are there: a check that only asks whether one is lets neither in that it kept out.
std::vector<std::string> checked_by_value_with(core::shape, const std::string& column);
// The columns that an expression names, and these columns with those that the generated among them are computed from.
std::vector<std::string> columns_in(const core::shape&, std::string_view expression);
std::vector<std::string> with_sources(const core::shape&, std::vector<std::string> columns);
// The other way: the column, and those that are computed from it.
std::vector<std::string> seen_in(const core::shape&, const std::string& column);
std::vector<std::string> seen_in(const core::shape&, const std::vector<std::string>& columns);
// Who writes another value of the expression; empty: also who names nothing of what it is computed from.
std::vector<std::string> writers_of_computed(const core::shape&, std::string_view expression);
// Has the expression a value where all the columns in it have one, and nowhere else?
bool is_arithmetic(std::string_view expression);
// A constraint's text without what its other fields say: NOT VALID, DEFERRABLE, ON DELETE …
std::string bare_definition(const core::constraint&);

// What happens at one side; the strictness only where it differs from the rule's.
struct outcome {
  core::effect effect = core::effect::none;
  std::optional<core::strictness> at;
};

// A finding with the rule's own effects, or with milder ones. `what` is a clause about the element
// ("Column "a" is dropped"); the consequence for readers and writers is added to it.
core::finding found(const rule_info&, std::string element, std::vector<std::string> columns, const std::string& what);
core::finding found(const rule_info&, std::string element, std::vector<std::string> columns, const std::string& what, outcome readers,
                    outcome writers);

// "which breaks readers and writers"; empty when nothing happens to either.
std::string consequence(core::effect readers, core::effect writers);

// First letter in upper case: an element at the beginning of a sentence.
std::string sentence_start(std::string);
// In lower case: a clause that follows another one.
std::string inside_sentence(std::string);

// The rule of that id among those of one family.
const rule_info& rule_of(std::span<const rule_info>, std::string_view id);

// Each family: its rules, and what they find in one change.
struct family {
  std::span<const rule_info> rules;
  void (*judge)(const change::any_change&, const context&, std::vector<core::finding>&);
};
// A name that was one column and is another now: after a swap, a rename onto it, or a column made
// again.
void judge_reused_names(const change::comparison&, std::vector<core::finding>&);

extern const family column_family, type_family, key_family, relation_family, security_family, trigger_family, statement_family;

}  // namespace accord::rule
