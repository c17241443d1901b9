// pending: the verdict on a whole transaction.  See pending.hpp.
//
// A contract is the promise of a name.  Where the relation that had it was dropped or renamed and another one has the name at the end (two
// tables swapped, a table made again, a view over the renamed table), that one is judged, and carries the contract on if it keeps it.
#include <algorithm>
#include <fmt/format.h>

#include "rule/beyond_shape.hpp"
#include "rule/rule.hpp"
#include "server/guard/descendants.hpp"
#include "server/guard/judgement.hpp"
#include "server/guard/pending_row.hpp"
#include "server/guard/publication.hpp"
#include "server/guard/settings.hpp"
#include "server/guard/simple_view.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/detail.hpp"
#include "server/registry/lifecycle.hpp"
#include "server/registry/publish.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::guard::pending {

namespace {

Oid relation_named(const core::qualified_name& name) {
  const char *schema = name.schema.c_str(), *table = name.name.c_str();
  return pg([&] {
    Oid space = get_namespace_oid(schema, true);
    Oid relation = OidIsValid(space) ? get_relname_relid(table, space) : InvalidOid;
    if (!OidIsValid(relation)) return InvalidOid;
    char kind = get_rel_relkind(relation);
    bool fits = kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE || kind == RELKIND_VIEW || kind == RELKIND_MATVIEW ||
                kind == RELKIND_FOREIGN_TABLE;
    return fits ? relation : InvalidOid;
  });
}

bool exists(Oid relation) {
  return OidIsValid(relation) && pg([&] { return get_rel_relkind(relation); }) != '\0';
}

struct open_case {
  pending_row row;
  registry::contract contract;
  Oid successor = InvalidOid;
};

// The relation that has the contract's name now, where it is another one and may carry the contract on.
Oid successor_of(const open_case& c, const std::vector<pending_row>& all) {
  Oid named = relation_named(c.row.name);
  if (!OidIsValid(named) || named == c.contract.relation || registry::has_views(c.contract.id)) return InvalidOid;
  auto other = registry::find_contract(named);
  bool swapped = !other || std::any_of(all.begin(), all.end(), [&](const pending_row& r) { return r.contract == other->id; });
  return swapped ? named : InvalidOid;
}

void attach(std::int64_t contract, Oid relation) {
  auto oid = OidIsValid(relation) ? spi::param(relation) : spi::param(std::nullopt);
  catalog::execute("UPDATE accord_catalog.contract SET relation = $2::oid WHERE id = $1::bigint", {contract, oid});
}

std::optional<promise> promise_then(const open_case& c) {
  for (auto& v : registry::versions(c.contract.id))
    if (v.version.text() == c.row.version) return promise{c.contract, std::move(v)};
  return promise_of(c.contract);
}

frame frame_of(const pending_row& r) {
  frame f;
  f.tag = r.tag;
  f.text = r.statements;
  return f;
}

void judge_gone(const promise& p, const open_case& c) {
  frame f = frame_of(c.row);
  change::any_change dropped = change::relation_dropped{c.row.name};
  verdict v = decide(p, rule::judge(dropped, p.version.shape, p.version.shape));
  if (v.what == outcome::refused) refuse(p, v, f.tag, {dropped});
  if (v.what == outcome::warned) warn(p, v, f, {dropped});
  record_drop(p, v, c.row.name, c.row.statements);
}

bool is_view(Oid relation) {
  return pg([&] { return get_rel_relkind(relation); }) == RELKIND_VIEW;
}

// The catalogs say less of a view than clients find there, so that its own shape is a version of its own: what is judged from now on.
void publish_view(const promise& p, const open_case& c) {
  if (registry::own_version(c.contract.id)) return;  // it was let through, as the next major version
  registry::lock_contract(c.contract.id);
  auto next = registry::next_free_version(c.contract.id, p.version.version, core::bump::minor);
  registry::insert_version(c.contract, {next, "active", "the table became a view", c.row.statements},
                           registry::capture_shape(c.contract.relation));
}

void judge_case(open_case& c) {
  if (OidIsValid(c.successor)) c.contract.relation = c.successor;
  // Or its owner has registered the contract's new relation meanwhile.
  const bool replaced = exists(c.contract.relation) && c.contract.relation != c.row.relation.relation;
  const bool other_children =
      replaced && exists(c.row.relation.relation) && is_inherited_from(c.row.relation.relation) != is_inherited_from(c.contract.relation);
  if (replaced) {
    c.row.relation.relation = c.contract.relation;
    c.row.relation.columns.clear();
    c.row.relation.children.reset();
  }
  auto p = promise_then(c);
  if (!p) return;
  p->contract.name = c.row.name;  // what a refusal speaks of is what will be there again
  if (!exists(c.contract.relation)) {
    judge_gone(*p, c);
    return;
  }
  const acting now =
      replaced ? as_it_acts(c.contract.relation, p->version.shape) : acting{registry::capture_shape(c.contract.relation), {}, {}};
  truth t = seen(*p, c.row.relation, now.shape);
  if (replaced) {
    rule::forget_policies(t.now, t.worse);
    for (auto& e : t.earlier)
      rule::forget_policies(t.now, e.worse);
  }
  for (const auto& f : now.findings)
    t.add(f);
  if (other_children) t.add(rule::other_children(p->version.shape, is_inherited_from(c.contract.relation)));
  if (auto defaults = missing_defaults(now, *p, t.worse); !defaults.empty())
    t.hint = fmt::format("Give the view the table's defaults in the same transaction: {};", defaults);
  for (const auto& f : c.row.lost)
    t.add(f);
  if (c.row.relation.children) add_moved_rows(t, *p, c.row.relation, c.row.statements);
  // Who owns the contract decides about its rows, as with TRUNCATE.
  if (replaced && !rights::is_admin() && !rights::is_member_of(c.contract.owner))
    for (const auto& f : rule::judge(change::any_change(change::relation_dropped{c.row.name}), p->version.shape, p->version.shape))
      t.add(f);
  frame f = frame_of(c.row);
  act_on_truth(*p, t, f);
  registry::relation_renamed(c.contract.relation);
  if (!replaced) return;
  if (is_view(c.contract.relation)) publish_view(*p, c);
  catalog::audit(
      {"replace relation", c.contract.id, 0, registry::json_detail({{"contract", c.row.name.display()}, {"statement", c.row.statements}})});
}

// As the user who ran the last of the statements, whoever it is that commits: 18 runs deferred triggers as the one who queued them, which is
// the owner of the extension.
class as_role : as_user {
 public:
  explicit as_role(const std::string& name) : as_user(oid_of(name)) {}

 private:
  static Oid oid_of(const std::string& name) {
    const char* text = name.c_str();
    return pg([&] {
      Oid role = get_role_oid(text, true);
      return OidIsValid(role) ? role : GetUserId();
    });
  }
};

void judge_all() {
  auto rows = take_all();
  std::vector<open_case> cases;
  for (const auto& row : rows) {
    auto found = catalog::query("SELECT FROM accord_catalog.contract WHERE id = $1::bigint", {row.contract});
    if (found.empty()) continue;  // dropped by its owner meanwhile
    cases.push_back({row, registry::get_contract_by_id(row.contract)});
  }
  for (auto& c : cases)
    c.successor = successor_of(c, rows);
  // Two that swap their names would be in each other's way.
  for (const auto& c : cases)
    if (OidIsValid(c.successor)) attach(c.contract.id, InvalidOid);
  for (const auto& c : cases)
    if (OidIsValid(c.successor)) {
      if (auto other = registry::find_contract(c.successor)) attach(other->id, InvalidOid);
      attach(c.contract.id, c.successor);
    }
  for (auto& c : cases) {
    as_role role(c.row.role);
    if (!OidIsValid(c.successor)) c.contract = registry::get_contract_by_id(c.contract.id);
    if (is_on())
      judge_case(c);
    else
      log_passing(c.row.tag, c.contract.display());
  }
}

}  // namespace

}  // namespace accord::guard::pending

using namespace accord;

ACCORD_FUNCTION(accord_judge_pending) {
  if (!CALLED_AS_TRIGGER(fcinfo)) throw core::failure("39P03", "the function can be called by a trigger only");
  guard::pending::judge_all();
  return PointerGetDatum(nullptr);
}
