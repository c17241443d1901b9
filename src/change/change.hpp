// The kinds of schema change, and what can be done with any of them.
//
// A change is a plain value: it describes itself, applies itself to a shape, and is found by
// comparing two shapes. Rules judge changes, plans carry them out. Everything that walks over all
// kinds goes through `any_change`, so a new kind is one file pair and one line here.
//
// Invariants: the order of the list is the order in which diff() reports and applied() applies. Up
// to column_renamed, changes name columns as they were called before; after it, as they are called
// then. A kind without a place in any_change is found by no diff, and the property test of
// applied(diff(a, b)) == b fails.
#pragma once

#include <concepts>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "change/attributes_changed.hpp"
#include "change/collation_changed.hpp"
#include "change/column_added.hpp"
#include "change/column_dropped.hpp"
#include "change/column_renamed.hpp"
#include "change/column_retyped.hpp"
#include "change/columns_reordered.hpp"
#include "change/comment_changed.hpp"
#include "change/comparison.hpp"
#include "change/constraint_added.hpp"
#include "change/constraint_changed.hpp"
#include "change/constraint_dropped.hpp"
#include "change/default_changed.hpp"
#include "change/domain_changed.hpp"
#include "change/functions_changed.hpp"
#include "change/generated_changed.hpp"
#include "change/identity_changed.hpp"
#include "change/inheritance_changed.hpp"
#include "change/labels_changed.hpp"
#include "change/not_null_added.hpp"
#include "change/not_null_dropped.hpp"
#include "change/owner_rights_changed.hpp"
#include "change/partitioning_changed.hpp"
#include "change/persistence_changed.hpp"
#include "change/policy_added.hpp"
#include "change/policy_changed.hpp"
#include "change/policy_dropped.hpp"
#include "change/privilege_granted.hpp"
#include "change/privilege_revoked.hpp"
#include "change/publications_changed.hpp"
#include "change/relation_dropped.hpp"
#include "change/relation_kind_changed.hpp"
#include "change/relation_moved.hpp"
#include "change/relation_renamed.hpp"
#include "change/replica_identity_changed.hpp"
#include "change/row_security_changed.hpp"
#include "change/trigger_added.hpp"
#include "change/trigger_changed.hpp"
#include "change/trigger_dropped.hpp"
#include "change/view_redefined.hpp"

namespace accord::change {

// id: stable, for logs and registries.  describe(): one line for people.  element(): what changes,
// as messages name it. apply(): the shape after; throws core::failure where the change does not
// fit.  detect(): this kind's part of a diff.
template <class Kind>
concept change_kind = std::equality_comparable<Kind> && requires(const Kind kind, core::shape& shape, const comparison& seen) {
  { Kind::id } -> std::convertible_to<std::string_view>;
  { kind.describe() } -> std::same_as<std::string>;
  { kind.element() } -> std::same_as<std::string>;
  { kind.apply(shape) } -> std::same_as<void>;
  { Kind::detect(seen) } -> std::same_as<std::vector<Kind>>;
};

template <change_kind... Kinds>
using one_of = std::variant<Kinds...>;  // checks the concept for each

using any_change =
    one_of<relation_dropped, relation_moved, relation_renamed, relation_kind_changed, constraint_dropped, column_dropped, column_retyped,
           collation_changed, labels_changed, attributes_changed, domain_changed, not_null_added, not_null_dropped, default_changed,
           identity_changed, comment_changed, column_renamed, column_added, generated_changed, columns_reordered, constraint_changed,
           constraint_added, persistence_changed, replica_identity_changed, partitioning_changed, inheritance_changed, publications_changed,
           functions_changed, view_redefined, row_security_changed, policy_dropped, policy_changed, policy_added, privilege_revoked,
           privilege_granted, owner_rights_changed, trigger_dropped, trigger_changed, trigger_added>;

// What leads from one shape to the other; empty when they are equal.
std::vector<any_change> diff(const core::shape& before, const core::shape& after, const renames& = {});

// The shape after the changes, in their order.
core::shape applied(core::shape, std::span<const any_change>);

std::string_view id(const any_change&);
std::string describe(const any_change&);
std::string element(const any_change&);

}  // namespace accord::change
