// The parts that kinds of change share: finding and editing the members of a shape, and wording.
//
// Only the .cpp files of this folder include it.
#pragma once

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "change/comparison.hpp"
#include "change/errors.hpp"
#include "core/shape.hpp"
#include "core/text.hpp"

namespace accord::change {

// ---- wording ----

std::string column_element(std::string_view column);        // column "dep_delay"
std::string relation_element(const core::qualified_name&);  // relation "public.flights"
std::string constraint_element(const core::constraint&);    // unique constraint "flights_key"
std::string privilege_text(const core::privilege&);         // SELECT (dep_delay) of "billing"
std::string privilege_element(const core::privilege&);      // privilege SELECT of "billing"
std::string or_none(const std::optional<std::string>&);     // the text, or: none
std::string or_none(const std::string&);
std::string or_default(const std::string&);

// ---- columns ----

core::column& column_of(core::shape&, std::string_view name);  // throws 42703
void erase_column(core::shape&,
                  std::string_view name);           // with its constraints and column privileges
void rename_columns(core::shape&, const renames&);  // all at once, so names can be swapped
void reorder_columns(core::shape&, const std::vector<std::string>& order);
void retarget(core::shape&, const core::qualified_name& relation);  // another name for the relation

// Types of the same name and nature; labels, collation and what a domain says are compared apart.
bool same_type(const core::column_type&, const core::column_type&);
bool same_domain(const core::column_type&, const core::column_type&);
// The enums and domains that are within both.
struct type_pair {
  const core::column_type *before, *after;
};
std::vector<type_pair> types_within(const core::column_type&, const core::column_type&);
core::column_type& type_within(core::column_type&, const std::string& name);  // the type itself where there is none of that name

// ---- constraints: told apart by name and kind, since an index and a check can share a name ----

const core::constraint* find_same(const std::vector<core::constraint>&, const core::constraint&);
void erase_constraint(core::shape&, const core::constraint&);  // throws 42704
bool names_any(const core::constraint&, const std::vector<std::string>& columns);

// ---- lists of named things ----

template <class Member>
const Member* find_named(const std::vector<Member>& list, std::string_view name) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const Member& member) { return member.name == name; });
  return found == list.end() ? nullptr : &*found;
}

template <class Member>
bool erase_named(std::vector<Member>& list, std::string_view name) {
  return std::erase_if(list, [&](const Member& member) { return member.name == name; }) > 0;
}

// What is in `list` and not in `other`, each as often as it is there more often.
template <class Member>
std::vector<Member> only_in(const std::vector<Member>& list, std::vector<Member> other) {
  std::vector<Member> result;
  for (const Member& member : list) {
    const auto found = std::find(other.begin(), other.end(), member);
    if (found == other.end()) {
      result.push_back(member);
    } else {
      other.erase(found);
    }
  }
  return result;
}

}  // namespace accord::change
