// See child_steps.hpp.
#include "plan/child_steps.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/text.hpp"
#include "plan/companion_steps.hpp"
#include "plan/default_steps.hpp"
#include "plan/sequence_steps.hpp"
#include "plan/steps.hpp"
#include "plan/table_steps.hpp"

namespace accord::plan {

using core::contains;
using core::quote_identifier;

namespace {

constexpr const char* own_purpose = "What a table of the inheritance tree has for itself.";

// NOT NULL that the child has and the table does not.
std::vector<std::string> own_not_null(const migration& child, const migration& root) {
  auto names = columns_with_check(child);
  const auto inherited = columns_with_check(root);
  std::erase_if(names, [&](const auto& name) { return contains(inherited, name); });
  return names;
}

// NOT NULL that both have, the child by itself too.
std::vector<std::string> merged_not_null(const migration& child, const migration& root) {
  std::vector<std::string> names;
  for (const auto& [before, after] : child.successions())
    if (contains(columns_with_check(root), after) && child.local_not_null.contains(child.old_version().find(before)->physical))
      names.push_back(after);
  return names;
}

// The table's physical columns that a column of the new version takes the place of, and which it is.
std::vector<std::pair<std::string, const version_column*>> successors(const migration& m) {
  std::vector<std::pair<std::string, const version_column*>> result;
  for (const auto& [before, after] : m.successions())
    result.emplace_back(m.old_version().find(before)->physical, m.new_version().find(after));
  return result;
}

// What one version says of a column that the other has for itself, or says otherwise.
std::map<std::string, std::optional<std::string>> own_defaults(const migration& m, const live_version& now, const live_version& before) {
  std::map<std::string, std::optional<std::string>> defaults;
  for (const auto& column : now.columns) {
    const auto& seen = *now.shape.find_column(column.name);
    if (!seen.identity.empty() || seen.generated) continue;
    auto shared = std::find_if(before.columns.begin(), before.columns.end(), [&](const auto& c) { return c.physical == column.physical; });
    if (shared != before.columns.end() && before.shape.find_column(shared->name)->default_expression == seen.default_expression) continue;
    if (shared == before.columns.end() && &now == &m.new_version() && !m.is_dual(column.name)) continue;  // came with its default
    defaults[column.physical] = seen.default_expression;
  }
  return defaults;
}

template <typename F>
void each_child(script& s, const migration& m, phase p, F f) {
  for (const auto& child : m.children) {
    script part(child, p);
    f(part, child);
    s.append(part.take());
  }
}

bool is_local_above(const migration& root, const migration& child, const std::string& physical) {
  return std::any_of(root.children.begin(), root.children.end(), [&](const auto& other) {
    return std::find(child.parents.begin(), child.parents.end(), other.table) != child.parents.end() &&
           (other.local.contains(physical) || is_local_above(root, other, physical));
  });
}

}  // namespace

void define_local_columns(script& s, const migration& m) {
  for (auto child = m.children.rbegin(); child != m.children.rend(); ++child) {
    script part(*child, phase::expand);
    std::vector<std::string> actions;
    for (const auto& [before, after] : successors(*child))
      if (child->local.contains(before)) actions.push_back(added_column_sql(*child, *after));
    part.alter(actions, "The child has the replaced column for itself too, and so its successor.");
    s.append(part.take());
  }
}

void add_checks_below(script& s, const migration& m) {
  for (auto child = m.children.rbegin(); child != m.children.rend(); ++child) {
    script part(*child, phase::expand);
    part.alter(check_actions(*child, own_not_null(*child, m)), own_purpose);
    s.append(part.take());
  }
}

void expand_children(script& s, const migration& m) {
  each_child(s, m, phase::expand, [](script& part, const migration& child) {
    std::vector<std::string> actions;
    for (const auto& traits : child.traits)
      for (auto& action : trait_actions(child, traits.physical))
        actions.push_back(std::move(action));
    part.alter_only(actions, own_purpose);
    expand_table(part, child);
  });
}

void retarget_children(script& s, const migration& m, phase p, std::string retargeting::*text, const char* purpose) {
  each_child(s, m, p, [&](script& part, const migration& child) { retarget(part, child, text, purpose); });
}

void validate_children(script& s, const migration& m) {
  each_child(s, m, phase::activate, [&](script& part, const migration& child) { validate_table(part, child, own_not_null(child, m)); });
}

void open_children(script& s, const migration& m) {
  each_child(s, m, phase::activate, [](script& part, const migration& child) { open_companions(part, child); });
}

void complete_children(script& s, migration& m) {
  for (auto& child : m.children) {
    script part(child, phase::complete);
    auto defaults = own_defaults(child, child.new_version(), child.old_version());
    for (const auto& [before, after] : child.successions())
      if (is_written_back(child, before)) defaults[child.old_version().find(before)->physical] = std::nullopt;
    set_table_defaults(part, child, defaults);
    std::vector<std::string> actions;
    for (const auto& names : {own_not_null(child, m), merged_not_null(child, m)})
      for (const auto& name : names)
        actions.push_back(fmt::format("ALTER COLUMN {} SET NOT NULL", quote_identifier(name)));
    part.alter(actions, "Proven by the validated check, so no row is read.");
    exchange_names(part, child, true);
    move_sequences(part, child, child.old_version(), child.new_version());
    set_comments(part, child, child.old_version(), child.new_version());
    s.append(part.take());
  }
}

void put_back_objects_of_children(script& s, migration& m) {
  for (auto& child : m.children) {
    script part(child, phase::undo);
    exchange_names(part, child, false);
    move_sequences(part, child, child.new_version(), child.old_version());
    std::vector<std::string> actions;
    for (const auto& name : own_not_null(child, m))
      actions.push_back(fmt::format("ALTER COLUMN {} DROP NOT NULL", quote_identifier(child.new_version().find(name)->physical)));
    part.alter(actions, "The validated check stays.");
    s.append(part.take());
  }
}

void undo_children(script& s, migration& m) {
  for (auto& child : m.children) {
    script part(child, phase::undo);
    retarget(part, child, &retargeting::original, "It reads the columns of the version that the table gets.");
    retarget(part, child, &retargeting::widened, "It fires for the columns of either version.");
    auto defaults = own_defaults(child, child.old_version(), child.new_version());
    for (const auto& column : child.new_version().columns)
      if (child.is_dual(column.name)) defaults[column.physical] = std::nullopt;
    set_table_defaults(part, child, defaults);
    std::vector<std::string> actions;
    for (const auto& name : merged_not_null(child, m))
      actions.push_back(fmt::format("ALTER COLUMN {} DROP NOT NULL", quote_identifier(child.new_version().find(name)->physical)));
    part.alter(actions, "The validated check stays.");
    set_comments(part, child, child.new_version(), child.old_version());
    s.append(part.take());
  }
}

void drop_from_children(script& s, const migration& m, phase p) {
  each_child(s, m, p, [&](script& part, const migration& child) {
    drop_triggers(part, child);
    if (p == phase::purge) {
      retarget(part, child, &retargeting::purged, "The old version's columns go.");
      part.alter(drops_before_purge(child, own_not_null(child, m)), "The old version's own.");
      return;
    }
    retarget(part, child, &retargeting::original, "It is as it was before.");
    drop_added(part, child);
  });
}

void drop_local_columns(script& s, const migration& m, phase p) {
  each_child(s, m, p, [&](script& part, const migration& child) {
    std::vector<std::string> gone;
    // One that came meanwhile, LIKE its parents, has the checks and the marker for itself too.
    if (p == phase::purge)
      for (const auto& name : columns_with_check(m))
        if (child.local.contains(child.new_version().find(name)->physical))
          gone.push_back("DROP CONSTRAINT IF EXISTS " + quote_identifier(not_null_check(m, name)));
    if (p == phase::rollback) {
      for (const auto& name : child.added_columns())
        if (child.local.contains(name)) gone.push_back("DROP COLUMN " + quote_identifier(name));
    } else {
      for (const auto& name : child.replaced_columns()) {
        const auto& physical = child.old_version().find(name)->physical;
        if (!child.local.contains(physical)) continue;
        if (!child.successor_of(name).empty() || child.new_version().find(name))
          gone.push_back("DROP COLUMN " + quote_identifier(physical));
        else if (!is_local_above(m, child, physical))
          part.alter({fmt::format("RENAME COLUMN {} TO {}", quote_identifier(physical), quote_identifier(name))},
                     "The child keeps the column, which it has for itself too.");
      }
    }
    if (m.marker && child.local.contains(*m.marker)) gone.push_back("DROP COLUMN " + quote_identifier(*m.marker));
    part.alter(gone, "The child had the column for itself too.");
    if (p == phase::purge) widen_sequences(part, child);
  });
}

std::vector<statement> adopt_steps(const migration& child) {
  script s(child, phase::expand);
  make_triggers(s, child);
  return s.take();
}

}  // namespace accord::plan
