// See planner.hpp.
#include "plan/planner.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/cast.hpp"
#include "core/text.hpp"
#include "plan/children.hpp"
#include "plan/draft.hpp"
#include "plan/errors.hpp"
#include "plan/grouping.hpp"
#include "plan/identity_steps.hpp"
#include "plan/moves.hpp"
#include "plan/refusals.hpp"
#include "plan/steps.hpp"
#include "plan/twins.hpp"
#include "plan/view_sql.hpp"
#include "plan/widening.hpp"

namespace accord::plan {

namespace {

using core::quote_identifier;

using core::contains;

class planner {
 public:
  explicit planner(const request& r) : request_(r), old_(r.versions.back()), draft_(follow(old_.shape, r.changes)) {}

  plan make() {
    if (old_.shape.columns.empty()) throw errors::version_without_columns(old_.version.text(), false);
    if (draft_.columns.empty()) throw errors::version_without_columns(version_text(), true);
    read_lists();
    sort_columns();
    auto after = new_version();
    plan_.made.moves = plan_moves(request_, {old_, after, removed_, replaced_, plain_}, plan_.announcements);
    check_lists();
    infer();
    auto groups = grouped({replaced_, kept_in_step(), up_, down_});
    check_back(groups);
    for (const auto& name : computed_)
      groups.push_back({{}, {name}, {*draft_.find(name)->column.generated}, {}, {}, true});

    auto& m = plan_.made;
    m.id = request_.id;
    m.contract = request_.contract;
    m.table = request_.table;
    m.owner = request_.owner;
    m.versions = request_.versions;
    m.versions.push_back(std::move(after));
    m.from = old_.version.major;
    m.to = request_.to.major;
    for (auto& group : groups)
      for (const auto& name : group.new_columns)
        group.origins.push_back(draft_.find(name)->origin.value_or(""));
    m.transforms = std::move(groups);
    m.defaults = request_.defaults;
    m.other_migrations = request_.other_migrations;
    m.makes_triggers = m.keeps_in_step() && !request_.other_migrations;
    m.old_view_is_ours = !request_.old_view_exists;
    m.old_view_lacks_columns = request_.old_view_lacks_columns;
    m.privileges = request_.privileges;
    m.schema_users = request_.schema_users;
    if (!dual_.empty() || !m.moves.empty()) m.marker = fmt::format("_accord_{}_pending", m.id);
    for (const auto& column : draft_.columns)
      if (const auto& text = column.column.default_expression; text && request_.is_volatile(*text)) m.volatile_defaults.insert(*text);
    for (const auto& name : plain_)
      if (const auto& column = draft_.find(name)->column; column.generated) m.generation[physical_name(name)] = *column.generated;
    for (const auto& c : draft_.columns)
      if (!c.identity_options.empty() && c.origin) m.identity_options[old_.find(*c.origin)->physical] = c.identity_options;
    for (auto& added : plain_)
      m.defaults[physical_name(added)] = draft_.find(added)->column.default_expression;

    check_surroundings(request_, m, dual_, removed_, plan_.announcements);
    sorted_columns sorted{dual_, plain_, retyped_old_, removed_};
    choose_companions(request_, draft_, sorted, m, plan_.announcements);
    copy_traits(request_, draft_, retyped_old_, m);
    m.children = plan_children(request_, m, sorted, plan_.announcements);
    plan_.expand = expand_steps(m);  // rendered again once the twins are defined
    return std::move(plan_);
  }

 private:
  const core::column& old_column(std::string_view name) const { return *old_.shape.find_column(name); }
  std::string physical_name(std::string_view column) const { return core::fitted_name(fmt::format("_accord_{}_", request_.id), column); }
  std::string version_text() const { return request_.to.text(); }

  // What an expression names and its version has; other names are functions, or errors that the server will find.
  std::vector<std::string> read_by(const std::string& text, bool upward) const {
    auto names = request_.columns_of(text);
    std::erase_if(names, [&](const auto& name) { return upward ? !old_.find(name) : !draft_.find(name); });
    return names;
  }

  // Columns of the new version that are a side of some pair.
  std::vector<std::string> kept_in_step() const {
    auto names = dual_;
    std::erase_if(names, [&](const auto& name) { return contains(computed_, name); });
    return names;
  }

  void read_lists() {
    for (const auto& a : request_.up) {
      if (!draft_.find(a.column)) throw errors::no_such_column("up", a.column, version_text());
      if (draft_.find(a.column)->column.generated) throw errors::is_generated(a.column, "up");
      if (!up_.emplace(a.column, expression{a.expression, read_by(a.expression, true)}).second)
        throw errors::assigned_twice("up", a.column);
    }
    for (const auto& a : request_.down) {
      if (!old_.find(a.column)) throw errors::no_such_column("down", a.column, old_.version.text());
      if (!down_.emplace(a.column, expression{a.expression, read_by(a.expression, false)}).second)
        throw errors::assigned_twice("down", a.column);
    }
  }

  // Which columns of the new version share a physical column with the old one, have one kept in step, or just a new one.
  void sort_columns() {
    bool changed = draft_.relation != old_.shape.relation || draft_.comment != old_.shape.comment;
    std::vector<std::string> order_before, order_after;
    for (const auto& c : draft_.columns) {
      const auto& name = c.column.name;
      if (c.column.generated) {
        if (c.origin) order_after.push_back(*c.origin);
        continue;
      }
      if (!c.origin) {
        changed = true;
        (up_.contains(name) ? dual_ : plain_).push_back(name);
        continue;
      }
      const auto& before = old_column(*c.origin);
      changed = changed || !(c.column == before);
      check_identity(c, before);
      order_after.push_back(*c.origin);
      if (c.retyped || c.regenerated || c.column.not_null != before.not_null || up_.contains(name)) {
        dual_.push_back(name);
        replaced_.push_back(*c.origin);
        retyped_old_.push_back(*c.origin);
      }
    }
    for (const auto& c : draft_.columns)
      if (c.column.generated) changed = sort_generated(c) || changed;
    for (const auto& c : old_.columns) {
      if (draft_.from(c.name)) {
        order_before.push_back(c.name);
      } else {
        changed = true;
        removed_.push_back(c.name);
        replaced_.push_back(c.name);
      }
    }
    changed =
        changed || !draft_.added.empty() || !draft_.dropped.empty() || !request_.added_indexes.empty() || !request_.dropped_indexes.empty();
    if (!changed && order_before == order_after && dual_.empty()) throw errors::nothing_to_stage();
    // In the old version's order, so that the same migration is always written the same way.
    std::vector<std::string> ordered;
    for (const auto& c : old_.columns)
      if (contains(replaced_, c.name)) ordered.push_back(c.name);
    replaced_ = std::move(ordered);
  }

  // A stored one that is new, or that is computed from what the new version has for itself, is kept by the triggers until the table can be
  // told to; a virtual one costs nothing to add.
  bool sort_generated(const draft_column& c) {
    const auto& name = c.column.name;
    bool own = !c.origin || c.regenerated || c.retyped || c.column.not_null != old_column(*c.origin).not_null;
    if (!own)
      for (const auto& read : read_by(*old_column(*c.origin).generated, true))
        own = own || contains(replaced_, read);
    if (own && c.column.generated_kind == "stored") {
      dual_.push_back(name);
      computed_.push_back(name);
    } else if (own) {
      if (c.column.not_null) throw errors::virtual_not_null(name);
      plain_.push_back(name);
    }
    if (own && c.origin) {
      replaced_.push_back(*c.origin);
      retyped_old_.push_back(*c.origin);
    }
    return own || !(c.column == old_column(*c.origin));
  }

  void check_lists() const {
    for (const auto& [name, e] : down_) {
      if (old_column(name).generated) throw errors::is_generated(name, "down");
      if (!contains(replaced_, name)) throw errors::down_for_shared(name);
    }
    for (const auto& name : plain_) {
      const auto& column = draft_.find(name)->column;
      if (column.generated) continue;
      for (const auto& [target, e] : down_)
        if (contains(e.columns, name))
          throw errors::up_missing(name, fmt::format("Column {} of the old version is computed from it.", errors::quoted(target)),
                                   example(name, "..."));
      if (column.not_null && !column.default_expression)
        throw errors::up_missing(
            name, "The column takes no NULL and has no default, so existing rows and clients of the old version need a value.",
            example(name, "..."));
      if (column.default_expression && request_.is_volatile(*column.default_expression)) throw errors::default_is_volatile(name);
    }
  }

  static std::string example(std::string_view column, std::string_view expression) {
    return core::dollar_quote(fmt::format("{} = {}", quote_identifier(column), expression));
  }

  // Fills in what the user need not write.
  void infer() {
    for (const auto& name : dual_) {
      const auto& c = *draft_.find(name);
      if (!c.origin || c.column.generated) continue;
      const auto& before = old_column(*c.origin);
      infer_up(c, before);
      infer_down(c, before);
    }
    if (!no_way_back_.empty()) throw errors::no_way_back(no_way_back_);
    for (const auto& name : removed_) {
      const auto& before = old_column(name);
      bool given = down_.contains(name);
      if (!given && before.not_null && !before.default_expression && before.identity.empty() && !before.generated)
        throw errors::down_missing(name,
                                   "Rows that clients of the new version insert need a value: the column takes no NULL and has no default.",
                                   example(name, "..."));
      if (given && !before.identity.empty()) throw errors::is_identity(name);
    }
  }

  void infer_up(const draft_column& c, const core::column& before) {
    const auto& name = c.column.name;
    if (c.using_expression) {
      if (up_.contains(name)) throw errors::using_and_up(name);
      for (const auto& read : request_.columns_of(*c.using_expression))
        if (!old_.find(read) && draft_.find(read)) throw errors::using_names_renamed(name, read);
      up_.emplace(name, expression{*c.using_expression, read_by(*c.using_expression, true)});
    }
    if (up_.contains(name)) return;
    if (c.column.not_null && !before.not_null)
      throw errors::up_missing(name, "Rows of the old version can have NULL there, which the new version does not take.",
                               example(name, fmt::format("coalesce({}, ...)", quote_identifier(*c.origin))));
    up_.emplace(name, expression{quote_identifier(*c.origin), {*c.origin}});
  }

  void infer_down(const draft_column& c, const core::column& before) {
    if (down_.contains(*c.origin) || before.generated) return;
    const auto& name = c.column.name;
    auto back = core::cast_text(name, c.column.type, before.type);
    if (before.not_null && !c.column.not_null)
      throw errors::down_missing(*c.origin, "Clients of the new version can write NULL there, which the old version does not take.",
                                 example(*c.origin, fmt::format("coalesce({}, ...)", c.retyped ? back : quote_identifier(name))));
    bool same = c.column.type == before.type;
    bool only_nullability = !c.retyped && c.column.not_null != before.not_null;
    if (!only_nullability && !(c.retyped && !c.using_expression && has_sure_way_back(before.type, c.column.type)) && !(c.retyped && same)) {
      if (!c.retyped)
        throw errors::down_missing(*c.origin, "An expression in \"up\" needs its way back.", example(*c.origin, quote_identifier(name)));
      no_way_back_.push_back({*c.origin, c.column.type.text, before.type.text, fmt::format("{} = {}", quote_identifier(*c.origin), back)});
      return;
    }
    down_.emplace(*c.origin, expression{quote_identifier(name), {name}});
  }

  // A column from which new ones are computed would stay behind when clients of the new version write.
  void check_back(const std::vector<transform>& groups) const {
    for (const auto& group : groups)
      for (std::size_t i = 0; i < group.old_columns.size(); i++)
        if (!group.down[i] && contains(replaced_, group.old_columns[i]) && !old_column(group.old_columns[i]).generated)
          throw errors::down_missing(
              group.old_columns[i],
              fmt::format("Column {} of the new version is computed from it.", errors::quoted(group.new_columns.front())),
              example(group.old_columns[i], "..."));
    if (request_.inserts_are_known) return;
    for (const auto& group : groups)
      for (std::size_t i = 0; i < group.old_columns.size(); i++)
        if (const auto& column = old_column(group.old_columns[i]); group.down[i] && column.default_expression && !takes_no_null(column))
          throw errors::insert_is_ambiguous(column.name, *column.default_expression);
  }

  // NULL on purpose is an error for clients of either version, so whoever gives none has left the column out.
  bool takes_no_null(const core::column& column) const {
    const auto* c = draft_.from(column.name);
    return column.not_null && c && c->column.not_null;
  }

  // The old version lets a client leave the column out, the new one does not.
  bool must_be_given(const core::column& column, const draft_column& c) const {
    return column.not_null && !column.default_expression && column.identity.empty() && !column.generated &&
           (!c.origin || !old_column(*c.origin).not_null || !old_column(*c.origin).identity.empty());
  }

  live_version new_version() const {
    live_version v;
    v.version = request_.to;
    v.shape = old_.shape;
    v.shape.relation = draft_.relation;
    v.shape.comment = draft_.comment;
    v.shape.columns.clear();
    for (const auto& c : draft_.columns) {
      v.shape.columns.push_back(c.column);
      version_column column{c.column.name, {}, std::nullopt};
      if (c.origin && !contains(replaced_, *c.origin)) {
        column.physical = old_.find(*c.origin)->physical;
        column.view_default =
            view_default(c.column, request_.defaults.contains(column.physical) ? request_.defaults.at(column.physical)
                                                                               : old_column(*c.origin).default_expression);
      } else {
        column.physical = physical_name(c.column.name);
        // A default that gives another value each time is taken once, by the column of the table that has it.
        if (contains(dual_, c.column.name) && !(c.column.default_expression && c.origin && is_generator(*c.column.default_expression) &&
                                                old_column(*c.origin).default_expression == c.column.default_expression))
          column.view_default = c.column.default_expression;
      }
      v.columns.push_back(std::move(column));
    }
    std::erase_if(v.shape.constraints, [&](const auto& constraint) {
      return std::any_of(constraint.columns.begin(), constraint.columns.end(), [&](const auto& name) { return contains(replaced_, name); });
    });
    for (const auto& dropped : draft_.dropped)
      std::erase_if(v.shape.constraints, [&](const auto& c) { return c.name == dropped.name; });
    v.shape.constraints.insert(v.shape.constraints.end(), draft_.added.begin(), draft_.added.end());
    v.view = {request_.new_schema, draft_.relation.name};
    for (auto& column : v.columns)
      if (const auto& seen = draft_.find(column.name)->column; must_be_given(seen, *draft_.find(column.name)))
        column.view_default = required_value(v, seen);
    return v;
  }

  bool is_generator(const std::string& expression) const { return request_.is_volatile(expression); }

  const request& request_;
  const live_version& old_;
  draft draft_;
  plan plan_;
  std::map<std::string, expression> up_, down_;
  std::vector<errors::one_way> no_way_back_;
  std::vector<std::string> dual_, plain_, computed_;           // of the new version; computed ones are dual
  std::vector<std::string> replaced_, retyped_old_, removed_;  // of the old version
};

}  // namespace

void copy_traits(const request& r, const draft& d, const std::vector<std::string>& retyped, migration& m) {
  for (const auto& name : retyped) {
    const auto& before = *m.old_version().find(name);
    const auto& after = *m.new_version().find(d.from(name)->column.name);
    for (auto traits : r.around.traits)
      if (traits.physical == before.physical) {
        traits.physical = after.physical;
        m.traits.push_back(std::move(traits));
      }
  }
  for (const auto& sequence : r.around.sequences)
    for (const auto& name : retyped)
      if (m.old_version().find(name)->physical == sequence.column) m.sequences.push_back(sequence);
}

plan make_plan(const request& r) {
  return planner(r).make();
}

}  // namespace accord::plan
