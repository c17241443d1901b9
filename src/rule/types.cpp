// Rules of types: of enum labels, attributes, domains and collations, and what follows from a pair of types (type_pairs.hpp).
#include <algorithm>
#include <fmt/format.h>
#include <optional>

#include "core/text.hpp"
#include "rule/constant.hpp"
#include "rule/family.hpp"
#include "rule/type_pairs.hpp"

namespace accord::rule {

namespace {

using core::column_type;
using core::effect;
using core::is_one_of;
using core::strictness;

constexpr rule_info rules_of_types[] = {
    {"type-widened", effect::breaks, effect::breaks, strictness::typed, strictness::typed,
     "Every old value is kept and its text is the same, but drivers are told another type, "
     "prepared "
     "statements fail once with 0A000, and binary parameters of the old width fail with 08P01.",
     "Stage the change, or subscribe clients that read text at strictness text."},
    {"type-narrowed", effect::breaks, effect::data_dependent, strictness::typed, strictness::data,
     "Values that no longer fit are refused (22001, 22003), and drivers are told another type.",
     "Stage the change; or add a CHECK constraint that is NOT VALID instead."},
    {"type-rounded", effect::silent, effect::silent, strictness::data, strictness::data,
     "Values are rounded or cut without an error, those stored and those to come.",
     "Stage the change, so that the old version keeps the exact values."},
    {"type-text-changed", effect::silent, effect::breaks, strictness::text, strictness::typed, "The same value is written as another text.",
     "Stage the change."},
    {"type-reinterpreted", effect::silent, effect::silent, strictness::data, strictness::data,
     "Stored values get another meaning: a time without a zone is read in the zone of whoever ran "
     "the ALTER, and binary clients read the same eight bytes as something else.",
     "Stage the change with AT TIME ZONE and a zone by name in up and down."},
    {"type-renamed", effect::breaks, effect::breaks, strictness::typed, strictness::typed,
     "Statements that name the type in a cast fail with 42704; where it was made again, drivers are told another OID.",
     "Keep the name, or let clients cast to text instead."},
    {"type-changed", effect::breaks, effect::breaks, strictness::typed, strictness::typed,
     "Operators, functions and comparisons of the old type fail (42883), drivers are told another "
     "type, and parameters of the old type fail.",
     "Stage the change."},
    {"type-representation-changed", effect::breaks, effect::breaks, strictness::text, strictness::data,
     "Values look different, and texts written for the old type are refused (22P02).", "Stage the change."},
    {"domain-applied", effect::breaks, effect::data_dependent, strictness::typed, strictness::data,
     "Prepared statements fail once with 0A000; values that the domain refuses fail with 23514.",
     "Add the domain's condition as a CHECK constraint that is NOT VALID first."},
    {"domain-removed", effect::breaks, effect::none, strictness::typed, strictness::data,
     "Prepared statements fail once with 0A000; what the domain checked is no longer promised.", "Stage the change."},
    {"domain-tightened", effect::none, effect::data_dependent, strictness::data, strictness::data,
     "Writers whose values the domain now refuses fail with 23514 or 23502.", "Add the constraint NOT VALID when all writers respect it."},
    {"domain-loosened", effect::silent, effect::none, strictness::typed, strictness::data,
     "Values can appear that readers were promised not to meet.", "Stage the change."},
    {"domain-default-changed", effect::silent, effect::silent, strictness::data, strictness::data,
     "Rows of writers that leave the column out get another value.", "Stage the change."},
    {"enum-label-added", effect::data_dependent, effect::none, strictness::prepared, strictness::data,
     "Readers can meet a label that they do not know.", "Teach readers the label before writers use it."},
    {"enum-order-changed", effect::silent, effect::none, strictness::typed, strictness::data,
     "Comparisons and ORDER BY give other results.", "Keep the order; a new label can come in anywhere."},
    {"enum-label-renamed", effect::silent, effect::breaks, strictness::data, strictness::data,
     "Readers meet another text for the same value, and writers of the old label fail with 22P02.",
     "Stage the change, with the labels mapped in up and down."},
    {"enum-label-removed", effect::breaks, effect::breaks, strictness::typed, strictness::data,
     "The type is made again, so drivers are told another OID and prepared statements fail; "
     "writers of "
     "the label fail with 22P02.",
     "Stage the change, with the label mapped in up."},
    {"attribute-added", effect::silent, effect::breaks, strictness::text, strictness::data,
     "The text of every row of the type has one value more; rows written as text fail with 22P02, with ROW(...) with 42846.",
     "Stage the change: a new column with another composite type."},
    {"attribute-dropped", effect::breaks, effect::breaks, strictness::data, strictness::data,
     "Statements that name the attribute fail with 42703, its values are gone, and rows written as text fail with 22P02.",
     "Stage the change: a new column with another composite type."},
    {"attribute-renamed", effect::breaks, effect::breaks, strictness::typed, strictness::typed,
     "Statements that name the attribute fail with 42703; the text of a row stays.",
     "Stage the change: a new column with another composite type."},
    {"collation-changed", effect::silent, effect::none, strictness::typed, strictness::data,
     "Order and comparison of texts change, and prepared statements fail once with 0A000.",
     "Stage the change: a new column with the other collation."},
};

const rule_info& types_rule(std::string_view id) {
  return rule_of(rules_of_types, id);
}

// "a integer" or "b.c text", as a shape has it.
struct attribute {
  std::string path, type;

  explicit attribute(const std::string& entry) {
    bool quoted = false;
    std::size_t end = 0;
    for (; end < entry.size() && (quoted || entry[end] != ' '); end++) {
      if (entry[end] == '"') quoted = !quoted;
      if (!quoted && entry[end] == '.') parent = entry.substr(0, end);
    }
    path = entry.substr(0, end);
    type = entry.substr(std::min(end + 1, entry.size()));
  }
  std::string name() const { return parent.empty() ? path : path.substr(parent.size() + 1); }
  static std::string shown(const std::string& name) { return name.find('"') == std::string::npos ? core::in_quotes(name) : name; }

  std::string parent = {};  // the path of the attribute that it is within
};

std::vector<attribute> attributes_of(const std::vector<std::string>& entries) {
  return {entries.begin(), entries.end()};
}

// USING that says what the server would do anyway: the column, or the column with a cast, perhaps by way of its text.
bool is_plain_cast(std::string_view expression, std::string_view column) {
  std::string name = core::quote_identifier(column);
  if (expression.starts_with('"') && !name.starts_with('"')) name = core::in_quotes(column);  // needlessly
  if (!expression.starts_with(name)) return false;
  expression.remove_prefix(name.size());
  if (expression.starts_with("::text::")) expression.remove_prefix(std::string_view("::text").size());
  return expression.empty() ||
         (expression.starts_with("::") &&
          expression.substr(2).find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_ ,().[]") == std::string_view::npos);
}

struct judge_type {
  const context& c;
  std::vector<core::finding>& findings;

  void add(std::string_view id, const std::string& column, const std::string& what, std::optional<outcome> readers = {},
           std::optional<outcome> writers = {}) {
    const rule_info& r = types_rule(id);
    findings.push_back(found(r, fmt::format("column \"{}\"", column), {column}, what, readers.value_or(outcome{r.readers, {}}),
                             writers.value_or(outcome{r.writers, {}})));
  }

  void operator()(const change::column_retyped& t) {
    std::string what = fmt::format("Column \"{}\" changes from {} to {}", t.column, t.from.text, t.to.text);
    bool other_values = t.using_expression && !is_plain_cast(*t.using_expression, t.column);
    if (other_values && rows_go_by(t.column)) {
      add("type-reinterpreted", t.column, fmt::format("The values of column \"{}\" are rewritten", t.column),
          outcome{effect::silent, strictness::data}, outcome{});
      findings.back().columns.clear();
    }
    if (other_values && t.from.text == t.to.text) {
      add("type-reinterpreted", t.column, fmt::format("The values of column \"{}\" are rewritten", t.column), {},
          outcome{effect::silent, strictness::typed});  // who looks for a value by the old one
      if (auto checked = checked_with(c.before, t.column); checked.size() > 1) {
        add("type-reinterpreted", t.column, fmt::format("The values of column \"{}\" are rewritten", t.column),
            outcome{effect::silent, strictness::typed}, outcome{});
        findings.back().columns = std::move(checked);
      }
      return;
    }
    type_verdict v = compare(t.from, t.to);
    // An explicit cast cuts strings where an assignment would refuse them.
    const bool cut = t.using_expression && t.using_expression->find("::") != std::string::npos && v.rule == "type-narrowed" &&
                     (is_string(t.to.base) || t.to.base.starts_with("bit"));
    if (other_values || cut) {  // an expression of the author's own: nothing is known about the values
      const outcome usual = v.readers.value_or(outcome{types_rule(v.rule).readers, {}});
      v.readers = outcome{std::max(usual.effect, effect::silent), strictness::data};
    }
    // What is written now differs from what was converted, so that ON CONFLICT misses it, and a row is there twice.
    const bool unpadded = t.from.base == "character" && t.to.base != "character";
    const bool other_texts =
        v.rule == "type-text-changed" && (t.from.base == "real" || unpadded || (is_string(t.to.base) && t.from.category != "S"));
    const bool other_zone = v.rule == "type-reinterpreted" || (t.from.base == "date" && t.to.base == "timestamp with time zone") ||
                            (t.from.base == "timestamp with time zone" && t.to.base == "date");
    const core::column* old = c.before.find_column(t.column);
    if (v.rule == "domain-applied" && old && old->not_null && t.to.domain_checks.empty()) v.writers = outcome{};  // it says no more
    const bool key_misses = (other_texts || other_zone || other_values) && is_in_key(t.column);
    if (key_misses) v.writers = outcome{v.rule == "type-reinterpreted" ? effect::silent : effect::breaks, strictness::data};
    if (old && old->generated) return computed(*old, v, what);
    add(v.rule, t.column, what, v.readers, v.writers);
    const outcome writers{findings.back().writers, findings.back().writers_at};
    if (key_misses && is_in_key(t.column, true)) {
      add(v.rule, t.column, what, outcome{effect::silent, strictness::data}, outcome{});
      findings.back().columns.clear();
    }
    // Of a row whose fields are not all there, neither IS NULL nor IS NOT NULL is true: a check of it says something else.
    const bool is_row = t.to.category == "C";
    if (auto checked = checked_with(c.before, t.column); checked.size() > 1 && is_row != (t.from.category == "C")) {
      add(v.rule, t.column, what, outcome{effect::silent, strictness::typed},
          is_row ? outcome{effect::data_dependent, strictness::data} : outcome{});
      findings.back().columns = std::move(checked);
    }
    if (v.rule == "domain-applied") left_out(t.column, t.to, what);
    // Who leaves the column out stores another value when the default is rounded or read in another way, and meets what a trigger stores.
    const bool by_default = old && old->default_expression &&
                            (v.rule == "type-reinterpreted" || (v.rule == "type-rounded" && !survives(*old->default_expression, t.to)));
    if (writers.effect != effect::none && (by_default || (writers.at == strictness::data && is_set_by_trigger(t.column)))) {
      add(v.rule, t.column, what, outcome{}, writers);
      findings.back().columns.clear();
    }
    if (old && !has_own_default(*old) && t.from.domain_default != t.to.domain_default)
      another_default(t.column, t.to,
                      fmt::format("Column \"{}\" {} the default of a domain", t.column, t.to.domain_default.empty() ? "loses" : "gets"));
  }
  // Nobody writes it; who writes what it is computed from meets values that do not fit.
  void computed(const core::column& column, const type_verdict& v, const std::string& what) {
    add(v.rule, column.name, what, v.readers, outcome{});
    const outcome writers = v.writers.value_or(outcome{types_rule(v.rule).writers, {}});
    if (writers.effect == effect::none || !is_one_of(v.rule, {"type-narrowed", "type-rounded", "domain-applied"})) return;
    add(v.rule, column.name, what, outcome{}, writers);
    findings.back().columns = writers_of_computed(c.before, *column.generated);
  }
  bool is_set_by_trigger(const std::string& column) const {
    const core::column* now = c.now(column);
    return now && can_be_set_by_trigger(c.after, now->name);
  }
  // Do rows go with those that the column refers to?
  bool rows_go_by(const std::string& column) const {
    return std::any_of(c.before.constraints.begin(), c.before.constraints.end(), [&](const core::constraint& key) {
      return key.kind == "foreign key" && key.enforced && key.on_delete == "cascade" && core::contains(key.columns, column);
    });
  }
  // ON CONFLICT DO UPDATE takes no exclusion constraint.
  bool is_in_key(const std::string& column, bool that_updates = false) const {
    return std::any_of(c.before.constraints.begin(), c.before.constraints.end(), [&](const core::constraint& key) {
      return key.kind != "check" && key.kind != "foreign key" && !(that_updates && key.kind == "exclusion") &&
             std::find(key.columns.begin(), key.columns.end(), column) != key.columns.end();
    });
  }
  static bool has_own_default(const core::column& column) {
    return column.default_expression || !column.identity.empty() || column.generated;
  }
  // It hits those who leave the column out, and those who read what they write.
  void another_default(const std::string& column, const column_type& to, const std::string& what) {
    const core::column *old = c.before.find_column(column), *now = c.now(column);
    if (old && must_be_given(c.before, *old)) return;
    const bool required = to.domain_default.empty() && now && rejects_null(c.after, *now);
    if (!now || !to.domain_default.empty() || !must_be_given(c.after, *now)) {
      add("domain-default-changed", column, what, outcome{effect::silent, {}}, outcome{});
      findings.back().columns = seen_in(c.before, column);
    }
    add("domain-default-changed", column, what, outcome{}, outcome{required ? effect::breaks : effect::silent, {}});
    findings.back().columns.clear();
    for (const auto& name : seen_in(c.before, column))
      if (auto checked = name == column && old && !old->type.domain_default.empty() && !to.domain_default.empty()
                             ? checked_by_value_with(c.before, name)
                             : checked_with(c.before, name);
          checked.size() > 1) {
        add("domain-default-changed", column, what, outcome{effect::silent, strictness::typed}, outcome{});
        findings.back().columns = std::move(checked);
      }
  }
  static bool admitted(const core::column& filled, const std::vector<std::string>& checks) {
    return std::all_of(checks.begin(), checks.end(), [&](const std::string& check) { return admits_default(check, filled); });
  }
  // Who leaves the column out is hit by what the domain says of what is filled in, or of nothing being filled in.
  void left_out(const std::string& column, const column_type& to, const std::string& what) {
    const core::column* now = c.now(column);
    if (!now || findings.back().writers == effect::none || is_set_by_trigger(column) ||
        !(is_filled(*now) ? !admitted(*now, to.domain_checks) : to.domain_not_null))
      return;
    const outcome writers{findings.back().writers, findings.back().writers_at};
    add("domain-applied", column, what, outcome{}, writers);
    findings.back().columns.clear();
  }
  void operator()(const change::collation_changed& c) {
    add("collation-changed", c.column,
        fmt::format("Column \"{}\" changes its collation from {} to {}", c.column, c.from.empty() ? "the default" : c.from,
                    c.to.empty() ? "the default" : c.to));
  }
  // The column, or the type within it.
  static std::string element_of(const std::string& column, const std::string& within) {
    return within.empty() ? fmt::format("column \"{}\"", column) : fmt::format("type {} within column \"{}\"", within, column);
  }
  void operator()(const change::labels_changed& l) {
    const std::string of = element_of(l.column, l.within);
    auto missing = [](const std::vector<std::string>& of, const std::vector<std::string>& in) {
      std::vector<std::string> labels;
      for (const auto& label : of)
        if (std::find(in.begin(), in.end(), label) == in.end()) labels.push_back(label);
      return labels;
    };
    auto gone = missing(l.from, l.to), added = missing(l.to, l.from);
    auto kept = [&](std::size_t i) { return l.from[i] == l.to[i] || std::find(gone.begin(), gone.end(), l.from[i]) != gone.end(); };
    bool in_place = l.from.size() == l.to.size() && gone.size() == added.size();
    for (std::size_t i = 0; in_place && i < l.from.size(); i++)
      in_place = kept(i) || gone.empty();
    for (std::size_t i = 0; i < gone.size(); i++) {
      const core::column* old = c.before.find_column(l.column);
      if (in_place) {
        const std::string what = fmt::format("Label \"{}\" of {} is renamed to \"{}\"", gone[i], of, added[i]);
        add("enum-label-renamed", l.column, what);
        // Who leaves the column out stores the default under its new name, or fails where a trigger stores the old one.
        const bool filled = is_set_by_trigger(l.column);
        if (old && (filled || (l.within.empty() && old->default_expression &&
                               old->default_expression->starts_with(core::quote_literal(gone[i]) + "::")))) {
          add("enum-label-renamed", l.column, what, outcome{}, outcome{filled ? effect::breaks : effect::silent, {}});
          findings.back().columns.clear();
        }
      } else
        add("enum-label-removed", l.column, fmt::format("Label \"{}\" of {} is removed", gone[i], of));
    }
    if (!in_place) {
      for (const auto& label : added)
        add("enum-label-added", l.column, fmt::format("{} gets the label \"{}\"", sentence_start(of), label));
      // Wherever a label comes in, those that were there are compared as before.
      auto kept_labels = l.to;
      std::erase_if(kept_labels, [&](const std::string& label) { return std::find(added.begin(), added.end(), label) != added.end(); });
      if (kept_labels != l.from && gone.empty())
        add("enum-order-changed", l.column, fmt::format("The order of the labels of {} changes", of));
    } else if (gone.empty() && l.from != l.to) {
      add("enum-order-changed", l.column, fmt::format("The order of the labels of {} changes", of));
    }
  }
  void operator()(const change::attributes_changed& a) {
    const auto from = attributes_of(a.from), to = attributes_of(a.to);
    auto in = [](const std::vector<attribute>& list, const std::string& path) {
      return std::find_if(list.begin(), list.end(), [&](const attribute& one) { return one.path == path; });
    };
    auto says = [&](const attribute& of, const std::string& what) {
      return fmt::format("Attribute {} of column \"{}\" {}", attribute::shown(of.path), a.column, what);
    };
    // Each in its place, under the old name or under one that is new altogether.
    bool in_place = from.size() == to.size();
    for (std::size_t i = 0; in_place && i < from.size(); i++)
      in_place = from[i].path == to[i].path ||
                 (from[i].type == to[i].type && in(to, from[i].path) == to.end() && in(from, to[i].path) == from.end());
    if (in_place) {
      for (std::size_t i = 0; i < from.size(); i++) {
        if (from[i].name() != to[i].name())
          add("attribute-renamed", a.column, says(from[i], "is renamed to " + attribute::shown(to[i].name())));
        retyped(a.column, says, from[i], to[i]);
      }
      return;
    }
    for (const attribute& old : from) {
      if (auto now = in(to, old.path); now != to.end())
        retyped(a.column, says, old, *now);
      else if (old.parent.empty() || in(to, old.parent) != to.end())
        add("attribute-dropped", a.column, says(old, "is dropped"));
    }
    // Who leaves the column out stores its default without it.
    const core::column* filled = c.before.find_column(a.column);
    if (filled && (filled->default_expression || is_set_by_trigger(a.column)) && !findings.empty() &&
        findings.back().rule == "attribute-dropped") {
      add("attribute-dropped", a.column, fmt::format("Attributes of the default of column \"{}\" are dropped", a.column), outcome{},
          outcome{effect::silent, {}});
      findings.back().columns.clear();
    }
    for (const attribute& now : to)
      if (in(from, now.path) == from.end() && (now.parent.empty() || in(from, now.parent) != from.end()))
        add("attribute-added", a.column, says(now, "is added"));
    // A row IS NOT NULL only while each of its attributes has a value: any change of a row that is there already can be refused.
    if (!findings.empty() && findings.back().rule == "attribute-added")
      for (const auto& check : c.before.constraints)
        if (check.kind == "check" && core::contains(check.columns, a.column) && check.definition.find("IS NOT NULL") != std::string::npos) {
          add("attribute-added", a.column,
              fmt::format("Column \"{}\" of check \"{}\" gets an attribute without values", a.column, check.name), outcome{},
              outcome{effect::breaks, {}});
          findings.back().columns.clear();
        }
    std::vector<std::string> stay, in_order;
    for (const attribute& old : from)
      if (in(to, old.path) != to.end()) stay.push_back(old.path);
    for (const attribute& now : to)
      if (in(from, now.path) != from.end()) in_order.push_back(now.path);
    if (stay != in_order)
      add("type-representation-changed", a.column, fmt::format("The order of the attributes of column \"{}\" changes", a.column));
  }
  // The type of an attribute, with what is known of enums and domains within the column.
  static column_type type_in(const core::column* column, const std::string& text) {
    column_type type = type_of_text(text);
    const std::string element = text.ends_with("[]") ? text.substr(0, text.size() - 2) : text;
    if (column)
      for (column_type inner : column->type.within)
        if (inner.text == element) {
          inner.text = inner.base = text;
          return inner;
        }
    return type;
  }
  template <class Says>
  void retyped(const std::string& column, Says says, const attribute& from, const attribute& to) {
    if (from.type == to.type) return;
    const core::column *before = c.before.find_column(column), *after = c.now(column);
    type_verdict v = compare(type_in(before, from.type), type_in(after, to.type));
    add(v.rule, column, says(from, fmt::format("changes from {} to {}", from.type, to.type)), v.readers, v.writers);
  }
  void operator()(const change::domain_changed& d) {
    auto lacks = [](const std::vector<std::string>& in, const std::string& check) {
      return std::find(in.begin(), in.end(), check) == in.end();
    };
    const auto &from = d.from, &to = d.to;
    const core::column* column = c.before.find_column(d.column);
    const bool refused = d.within.empty() && column && column->not_null;
    // The domain refuses NULL before a trigger can fill it in.
    const bool filled_in = refused && can_be_set_by_trigger(c.before, column->name);
    const bool required = to.domain_not_null && !from.domain_not_null && (!refused || filled_in);
    std::vector<std::string> more = to.domain_checks;
    std::erase_if(more, [&](const auto& check) { return !lacks(from.domain_checks, check); });
    const bool checked = !more.empty();
    bool looser = (from.domain_not_null && !to.domain_not_null && !refused) ||
                  std::any_of(from.domain_checks.begin(), from.domain_checks.end(),
                              [&](const auto& check) { return lacks(to.domain_checks, check); });
    std::string what = fmt::format("Domain {} {} column \"{}\"", to.text, d.within.empty() ? "of" : "within", d.column);
    if (required || checked) {
      add("domain-tightened", d.column, what + " checks more");
      // Who leaves the column out is hit by what is filled in, or by nothing being filled in.
      const core::column* now = d.within.empty() ? c.now(d.column) : nullptr;
      if (now && (can_be_set_by_trigger(c.after, now->name) || (is_filled(*now) ? checked && !admitted(*now, more) : required)))
        findings.back().columns.clear();
    }
    if (looser) add("domain-loosened", d.column, what + " checks less");
    if (!d.within.empty()) return;  // no default is filled in there
    const bool own_default = column && has_own_default(*column);
    if (from.domain_default != to.domain_default && !own_default) another_default(d.column, to, what + " gets another default");
    if (from.domain_base != to.domain_base)
      add(compare(from, to).rule, d.column, fmt::format("{} changes from {} to {}", what, from.domain_base, to.domain_base));
  }
  template <typename Other>
  void operator()(const Other&) {}
};

void judge_types(const change::any_change& change, const context& c, std::vector<core::finding>& findings) {
  std::visit(judge_type{c, findings}, change);
}

}  // namespace

constinit const family type_family{rules_of_types, judge_types};

}  // namespace accord::rule
