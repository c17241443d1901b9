// Rules of the relation as a whole: its name, schema, kind, storage, partitioning and definition.
#include <algorithm>
#include <fmt/format.h>
#include <regex>

#include "rule/family.hpp"

namespace accord::rule {

namespace {

using core::effect;
using core::strictness;

constexpr rule_info rules_of_relations[] = {
    {"table-renamed", effect::breaks, effect::breaks, strictness::data, strictness::data,
     "Statements that use the old name fail with 42P01.",
     "Stage the change, or leave an updatable view under the old name in the same transaction."},
    {"table-moved", effect::breaks, effect::breaks, strictness::data, strictness::data,
     "Statements that use the old schema fail with 42P01, or silently find another table.",
     "Leave an updatable view in the old schema in the same transaction."},
    {"table-dropped", effect::breaks, effect::breaks, strictness::data, strictness::data, "Statements that use it fail with 42P01.",
     "Retire the contract's versions when nobody is subscribed, then drop it."},
    {"relation-kind-changed", effect::breaks, effect::breaks, strictness::data, strictness::data,
     "A table made partitioned refuses rows without a partition (23514) and keys without the "
     "partition key (42P10); a view refuses COPY and TRUNCATE (42809), and what has no default of the view's own becomes NULL in UPDATE "
     "... SET column = DEFAULT.",
     "Make the new relation beside the old one, and swap them under a view with the same defaults (ALTER VIEW ... ALTER COLUMN ... SET "
     "DEFAULT)."},
    {"unlogged", effect::silent, effect::none, strictness::data, strictness::data, "The rows are lost at a crash and absent on standbys.",
     "Keep it logged."},
    {"replica-identity-dropped", effect::silent, effect::data_dependent, strictness::data, strictness::data,
     "UPDATE and DELETE fail with 55000 where the table is published, also those that a foreign key makes.",
     "Set a replica identity that has an index, or FULL."},
    {"published-without-identity", effect::silent, effect::breaks, strictness::data, strictness::data,
     "UPDATE and DELETE fail with 55000 as soon as a table is published that has no replica identity, also those that a foreign key makes.",
     "Give it a primary key or REPLICA IDENTITY FULL before it is published."},
    {"publication-changed", effect::silent, effect::none, strictness::exact, strictness::data,
     "Subscribers no longer get all that they got.", "Move the subscribers first."},
    {"function-changed", effect::silent, effect::data_dependent, strictness::data, strictness::data,
     "Defaults, checks, policies or expressions of the table call the function, so that rows get or are asked for other values.",
     "Make a function of another name, and stage the change that uses it."},
    {"partitioning-changed", effect::silent, effect::data_dependent, strictness::data, strictness::data,
     "Rows appear or vanish with a partition, and rows outside its bound are refused "
     "with 23514.",
     "Add a CHECK constraint for the bound first."},
    {"inheritance-changed", effect::silent, effect::data_dependent, strictness::data, strictness::data,
     "Rows appear in or vanish from the parent, and its constraints apply to the child.", "Stage the change."},
    {"view-redefined", effect::silent, effect::data_dependent, strictness::data, strictness::data,
     "The same columns can hold other rows and values, and the view may no longer be updatable.",
     "Publish a view under a new version's name beside the old one."},
};

const rule_info& relations_rule(std::string_view id) {
  return rule_of(rules_of_relations, id);
}

// Does the expression call the function?  Names as PostgreSQL prints them.
bool calls(std::string_view text, const std::string& function) {
  auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '"'; };
  for (std::size_t at = text.find(function); at != std::string_view::npos; at = text.find(function, at + 1)) {
    const std::size_t end = at + function.size();
    if ((at == 0 || !letter(text[at - 1])) && (end == text.size() || !letter(text[end]))) return true;
  }
  return false;
}

// A query as the server writes it: what it selects, and from where.  Empty where it is more than one plain SELECT.
struct query {
  explicit query(std::string_view text) {
    static constexpr std::string_view select = "SELECT ";
    const auto start = text.find_first_not_of(' ');
    if (start == std::string_view::npos || !text.substr(start).starts_with(select)) return;
    text.remove_prefix(start + select.size());
    std::size_t depth = 0, item = 0;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); i++) {
      const char ch = text[i];
      if (quote) {
        if (ch == quote) quote = 0;
      } else if (ch == '\'' || ch == '"') {
        quote = ch;
      } else if (ch == '(' || ch == '[') {
        depth++;
      } else if (ch == ')' || ch == ']') {
        depth--;
      } else if (depth == 0 && (ch == ',' || text.substr(i).starts_with("\n   FROM "))) {
        list.push_back(plain(text.substr(item, i - item)));
        item = i + 1;
        if (ch == ',') continue;
        rest = text.substr(i);
        break;
      }
    }
    if (rest.find("\nUNION") != std::string::npos) rest.clear();
  }
  static std::string plain(std::string_view text) {
    const auto first = text.find_first_not_of(" \n");
    return first == std::string_view::npos ? std::string() : std::string(text.substr(first));
  }
  std::vector<std::string> list;
  std::string rest;
};

struct judge_relation {
  const context& c;
  std::vector<core::finding>& findings;

  std::string table() const { return fmt::format("table \"{}\"", c.before.relation.name); }
  void add(std::string_view id, const std::string& what) { findings.push_back(found(relations_rule(id), table(), {}, what)); }

  // Readers miss that rows go with those that they refer to.
  void without_identity(std::string_view id, const std::string& what) {
    const rule_info& r = relations_rule(id);
    findings.push_back(found(r, table(), {}, what, {rows_go_with_others(c.before) ? r.readers : effect::none, {}}, {r.writers, {}}));
  }

  void operator()(const change::relation_renamed& r) {
    add("table-renamed", fmt::format("Table \"{}\" is renamed to \"{}\"", r.from.name, r.to.name));
  }
  void operator()(const change::relation_moved& r) {
    add("table-moved", fmt::format("Table \"{}\" moves from schema \"{}\" to \"{}\"", r.from.name, r.from.schema, r.to.schema));
  }
  void operator()(const change::relation_dropped& r) { add("table-dropped", fmt::format("Table \"{}\" is dropped", r.relation.name)); }
  void operator()(const change::relation_kind_changed& r) {
    const auto [readers, writers] = of_kinds(r.from, r.to);
    findings.push_back(found(relations_rule("relation-kind-changed"), table(), {},
                             fmt::format("{} \"{}\" becomes a {}", sentence_start(r.from), c.before.relation.name, r.to), readers,
                             writers));
  }
  std::pair<outcome, outcome> of_kinds(const std::string& from, const std::string& to) const {
    const outcome copies{effect::breaks, strictness::exact}, none;
    if (to == "view" && from == "table") return {copies, copies};
    if (to == "view" && from == "partitioned table") return {none, copies};  // COPY could not read it before either
    if (to == "materialized view") return {{effect::silent, strictness::data}, {effect::breaks, strictness::data}};  // its rows stand still
    if (from == "table" && to == "partitioned table")
      return {copies, {takes_every_row(c.after) ? effect::none : effect::data_dependent, strictness::data}};
    if (from == "partitioned table" && to == "table")
      return {{takes_every_row(c.before) ? effect::none : effect::silent, strictness::typed}, none};
    return {{effect::breaks, strictness::typed}, {effect::data_dependent, strictness::data}};
  }
  // Is there a partition for each row, whatever its key?
  static bool takes_every_row(const core::shape& s) {
    double share = 0;  // of all hashes
    for (const auto& partition : s.partitions) {
      if (partition.ends_with(" DEFAULT")) return true;
      static const std::regex hashed("FOR VALUES WITH \\(modulus ([0-9]+), remainder [0-9]+\\)$");
      if (std::smatch m; std::regex_search(partition, m, hashed)) share += 1 / std::stod(m[1]);
    }
    return share > 0.999999;  // a modulus is an integer of 32 bits
  }
  void operator()(const change::persistence_changed& p) {
    if (p.to == "unlogged") add("unlogged", fmt::format("Table \"{}\" becomes unlogged", c.before.relation.name));
  }
  void operator()(const change::replica_identity_changed&) {
    if (loses_identity())
      without_identity("replica-identity-dropped", fmt::format("Table \"{}\" loses its replica identity", c.before.relation.name));
  }
  void operator()(const change::constraint_dropped& d) {
    if (d.constraint.kind == "primary key" && identity_of(c.before) == "default" && loses_identity())
      without_identity("replica-identity-dropped", fmt::format("Table \"{}\" loses its replica identity", c.before.relation.name));
  }
  void operator()(const change::column_dropped& d) {  // the key goes with it
    const bool keyed = std::any_of(c.before.constraints.begin(), c.before.constraints.end(), [&](const core::constraint& key) {
      return key.kind == "primary key" && std::find(key.columns.begin(), key.columns.end(), d.column) != key.columns.end();
    });
    if (keyed && identity_of(c.before) == "default" && loses_identity())
      without_identity("replica-identity-dropped", fmt::format("Table \"{}\" loses its replica identity", c.before.relation.name));
  }
  bool loses_identity() const {
    return publishes_changes(c.before) && publishes_changes(c.after) && has_identity(c.before) && !has_identity(c.after);
  }
  void operator()(const change::partitioning_changed& p) {
    if (c.before.kind == c.after.kind && (p.from_key != p.to_key || p.from_of != p.to_of))
      add("partitioning-changed", fmt::format("The partitioning of table \"{}\" changes", c.before.relation.name));
  }
  static bool publishes_changes(const core::shape& s) {
    return std::any_of(s.publications.begin(), s.publications.end(),
                       [](const std::string& p) { return p.find("update") != std::string::npos || p.find("delete") != std::string::npos; });
  }
  // Rows are changed in partitions, each with an identity of its own, which that of the parent does not become: as a rule the default.
  static std::string identity_of(const core::shape& s) { return s.kind == "partitioned table" ? "default" : s.replica_identity; }
  static bool has_identity(const core::shape& s) {
    bool key = std::any_of(s.constraints.begin(), s.constraints.end(), [](const auto& k) { return k.kind == "primary key"; });
    const std::string identity = identity_of(s);
    return identity == "full" || identity.starts_with("index ") || (identity == "default" && key);
  }
  static constexpr std::string_view below = " without identity below";  // what capture_shape() adds to a publication
  static bool has_unidentified_children(const core::shape& s) {
    return std::any_of(s.publications.begin(), s.publications.end(), [](const std::string& p) { return p.ends_with(below); });
  }
  void operator()(const change::publications_changed& p) {
    const bool partitioned = c.after.kind == "partitioned table";
    const bool begins = !publishes_changes(c.before) && publishes_changes(c.after);
    const bool below_only = !has_unidentified_children(c.before) && has_unidentified_children(c.after);
    if (begins && (partitioned ? below_only : !has_identity(c.after)))
      without_identity("published-without-identity",
                       fmt::format("Table \"{}\" is published without a replica identity", c.before.relation.name));
    else if (below_only && !(partitioned && loses_identity()))
      without_identity("published-without-identity", fmt::format("{} of table \"{}\" are published without a replica identity",
                                                                 partitioned ? "Partitions" : "Children", c.before.relation.name));
    auto carried = [](std::string_view publication) {
      return publication.substr(0, publication.size() - (publication.ends_with(below) ? below.size() : 0));
    };
    const bool lost = std::any_of(p.from.begin(), p.from.end(), [&](const auto& one) {
      return std::none_of(p.to.begin(), p.to.end(), [&](const auto& now) { return carried(now) == carried(one); });
    });
    if (lost) add("publication-changed", fmt::format("Table \"{}\" is published less", c.before.relation.name));
  }
  void operator()(const change::functions_changed& f) {
    auto name_of = [](const std::string& text) { return text.substr(0, text.rfind(' ')); };
    for (const auto& from : f.from)
      for (const auto& to : f.to)
        if (from != to && name_of(from) == name_of(to)) function_changed(name_of(to));
  }
  // Readers of the columns whose values it makes or restricts; of all where it decides which rows they see.
  void function_changed(const std::string& signature) {
    const std::string name = signature.substr(0, signature.find('('));
    std::vector<std::string> columns;
    for (const auto& column : c.before.columns)
      if (calls(column.default_expression.value_or(""), name) || calls(column.generated.value_or(""), name)) columns.push_back(column.name);
    columns = seen_in(c.before, columns);
    for (const auto& constraint : c.before.constraints)
      if (calls(constraint.definition, name)) columns.insert(columns.end(), constraint.columns.begin(), constraint.columns.end());
    for (const auto& policy : c.before.policies)
      if (calls(policy.using_expression, name) || calls(policy.check_expression, name)) columns.clear();
    const std::string what = fmt::format("Function {} that table \"{}\" uses changes", signature, c.before.relation.name);
    const rule_info& r = relations_rule("function-changed");
    findings.push_back(found(r, table(), {}, what, {}, {r.writers, {}}));
    findings.push_back(found(r, table(), columns, what, {r.readers, {}}, {}));
  }
  void operator()(const change::inheritance_changed&) {
    add("inheritance-changed", fmt::format("The parents of table \"{}\" change", c.before.relation.name));
  }
  void operator()(const change::view_redefined&) {
    if (c.before.kind != c.after.kind) return;  // it was no view, or is none now
    const std::string what = fmt::format("View \"{}\" is defined in another way", c.before.relation.name);
    const query before(c.before.view_definition), after(c.after.view_definition);
    if (before.rest.empty() || before.rest != after.rest || before.list.size() != c.before.columns.size())
      return add("view-redefined", what);
    // The same rows, unless what is selected decides about them: DISTINCT, aggregates, functions that return sets.
    auto decides = [](const std::string& item) { return item.starts_with("DISTINCT") || item.find('(') != std::string::npos; };
    std::vector<std::string> columns;
    for (std::size_t i = 0; i < std::max(before.list.size(), after.list.size()); i++) {
      const std::string was = i < before.list.size() ? before.list[i] : "", is = i < after.list.size() ? after.list[i] : "";
      if (was == is) continue;
      if (decides(was) || decides(is)) return add("view-redefined", what);
      if (i < c.before.columns.size()) columns.push_back(c.before.columns[i].name);
    }
    if (columns.empty()) return;
    // Who leaves a column out writes what is the default of another column below.
    findings.push_back(found(relations_rule("view-redefined"), table(), std::move(columns), what, {effect::silent, {}}, {}));
    findings.push_back(found(relations_rule("view-redefined"), table(), {}, what, {}, {effect::data_dependent, {}}));
  }
  template <typename Other>
  void operator()(const Other&) {}
};

void judge_relations(const change::any_change& change, const context& c, std::vector<core::finding>& findings) {
  std::visit(judge_relation{c, findings}, change);
}

}  // namespace

constinit const family relation_family{rules_of_relations, judge_relations};

}  // namespace accord::rule
